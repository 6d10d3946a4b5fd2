# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client's side of IMAP, one method a command.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
import typing as t

from ansible_collections.assurmer.mail.plugins.module_utils._probe.journal import AnswerError
from ansible_collections.assurmer.mail.plugins.module_utils._probe.step import one_line
from ansible_collections.assurmer.mail.plugins.module_utils._probe.tls import (
    Server,
    session_summary,
)

_FOLDER_OF_LIST = re.compile(rb'^\([^)]*\) (?:"(?:\\.|[^"])"|NIL) "?(.*?)"?$')


class _Client(imaplib.IMAP4):
    """imaplib's client, on a socket that is connected already."""

    def __init__(self, sock: socket.socket, tls_name: str) -> None:
        self._connected = sock
        # starttls() verifies the certificate against the host name given here.
        super().__init__(host=tls_name)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._connected


class ImapSession:
    """A connection of one device: methods return what was asked for, or raise the answer."""

    def __init__(self, server: Server, context: ssl.SSLContext, timeout: float) -> None:
        self._server = server
        self._context = context
        self._timeout = timeout
        self._sock: socket.socket | None = None
        self._opened: _Client | None = None

    @property
    def _client(self) -> _Client:
        if self._opened is None:
            raise AnswerError("there is no connection")
        return self._opened

    def connect(self) -> str:
        self._sock = self._server.connect(self._timeout)
        return f"connected to {self._sock.getpeername()[0]}"

    def tls(self) -> str:
        if self._sock is None:
            raise AnswerError("there is no connection")
        self._sock = self._context.wrap_socket(self._sock, server_hostname=self._server.tls_name)
        return session_summary(self._sock)

    def greeting(self) -> str:
        if self._sock is None:
            raise AnswerError("there is no connection")
        self._opened = _Client(self._sock, self._server.tls_name)
        return one_line(self._opened.welcome)

    def starttls(self) -> str:
        self._ok(self._client.starttls(self._context))
        return session_summary(t.cast(ssl.SSLSocket, self._client.sock))

    def login(self, login: str, password: str) -> str:
        # LOGIN can't carry a password outside ASCII; RFC 4616 says UTF-8.
        response = f"\0{login}\0{password}".encode()
        return self._ok(self._client.authenticate("PLAIN", lambda _challenge: response))

    def folders(self) -> list[str]:
        lines = self._rows(self._client.list())
        found = (_FOLDER_OF_LIST.match(line) for line in lines if isinstance(line, bytes))
        return [match[1].decode("ascii", "replace") for match in found if match]

    def select(self, folder: str) -> str:
        return f"{folder}: {self._ok(self._client.select(_quoted(folder)))} messages"

    def next_uid(self) -> int:
        """Return the UID from which on messages will arrive in the selected folder."""
        row = self._client.response("UIDNEXT")[1][0]
        return int(row) if isinstance(row, bytes) else 1

    def search(self, *criteria: str) -> list[str]:
        self._ok(self._client.noop())
        rows = self._rows(self._client.uid("SEARCH", *criteria))
        return [
            uid.decode("ascii") for row in rows if isinstance(row, bytes) for uid in row.split()
        ]

    def search_text(self, since: int, key: str, text: str) -> list[str]:
        return self.search("UID", f"{since}:*", key, _quoted(text))

    def fetch(self, uid: str, item: str) -> bytes:
        """Return the item; a server may send it as a literal or within the line."""
        rows = self._rows(self._client.uid("FETCH", uid, f"({item})"))
        # The server may at any time tell of changes to other messages in between.
        of_message = re.compile(rb"\bUID %d\b" % int(uid))
        for row in rows:
            line, literal = row if isinstance(row, tuple) else (row, row)
            if line and of_message.search(line):
                return bytes(literal)
        raise AnswerError(f"no message with UID {uid}")

    def flags(self, uid: str) -> str:
        self._ok(self._client.noop())
        return one_line(self.fetch(uid, "FLAGS"))

    def store(self, uid: str, change: str, flag: str) -> str:
        self._ok(self._client.uid("STORE", uid, change, f"({flag})"))
        return self.flags(uid)

    def create(self, folder: str) -> str:
        return self._ok(self._client.create(_quoted(folder)))

    def move(self, uid: str, folder: str) -> str:
        return self._ok(self._client.uid("MOVE", uid, _quoted(folder)))

    def expunge(self, uid: str) -> str:
        """Delete one message for good, and no other one that somebody has marked (RFC 4315)."""
        self._ok(self._client.uid("STORE", uid, "+FLAGS", r"(\Deleted)"))
        return self._ok(self._client.uid("EXPUNGE", uid))

    def delete_folder(self, folder: str) -> str:
        return self._ok(self._client.delete(_quoted(folder)))

    def logout(self) -> str:
        return self._ok(self._client.logout(), "BYE")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            if self._opened is not None:
                self._opened.shutdown()
            elif self._sock is not None:
                self._sock.close()

    def _ok(self, answer: tuple[str, t.Any], wanted: str = "OK") -> str:
        rows = self._rows(answer, wanted)
        return " ".join(one_line(row) for row in rows if isinstance(row, bytes))

    def _rows(self, answer: tuple[str, t.Any], wanted: str = "OK") -> list[t.Any]:
        status, rows = answer
        if status != wanted:
            text = " ".join(one_line(row) for row in rows if isinstance(row, bytes))
            raise AnswerError(f"{status} {text}")
        return rows


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
