# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""kill.py MODULE MOMENT: kills the module on this host while it copies, or while it holds mailboxes."""

import os
import pathlib
import signal
import sqlite3
import sys
import time

MODULE, MOMENT = sys.argv[1:]
DIRECTORY = "file:/var/lib/assurmer.mail/directory.sqlite?mode=ro"
# A module that Ansible pipes into Python has no name; the one that gets mailboxes has this file open.
LOCK = "/run/lock/assurmer-mail-move"
HELD = "SELECT count(*) FROM mailboxes WHERE held_until > unixepoch()"


def processes(words: str) -> list[int]:
    """Return the processes with these words in their command line, but not this one."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if words in line and int(path.parent.name) != os.getpid():
            found.append(int(path.parent.name))
    return found


def with_open(name: str) -> list[int]:
    """Return the processes that have a file open."""
    found = set()
    for path in pathlib.Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(path) == name:
                found.add(int(path.parent.parent.name))
        except OSError:
            continue
    return sorted(found)


def running() -> list[int]:
    return with_open(LOCK) if MODULE == "mailbox_move" else processes(MODULE)


def holds() -> bool:
    connection = sqlite3.connect(DIRECTORY, uri=True)
    try:
        return connection.execute(HELD).fetchone()[0] > 0
    finally:
        connection.close()


def copies() -> bool:
    return bool(processes("doveadm backup") or processes("doveadm dsync-server"))


reached = {"copying": copies, "holding": holds}[MOMENT]
deadline = time.monotonic() + 120
while not (victims := running()) or not reached():
    if time.monotonic() > deadline:
        sys.exit(f"{MODULE} was never {MOMENT}.")
    time.sleep(0.01)
for victim in victims:
    os.kill(victim, signal.SIGKILL)
print(f"killed {len(victims)}")
