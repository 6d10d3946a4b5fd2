# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes between a TLS connection and a program, in both directions at once.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl

CHUNK = 65536
# As much waits here for a slow side before the fast one has to wait.
ENOUGH = 4 * CHUNK
# A peer that has gone silent for longer than this, with its program still running, is gone.
SILENCE = 300.0
# For a peer to close its side, once ours is closed.
FAREWELL_SECONDS = 10.0

# What doveadm runs to talk to the other side: its standard input and output, to a socket and back.
# It is started as the user who owns the mail, who has no business with the host's key.
PROGRAM = """
import os, socket, sys, threading

link = socket.socket(fileno=int(sys.argv[1]))

def send():
    while data := os.read(0, 65536):
        link.sendall(data)
    link.shutdown(socket.SHUT_WR)

threading.Thread(target=send, daemon=True).start()
while data := link.recv(65536):
    while data:
        data = data[os.write(1, data):]
"""


def splice(secure: ssl.SSLSocket, plain: socket.socket) -> None:
    """Copy until either side is at its end, and what the other one still has to get is sent."""
    secure.setblocking(False)
    plain.setblocking(False)
    inward, outward = bytearray(), bytearray()
    ended = False
    while not ended or inward or outward:
        if not _wait(secure, plain, inward, outward, ended):
            raise TimeoutError("the other host has gone silent")
        if not ended:
            ended = _receive(secure, inward) or _receive(plain, outward)
        _send(plain, inward)
        _send(secure, outward)


def hang_up(secure: ssl.SSLSocket) -> None:
    """End a connection so that the other side still gets all that was sent.

    Closed with something unread in it, it would be reset.
    """
    with contextlib.suppress(OSError):
        secure.settimeout(FAREWELL_SECONDS)
        secure.shutdown(socket.SHUT_WR)
        while secure.recv(CHUNK):
            pass


def _wait(
    secure: ssl.SSLSocket,
    plain: socket.socket,
    inward: bytearray,
    outward: bytearray,
    ended: bool,
) -> bool:
    # What is decrypted already no longer shows at the socket.
    if secure.pending() and len(inward) < ENOUGH and not ended:
        return True
    reading: list[socket.socket] = []
    if not ended:
        reading += [secure] if len(inward) < ENOUGH else []
        reading += [plain] if len(outward) < ENOUGH else []
    writing = ([plain] if inward else []) + ([secure] if outward else [])
    return any(select.select(reading, writing, [], SILENCE))


def _receive(source: socket.socket, buffer: bytearray) -> bool:
    """Take what is there, and tell whether that was the end."""
    if len(buffer) >= ENOUGH:
        return False
    try:
        data = source.recv(CHUNK)
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return False
    except (ssl.SSLEOFError, ConnectionResetError):
        return True
    buffer += data
    return not data


def _send(target: socket.socket, buffer: bytearray) -> None:
    if not buffer:
        return
    try:
        del buffer[: target.send(buffer)]
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        pass
    except (BrokenPipeError, ConnectionResetError):
        # The program has ended and wants no more.
        buffer.clear()
