# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dovecot's part in a move: copies of mailboxes, sessions, and what a mailbox consists of.

PRIVATE to the collection. It can have breaking changes at any time.

doveadm-sync(1) carries everything: messages with their UIDs, GUIDs, flags, keywords and dates,
folders, subscriptions and Sieve scripts. 2.3 and 2.4 understand each other in both directions.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import typing as t
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._directory.sessions import DOVEADM
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._move import relay
from ansible_collections.assurmer.mail.plugins.module_utils._move.model import Copy, Folder

# What doveadm-sync(1) ends with where something changed meanwhile: the next pass brings it.
CHANGED_MEANWHILE = 2
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
# A message is \Recent to the session that saw it first, and to no copy of it.
_RECENT = "\\Recent"


class Offer:
    """A mailbox of this host for the other one to copy."""

    def __init__(self, address: str) -> None:
        self._ours, theirs = socket.socketpair()
        with theirs:
            self._program = subprocess.Popen(
                [DOVEADM, "dsync-server", "-u", address],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
            )

    def serve(self, connection: ssl.SSLSocket) -> None:
        try:
            relay.splice(connection, self._ours)
            relay.hang_up(connection)
        finally:
            self._ours.close()
            _end(self._program)


def fetch(address: str, connection: ssl.SSLSocket) -> int:
    """Make this host's copy of a mailbox equal to the other's; return what doveadm ended with.

    A mailbox that changes meanwhile ends with CHANGED_MEANWHILE.
    """
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryFile() as words:
        with theirs:
            link = str(theirs.fileno())
            program = subprocess.Popen(
                [
                    *(DOVEADM, "backup", "-R", "-u", address),
                    *(sys.executable, "-I", "-c", relay.PROGRAM, link),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=words,
                pass_fds=[theirs.fileno()],
                env=_ENVIRONMENT,
            )
        try:
            relay.splice(connection, ours)
        finally:
            ours.close()
            code = _end(program)
        if code not in (0, CHANGED_MEANWHILE):
            words.seek(0)
            raise MailError(f"{address}: doveadm backup: {_last(words.read().decode())}")
        return code


def _end(program: subprocess.Popen[bytes]) -> int:
    try:
        return program.wait(30)
    except subprocess.TimeoutExpired:
        program.kill()
        return program.wait()


def copies(homes: Mapping[str, Path]) -> dict[str, Copy]:
    """Return what the mailboxes on this host consist of; `homes` are their directories."""
    subscriptions: dict[str, list[str]] = {address: [] for address in homes}
    folders: dict[str, dict[str, Folder]] = {address: {} for address in homes}
    with _listed(homes) as users:
        contents = _contents(users)
        for row in _rows("mailbox", "list", "-s", "-F", users):
            subscriptions[row["Username"]].append(row["mailbox"])
        for row in _rows(
            "mailbox", "status", "-F", users, "guid uidvalidity uidnext messages", "*"
        ):
            folders[row["Username"]][row["mailbox"]] = Folder(
                row["guid"],
                int(row["uidvalidity"]),
                int(row["uidnext"]),
                int(row["messages"]),
                contents.get((row["Username"], row["guid"]), ""),
            )
    return {
        address: Copy(folders[address], tuple(sorted(subscriptions[address])), *_scripts(home))
        for address, home in homes.items()
    }


def _contents(users: str) -> dict[tuple[str, str], str]:
    """Return a hash of each folder's messages, which come in the order of their UIDs."""
    hashes: dict[tuple[str, str], t.Any] = {}
    for row in _rows("fetch", "-F", users, "mailbox-guid uid guid flags", "ALL"):
        flags = sorted(flag for flag in row["flags"].split() if flag != _RECENT)
        line = f"{row['uid']} {row['guid']} {' '.join(flags)}\n"
        folder = hashes.setdefault((row["Username"], row["mailbox-guid"]), hashlib.sha256())
        folder.update(line.encode(errors="surrogateescape"))
    return {folder: found.hexdigest() for folder, found in hashes.items()}


def _scripts(home: Path) -> tuple[dict[str, str], str]:
    scripts = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((home / "sieve").glob("*.sieve"))
    }
    with contextlib.suppress(OSError):
        return scripts, Path(os.readlink(home / ".dovecot.sieve")).stem
    return scripts, ""


def online(addresses: Collection[str]) -> set[str]:
    """Return those who have a session here. A delivery is none, though 2.4 shows it as one."""
    rows = _rows("who", "-1")
    return {row["username"] for row in rows if _service(row) != "lmtp"} & set(addresses)


def _service(row: dict[str, str]) -> str:
    return row.get("service") or row.get("proto") or ""


@contextlib.contextmanager
def _listed(addresses: Collection[str]) -> Iterator[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".users") as file:
        file.write("".join(f"{address}\n" for address in addresses))
        file.flush()
        yield file.name


def _rows(*arguments: str) -> Iterator[dict[str, str]]:
    """Yield what doveadm prints as a table, without holding all of it: mailboxes are large."""
    with tempfile.TemporaryFile() as words:
        with subprocess.Popen(
            [DOVEADM, "-f", "tab", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
            encoding="utf-8",
            errors="surrogateescape",
            env=_ENVIRONMENT,
        ) as program:
            lines = t.cast("t.IO[str]", program.stdout)
            # No quotes: a folder's name may hold some, and a tabulator in one is escaped.
            yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if program.returncode != 0:
            words.seek(0)
            raise MailError(f"doveadm {arguments[0]}: {_last(words.read().decode())}")


def _last(words: str) -> str:
    """Return the last thing that a program complained about."""
    lines = [line for line in words.splitlines() if line.strip()]
    return re.sub(r"^.*?(Error|Fatal|Panic): ", "", lines[-1]) if lines else "it failed silently"
