# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import concurrent.futures
import os
import socket
import ssl
import subprocess
import sys

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._move import relay

# More than any buffer on the way holds.
MUCH = os.urandom(3 << 20)


def test_all_bytes_cross_in_both_directions(
    secured: tuple[ssl.SSLSocket, ssl.SSLSocket],
) -> None:
    secure, far = secured
    plain, program = socket.socketpair()
    with plain, program, concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = pool.submit(relay.splice, secure, plain)
        sent = [pool.submit(far.sendall, MUCH), pool.submit(program.sendall, MUCH[::-1])]
        read = pool.submit(_read, program, len(MUCH))
        assert _read(far, len(MUCH)) == MUCH[::-1]
        assert read.result() == MUCH
        for each in sent:
            each.result()
        program.shutdown(socket.SHUT_WR)
        done.result(10)


def test_what_was_said_last_still_arrives(secured: tuple[ssl.SSLSocket, ssl.SSLSocket]) -> None:
    secure, far = secured
    plain, program = socket.socketpair()
    with plain, concurrent.futures.ThreadPoolExecutor(1) as pool:
        program.sendall(b"last words")
        program.close()
        done = pool.submit(relay.splice, secure, plain)
        assert _read(far, 10) == b"last words"
        done.result(10)


def test_a_peer_that_falls_silent_is_given_up(
    secured: tuple[ssl.SSLSocket, ssl.SSLSocket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SILENCE", 0.1)
    plain, program = socket.socketpair()
    with plain, program, pytest.raises(TimeoutError, match="has gone silent"):
        relay.splice(secured[0], plain)


def test_a_program_talks_through_its_standard_input_and_output() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            program = subprocess.Popen(
                [sys.executable, "-I", "-c", relay.PROGRAM, str(theirs.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
            )
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(b"question")
        program.stdin.close()
        assert _read(ours, 9) == b"question"
        ours.sendall(b"answer")
        ours.shutdown(socket.SHUT_WR)
        assert program.stdout.read() == b"answer"
        assert program.wait(10) == 0
        program.stdout.close()


def _read(source: socket.socket, size: int) -> bytes:
    """Read so many octets, or fewer where there are no more."""
    data = bytearray()
    while len(data) < size and (chunk := source.recv(65536)):
        data += chunk
    return bytes(data)
