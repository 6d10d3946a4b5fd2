# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._service_config import isolation
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.bridge import Bridge
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import Server

pytestmark = pytest.mark.usefixtures("as_root")


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that says everything again, in capitals, once the question has ended."""

    def answer(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = listening.accept()[0]
                with client, client.makefile("rwb") as stream:
                    stream.write(stream.read().upper())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, args=(listening,), daemon=True).start()
        yield Server("localhost", listening.getsockname()[1])


def ask(host: str, port: int, question: bytes) -> bytes:
    with socket.create_connection((host, port), 5) as client, client.makefile("rb") as stream:
        client.sendall(question)
        client.shutdown(socket.SHUT_WR)
        return stream.read()


def inside(bridge: Bridge, host: str, port: int, question: bytes = b"hello") -> str:
    def task() -> str:
        bridge.enter()
        return ask(host, port, question).decode()

    surroundings = isolation.Surroundings(binds=bridge.binds, addresses=bridge.addresses)
    return str(isolation.run(task, surroundings, timeout=20))


def test_a_server_is_reached_from_inside(server: Server, tmp_path: Path) -> None:
    with contextlib.closing(Bridge([server], tmp_path, "daemon")) as bridge:
        assert inside(bridge, server.host, server.port) == "HELLO"
        # As often and as much as one likes.
        assert inside(bridge, server.host, server.port, b"x" * 300_000) == "X" * 300_000


def test_it_has_its_name_inside_whoever_tells_names_outside(server: Server, tmp_path: Path) -> None:
    with contextlib.closing(Bridge([server], tmp_path, "daemon")) as bridge:
        hosts = (tmp_path / "daemon.hosts").read_text()
        assert "127.0.0.1 localhost\n" in hosts
        assert hosts.endswith(Path("/etc/hosts").read_text())
        assert set(bridge.binds.values()) == {tmp_path / "daemon.hosts"}
        assert "127.0.0.1" in bridge.addresses


def test_nobody_else_is_reached(server: Server, tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        contextlib.closing(Bridge([server], tmp_path, "daemon")) as bridge,
        pytest.raises(RuntimeError, match="refused"),
    ):
        inside(bridge, "127.0.0.1", other.getsockname()[1])


def test_a_server_that_is_not_there_ends_the_connection(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with contextlib.closing(Bridge([Server("127.0.0.1", port)], tmp_path, "daemon")) as bridge:
        assert inside(bridge, "127.0.0.1", port, b"") == ""


def test_a_name_that_nobody_knows_is_unknown_inside(tmp_path: Path) -> None:
    unknown = Server("db.invalid", 5432)
    with contextlib.closing(Bridge([unknown], tmp_path, "daemon")) as bridge:
        assert bridge.addresses == ()
        with pytest.raises(RuntimeError, match=r"Temporary failure|not known"):
            inside(bridge, unknown.host, unknown.port)


def test_nothing_is_left(server: Server, tmp_path: Path) -> None:
    (tmp_path / "daemon.bridge0").touch()  # By a run that was killed.
    bridge = Bridge([server], tmp_path, "daemon")
    assert sorted(os.listdir(tmp_path)) == ["daemon.bridge0", "daemon.hosts"]
    bridge.close()
    assert os.listdir(tmp_path) == []


def test_without_servers_there_is_nothing(tmp_path: Path) -> None:
    with contextlib.closing(Bridge([], tmp_path, "daemon")) as bridge:
        bridge.enter()
        assert (bridge.binds, bridge.addresses, os.listdir(tmp_path)) == ({}, (), [])
