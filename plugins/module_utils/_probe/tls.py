# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a server listens, and how its certificate is verified.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError


@dataclass(frozen=True, slots=True)
class Server:
    """A port of a mail server. `tls_name` is the name that its certificate has to hold."""

    protocol: str
    host: str
    port: int
    implicit_tls: bool
    tls_name: str

    def __str__(self) -> str:
        name = "" if self.tls_name == self.host else f" ({self.tls_name})"
        return f"{self.host}{name} port {self.port}"

    def connect(self, timeout: float) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout)


def client_context(ca_path: str | None = None, ca_content: str | None = None) -> ssl.SSLContext:
    """Return a context that trusts the given authorities, or the system's where none is given.

    Python's default verifies the name, and takes nothing below TLS 1.2.
    """
    try:
        return ssl.create_default_context(cafile=ca_path, cadata=ca_content)
    except (OSError, ValueError) as error:
        option = f"ca_path: {ca_path!r}" if ca_path else "ca_content: the value given"
        raise MailError(
            f"{option} is no readable file of certificates in PEM ({error})."
        ) from error


def session_summary(sock: ssl.SSLSocket) -> str:
    cipher = sock.cipher()
    return f"{sock.version()} {cipher[0] if cipher else ''}".rstrip()
