# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies in Postfix's queue, in few words.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import collections
import json
import re
import typing as t
from collections.abc import Iterable

# How many of the reasons are told, the commonest first, and how long each may be.
MOST_REASONS = 5
LONGEST_REASON = 300

# Whose mail it is says nothing of why it waits, and would make a reason of its own of each recipient.
_ADDRESS = re.compile(r"""[^\s<>()\[\]:;,"@]+@[^\s<>()\[\]:;,"@]+""")


def summary(lines: Iterable[str], now: float) -> dict[str, t.Any]:
    """Sum up what `postqueue -j` prints, a line of JSON for each message."""
    messages = deferred = 0
    oldest = now
    reasons: collections.Counter[str] = collections.Counter()
    for line in lines:
        message = json.loads(line)
        messages += 1
        deferred += message["queue_name"] == "deferred"
        oldest = min(oldest, message["arrival_time"])
        recipients = message.get("recipients", ())
        reasons.update(
            {_reason(each["delay_reason"]) for each in recipients if "delay_reason" in each}
        )
    commonest = sorted(reasons.items(), key=lambda counted: (-counted[1], counted[0]))
    return {
        "messages": messages,
        "deferred": deferred,
        "oldest_seconds": int(now - oldest),
        "reasons": [
            {"reason": reason, "messages": count} for reason, count in commonest[:MOST_REASONS]
        ],
    }


def _reason(words: str) -> str:
    return _ADDRESS.sub("...", words)[:LONGEST_REASON]
