# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs of ansible-playbook: the looped way of other roles, and ours beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import typing as t
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.assurmer.mail.tests.bench.stores import GROUP, Place
from ansible_collections.assurmer.mail.tests.modules import people
from ansible_collections.assurmer.mail.tests.modules.running import COLLECTIONS

LOOPED = 100
HERE = Path(__file__).parent


def looped(folder: Path) -> float:
    """Return the seconds that the looped way takes for LOOPED mailboxes, without its start."""
    seconds = {}
    for number in (0, LOOPED):
        file = folder / f"looped-{number}.json"
        file.write_text(json.dumps([p._asdict() for p in people.people(number, "5G")]))
        variables = {"bench_file": str(file), "bench_folder": str(folder / "looped")}
        (folder / "looped").mkdir(exist_ok=True)
        seconds[number] = _play("peers.yml", variables, folder)
    lines = (folder / "looped" / "passwd").read_text().splitlines()
    homes = list((folder / "looped" / "vmail" / people.DOMAIN).iterdir())
    if not len(lines) == len(homes) == LOOPED:
        raise RuntimeError(f"The looped way has made {len(lines)} lines, {len(homes)} homes.")
    return seconds[LOOPED] - seconds[0]


def ours(folder: Path, size: int, place: Place) -> float:
    """Return the seconds of a whole run that fills an empty directory, with its start."""
    variables = {
        "bench_dsn": place.dsn,
        "bench_dsn_password": place.dsn_password or "",
        "bench_group": GROUP,
        "bench_folder": str(folder),
        "bench_file": str(folder / f"{size}.csv"),
    }
    return _play("ours.yml", variables, folder)


def _play(playbook: str, variables: Mapping[str, t.Any], folder: Path) -> float:
    extra = folder / "variables.json"
    extra.touch(mode=0o600)
    extra.write_text(json.dumps(variables))
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    program = Path(sys.executable).with_name("ansible-playbook")
    begin = time.perf_counter()
    done = subprocess.run(
        [program, "--extra-vars", f"@{extra}", HERE / playbook],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{playbook} has failed:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - begin
