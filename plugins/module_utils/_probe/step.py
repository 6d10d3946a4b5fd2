# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One step of a walk through SMTP and IMAP, as a value.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from dataclasses import asdict, dataclass

_LONGEST_ANSWER_IN_REPORT = 70


@dataclass(frozen=True, slots=True)
class Step:
    """What was asked of a server, whether it did it, its words, and how long it took."""

    protocol: str
    step: str
    ok: bool
    answer: str
    milliseconds: float

    def as_result(self) -> dict[str, t.Any]:
        return asdict(self)


def one_line(answer: bytes | str) -> str:
    """Return a server's words as one printable line, whatever bytes it sent."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def report(steps: Iterable[Step]) -> list[str]:
    """Return the steps as the lines of a table for people."""
    return [_report_line(step) for step in steps]


def _report_line(step: Step) -> str:
    answer = step.answer
    if step.ok and len(answer) > _LONGEST_ANSWER_IN_REPORT:
        answer = f"{answer[: _LONGEST_ANSWER_IN_REPORT - 3]}..."
    outcome = "ok" if step.ok else "FAILED"
    return f"{step.protocol:<4} {step.step:<17} {outcome:<6} {step.milliseconds:>8.1f} ms  {answer}"
