# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts send a probe to which, when all pairs would be too many.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

from collections.abc import Sequence


def peers_of(name: str, names: Sequence[str], most: int) -> list[str]:
    """Return whom a host probes: itself first, then at most so many others.

    The hosts stand in a ring, and the others lie evenly spread on it. So each host is also read
    from by as many as it sends to, and hosts of one office, which have neighbouring places, do
    not probe each other alone.
    """
    ring = list(names)
    here = ring.index(name)
    others = len(ring) - 1
    count = min(most, others)
    steps = [1 + (step * others) // count for step in range(count)]
    return [name, *(ring[(here + step) % len(ring)] for step in steps)]
