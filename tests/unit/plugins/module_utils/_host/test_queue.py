# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

from ansible_collections.assurmer.mail.plugins.module_utils._host.queue import (
    LONGEST_REASON,
    MOST_REASONS,
    summary,
)

NOW = 1_800_000_000.0


def message(name: str, age: int, *reasons: str | None) -> str:
    recipients: list[dict[str, t.Any]] = [
        {"address": "bob@example.org", **({"delay_reason": reason} if reason else {})}
        for reason in reasons
    ]
    return json.dumps(
        {
            "queue_name": name,
            "queue_id": "4fLxGk0Lb2z1fD",
            "arrival_time": int(NOW) - age,
            "message_size": 300,
            "sender": "alice@example.org",
            "recipients": recipients,
        }
    )


def test_an_empty_queue() -> None:
    assert summary([], NOW) == {"messages": 0, "deferred": 0, "oldest_seconds": 0, "reasons": []}


def test_a_message_counts_once_for_a_reason_that_many_recipients_share() -> None:
    found = summary(
        [
            message("active", 5, None),
            message("deferred", 90, "timed out", "timed out"),
            message("deferred", 60, "timed out", "refused"),
        ],
        NOW,
    )
    assert found == {
        "messages": 3,
        "deferred": 2,
        "oldest_seconds": 90,
        "reasons": [
            {"reason": "timed out", "messages": 2},
            {"reason": "refused", "messages": 1},
        ],
    }


def test_whose_mail_it_is_is_not_told_and_makes_no_reason_of_its_own() -> None:
    reason = (
        "host mx.example[192.0.2.1] said: 450 4.2.1 <{}>: Mailbox {} busy (in reply to RCPT TO)"
    )
    found = summary(
        [
            message("deferred", 1, reason.format(who, who))
            for who in ("bob@example.org", "o'b+x@a.example")
        ],
        NOW,
    )
    assert found["reasons"] == [
        {
            "reason": "host mx.example[192.0.2.1] said: 450 4.2.1 <...>: Mailbox ... busy (in reply to RCPT TO)",
            "messages": 2,
        }
    ]


def test_few_and_short_reasons_are_told_the_commonest_first() -> None:
    lines = [message("deferred", 1, f"reason {number}") for number in range(MOST_REASONS + 3)]
    lines += [message("deferred", 1, "x" * 2 * LONGEST_REASON)] * 2
    reasons = summary(lines, NOW)["reasons"]
    assert len(reasons) == MOST_REASONS
    assert reasons[0] == {"reason": "x" * LONGEST_REASON, "messages": 2}
