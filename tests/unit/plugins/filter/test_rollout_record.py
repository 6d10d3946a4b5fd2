# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.assurmer.mail.plugins.filter.rollout_record import (
    FilterModule,
    rollout_record,
)

BARE = {"changed": [], "probe_ms": None, "certificate_days": None, "queue": None}
PAIR = {"from": "a", "to": "b", "milliseconds": 7.5, "ok": True}


def noted(results: dict[str, t.Any]) -> dict[str, t.Any]:
    return {
        "started": "2026-11-26T08:00:00Z",
        "hosts": [
            {"name": "a", "office": "x", "unreachable": False, "message": ""},
            {"name": "b", "office": "y", "unreachable": True, "message": "No route to host"},
            {"name": "c", "office": "", "unreachable": False, "message": ""},
        ],
        "results": results,
    }


def test_each_host_is_told_of() -> None:
    result = {**BARE, "changed": ["postfix"], "state": "ok", "message": "", "pairs": [PAIR]}
    assert rollout_record(noted({"a": result}), "2026-11-26T08:01:00Z") == {
        "started": "2026-11-26T08:00:00Z",
        "finished": "2026-11-26T08:01:00Z",
        "check_mode": False,
        "hosts": {
            "a": {**BARE, "office": "x", "changed": ["postfix"], "state": "ok", "message": ""},
            "b": {**BARE, "office": "y", "state": "unreachable", "message": "No route to host"},
            "c": {**BARE, "office": "", "state": "not reached", "message": ""},
        },
        "pairs": [PAIR],
    }


def test_a_host_that_was_lost_on_the_way() -> None:
    record = rollout_record(noted({}), "", lost=["c"], check_mode=True)
    assert record["hosts"]["c"]["state"] == "unreachable"
    assert record["hosts"]["c"]["message"] == "lost in the middle of the rollout"
    assert record["check_mode"] is True


def test_the_name_of_the_filter() -> None:
    assert FilterModule().filters() == {"rollout_record": rollout_record}
