# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.assurmer.mail.plugins.filter.rollout_table import (
    FilterModule,
    rollout_table,
)


def host(**more: t.Any) -> dict[str, t.Any]:
    return {
        "office": "paris",
        "changed": [],
        "probe_ms": 1234,
        "certificate_days": 89,
        "queue": 0,
        "state": "ok",
        "message": "",
        **more,
    }


def record(**more: t.Any) -> dict[str, t.Any]:
    return {"check_mode": False, "hosts": {"mail.example.org": host()}, "pairs": [], **more}


def test_the_columns_are_aligned() -> None:
    hosts = {
        "mail.paris.example.org": host(changed=["directory", "postfix"], queue=12),
        "b": host(
            office="",
            state="unreachable",
            probe_ms=None,
            certificate_days=None,
            queue=None,
            message="No route\nto host",
        ),
    }
    assert rollout_table(record(hosts=hosts)) == [
        "host                    office  state        changed               probe  certificate  queue",
        "mail.paris.example.org  paris   ok           directory, postfix  1234 ms      89 days     12",
        "b                       -       unreachable  -                         -            -      -",
        "2 hosts: 1 ok, 1 unreachable",
        "b: No route to host",
    ]


def pair(to: str, ok: bool = True) -> dict[str, t.Any]:
    return {"from": "a", "to": to, "milliseconds": 7.6 if ok else None, "ok": ok}


def test_pairs_have_a_line_each() -> None:
    lines = rollout_table(record(pairs=[pair("b"), pair("c", ok=False)]))
    assert lines[2:4] == ["a to b: 8 ms", "a to c: FAILED"]


def test_of_many_pairs_those_that_failed_are_all_told() -> None:
    pairs = [pair(str(number)) for number in range(50)]
    lines = rollout_table(record(pairs=[*pairs, pair("z", ok=False)]))
    assert lines[21:] == [
        "a to 19: 8 ms",
        "and 30 more pairs, all well",
        "a to z: FAILED",
        "1 host: 1 ok",
    ]


def test_a_dry_run_says_so() -> None:
    assert rollout_table(record(check_mode=True))[-1] == "1 host: 1 ok; nothing was changed"


def test_the_name_of_the_filter() -> None:
    assert FilterModule().filters() == {"rollout_table": rollout_table}
