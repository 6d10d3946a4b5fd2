# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from collections import Counter

import pytest

from ansible_collections.assurmer.mail.plugins.filter.rollout_pairs import (
    FilterModule,
    rollout_pairs,
)


def host(name: str, office: str, address: str | None = None) -> dict[str, t.Any]:
    return {"name": name, "office": office, "address": address or f"probe-{name}@example.org"}


HOSTS = [host("a", "x"), host("b", "y"), host("c", "x"), host("d", "z")]


def peers(*arguments: t.Any, **more: t.Any) -> list[str]:
    return [pair["to"] for pair in rollout_pairs(*arguments, **more, back=False)]


def test_a_message_goes_there_and_back() -> None:
    assert rollout_pairs(HOSTS, "a", ["b"]) == [
        {"from": "a", "to": "b"},
        {"from": "b", "to": "a"},
    ]
    assert rollout_pairs(HOSTS, "a", ["b"], back=False) == [{"from": "a", "to": "b"}]


def test_only_between_offices() -> None:
    assert sorted(peers(HOSTS, "a", ["a", "b", "c", "d"])) == ["b", "d"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (host("a", ""), host("b", "y")),
        (host("a", "x"), host("b", "")),
        (host("a", "x", "probe@example.org"), host("b", "y", "Probe@example.org")),
        ({**host("a", "x"), "address": ""}, host("b", "y")),
        (host("a", "x"), {**host("b", "y"), "address": ""}),
    ],
)
def test_what_proves_nothing_is_no_pair(one: dict[str, t.Any], two: dict[str, t.Any]) -> None:
    assert rollout_pairs([one, two], "a", ["b"]) == []


def test_the_preferred_come_first_and_nobody_twice() -> None:
    assert peers(HOSTS, "a", ["d"], ["b", "d"]) == ["d", "b"]
    assert peers(HOSTS, "a", ["d"], ["b", "d"], limit=1) == ["d"]


@pytest.mark.parametrize(
    ("limit", "number"), [(None, 3), (2, 2), ("2", 2), (0, 0), (-1, 0), (9, 3)]
)
def test_the_limit_is_one_of_peers(limit: t.Any, number: int) -> None:
    many = [host("a", "x"), host("b", "y"), host("c", "z"), host("d", "z")]
    assert len(rollout_pairs(many, "a", ["b", "c", "d"], limit=limit)) == 2 * number


def test_no_peer_has_to_answer_all() -> None:
    many = [host(f"h{number}", f"o{number % 10}") for number in range(200)]
    names = [each["name"] for each in many]
    asked = Counter(peer for name in names for peer in peers(many, name, names, limit=3))
    assert max(asked.values()) <= 6
    assert sum(asked.values()) == 600


def test_the_name_of_the_filter() -> None:
    assert FilterModule().filters() == {"rollout_pairs": rollout_pairs}
