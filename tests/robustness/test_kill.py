# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that is killed leaves the state before or the state after, and the next run succeeds."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.tests.robustness.change import TREES, Company
from ansible_collections.assurmer.mail.tests.robustness.process import Process, Zygote
from ansible_collections.assurmer.mail.tests.robustness.targets import Target

# 100 kills in all for each database, shared out among the workers.
# A search for more: ROBUSTNESS_SEEDS=20 make robustness
SEEDS = range(int(os.environ.get("ROBUSTNESS_SEEDS", "2")))
KILLS = 50
# A machine that is busy at times makes kills miss; there are up to this many times as many, then.
PATIENCE = 4
MAILBOXES = 1_000
# A commit is short: this many seconds after it has begun it may be over.
COMMIT = 0.01
# Of five kills, two come at any moment, and two while the process writes.
AT_ANY_MOMENT = (0, 1)
WHILE_IT_WRITES = (2, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kill_at_any_moment(target: Target, zygote: Zygote, tmp_path: Path, seed: int) -> None:
    company = Company(tmp_path, MAILBOXES)
    contents, whole, writing = [], 0.0, 0.0
    for state in (0, 1, 0):
        process = zygote.start(company.arguments(state, target.options))
        whole, writing = _measured(process, target)
        contents.append(target.inspect()[1])
        assert company.tree() == TREES[state]
    assert contents[0] == contents[2] != contents[1]

    chance = random.Random(seed)
    seen: Counter[str] = Counter()
    state = 0
    for number in range(KILLS * PATIENCE):
        if number >= KILLS and _hit(seen):
            break
        wanted = company.arguments(1 - state, target.options)
        target.remember()
        process = zygote.start(wanted)
        _wait(number, process, target, chance, whole, writing)
        phase = _kill(process, target)
        # The run that was measured was slower where this one is over: the machine was busy then.
        if phase == "ended" and number % 5 in AT_ANY_MOMENT:
            whole *= 0.8
        elif phase == "ended" and number % 5 in WHILE_IT_WRITES:
            writing *= 0.8
        while not target.settled():
            time.sleep(0.001)
        faults, content = target.inspect()
        assert faults == []
        assert content in (contents[0], contents[1]), f"{number}: half of a change"
        found = state if content == contents[state] else 1 - state
        assert company.lost_mail(found) == []
        seen.update([phase, "before" if found == state else "after"])

        said, _seconds = zygote.succeed(wanted)
        state = 1 - state
        assert target.inspect() == ([], contents[state])
        assert company.tree() == TREES[state]
        assert said["changed"] or found == state
    print(f"whole run {whole:.2f} s, of which it writes for {writing:.3f} s; {dict(seen)}")
    assert _hit(seen), "the kills have missed what they are for"


def _hit(seen: Counter[str]) -> bool:
    """Return whether the kills have come at those moments that they are for, often enough."""
    return (
        seen["writing"] + seen["committing"] >= KILLS / 10
        and seen["before"] >= KILLS / 5
        and seen["after"] >= 1
    )


def _measured(process: Process, target: Target) -> tuple[float, float]:
    """Return the seconds of a run, and those between its first and its last moment of writing."""
    process.wait_for(target.writing)
    begin = last = time.monotonic()
    while not process.ended(0):
        if target.writing():
            last = time.monotonic()
    code, said, seconds = process.end()
    assert code == 0, said
    return seconds, last - begin


def _wait(
    number: int,
    process: Process,
    target: Target,
    chance: random.Random,
    whole: float,
    writing: float,
) -> None:
    """Wait until it is time to kill: at any moment, while it writes, or while it commits.

    The waiting for a condition makes sure that the few milliseconds of a commit are hit, however
    busy the machine is.
    """
    kind = number % 5
    if kind in AT_ANY_MOMENT:
        process.ended(chance.uniform(0, whole * 1.05))
        return
    process.wait_for(target.writing)
    if kind in WHILE_IT_WRITES:
        process.ended(chance.uniform(0, writing))
        return
    if number % 10 == 9:
        # The first transaction says what is to be done to the mail, the second does the rest.
        process.wait_for(lambda: not target.writing())
        target.remember()
        process.wait_for(target.writing)
    process.wait_for(target.committing)
    process.ended(chance.uniform(0, COMMIT))


def _kill(process: Process, target: Target) -> str:
    """Kill a process, and return what it was at."""
    process.send(signal.SIGSTOP)
    process.wait_for(process.stopped)
    if process.ended(0):
        phase = "ended"
    else:
        phase = (
            "committing" if target.committing() else "writing" if target.writing() else "reading"
        )
        process.send(signal.SIGKILL)
    code, said, _seconds = process.end()
    assert code == (0 if phase == "ended" else -signal.SIGKILL), said
    return phase
