# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said to a mail server up to the point where users log in.

PRIVATE to the collection. It can have breaking changes at any time.

Greeting, STARTTLS and one command after it, in SMTP (RFC 5321, RFC 3207), LMTP (RFC 2033), IMAP
(RFC 9051), ManageSieve (RFC 5804), and in the protocols between Postfix and Dovecot.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import time
import typing as t
from collections.abc import Callable


class Unexpected(Exception):
    """The server did not answer as it should; it may still be starting."""


def ignorant_context() -> ssl.SSLContext:
    """Return a context that takes every certificate: what is served is looked at, not trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def without_tls_1_3(context: ssl.SSLContext) -> ssl.SSLContext:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def rsa_only(context: ssl.SSLContext) -> ssl.SSLContext:
    """Make it a client that takes RSA certificates alone.

    In TLS 1.2 the suite says which kind. In 1.3 the signature algorithms do, which Python can't
    choose before 3.15.
    """
    context.set_ciphers("ECDHE+aRSA")
    return without_tls_1_3(context)


def host_of(name: str) -> str:
    """Return a name that a client asks for: no wildcard, but a host that it stands for."""
    return name.replace("*", "host", 1)


def acknowledge_at_once(connected: socket.socket) -> None:
    """Have the kernel acknowledge what comes next without delay (tcp(7), TCP_QUICKACK).

    After a handshake a server of TLS 1.3 sends session tickets, and where it speaks first, as on
    port 465, its greeting waits for their acknowledgement: 40 ms, whatever the distance.
    """
    if connected.family in (socket.AF_INET, socket.AF_INET6):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class Conversation:
    """Lines to and from a server, up to a time (of the monotonic clock)."""

    def __init__(self, plain: socket.socket, deadline: float) -> None:
        self._socket = plain
        self._deadline = deadline
        self._buffer = b""

    def start_tls(self, context: ssl.SSLContext, name: str | None = None) -> ssl.SSLSocket:
        """Shake TLS hands, asking for the certificate of `name` where one is given (SNI)."""
        # What was said in clear text, by whomever, is none of what follows (RFC 3207 section 4.2).
        self._buffer = b""
        secure = context.wrap_socket(self._socket, server_hostname=name)
        acknowledge_at_once(secure)
        self._socket = secure
        return secure

    def send(self, line: str) -> None:
        self._socket.sendall(line.encode() + b"\r\n")

    def send_lines(self, *lines: str) -> None:
        """Send lines of a protocol that ends them with LF alone."""
        self._socket.sendall("".join(f"{line}\n" for line in lines).encode())

    def line(self) -> str:
        while b"\n" not in self._buffer:
            # A server that sends a byte now and then must not hold us for ever.
            if time.monotonic() > self._deadline:
                raise Unexpected("timed out")
            part = self._socket.recv(4096)
            if not part:
                raise Unexpected("the connection was closed")
            self._buffer += part
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def until(self, ends: Callable[[str], bool], wanted: str) -> str:
        """Read lines up to the one that `ends`, which must start with one of `wanted`."""
        line = self.line()
        while not ends(line):
            line = self.line()
        if not line.startswith(tuple(wanted.split("|"))):
            raise Unexpected(f"the server answered '{line}'")
        return line

    def close(self) -> None:
        self._socket.close()


def _smtp_reply(conversation: Conversation, code: str) -> str:
    return conversation.until(lambda line: line[3:4] != "-", code)


def _smtp_hello(conversation: Conversation) -> str:
    greeting = _smtp_reply(conversation, "220")
    conversation.send("EHLO localhost")
    _smtp_reply(conversation, "250")
    return greeting


def _smtp_starttls(conversation: Conversation) -> None:
    conversation.send("STARTTLS")
    _smtp_reply(conversation, "220")


def _smtp_afterwards(conversation: Conversation) -> None:
    conversation.send("EHLO localhost")
    _smtp_reply(conversation, "250")
    conversation.send("QUIT")
    _smtp_reply(conversation, "221")


def _lmtp_hello(conversation: Conversation) -> str:
    greeting = _smtp_reply(conversation, "220")
    conversation.send("LHLO localhost")
    _smtp_reply(conversation, "250")
    conversation.send("QUIT")
    return greeting


def _imap_hello(conversation: Conversation) -> str:
    return conversation.until(lambda line: True, "* OK|* PREAUTH")


def _imap_starttls(conversation: Conversation) -> None:
    conversation.send("a STARTTLS")
    conversation.until(lambda line: line.startswith("a "), "a OK")


def _imap_afterwards(conversation: Conversation) -> None:
    conversation.send("b CAPABILITY")
    conversation.until(lambda line: line.startswith("b "), "b OK")
    conversation.send("c LOGOUT")


def _sieve_hello(conversation: Conversation) -> str:
    return conversation.until(lambda line: not line.startswith('"'), "OK")


def _sieve_starttls(conversation: Conversation) -> None:
    conversation.send("STARTTLS")
    conversation.until(lambda line: not line.startswith('"'), "OK")


def _sieve_afterwards(conversation: Conversation) -> None:
    _sieve_hello(conversation)  # RFC 5804 section 2.2: the capabilities come again by themselves.
    conversation.send("LOGOUT")


def _auth_hello(conversation: Conversation) -> str:
    """Dovecot's auth protocol 1.2: after our version the server lists its mechanisms up to DONE."""
    conversation.send_lines("VERSION\t1\t2", f"CPID\t{os.getpid()}")
    mechanisms: list[str] = []
    line = conversation.line()
    while line != "DONE":
        if line.startswith("MECH\t"):
            mechanisms.append(line.split("\t")[1])
        line = conversation.line()
    if not mechanisms:
        raise Unexpected("the server offers no mechanism")
    return "mechanisms " + " ".join(mechanisms)


def _tcp_hello(conversation: Conversation) -> str:
    return "connected"


def _policy_hello(conversation: Conversation) -> str:
    """Postfix's policy protocol (SMTPD_POLICY_README): an answer for a recipient of nowhere."""
    conversation.send_lines(
        "request=smtpd_access_policy",
        "protocol_state=RCPT",
        "recipient=nobody@localhost.invalid",
        "size=0",
        "",
    )
    return conversation.until(lambda line: line.startswith("action="), "action=")


_GREETINGS: dict[str, Callable[[Conversation], str]] = {
    "smtp": _smtp_hello,
    "lmtp": _lmtp_hello,
    "imap": _imap_hello,
    "sieve": _sieve_hello,
    "auth": _auth_hello,
    "policy": _policy_hello,
    "tcp": _tcp_hello,
}
_STARTTLS: dict[str, Callable[[Conversation], None]] = {
    "smtp": _smtp_starttls,
    "lmtp": _smtp_starttls,
    "imap": _imap_starttls,
    "sieve": _sieve_starttls,
}
_AFTERWARDS: dict[str, Callable[[Conversation], None]] = {
    "smtp": _smtp_afterwards,
    "lmtp": _smtp_afterwards,
    "imap": _imap_afterwards,
    "sieve": _sieve_afterwards,
}


def converse(
    connection: socket.socket,
    protocol: str,
    tls: t.Literal["none", "starttls", "implicit"],
    *,
    name: str | None,
    context: ssl.SSLContext,
    deadline: float,
) -> tuple[str, bytes | None]:
    """Hold a whole conversation; return the greeting and the certificate that was served (DER).

    The connection is closed at the end, whatever happens.
    """
    served = None
    with contextlib.closing(Conversation(connection, deadline)) as conversation:
        if tls == "implicit":
            served = conversation.start_tls(context, name).getpeercert(True)
        greeting = _GREETINGS[protocol](conversation)
        if tls == "starttls":
            _STARTTLS[protocol](conversation)
            served = conversation.start_tls(context, name).getpeercert(True)
        if tls != "none":
            # A server that is left without a word writes a warning into its log.
            _AFTERWARDS[protocol](conversation)
    return greeting, served
