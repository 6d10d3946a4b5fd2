# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of what was measured, and the bars that it is held against."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.assurmer.mail.tests.bench.measure import CASES, Measured
from ansible_collections.assurmer.mail.tests.bench.peers import LOOPED

ADD_ONE = 1.2
NO_CHANGE = 2.0
LOOP = 1000.0
LOOP_AT = 10_000
MEGABYTES = 250.0


class Bar(t.NamedTuple):
    """A number that was measured, and the most or the least that it may be."""

    name: str
    value: float
    limit: float
    least: bool = False

    @property
    def passed(self) -> bool:
        return self.value >= self.limit if self.least else self.value <= self.limit

    def __str__(self) -> str:
        sign = ">=" if self.least else "<="
        result = "passed" if self.passed else "FAILED"
        return f"  {self.name:<58} {self.value:>10,.2f}  {sign} {self.limit:>8,.2f}  {result}"


def bars(
    measured: Mapping[str, Measured], sizes: Sequence[int], loop: float, whole: Mapping[str, float]
) -> Iterator[Bar]:
    few, many = min(sizes), max(sizes)
    for store, cases in measured.items():
        add = cases["add one"]
        name = f"{store}: add one at {many:,} / at {few:,}"
        yield Bar(name, add[many].seconds / add[few].seconds, ADD_ONE)
        name = f"{store}: no change at {many:,} / floor"
        yield Bar(name, cases["no change"][many].seconds / cases["floor"][many].seconds, NO_CHANGE)
        name = f"{store}: most memory of the module at {many:,}, in MB"
        most = max(cases[case][many].megabytes for case in CASES if case != "floor")
        yield Bar(name, most, MEGABYTES)
        scaled = loop * LOOP_AT / LOOPED
        name = f"{store}: {LOOP_AT:,} looped (scaled) / ours, whole run"
        yield Bar(name, scaled / whole[store], LOOP, least=True)


def table(
    measured: Mapping[str, Measured], sizes: Sequence[int], loop: float, whole: Mapping[str, float]
) -> Iterator[str]:
    def line(name: str, cells: Sequence[str]) -> str:
        return f"{name:<36}" + "".join(f"{cell:>16}" for cell in cells)

    yield line("seconds (MB at the most)", [f"{size:,}" for size in sizes])
    for store, cases in measured.items():
        yield store
        for case in CASES:
            found = [cases[case][size] for size in sizes]
            cells = [f"{each.seconds:.2f} ({each.megabytes:.0f})" for each in found]
            yield line(f"  {case}", cells)
    yield "ansible-playbook, seconds"
    scaled = [f"{loop * size / LOOPED:,.0f}{'' if size == LOOPED else ' scaled'}" for size in sizes]
    yield line("  looped, without its start", scaled)
    for store, seconds in whole.items():
        cells = [f"{seconds:.2f}" if size == LOOP_AT else "" for size in sizes]
        yield line(f"  mail_directory, {store}, whole run", cells)
