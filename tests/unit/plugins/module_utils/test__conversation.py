# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a conversation its users' tests (proof, served) don't see."""

from __future__ import annotations

import socket
import ssl
import threading
import time

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._conversation import (
    Unexpected,
    acknowledge_at_once,
    converse,
    host_of,
    ignorant_context,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils.talking import Script, talk


def say(script: Script) -> tuple[socket.socket, threading.Thread]:
    """Return a connection to a server that follows a script, and the server."""
    ours, theirs = socket.socketpair()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server = threading.Thread(target=talk, args=(script, theirs, context), daemon=True)
    server.start()
    return ours, server


def hear(connection: socket.socket) -> tuple[str, bytes | None]:
    deadline = time.monotonic() + 5
    context = ignorant_context()
    return converse(connection, "smtp", "none", name=None, context=context, deadline=deadline)


def test_without_tls_no_certificate_is_served() -> None:
    connection, _server = say(["220 x", "<EHLO localhost", "250 x"])
    assert hear(connection) == ("220 x", None)


@pytest.mark.parametrize("script", [["220 x", "<EHLO localhost", "250 x"], ["554 no"]])
def test_the_connection_is_closed_however_it_ends(script: Script) -> None:
    connection, server = say(script)
    if script == ["554 no"]:
        with pytest.raises(Unexpected):
            hear(connection)
    else:
        hear(connection)
    server.join(5)
    assert connection.fileno() == -1
    assert not server.is_alive()


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("mail.example.org", "mail.example.org"),
        ("*.example.org", "host.example.org"),
        ("192.0.2.1", "192.0.2.1"),
    ],
)
def test_a_client_asks_for_no_wildcard(name: str, host: str) -> None:
    assert host_of(name) == host


def test_a_server_that_writes_twice_is_not_kept_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _address = listening.accept()
    seconds = []
    with ours, theirs:
        for _turn in range(5):
            # Linux holds acknowledgements back in a dialogue, in which an answer may carry them.
            for _word in range(3):
                ours.sendall(b"?")
                theirs.recv(1)
                theirs.sendall(b"!")
                ours.recv(1)
            ours.sendall(b"?")
            theirs.recv(1)
            acknowledge_at_once(ours)
            theirs.sendall(b"tickets")
            begin = time.monotonic()
            theirs.sendall(b"greeting")
            heard = b""
            while not heard.endswith(b"greeting"):
                heard += ours.recv(4096)
            seconds.append(time.monotonic() - begin)
    assert min(seconds) < 0.02
