# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shake hands with a running daemon on every socket that its configuration opens.

PRIVATE to the collection. It can have breaking changes at any time.

The checkers of Postfix and Dovecot pass configurations that can't serve a client, so the proof
is a client: greeting, STARTTLS, TLS handshake, the certificate really served, and one command
after it. It authenticates nobody and sends no mail.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
import typing as t
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._conversation import (
    Unexpected,
    converse,
    host_of,
    ignorant_context,
    rsa_only,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config import processes
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import Listener

_POLL = 0.05
_ATTEMPT = 3.0  # seconds that one handshake may take before it is tried again


@dataclass(frozen=True, slots=True)
class _Hello:
    """How a client begins TLS: the name that it asks for, and whether it knows RSA alone.

    The leaf served must be the first certificate in the file, if there is one.
    """

    name: str | None
    certificate: str | None
    rsa_only: bool = False

    def __str__(self) -> str:
        asked = f" for {self.name}" if self.name else ""
        return f"{asked} to a client that knows RSA alone" if self.rsa_only else asked


def prove(
    listeners: Iterable[Listener], *, seconds: float, given_up: Callable[[], bool]
) -> list[dict[str, t.Any]]:
    """Return what each listener answered and after how many milliseconds.

    A listener is asked again until it answers well, `seconds` have passed for all of them
    together, or `given_up` says that waiting is of no use. Raises `MailError` that names the
    first listener that did not pass.
    """
    deadline = time.monotonic() + seconds
    return [_prove_one(listener, deadline, given_up) for listener in listeners]


def listening_ports() -> set[int]:
    """Return the TCP ports on which something listens in this network namespace."""
    return {each.port for each in processes.tcp_sockets() if each.state == processes.LISTEN}


def _prove_one(
    listener: Listener, deadline: float, given_up: Callable[[], bool]
) -> dict[str, t.Any]:
    while True:
        started = time.monotonic()
        try:
            answer = _shake_hands(listener, min(_ATTEMPT, max(0.5, deadline - started)))
        except (OSError, Unexpected) as error:
            problem = str(error) or type(error).__name__
        else:
            milliseconds = round((time.monotonic() - started) * 1000, 1)
            return {"listener": str(listener), "answer": answer, "milliseconds": milliseconds}
        if time.monotonic() + _POLL > deadline or given_up():
            raise MailError(f"{listener}: {problem}", listener=str(listener))
        time.sleep(_POLL)


def _shake_hands(listener: Listener, seconds: float) -> str:
    first, *others = _hellos(listener)
    answer = _converse(listener, first, seconds)
    for hello in others:
        _converse(listener, hello, seconds)
    return answer


def _hellos(listener: Listener) -> Iterator[_Hello]:
    yield _Hello(None, listener.certificate)
    if listener.rsa_certificate:
        yield _Hello(None, listener.rsa_certificate, rsa_only=True)
    for each in listener.sni:
        name = host_of(each.name)
        yield _Hello(name, each.certificate)
        if each.rsa_certificate:
            yield _Hello(name, each.rsa_certificate, rsa_only=True)


def _converse(listener: Listener, hello: _Hello, seconds: float) -> str:
    """Return the greeting; the leaf served must be the first one in the certificate file.

    Whom the certificate is signed by is not asked here: a host proves that it serves what it was
    given, the clients' view is the probe's.
    """
    deadline = time.monotonic() + seconds
    try:
        greeting, served = converse(
            _connect(listener, seconds),
            listener.protocol,
            listener.tls,
            name=hello.name,
            context=_context(listener, hello),
            deadline=deadline,
        )
    except ssl.SSLError as error:
        if hello.rsa_only:
            raise Unexpected(f"no certificate is served{hello}: {error.reason}") from error
        raise
    if hello.certificate is not None and served != _leaf(hello.certificate):
        raise Unexpected(f"the certificate served{hello} is not the one in {hello.certificate}")
    return greeting


def _context(listener: Listener, hello: _Hello) -> ssl.SSLContext:
    context = ignorant_context()
    if listener.client_certificate is not None:
        try:
            context.load_cert_chain(listener.client_certificate)
        except OSError as error:
            raise Unexpected(
                f"{listener.client_certificate} is no certificate with its key: {error.strerror}"
            ) from error
    return rsa_only(context) if hello.rsa_only else context


def _connect(listener: Listener, seconds: float) -> socket.socket:
    if listener.socket is None:
        return socket.create_connection((listener.address, listener.port or 0), seconds)
    local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    local.settimeout(seconds)
    try:
        local.connect(os.fspath(listener.socket))
    except OSError:
        local.close()
        raise
    return local


def _leaf(path: str) -> bytes:
    with open(path, encoding="ascii", errors="replace") as stream:
        content = stream.read()
    begin = content.find("-----BEGIN CERTIFICATE-----")
    end = content.find("-----END CERTIFICATE-----", begin)
    if begin < 0 or end < 0:
        raise Unexpected(f"{path} holds no certificate")
    return ssl.PEM_cert_to_DER_cert(content[begin : end + len("-----END CERTIFICATE-----")])
