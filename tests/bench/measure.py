# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measuring the modules in one store: what each change takes, at each number of mailboxes."""

from __future__ import annotations

import resource
import sys
import typing as t
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from ansible_collections.assurmer.mail.tests.bench.stores import Place
from ansible_collections.assurmer.mail.tests.modules import people
from ansible_collections.assurmer.mail.tests.modules.running import Call, Ran, build, command, run

CASES = ("create", "change 1 %", "no change", "floor", "add one")
REPEATED = 9
# A run without changes is long enough at 100,000 to be measured well by fewer.
REPEATED_UNCHANGED = 5
FLOOR = Path(__file__).with_name("floor.py")


class Case(t.NamedTuple):
    seconds: float
    megabytes: float
    # Every measurement that `seconds` is the median of.
    all_seconds: list[float]


Measured = dict[str, dict[int, Case]]


def lists(folder: Path, sizes: Sequence[int]) -> None:
    """Write the lists: one for each size, and the same with one mailbox in a hundred changed."""
    for size in sizes:
        people.write(folder / f"{size}.csv", people.people(size, "5G"))
        changed = (
            person._replace(quota="6G") if index % 100 == 0 else person
            for index, person in enumerate(people.people(size, "5G"))
        )
        people.write(folder / f"{size}-changed.csv", changed)


def measure(folder: Path, places: Mapping[int, Place]) -> Measured:
    """Measure in one store; `places` are the directories by their number of mailboxes."""
    _build(folder, places)
    measured: Measured = {case: {} for case in CASES}
    for size, place in places.items():
        created = _counted(_run(folder / f"{size}.py"), "created", size)
        measured["create"][size] = _case([created])
        changed = _counted(_run(folder / f"{size}-changed.py"), "changed", size // 100)
        measured["change 1 %"][size] = _case([changed])
        unchanged, floor = [], []
        for _time in range(REPEATED_UNCHANGED):
            # One after the other, so that what else happens on the machine hits both.
            unchanged.append(_counted(_run(folder / f"{size}-changed.py"), "unchanged", size))
            floor.append(_floor(folder / f"{size}-changed.csv", place))
        measured["no change"][size], measured["floor"][size] = _case(unchanged), _case(floor)
    added: dict[int, list[Ran]] = {size: [] for size in places}
    for time in range(REPEATED):
        for size in places:
            ran = _run(folder / f"{size}-add-{time}.py")
            if not ran.result["changed"]:
                raise RuntimeError(f"No mailbox was added: {ran.result}")
            added[size].append(ran)
    measured["add one"] = {size: _case(runs) for size, runs in added.items()}
    return measured


def _build(folder: Path, places: Mapping[int, Place]) -> None:
    calls = []
    for size, place in places.items():
        options = place.options(folder)
        whole = {**options, "domains": [{"name": people.DOMAIN}], "diff_limit": 0}
        for name in (f"{size}", f"{size}-changed"):
            arguments = {**whole, "src": [str(folder / f"{name}.csv")]}
            calls.append(Call("mail_directory", arguments, folder / f"{name}.py"))
        for time, person in enumerate(people.people(REPEATED, "5G", seed=2)):
            new = {**person._asdict(), "address": f"new{time}@{people.DOMAIN}"}
            calls.append(Call("mailbox", {**options, **new}, folder / f"{size}-add-{time}.py"))
    build(calls)


def _run(file: Path) -> Ran:
    ran = run(command(file)).unless_failed()
    # A process starts with the peak of the one that started it.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    if ran.megabytes <= own:
        raise RuntimeError(f"The peak of {ran.megabytes:.0f} MB may be that of this program.")
    return ran


def _counted(ran: Ran, what: str, number: int) -> Ran:
    counts = ran.result["counts"]["mailboxes"]
    if counts[what] != number:
        raise RuntimeError(f"{number} mailboxes should be {what}: {counts}")
    return ran


def _floor(file: Path, place: Place) -> Ran:
    ran = run([sys.executable, str(FLOOR), str(file), place.dsn]).unless_failed()
    if ran.result["differing"] != 0:
        raise RuntimeError(f"The floor has found differences: {ran.result}")
    return ran


def _case(runs: Sequence[Ran]) -> Case:
    seconds = [ran.seconds for ran in runs]
    return Case(median(seconds), max(ran.megabytes for ran in runs), seconds)
