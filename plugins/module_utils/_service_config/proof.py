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

import contextlib
import os
import socket
import ssl
import time
import typing as t
from collections.abc import Callable, Iterable

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import Listener

_POLL = 0.05
_ATTEMPT = 3.0  # seconds that one handshake may take before it is tried again
_LISTEN = "0A"


class _NotYet(Exception):
    """The daemon did not answer as it should; it may still be starting."""


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
    # proc(5), /proc/net/tcp: the second column is address:port in hexadecimal, the fourth a state.
    ports = set()
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        if not os.path.exists(table):  # A kernel without IPv6.
            continue
        with open(table, encoding="ascii") as stream:
            for line in stream.readlines()[1:]:
                local, state = line.split()[1:4:2]
                if state == _LISTEN:
                    ports.add(int(local.rpartition(":")[2], 16))
    return ports


def _prove_one(
    listener: Listener, deadline: float, given_up: Callable[[], bool]
) -> dict[str, t.Any]:
    while True:
        started = time.monotonic()
        try:
            answer = _shake_hands(listener, min(_ATTEMPT, max(0.5, deadline - started)))
        except (OSError, _NotYet) as error:
            problem = str(error) or type(error).__name__
        else:
            milliseconds = round((time.monotonic() - started) * 1000, 1)
            return {"listener": str(listener), "answer": answer, "milliseconds": milliseconds}
        if time.monotonic() + _POLL > deadline or given_up():
            raise MailError(f"{listener}: {problem}", listener=str(listener))
        time.sleep(_POLL)


def _shake_hands(listener: Listener, seconds: float) -> str:
    deadline = time.monotonic() + seconds
    with contextlib.closing(_Conversation(_connect(listener, seconds), deadline)) as conversation:
        if listener.tls == "implicit":
            conversation.start_tls(listener.certificate)
        answer = _GREETINGS[listener.protocol](conversation)
        if listener.tls == "starttls":
            _STARTTLS[listener.protocol](conversation)
            conversation.start_tls(listener.certificate)
        if listener.tls != "none":
            _AFTERWARDS[listener.protocol](conversation)
        return answer


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


class _Conversation:
    """Lines to and from a server, up to a time (of the monotonic clock)."""

    def __init__(self, plain: socket.socket, deadline: float) -> None:
        self._socket = plain
        self._deadline = deadline
        self._buffer = b""

    def start_tls(self, certificate: str | None) -> None:
        """Shake TLS hands; the leaf served must be the first one in the certificate file.

        Whom the certificate is signed by is not asked here: a host proves that it serves what
        it was given, the clients' view is the probe's.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self._buffer = b""
        self._socket = context.wrap_socket(self._socket)
        if certificate is not None and self._socket.getpeercert(True) != _leaf(certificate):
            raise _NotYet(f"the certificate served is not the one in {certificate}")

    def send(self, line: str) -> None:
        self._socket.sendall(line.encode() + b"\r\n")

    def send_lines(self, *lines: str) -> None:
        """Send lines of a protocol that ends them with LF alone."""
        self._socket.sendall("".join(f"{line}\n" for line in lines).encode())

    def line(self) -> str:
        while b"\n" not in self._buffer:
            # A server that sends a byte now and then must not hold us for ever.
            if time.monotonic() > self._deadline:
                raise _NotYet("timed out")
            part = self._socket.recv(4096)
            if not part:
                raise _NotYet("the connection was closed")
            self._buffer += part
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def until(self, ends: Callable[[str], bool], wanted: str) -> str:
        """Read lines up to the one that `ends`, which must start with one of `wanted`."""
        line = self.line()
        while not ends(line):
            line = self.line()
        if not line.startswith(tuple(wanted.split("|"))):
            raise _NotYet(f"the server answered '{line}'")
        return line

    def close(self) -> None:
        self._socket.close()


def _leaf(path: str) -> bytes:
    with open(path, encoding="ascii", errors="replace") as stream:
        content = stream.read()
    begin = content.find("-----BEGIN CERTIFICATE-----")
    end = content.find("-----END CERTIFICATE-----", begin)
    if begin < 0 or end < 0:
        raise _NotYet(f"{path} holds no certificate")
    return ssl.PEM_cert_to_DER_cert(content[begin : end + len("-----END CERTIFICATE-----")])


def _smtp_reply(conversation: _Conversation, code: str) -> str:
    return conversation.until(lambda line: line[3:4] != "-", code)


def _smtp_hello(conversation: _Conversation) -> str:
    greeting = _smtp_reply(conversation, "220")
    conversation.send("EHLO localhost")
    _smtp_reply(conversation, "250")
    return greeting


def _smtp_starttls(conversation: _Conversation) -> None:
    conversation.send("STARTTLS")
    _smtp_reply(conversation, "220")


def _smtp_afterwards(conversation: _Conversation) -> None:
    conversation.send("EHLO localhost")
    _smtp_reply(conversation, "250")
    conversation.send("QUIT")
    _smtp_reply(conversation, "221")


def _lmtp_hello(conversation: _Conversation) -> str:
    greeting = _smtp_reply(conversation, "220")
    conversation.send("LHLO localhost")
    _smtp_reply(conversation, "250")
    conversation.send("QUIT")
    return greeting


def _imap_hello(conversation: _Conversation) -> str:
    return conversation.until(lambda line: True, "* OK|* PREAUTH")


def _imap_starttls(conversation: _Conversation) -> None:
    conversation.send("a STARTTLS")
    conversation.until(lambda line: line.startswith("a "), "a OK")


def _imap_afterwards(conversation: _Conversation) -> None:
    conversation.send("b CAPABILITY")
    conversation.until(lambda line: line.startswith("b "), "b OK")
    conversation.send("c LOGOUT")


def _sieve_hello(conversation: _Conversation) -> str:
    return conversation.until(lambda line: not line.startswith('"'), "OK")


def _sieve_starttls(conversation: _Conversation) -> None:
    conversation.send("STARTTLS")
    conversation.until(lambda line: not line.startswith('"'), "OK")


def _sieve_afterwards(conversation: _Conversation) -> None:
    _sieve_hello(conversation)  # RFC 5804 section 2.2: the capabilities come again by themselves.
    conversation.send("LOGOUT")


def _auth_hello(conversation: _Conversation) -> str:
    """Dovecot's auth protocol 1.2: after our version the server lists its mechanisms up to DONE."""
    conversation.send_lines("VERSION\t1\t2", f"CPID\t{os.getpid()}")
    mechanisms: list[str] = []
    line = conversation.line()
    while line != "DONE":
        if line.startswith("MECH\t"):
            mechanisms.append(line.split("\t")[1])
        line = conversation.line()
    if not mechanisms:
        raise _NotYet("the server offers no mechanism")
    return "mechanisms " + " ".join(mechanisms)


def _tcp_hello(conversation: _Conversation) -> str:
    return "connected"


def _policy_hello(conversation: _Conversation) -> str:
    """Postfix's policy protocol (SMTPD_POLICY_README): an answer for a recipient of nowhere."""
    conversation.send_lines(
        "request=smtpd_access_policy",
        "protocol_state=RCPT",
        "recipient=nobody@localhost.invalid",
        "size=0",
        "",
    )
    return conversation.until(lambda line: line.startswith("action="), "action=")


_GREETINGS: dict[str, Callable[[_Conversation], str]] = {
    "smtp": _smtp_hello,
    "lmtp": _lmtp_hello,
    "imap": _imap_hello,
    "sieve": _sieve_hello,
    "auth": _auth_hello,
    "policy": _policy_hello,
    "tcp": _tcp_hello,
}
_STARTTLS: dict[str, Callable[[_Conversation], None]] = {
    "smtp": _smtp_starttls,
    "lmtp": _smtp_starttls,
    "imap": _imap_starttls,
    "sieve": _sieve_starttls,
}
_AFTERWARDS: dict[str, Callable[[_Conversation], None]] = {
    "smtp": _smtp_afterwards,
    "lmtp": _smtp_afterwards,
    "imap": _imap_afterwards,
    "sieve": _sieve_afterwards,
}
