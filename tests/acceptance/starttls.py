# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Up to the point where TLS begins, on each port."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import typing as t
from collections.abc import Iterator

from ansible_collections.assurmer.mail.tests.acceptance.clients import PATIENCE

PORTS = (25, 465, 587, 143, 993, 4190)
# Here the server speaks first once TLS has begun.
SPEAKS_FIRST = (465, 993, 4190)

# What is said until TLS can begin: the end of the server's answer, and what the client says then.
_STARTTLS = {
    25: [("220 ", "EHLO client.example"), ("250 ", "STARTTLS"), ("220 ", "")],
    587: [("220 ", "EHLO client.example"), ("250 ", "STARTTLS"), ("220 ", "")],
    143: [("* OK", "a STARTTLS"), ("a OK", "")],
    4190: [("OK", "STARTTLS"), ("OK", "")],
}


def before_tls(host: t.Any, port: int) -> socket.socket:
    """Return a connection on which the next thing is the handshake."""
    sock = socket.create_connection((host.address, port), PATIENCE)
    for answer, command in _STARTTLS.get(port, []):
        _await_line(sock, answer)
        if command:
            sock.sendall(f"{command}\r\n".encode())
    return sock


def _await_line(sock: socket.socket, start: str) -> None:
    """Read up to the line that starts so, and not one byte more: TLS may follow."""
    line = b""
    while not (line.startswith(start.encode()) and line.endswith(b"\n")):
        if line.endswith(b"\n"):
            line = b""
        octet = sock.recv(1)
        assert octet, f"the server hung up before {start!r}"
        line += octet


@contextlib.contextmanager
def without_starttls(host: t.Any, port: int) -> Iterator[int]:
    """Yield a port on the loopback interface that leads to the host's, behind its STARTTLS.

    For programs that don't speak ManageSieve.
    """

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError), before_tls(host, port) as server:
                back = threading.Thread(target=_carry, args=(server, self.request))
                back.start()
                _carry(self.request, server)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Relay) as relay:
        threading.Thread(target=relay.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield relay.server_address[1]
        finally:
            relay.shutdown()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while octets := source.recv(65536):
            target.sendall(octets)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
