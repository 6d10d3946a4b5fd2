# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at a daemon's processes, by proc(5).

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import os
import re
import typing as t
from collections.abc import Iterable, Iterator
from pathlib import Path

_STAT = re.compile(r"\d+ \((?P<name>.*)\) \S (?P<parent>\d+) ", re.DOTALL)
_ESTABLISHED, LISTEN = "01", "0A"


class TcpSocket(t.NamedTuple):
    """A row of /proc/net/tcp: the local port, the state in hexadecimal, and the inode."""

    port: int
    state: str
    inode: str


def children(parent: int) -> dict[int, str]:
    """Return the processes that another one has started, with the names of their programs."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            match = _stat(int(entry))
            if match and int(match["parent"]) == parent:
                found[int(entry)] = match["name"]
    return found


def alive(process: int, name: str) -> bool:
    match = _stat(process)
    return match is not None and match["name"] == name


def connected(processes: Iterable[int]) -> set[int]:
    """Return those processes that have a TCP connection."""
    links = {f"socket:[{each.inode}]" for each in tcp_sockets() if each.state == _ESTABLISHED}
    return {process for process in processes if not links.isdisjoint(_files(process))}


def tcp_sockets() -> Iterator[TcpSocket]:
    """Yield the TCP sockets of this network namespace."""
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        if not os.path.exists(table):  # A kernel without IPv6.
            continue
        with open(table, encoding="ascii") as stream:
            for line in stream.readlines()[1:]:
                fields = line.split()
                yield TcpSocket(int(fields[1].rpartition(":")[2], 16), fields[3], fields[9])


def _files(process: int) -> list[str]:
    """Return what a process has open, as links of /proc/PID/fd name it."""
    try:
        return [os.readlink(entry) for entry in os.scandir(f"/proc/{process}/fd")]
    except OSError:  # It, or one of its files, is gone.
        return []


def _stat(process: int) -> re.Match[str] | None:
    try:
        return _STAT.match(Path(f"/proc/{process}/stat").read_text(errors="replace"))
    except OSError:
        return None
