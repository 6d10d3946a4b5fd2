# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate that a mail server serves on a port, as a client sees it.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
import typing as t
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    signing,
    verification,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.inspection import Endpoint
from ansible_collections.assurmer.mail.plugins.module_utils._conversation import (
    Unexpected,
    converse,
    ignorant_context,
    rsa_only,
    without_tls_1_3,
)

with contextlib.suppress(ImportError):  # library.missing() tells
    from cryptography import x509


@dataclass(frozen=True, slots=True)
class View:
    """What a client expects: whom it trusts (None: it does not ask), and which certificate."""

    ca_path: str | None
    fingerprint: str | None
    now: datetime
    # Seconds that one connection may take.
    patience: float
    # Whether the certificate is one with an RSA key, which may be served beside another.
    rsa: bool = False


Limit = Callable[[ssl.SSLContext], ssl.SSLContext]
"""Takes something from what a client knows."""


class _Unaskable(Exception):
    """There is no way to ask whether an RSA certificate is served."""


def look(endpoint: Endpoint, name: str | None, view: View) -> dict[str, t.Any]:
    """Describe what is served there for a name; a server that does not answer is a result, too."""
    place: dict[str, t.Any] = {
        "address": endpoint.address,
        "port": endpoint.port,
        "protocol": endpoint.protocol,
        "name": name,
    }
    try:
        leaf, refusal = (_served_rsa if view.rsa else _served)(endpoint, name, view)
    except _Unaskable:
        return {**place, "reached": True, "matches": None, "chain_valid": None, "problems": []}
    except (OSError, Unexpected, ValueError) as error:
        kind = "RSA certificate" if view.rsa else "certificate"
        problem = f"{endpoint} serves no {kind}: {verification.words(error)}"
        return {**place, "reached": False, "problems": [problem]}
    known = facts.facts_of(leaf)
    matches = None if view.fingerprint is None else known["fingerprint"] == view.fingerprint
    return {
        **place,
        "reached": True,
        **known,
        "days_left": facts.days_left(leaf, view.now),
        "matches": matches,
        "chain_valid": None if view.ca_path is None else refusal is None,
        "problems": list(_problems(f"{endpoint}{_asked(name)}", known, matches, refusal)),
    }


def _asked(name: str | None) -> str:
    return f" asked for {name}" if name else ""


def _problems(
    place: str, known: dict[str, t.Any], matches: bool | None, refusal: str | None
) -> Iterator[str]:
    if matches is False:
        other = f"{known['subject']}, valid until {known['not_after']}"
        yield f"{place} serves another certificate than the one in the file: {other}"
    if refusal is not None:
        yield f"{place} serves what a client would refuse: {refusal}"


def _served_rsa(
    endpoint: Endpoint, name: str | None, view: View
) -> tuple[x509.Certificate, str | None]:
    """Ask as a client that knows RSA alone, which takes TLS 1.2."""
    try:
        return _served(endpoint, name, view, rsa_only)
    except OSError:
        if _takes_tls_1_2(endpoint, name, view):
            raise
        leaf, refusal = _served(endpoint, name, view)
    # It is the only one, or else TLS 1.3 keeps it from us.
    if not signing.key_type_of(leaf).startswith("rsa"):
        raise _Unaskable
    return leaf, refusal


def _takes_tls_1_2(endpoint: Endpoint, name: str | None, view: View) -> bool:
    try:
        _leaf(endpoint, name, without_tls_1_3(ignorant_context()), view.patience)
    except OSError:
        return False
    return True


def _served(
    endpoint: Endpoint, name: str | None, view: View, limit: Limit = lambda context: context
) -> tuple[x509.Certificate, str | None]:
    """Return the certificate, and why a client that trusts `ca_path` refuses it, if it does."""
    refusal = None
    if view.ca_path is not None:
        try:
            context = verification.client_context(view.ca_path)
        except OSError as error:
            refusal = f"OpenSSL can't load {view.ca_path}: {verification.words(error)}"
        else:
            context.check_hostname = name is not None
            try:
                return _leaf(endpoint, name, limit(context), view.patience), None
            except ssl.SSLCertVerificationError as error:
                refusal = error.verify_message
    return _leaf(endpoint, name, limit(ignorant_context()), view.patience), refusal


def _leaf(
    endpoint: Endpoint, name: str | None, context: ssl.SSLContext, patience: float
) -> x509.Certificate:
    deadline = time.monotonic() + patience
    connection = socket.create_connection((endpoint.address, endpoint.port), patience)
    tls: t.Literal["implicit", "starttls"] = "implicit" if endpoint.implicit_tls else "starttls"
    _greeting, leaf = converse(
        connection, endpoint.protocol, tls, name=name, context=context, deadline=deadline
    )
    return x509.load_der_x509_certificate(leaf or b"")
