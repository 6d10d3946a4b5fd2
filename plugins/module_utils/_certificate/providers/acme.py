# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates from a CA that speaks ACME (RFC 8555).

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    model,
    reasons,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.cabinet import Cabinet
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.challenge import (
    Solver,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.model import (
    Registration,
    Server,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.base import (
    Provider,
    Unavailable,
)

if t.TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.client import (
        Client,
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """Where certificates come from, and how names are proven."""

    server: Server
    registration: Registration
    # The key of an account that exists; none to use or make the one in the cabinet.
    account_key: str | None
    cabinet: Cabinet
    solver: Solver


class Acme(Provider):
    def __init__(
        self,
        path: str,
        request: model.CertificateRequest,
        terms: Terms,
        authorities: tuple[x509.Certificate, ...],
    ) -> None:
        self._path = path
        self._request = request
        self._terms = terms
        self._authorities = authorities

    def obtain(self, now: datetime) -> model.Bundle:
        key = signing.new_key(self._request.key_type)
        request = signing.render_request(key, self._request.names)
        with self._account() as account:
            answer = account.order(request, self._terms.solver)
        try:
            leaf, *issuers = model.parse(answer).certificates
        except (model.PemError, ValueError) as error:
            url = self._terms.server.url
            raise Unavailable(f"The CA at {url} sent no certificate.") from error
        # Servers don't send the root: who trusts it has it.
        chain = tuple(c for c in issuers if not signing.is_self_signed(c))
        self._terms.cabinet.keep_origin(self._path, leaf, self._terms.server.url)
        return model.Bundle(key, leaf, chain)

    def foretell(self, now: datetime) -> model.Bundle | None:
        """Return nothing: the CA is not bothered, and counts orders besides."""
        return None

    def objections(self, stored: model.Bundle, now: datetime) -> Iterator[str]:
        yield from self._differences(stored)
        early = reasons.early_enough(stored, self._request.renew_before)
        yield from reasons.near_end(stored, early, now)

    def tolerates(self, stored: model.Bundle, now: datetime) -> bool:
        return not any(self._differences(stored))

    def anchor(self, bundle: model.Bundle) -> tuple[x509.Certificate, ...]:
        return self._authorities

    def condemn(self, stored: model.Bundle) -> None:
        url, cabinet = self._terms.server.url, self._terms.cabinet
        if cabinet.origin(self._path, stored.leaf) == url:
            cabinet.condemn(stored.leaf, url)

    def settle(self) -> None:
        cabinet = self._terms.cabinet
        for leaf in cabinet.condemned(self._terms.server.url):
            with self._account() as account:
                account.revoke(leaf)
            cabinet.settle(leaf)

    def _differences(self, stored: model.Bundle) -> Iterator[str]:
        url = self._terms.server.url
        origin = self._terms.cabinet.origin(self._path, stored.leaf)
        if origin != url:
            yield f"issuer differs: {origin or 'not issued through ACME'} instead of {url}"
        yield from reasons.differences(stored, self._request)

    @contextlib.contextmanager
    def _account(self) -> Iterator[Client]:
        """Open the account at the CA, and keep what is known of it by the end."""
        # Most runs find a good certificate and need no CA.
        from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme import (  # noqa: PLC0415 - see above
            client,
        )

        url, cabinet = self._terms.server.url, self._terms.cabinet
        key = cabinet.account_key(self._terms.account_key)
        known = cabinet.account_uri(url, key)
        account = client.Client(self._terms.server, key, known, self._terms.registration)
        try:
            yield account
        finally:
            if account.account_uri not in (None, known):
                cabinet.keep_account(url, key, account.account_uri)
