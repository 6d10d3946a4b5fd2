# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes of mail_directory that a test watches, stops and kills."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
import typing as t
from collections.abc import Callable, Mapping
from pathlib import Path

from ansible_collections.assurmer.mail.tests.modules.running import COLLECTIONS, answer

ZYGOTE = Path(__file__).with_name("zygote.py")
LONG = 120.0


class Process:
    """One run of the module. Its number stays its own until `end`, which the zygote is asked for."""

    def __init__(self, zygote: subprocess.Popen[str], arguments: t.Any, file: Path) -> None:
        self._zygote = zygote
        self._file = file
        self._begin = time.monotonic()
        number = int(_ask(zygote, json.dumps([arguments, str(file)])))
        self._stat = Path(f"/proc/{number}/stat")
        self._descriptor = os.pidfd_open(number)

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        """Wait until the condition holds, and tell whether it did before the process ended."""
        while not condition():
            if self.ended(0):
                return False
        return True

    def ended(self, seconds: float) -> bool:
        """Tell whether the process has ended, after at most that many seconds."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(max(0, round(seconds * 1000, 2))))

    def stopped(self) -> bool:
        return self._stat.read_text().rpartition(")")[2].split()[0] in ("T", "Z")

    def send(self, number: signal.Signals) -> None:
        signal.pidfd_send_signal(self._descriptor, number)

    def end(self) -> tuple[int, Mapping[str, t.Any], float]:
        """Wait for the end, and return the exit code, what the module said, and its seconds."""
        if not self.ended(LONG):
            self.send(signal.SIGKILL)
            raise TimeoutError(f"The module has run for {LONG} s.")
        seconds = time.monotonic() - self._begin
        code = int(_ask(self._zygote, ""))
        os.close(self._descriptor)
        return code, answer(self._file.read_bytes()), seconds


class Zygote:
    """Starts processes of mail_directory, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "answer.json"
        self._process = subprocess.Popen(
            [sys.executable, ZYGOTE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
        )

    def start(self, arguments: Mapping[str, t.Any]) -> Process:
        return Process(self._process, arguments, self._file)

    def succeed(self, arguments: Mapping[str, t.Any]) -> tuple[Mapping[str, t.Any], float]:
        """Run the module to its end, and return what it said, and its seconds."""
        code, said, seconds = self.start(arguments).end()
        assert code == 0, said
        assert not said.get("failed"), said
        return said, seconds

    def close(self) -> None:
        self._process.communicate(timeout=LONG)


def _ask(zygote: subprocess.Popen[str], line: str) -> str:
    if zygote.stdin is None or zygote.stdout is None:
        raise RuntimeError("The zygote has no pipes.")
    zygote.stdin.write(line + "\n")
    zygote.stdin.flush()
    return zygote.stdout.readline()
