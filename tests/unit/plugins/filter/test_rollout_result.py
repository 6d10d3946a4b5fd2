# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.filter.rollout_result import (
    FilterModule,
    rollout_result,
)

CHANGED = {"changed": True}
QUIET = {"changed": False}
PROBED = {
    "__mail_probe": {"milliseconds": 600.7},
    "__mail_looked": {"stdout_lines": ["2", "89"]},
}
FAILED = {"__mail_failure": {"rollout": "r1", "message": "Probe: smtp data failed: 554 no."}}


def restored(**services: t.Any) -> dict[str, t.Any]:
    return {
        "__mail_restored": {
            "results": [{"__mail_service": name, **result} for name, result in services.items()]
        }
    }


def test_a_host_that_went_well() -> None:
    host = {
        **PROBED,
        "__directory_filled": CHANGED,
        "__certificate_issued": QUIET,
        "__certificate_placed": CHANGED,
        "__dovecot_configured": QUIET,
        "__mail_between": {"probes": [{"name": "a to b", "milliseconds": 7.5, "ok": True}]},
    }
    assert rollout_result(host, "r1") == {
        "changed": ["directory", "certificate"],
        "probe_ms": 601,
        "certificate_days": 89,
        "queue": 2,
        "state": "ok",
        "message": "",
        "pairs": [{"from": "a", "to": "b", "milliseconds": 7.5, "ok": True}],
    }


@pytest.mark.parametrize(
    ("host", "changed", "consequence"),
    [
        (
            {"__postfix_configured": CHANGED, **restored(dovecot=QUIET, postfix=CHANGED)},
            [],
            "The previous configuration of postfix is in force again.",
        ),
        (
            {
                "__directory_filled": CHANGED,
                "__dovecot_configured": CHANGED,
                "__postfix_configured": CHANGED,
                **restored(dovecot=CHANGED, postfix=CHANGED),
            },
            ["directory"],
            "The previous configuration of dovecot and postfix is in force again.",
        ),
        (
            {"__postfix_configured": CHANGED, **restored(dovecot=QUIET, postfix=QUIET)},
            ["postfix"],
            "There is none of postfix from before this run: the new one stays.",
        ),
        (
            {"__postfix_configured": QUIET, **restored(dovecot=QUIET, postfix=QUIET)},
            [],
            "This run had not replaced any configuration.",
        ),
        (
            {
                "__postfix_configured": CHANGED,
                **restored(dovecot=CHANGED, postfix={"failed": True, "msg": "It is not proven."}),
            },
            ["postfix"],
            "The previous configuration of dovecot is in force again. It is not proven.",
        ),
    ],
)
def test_a_host_that_failed_says_what_is_in_force(
    host: dict[str, t.Any], changed: list[str], consequence: str
) -> None:
    result = rollout_result({**host, **FAILED}, "r1")
    assert (result["state"], result["changed"]) == ("failed", changed)
    assert result["message"] == f"Probe: smtp data failed: 554 no. {consequence}"


def test_a_dry_run_that_failed_has_replaced_nothing() -> None:
    host = {"__dovecot_configured": CHANGED, **FAILED, **restored(dovecot=QUIET)}
    result = rollout_result(host, "r1", True)
    assert (result["changed"], result["message"]) == (
        ["dovecot"],
        "Probe: smtp data failed: 554 no.",
    )


def test_what_failed_in_an_earlier_rollout_is_over() -> None:
    host = {"__postfix_configured": CHANGED, **FAILED, **restored(postfix=CHANGED)}
    result = rollout_result(host, "r2")
    assert (result["state"], result["message"], result["changed"]) == ("ok", "", ["postfix"])


def test_a_probe_between_offices_that_failed() -> None:
    probes = [
        {"name": "a to b", "milliseconds": 7.5, "ok": True},
        {"name": "b to a", "milliseconds": 9.5, "ok": False},
    ]
    host = {"__mail_between": {"failed": True, "probes": probes}}
    assert rollout_result(host, "r1")["pairs"] == [
        {"from": "a", "to": "b", "milliseconds": 7.5, "ok": True},
        {"from": "b", "to": "a", "milliseconds": 9.5, "ok": False},
    ]


@pytest.mark.parametrize(
    "host",
    [
        {},
        {"__mail_probe": {"skipped": True}, "__mail_between": {"skipped": True}},
        {"__mail_looked": {"unreachable": True}},
        {"__mail_looked": {"stdout_lines": ["sh: no"]}},
        {"__mail_probe": {"failed": True}, "__mail_between": {"failed": True}},
    ],
)
def test_what_was_not_asked_is_not_known(host: dict[str, t.Any]) -> None:
    result = rollout_result(host, "r1")
    assert [result[key] for key in ("probe_ms", "certificate_days", "queue", "pairs")] == [
        None,
        None,
        None,
        [],
    ]


def test_the_name_of_the_filter() -> None:
    assert FilterModule().filters() == {"rollout_result": rollout_result}
