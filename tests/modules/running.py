# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running modules as a host does: the file that Ansible sends (AnsiballZ), in a process of its own.

What Ansible itself does on the workstation and on the way is not in it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".cache" / "collections"


class Call(t.NamedTuple):
    """A module and its arguments, which are in a file once it is built."""

    module: str
    arguments: Mapping[str, t.Any]
    file: Path


@dataclass(frozen=True, slots=True)
class Ran:
    """What a module said, and what it took."""

    code: int
    result: Mapping[str, t.Any]
    seconds: float
    # The most memory that the process held, in MB of 10^6 octets.
    megabytes: float

    def unless_failed(self) -> Ran:
        if self.code != 0 or self.result.get("failed"):
            raise RuntimeError(f"The module ended with {self.code}: {self.result}")
        return self


def build(calls: Sequence[Call]) -> None:
    """Write the files of calls, as Ansible would send them."""
    asked = [(f"assurmer.mail.{call.module}", call.arguments, str(call.file)) for call in calls]
    subprocess.run(
        [sys.executable, ROOT / "tests" / "modules" / "ansiballz.py"],
        input=json.dumps(asked),
        text=True,
        check=True,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)},
    )


def command(file: Path) -> list[str]:
    return [sys.executable, str(file)]


def run(arguments: Sequence[str]) -> Ran:
    """Run a program that prints JSON, to its end."""
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        process = os.posix_spawn(
            arguments[0],
            arguments,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 2),
            ],
        )
        _process, status, usage = os.wait4(process, 0)
        seconds = time.perf_counter() - begin
        output.seek(0)
        result = answer(output.read())
    code = os.waitstatus_to_exitcode(status)
    return Ran(code, result, seconds, usage.ru_maxrss * 1024 / 1e6)


def answer(output: bytes) -> Mapping[str, t.Any]:
    """Return what a module has said, or its raw output where that is no JSON."""
    try:
        return t.cast("Mapping[str, t.Any]", json.loads(output))
    except ValueError:
        return {"failed": True, "msg": output.decode(errors="replace")}
