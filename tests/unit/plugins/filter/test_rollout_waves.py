# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.filter.rollout_waves import (
    FilterModule,
    rollout_waves,
)


def hosts(text: str) -> list[dict[str, t.Any]]:
    """Hosts as name@office; a minus before the name is for one that can't be reached."""
    return [
        {
            "name": name.lstrip("-"),
            "office": office,
            "unreachable": name.startswith("-"),
        }
        for name, _at, office in (word.partition("@") for word in text.split())
    ]


@pytest.mark.parametrize(
    ("given", "order", "serial"),
    [
        # One host, then the others of its office wherever they stand, then the rest.
        ("a@x b@y c@x d@z e@x", "a c e b d", [1, 2, "100%"]),
        # An office of one: then the next office whole.
        ("a@x b@y c@z d@y", "a b d c", [1, 2, "100%"]),
        ("a@x b@y", "a b", [1, 1]),
        ("a@x b@x", "a b", [1, 1]),
        ("a@x", "a", [1]),
        ("", "", ["100%"]),
        # As before there were offices.
        ("a b c", "a b c", ["100%"]),
        # A host without an office is in an office like any other.
        ("a b@x c", "a c b", [1, 1, "100%"]),
        ("a@x b c@y", "a b c", [1, 1, "100%"]),
        # Who does not answer is nobody's first.
        ("-a@x b@x c@y d@x", "b d c", [1, 1, "100%"]),
        ("-a@x -b@y", "", ["100%"]),
    ],
)
def test_the_waves_follow_the_offices(given: str, order: str, serial: list[object]) -> None:
    assert rollout_waves(hosts(given)) == {"order": order.split(), "serial": serial}


@pytest.mark.parametrize("waves", [1, "25%", [1, 5, "100%"]])
def test_waves_that_are_given_keep_the_inventory_s_order(waves: object) -> None:
    assert rollout_waves(hosts("a@x b@y -c@x d@x"), waves) == {
        "order": ["a", "b", "d"],
        "serial": waves if isinstance(waves, list) else [waves],
    }


def test_the_name_of_the_filter() -> None:
    assert FilterModule().filters() == {"rollout_waves": rollout_waves}
