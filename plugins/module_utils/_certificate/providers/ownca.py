# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates from the company's own authority.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from datetime import datetime

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    hierarchy,
    reasons,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.authority import Authority
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import (
    Bundle,
    CertificateRequest,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.base import (
    Provider,
)

if t.TYPE_CHECKING:
    from cryptography import x509


class OwnCa(Provider):
    def __init__(self, request: CertificateRequest, authority: Authority) -> None:
        self._request = request
        self._authority = authority

    def obtain(self, now: datetime) -> Bundle:
        request = self._request
        authority = self._authority
        key = signing.new_key(request.key_type)
        leaf = signing.sign_leaf(
            key,
            request.names,
            authority.signer,
            # A certificate that is older than its issuer doesn't verify at every client.
            max(now - signing.CLOCK_TOLERANCE, signing.not_before(authority.certificates[0])),
            self._latest(now),
        )
        return Bundle(key, leaf, authority.chain)

    def objections(self, stored: Bundle, now: datetime) -> Iterator[str]:
        authority = self._authority
        as_good = hierarchy.is_as_good(authority, stored.chain)
        issuer = stored.chain[0] if as_good and stored.chain else authority.certificates[0]
        if not signing.issued_by(stored.leaf, issuer):
            signer = authority.signer.name.rfc4514_string()
            yield f"issuer differs: not signed by the key of {signer}"
        if not as_good:
            yield "chain differs from the authority's"
        whole = (stored.leaf, *stored.chain)
        if signing.is_for_clients(authority.certificates[0]) and not all(
            map(signing.is_for_clients, whole)
        ):
            yield "is for servers alone, and hosts are each other's clients, too"
        yield from reasons.departures(stored, self._request, now, self._latest(now))

    def anchor(self, bundle: Bundle) -> tuple[x509.Certificate, ...]:
        return self._authority.anchors

    def warnings(self, now: datetime) -> Iterator[str]:
        # A change of roots ends what the present one has signed by itself.
        if not self._authority.handover and self._latest(now) < now + self._request.validity:
            yield (
                f"The authority expires on {facts.written(self._authority.not_after)}, and no"
                " certificate that it signs is valid for longer."
            )

    def _latest(self, now: datetime) -> datetime:
        return min(now + self._request.validity, self._authority.not_after)
