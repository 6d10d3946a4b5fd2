# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at a daemon's processes, by proc(5).

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_STAT = re.compile(r"\d+ \((?P<name>.*)\) \S (?P<parent>\d+) ", re.DOTALL)
_ESTABLISHED = "01"


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


def connected(process: int) -> bool:
    """Whether a process has a TCP connection."""
    sockets = _connections()
    try:
        names = [os.readlink(entry) for entry in os.scandir(f"/proc/{process}/fd")]
    except OSError:  # It, or one of its files, is gone.
        return False
    return any(name in sockets for name in names)


def _stat(process: int) -> re.Match[str] | None:
    try:
        return _STAT.match(Path(f"/proc/{process}/stat").read_text(errors="replace"))
    except OSError:
        return None


def _connections() -> set[str]:
    """Return the TCP connections of this network namespace, as links of /proc/PID/fd name them."""
    found = set()
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        if os.path.exists(table):  # A kernel without IPv6.
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
            found |= {
                f"socket:[{row[9]}]" for row in map(str.split, lines) if row[3] == _ESTABLISHED
            }
    return found
