# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates that somebody else obtained: key, certificate and chain are handed over.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from datetime import datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    names,
    reasons,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import (
    Bundle,
    KeyLocked,
    Pem,
    PemError,
    load_key,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.base import (
    Provider,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

if t.TYPE_CHECKING:
    from cryptography import x509


class Files(Provider):
    """Hands on a bundle; one that would be of no use is refused before anything is written."""

    def __init__(
        self,
        source: Bundle,
        wanted_names: tuple[str, ...],
        renew_before: timedelta,
        authorities: tuple[x509.Certificate, ...],
    ) -> None:
        self._source = source
        self._wanted_names = wanted_names
        self._renew_before = renew_before
        self._authorities = authorities

    def obtain(self, now: datetime) -> Bundle:
        problems = [*reasons.defects(self._source, now), *self._missing_names()]
        if problems:
            raise MailError(f"The certificate handed over can't be used: {'; '.join(problems)}.")
        return self._source

    def objections(self, stored: Bundle, now: datetime) -> Iterator[str]:
        self.obtain(now)
        if stored.leaf != self._source.leaf:
            yield "another certificate was handed over"
        elif stored.chain != self._source.chain:
            yield "another chain was handed over"

    def anchor(self, bundle: Bundle) -> tuple[x509.Certificate, ...]:
        return self._authorities

    def warnings(self, now: datetime) -> Iterator[str]:
        not_after = signing.not_after(self._source.leaf)
        if not_after - now <= self._renew_before:
            yield f"The certificate handed over expires on {facts.written(not_after)}."

    def _missing_names(self) -> Iterator[str]:
        owned = facts.names_of(self._source.leaf)
        for name in self._wanted_names:
            if not names.covers(owned, name):
                yield f"it is not for {name}, only for {', '.join(owned) or 'no name at all'}"


def assemble(pem: Pem, chain_pem: Pem, key_pem: Pem) -> Bundle:
    """Put a bundle together from what was handed over."""
    if not pem.certificates:
        raise PemError("it holds no certificate")
    keys = key_pem.keys or pem.keys
    if len(keys) != 1:
        raise PemError(f"there are {len(keys)} private keys instead of one")
    chain = (*pem.certificates[1:], *chain_pem.certificates)
    # Servers don't send the root: who trusts it has it.
    without_root = tuple(c for c in chain if not signing.is_self_signed(c))
    try:
        key = load_key(keys[0])
    except KeyLocked as error:
        raise KeyLocked(
            "the private key is encrypted, and the daemons can't ask for a passphrase;"
            " decrypt it with `openssl pkey -in KEY -out KEY`"
        ) from error
    return Bundle(key, pem.certificates[0], without_root)
