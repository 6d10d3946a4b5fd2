# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers and lists as people read them.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import html
import typing as t
from collections.abc import Mapping, Sequence

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return '1 host', or '2 hosts'."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def octets(number: int) -> str:
    """Return '1.5 GiB'."""
    size, units = float(number), list(_UNITS)
    while size >= 1024 and len(units) > 1:
        size /= 1024
        del units[0]
    unit = units[0]
    return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"


def duration(seconds: int) -> str:
    """Return '3 min', in the largest unit that there are two of."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def escaped(value: t.Any) -> t.Any:
    """Return the value with every text in it safe in HTML, as content and as an attribute.

    Ansible's templates escape nothing, and what servers answer is written by others.
    """
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, Mapping):
        return {key: escaped(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [escaped(each) for each in value]
    return value
