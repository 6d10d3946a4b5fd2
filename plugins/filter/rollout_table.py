# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of a rollout as a table for people."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_table
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Show the record of a rollout as a table
description:
  - Gives the lines of a table with a host a line, then the probes between offices, then what failed.
positional: _input
options:
  _input:
    description: A record, as C(assurmer.mail.rollout_record) gives it.
    type: dict
    required: true
seealso:
  - plugin: assurmer.mail.rollout_record
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ record | assurmer.mail.rollout_table }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

import typing as t
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

_TITLES = ("host", "office", "state", "changed", "probe", "certificate", "queue")
_NUMBERS = (4, 5, 6)  # Aligned to the right.
# As many pairs fit on a screen; the record has all.
_PAIRS = 20


def rollout_table(record: Mapping[str, t.Any]) -> list[str]:
    """Return the lines of the summary."""
    hosts = record["hosts"]
    states = Counter(host["state"] for host in hosts.values())
    told = ", ".join(f"{number} {state}" for state, number in states.items())
    dry = "; nothing was changed" if record["check_mode"] else ""
    return [
        *_aligned([_TITLES, *(_row(name, host) for name, host in hosts.items())]),
        *_pairs(record["pairs"]),
        f"{len(hosts)} host{'s' * (len(hosts) != 1)}: {told}{dry}",
        *(
            f"{name}: {' '.join(host['message'].split())}"
            for name, host in hosts.items()
            if host["message"]
        ),
    ]


def _row(name: str, host: Mapping[str, t.Any]) -> tuple[str, ...]:
    return (
        name,
        host["office"] or "-",
        host["state"],
        ", ".join(host["changed"]) or "-",
        _with_unit(host["probe_ms"], "ms"),
        _with_unit(host["certificate_days"], "days"),
        _with_unit(host["queue"], ""),
    )


def _with_unit(number: float | None, unit: str) -> str:
    return "-" if number is None else f"{number:.0f} {unit}".rstrip()


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place in _NUMBERS else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _pairs(pairs: Sequence[Mapping[str, t.Any]]) -> Iterable[str]:
    good = [pair for pair in pairs if pair["ok"]]
    for pair in good[:_PAIRS]:
        yield f"{pair['from']} to {pair['to']}: {_with_unit(pair['milliseconds'], 'ms')}"
    if len(good) > _PAIRS:
        yield f"and {len(good) - _PAIRS} more pairs, all well"
    for pair in pairs:
        if not pair["ok"]:
            yield f"{pair['from']} to {pair['to']}: FAILED"


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"rollout_table": rollout_table}
