# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client's side of SMTP, one method a step.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import base64
import ipaddress
import smtplib
import socket
import ssl
import typing as t

from ansible_collections.assurmer.mail.plugins.module_utils._conversation import (
    acknowledge_at_once,
)
from ansible_collections.assurmer.mail.plugins.module_utils._probe.journal import AnswerError
from ansible_collections.assurmer.mail.plugins.module_utils._probe.step import one_line
from ansible_collections.assurmer.mail.plugins.module_utils._probe.tls import (
    Server,
    session_summary,
)


class SmtpSession:
    """Each method returns the server's words, or raises when they are not what it needs."""

    def __init__(self, server: Server, context: ssl.SSLContext, timeout: float) -> None:
        self._server = server
        self._context = context
        self._timeout = timeout
        # Without a name of its own smtplib asks the resolver for one, which can take seconds.
        self._client = smtplib.SMTP(local_hostname="localhost", timeout=timeout)

    def connect(self) -> str:
        sock = self._server.connect(self._timeout)
        self._client.sock = sock
        # RFC 5321 section 4.1.4: a client without a name in the DNS gives its address.
        address = ipaddress.ip_address(sock.getsockname()[0].partition("%")[0])
        self._client.local_hostname = f"[{'IPv6:' if address.version == 6 else ''}{address}]"
        return f"connected to {sock.getpeername()[0]}"

    def tls(self) -> str:
        connected = t.cast(socket.socket, self._client.sock)
        sock = self._context.wrap_socket(connected, server_hostname=self._server.tls_name)
        acknowledge_at_once(sock)
        self._client.sock = sock
        # What came before the handshake may come from anybody on the wire: it is not read.
        self._client.file = None
        return session_summary(sock)

    def greeting(self) -> str:
        return _expect(220, self._client.getreply())

    def ehlo(self) -> str:
        return _expect(250, self._client.ehlo())

    def starttls(self) -> str:
        self._require("starttls", "STARTTLS")
        answer = _expect(220, self._client.docmd("STARTTLS"))
        return f"{answer}; {self.tls()}"

    def auth(self, login: str, password: str) -> str:
        mechanisms = self._require("auth", "AUTH").split()
        if "PLAIN" not in mechanisms:
            raise AnswerError(f"AUTH PLAIN is not offered, but {' '.join(mechanisms)}")
        # smtplib's own login() can't send a password outside ASCII; RFC 4616 says UTF-8.
        response = base64.b64encode(f"\0{login}\0{password}".encode()).decode("ascii")
        return _expect(235, self._client.docmd("AUTH", f"PLAIN {response}"))

    def mail_from(self, sender: str, size: int) -> str:
        parameter = f" SIZE={size}" if self._client.has_extn("size") else ""
        return _expect(250, self._client.docmd("MAIL", f"FROM:<{sender}>{parameter}"))

    def rcpt_to(self, recipient: str) -> str:
        return _expect(250, self._client.docmd("RCPT", f"TO:<{recipient}>"))

    def refuse_rcpt_to(self, recipient: str) -> str:
        return _expect(550, self._client.docmd("RCPT", f"TO:<{recipient}>"))

    def data(self, message: bytes) -> str:
        try:
            return _expect(250, self._client.data(message))
        except smtplib.SMTPDataError as refusal:
            raise AnswerError(f"{refusal.smtp_code} {one_line(refusal.smtp_error)}") from refusal

    def quit(self) -> str:
        return _expect(221, self._client.docmd("QUIT"))

    def close(self) -> None:
        self._client.close()

    def _require(self, extension: str, name: str) -> str:
        if not self._client.has_extn(extension):
            raise AnswerError(
                f"{name} is not offered, but {' '.join(self._client.esmtp_features) or 'nothing'}"
            )
        return self._client.esmtp_features[extension]


def _expect(code: int, reply: tuple[int, bytes]) -> str:
    answer = f"{reply[0]} {one_line(reply[1])}"
    if reply[0] != code:
        raise AnswerError(answer)
    return answer
