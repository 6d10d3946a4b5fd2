# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way from a rehearsal, which can reach nobody, to the servers that its lookups need.

PRIVATE to the collection. It can have breaking changes at any time.

Each server has a Unix socket on the file system, which both sides see. Outside, a process takes
what comes in there to the server. Inside, the server's addresses are the namespace's own, another
process listens on them, and a hosts(5) file of the rehearsal has the server's name.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import threading
import typing as t
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import Server

_HOSTS = Path("/etc/hosts")
_BACKLOG = 64
_CONNECT_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1

Route = tuple[socket.socket, Callable[[], socket.socket]]
"""Where somebody listens, and how to reach the next one on the way."""


class Bridge:
    """A way to servers, from its creation, on the host, to `close`.

    `enter` is called inside. `binds` and `addresses` are for the namespaces' surroundings.
    """

    def __init__(self, servers: Iterable[Server], room: Path, name: str) -> None:
        self._stop = contextlib.ExitStack()
        self._ways: list[tuple[str, int, Path]] = []
        self.addresses: tuple[str, ...] = ()
        self.binds: Mapping[Path, Path] = {}
        routes: list[Route] = []
        lines: list[str] = []
        for number, server in enumerate(servers):
            path = room / f"{name}.bridge{number}"
            routes.append((self._listen(path), _to_server(server)))
            for address in _addresses(server):
                self._ways.append((address, server.port, path))
                lines.append(f"{address} {server.host}\n")
        if not routes:
            return
        self.addresses = tuple(dict.fromkeys(address for address, _port, _path in self._ways))
        self._name_them(room / f"{name}.hosts", lines)
        child = _serve(routes)
        self._stop.callback(os.waitpid, child, 0)
        self._stop.callback(os.kill, child, signal.SIGKILL)

    def enter(self) -> None:
        """Listen on the servers' addresses; whoever does ends with the namespace."""
        routes = [(_listen(address, port), _to_socket(path)) for address, port, path in self._ways]
        if routes:
            _serve(routes)

    def close(self) -> None:
        self._stop.close()

    def _listen(self, path: Path) -> socket.socket:
        path.unlink(missing_ok=True)  # Left by a run that was killed.
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(path))
        path.chmod(0o600)
        listening.listen(_BACKLOG)
        self._stop.callback(path.unlink, missing_ok=True)
        self._stop.callback(listening.close)
        return listening

    def _name_them(self, path: Path, lines: Iterable[str]) -> None:
        known = _HOSTS.read_text(encoding="utf-8") if _HOSTS.exists() else ""
        path.write_text("".join([*lines, known]), encoding="utf-8")
        path.chmod(0o644)
        self._stop.callback(path.unlink, missing_ok=True)
        if _HOSTS.exists():
            self.binds = {_HOSTS.resolve(): path}


def _addresses(server: Server) -> list[str]:
    """Return the addresses of a server's name; none where nobody knows it, as live."""
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(place[0]).partition("%")[0] for *_kind, place in found))


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family, backlog=_BACKLOG)


def _to_server(server: Server) -> Callable[[], socket.socket]:
    return lambda: socket.create_connection((server.host, server.port), _CONNECT_SECONDS)


def _to_socket(path: Path) -> Callable[[], socket.socket]:
    def connect() -> socket.socket:
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connected.connect(str(path))
        return connected

    return connect


def _serve(routes: list[Route]) -> int:
    """Return the process that takes connections on, for as long as this one lives."""
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        for listening, connect in routes:
            threading.Thread(target=_take_on, args=(listening, connect)).start()
        while True:
            signal.pause()
    return child


def _take_on(listening: socket.socket, connect: Callable[[], socket.socket]) -> t.NoReturn:
    while True:
        near = listening.accept()[0]
        threading.Thread(target=_join, args=(near, connect)).start()


def _join(near: socket.socket, connect: Callable[[], socket.socket]) -> None:
    # Where a server does not answer, who is inside sees the connection end.
    with near, contextlib.suppress(OSError), connect() as far:
        far.settimeout(None)
        back = threading.Thread(target=_copy, args=(far, near))
        back.start()
        _copy(near, far)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
