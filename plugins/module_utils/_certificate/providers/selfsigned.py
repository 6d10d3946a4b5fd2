# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates that sign themselves: a start without an authority.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from datetime import datetime

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import reasons, signing
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import (
    Bundle,
    CertificateRequest,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.base import (
    Provider,
)

if t.TYPE_CHECKING:
    from cryptography import x509


class SelfSigned(Provider):
    def __init__(self, request: CertificateRequest) -> None:
        self._request = request

    def obtain(self, now: datetime) -> Bundle:
        request = self._request
        key = signing.new_key(request.key_type)
        signer = signing.Signer(signing.subject_of(request.names), key)
        not_before = now - signing.CLOCK_TOLERANCE
        leaf = signing.sign_leaf(key, request.names, signer, not_before, now + request.validity)
        return Bundle(key, leaf)

    def objections(self, stored: Bundle, now: datetime) -> Iterator[str]:
        if not signing.is_self_signed(stored.leaf):
            yield "issuer differs: not signed by its own key"
        yield from reasons.departures(stored, self._request, now, now + self._request.validity)

    def anchor(self, bundle: Bundle) -> tuple[x509.Certificate, ...]:
        return (bundle.leaf,)
