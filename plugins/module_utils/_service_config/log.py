# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hear what a daemon says: in a rehearsal on a log socket of our own, live in the journal.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterable
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import command

_GRAVE = re.compile(r"\b(?:fatal|panic|error): ", re.IGNORECASE)
_WARNING = re.compile(r"\bwarning: ", re.IGNORECASE)
_DEADLY = re.compile(r"\b(?:fatal|panic): ", re.IGNORECASE)
_HEADER = re.compile(r"^<\d+>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )?")


class Syslog:
    """A syslog socket (RFC 3164 as libc writes it) that keeps what it hears.

    Create it where its file may lie, `listen` in the process whose thread shall read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)  # Left by a run that was killed.
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        path.chmod(0o666)
        self._lines: list[str] = []

    def listen(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def close(self) -> None:
        self._socket.close()
        self.path.unlink(missing_ok=True)

    def grave(self) -> list[str]:
        """Return the errors heard so far, each once."""
        return grave(self._lines)

    def complaints(self) -> list[str]:
        return complaints(self._lines)

    def deadly(self) -> bool:
        """Whether a process of the daemon has given up."""
        return any(_DEADLY.search(line) for line in self._lines)

    def _read(self) -> None:
        while True:
            message = self._socket.recv(8192).decode("utf-8", "replace")
            self._lines.append(_HEADER.sub("", message).rstrip("\n\0"))


def grave(lines: list[str]) -> list[str]:
    """Return those lines that report an error, each once, in their order."""
    return list(dict.fromkeys(line for line in lines if _GRAVE.search(line)))


def complaints(lines: list[str]) -> list[str]:
    """Return what may explain a failure: the errors, or where there is none the warnings."""
    return grave(lines) or list(dict.fromkeys(line for line in lines if _WARNING.search(line)))


def journal(units: Iterable[str], since: float) -> list[str]:
    """Return what units wrote into the journal since a time (seconds of the epoch).

    A host without a journal has nothing to tell.
    """
    try:
        answer = command(
            "journalctl", "--quiet", "--no-pager", "--output=cat", f"--since=@{since:.3f}",
            *(f"--unit={unit}" for unit in units),
        )  # fmt: skip
    except MailError:
        return []
    return answer.output.splitlines()
