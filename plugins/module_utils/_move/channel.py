# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the two homes of a mailbox tell each other: one question and its answer a connection.

PRIVATE to the collection. It can have breaking changes at any time.

Each proves who it is by the certificate that it serves mail clients with, as a server does,
which every certificate of a mail host is made for. The new home connects. In its session it is
the server of TLS (RFC 8446), and the old home, having verified its name, gives it a ticket. In
its questions it is the client, verifies the old home's name, and shows the ticket. Nothing of it
lasts longer than the session.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import time
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

# The first octet says what the connection is for.
SESSION, QUESTION = b"S", b"Q"
LONGEST_LINE = 1 << 20
# Seconds: for a host that listens to answer at all, and until one that was asked to listens.
CONNECT_SECONDS = 10.0
START_SECONDS = 30.0
# No answer takes longer: the longest is that deliveries have ended.
ANSWER_SECONDS = 300.0

Message = dict[str, t.Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """This host's key and certificate in one file, and the authorities that it trusts."""

    certificate: Path
    ca_path: Path

    def server(self) -> ssl.SSLContext:
        context = _context(ssl.PROTOCOL_TLS_SERVER)
        with _sentence("certificate", self.certificate):
            context.load_cert_chain(self.certificate)
        return context

    def client(self) -> ssl.SSLContext:
        context = _context(ssl.PROTOCOL_TLS_CLIENT)
        with _sentence("ca_path", self.ca_path):
            context.load_verify_locations(self.ca_path)
        return context


def _context(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


@contextlib.contextmanager
def _sentence(option: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MailError(f"{option}: {path} can't be used: {error.strerror or error}.") from None


class Refused(MailError):
    """Nobody listens, yet."""


class Peer:
    """The old home of mailboxes, as their new one reaches it."""

    def __init__(self, name: str, address: str, port: int, identity: Identity) -> None:
        self.name = name
        self._place = (address, port)
        self._identity = identity
        self._server = identity.server()
        self._client = identity.client()
        self._ticket = ""

    @contextlib.contextmanager
    def session(self) -> Iterator[None]:
        """Be present, once the other host listens: it serves, and holds mailboxes, until then."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                plain = self._connect(SESSION)
            except Refused:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                break
        with contextlib.closing(plain):
            with self._sentences():
                connection = self._server.wrap_socket(plain, server_side=True)
                self._ticket = read_line(connection).decode()
            with contextlib.closing(connection):
                yield

    def ask(self, question: str, **values: t.Any) -> t.Any:
        """Return the answer; a MailError is what the other host could not do."""
        with contextlib.closing(self.connect(question, **values)) as connection, self._sentences():
            connection.settimeout(ANSWER_SECONDS)
            answer = json.loads(_all(connection) or b"{}")
        if "answer" not in answer:
            raise MailError(f"{self.name}: {answer.get('error', 'It has ended the move.')}")
        return answer["answer"]

    def connect(self, question: str, **values: t.Any) -> ssl.SSLSocket:
        """Ask, and leave it to the caller to read."""
        message = {"ticket": self._ticket, "question": question, **values}
        plain = self._connect(QUESTION)
        with self._sentences(), contextlib.ExitStack() as failed:
            failed.callback(plain.close)
            connection = self._client.wrap_socket(plain, server_hostname=self.name)
            failed.callback(connection.close)
            connection.sendall(json.dumps(message).encode() + b"\n")
            failed.pop_all()
            return connection

    def _connect(self, purpose: bytes) -> socket.socket:
        with self._sentences():
            plain = socket.create_connection(self._place, CONNECT_SECONDS)
            plain.sendall(purpose)
            return plain

    @contextlib.contextmanager
    def _sentences(self) -> Iterator[None]:
        address, port = self._place
        try:
            yield
        except ConnectionRefusedError:
            raise Refused(
                f"{self.name}: Nothing listens on port {port} of {address}; does "
                "mailbox_move_source run there?"
            ) from None
        except ssl.SSLCertVerificationError as error:
            raise MailError(
                f"{self.name}: Its certificate is not accepted: {error.verify_message}."
            ) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
            raise MailError(
                f"{self.name}: The connection to port {port} of {address} failed: "
                f"{str(reason) or type(error).__name__}."
            ) from None


def read_line(connection: ssl.SSLSocket) -> bytes:
    """Read one line, and not an octet more: what comes after it is not for us."""
    line = bytearray()
    while not line.endswith(b"\n"):
        octet = connection.recv(1)
        if not octet or len(line) > LONGEST_LINE:
            raise ValueError("the line has no end")
        line += octet
    return bytes(line[:-1])


def _all(connection: ssl.SSLSocket) -> bytes:
    data = bytearray()
    while chunk := connection.recv(65536):
        data += chunk
    return bytes(data)
