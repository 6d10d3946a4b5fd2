# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the offices and the lines between them stand on the map.

PRIVATE to the collection. It can have breaking changes at any time.

The offices stand on an ellipse, as no geography is known. The unit is about a pixel on a phone.
"""

from __future__ import annotations

import itertools
import math
import typing as t
from collections.abc import Mapping, Sequence

# With more of them, names and lines would cover each other; the tables have it all.
MOST_OFFICES = 8
# With more of them, the times on the lines would.
MOST_LABELLED = 4

_WIDTH = 360
_BOX = (104, 44)
# By the number of offices.
_HEIGHTS = {2: 120, 3: 240, 4: 320, 5: 320, 6: 320, 7: 400, 8: 400}
# Where on its line a time stands: the middles of long lines meet in the middle of the map.
_ALONG = 0.5
_ALONG_CROSSING = 0.36


def draw(
    offices: Sequence[Mapping[str, t.Any]], links: Mapping[tuple[str, str], Mapping[str, t.Any]]
) -> dict[str, t.Any] | None:
    """Return the map, or None where there is nothing to see on one.

    `links` are what is known of two offices, in the order in which they stand.
    """
    if not 2 <= len(offices) <= MOST_OFFICES:
        return None
    height = _HEIGHTS[len(offices)]
    centres = dict(
        zip((office["name"] for office in offices), _ellipse(len(offices), height), strict=True)
    )
    labelled = len(offices) <= MOST_LABELLED
    along = _ALONG if len(offices) <= 3 else _ALONG_CROSSING
    lines = [
        _line(centres[one], centres[other], links[one, other], along if labelled else None)
        for one, other in itertools.combinations(centres, 2)
    ]
    boxes = [_box(office, *centres[office["name"]]) for office in offices]
    return {"width": _WIDTH, "height": height, "lines": lines, "boxes": boxes}


def _ellipse(count: int, height: int) -> list[tuple[float, float]]:
    across = (_WIDTH - _BOX[0]) / 2 - 2
    down = (height - _BOX[1]) / 2 - 2
    # Two stand side by side, more begin at the top.
    first = math.pi if count == 2 else -math.pi / 2
    angles = (first + 2 * math.pi * place / count for place in range(count))
    points = [(math.cos(angle), math.sin(angle)) for angle in angles]
    # The points of a triangle do not reach the lower edge by themselves.
    lowest = max(y for _x, y in points) or 1.0
    return [
        (_WIDTH / 2 + across * x, height / 2 + (down * y / lowest if y > 0 else down * y))
        for x, y in points
    ]


def _line(
    one: tuple[float, float],
    other: tuple[float, float],
    link: Mapping[str, t.Any],
    along: float | None,
) -> dict[str, t.Any]:
    line = {
        "x1": round(one[0]),
        "y1": round(one[1]),
        "x2": round(other[0]),
        "y2": round(other[1]),
        "state": link["state"],
        "text": None,
    }
    if along is not None:
        line["text"] = link["text"]
        line["x"] = round(one[0] + (other[0] - one[0]) * along)
        line["y"] = round(one[1] + (other[1] - one[1]) * along)
    return line


def _box(office: Mapping[str, t.Any], x: float, y: float) -> dict[str, t.Any]:
    width, height = _BOX
    return {
        "x": round(x - width / 2),
        "y": round(y - height / 2),
        "width": width,
        "height": height,
        "middle": round(x),
        "name": _shortened(office["name"], 14),
        "detail": office["counted"],
        "state": office["state"],
        "name_y": round(y - 3),
        "detail_y": round(y + 13),
    }


def _shortened(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}\N{HORIZONTAL ELLIPSIS}"
