# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.plugin_utils._report.drawing import (
    MOST_LABELLED,
    MOST_OFFICES,
    draw,
)


def drawn(number: int) -> dict[str, t.Any] | None:
    names = [f"a town of a long name {place}" for place in range(number)]
    offices = [{"name": name, "counted": "5 mailboxes", "state": "ok"} for name in names]
    link = {"state": "ok", "text": "9 ms"}
    return draw(offices, dict.fromkeys(itertools.combinations(names, 2), link))


@pytest.mark.parametrize("number", [0, 1, MOST_OFFICES + 1])
def test_there_is_no_map_where_there_would_be_nothing_to_see(number: int) -> None:
    assert drawn(number) is None


@pytest.mark.parametrize("number", range(2, MOST_OFFICES + 1))
def test_all_of_it_is_on_the_map_and_no_office_on_another(number: int) -> None:
    found = drawn(number)
    assert found is not None
    boxes = found["boxes"]
    assert len(boxes) == number
    assert len(found["lines"]) == number * (number - 1) // 2
    for box in boxes:
        assert 0 <= box["x"] <= found["width"] - box["width"]
        assert 0 <= box["y"] <= found["height"] - box["height"]
        assert len(box["name"]) <= 14
    for one, other in itertools.combinations(boxes, 2):
        beside = abs(one["x"] - other["x"]) >= one["width"]
        assert beside or abs(one["y"] - other["y"]) >= one["height"]


def test_times_stand_on_the_lines_while_there_is_room() -> None:
    for number in range(2, MOST_OFFICES + 1):
        found = drawn(number)
        assert found is not None
        expected = "9 ms" if number <= MOST_LABELLED else None
        assert {line["text"] for line in found["lines"]} == {expected}
