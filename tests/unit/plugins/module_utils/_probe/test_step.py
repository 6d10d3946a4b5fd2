# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._probe.step import (
    Step,
    one_line,
    report,
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"2.1.5 Ok", "2.1.5 Ok"),
        (b"mail\nSIZE 1\r\n  AUTH PLAIN ", "mail SIZE 1 AUTH PLAIN"),
        (b"caf\xc3\xa9 \xff", "café \ufffd"),
        ("red \x1b[31m bell \x07 \u202e", "red [31m bell"),
        ("", ""),
    ],
)
def test_one_line(answer: bytes | str, expected: str) -> None:
    assert one_line(answer) == expected


def test_report_shows_the_whole_answer_of_a_failure_alone() -> None:
    lines = report(
        [
            Step("smtp", "ehlo", True, "x" * 200, 1.04),
            Step("imap", "second_unseen", False, "y" * 200, 10000.0),
        ]
    )
    assert lines[0].startswith("smtp ehlo              ok          1.0 ms  xxx")
    assert lines[0].endswith("xxx...")
    assert len(lines[0]) < 120
    assert lines[1] == f"imap second_unseen     FAILED  10000.0 ms  {'y' * 200}"


def test_result() -> None:
    assert Step("smtp", "quit", True, "221 Bye", 0.3).as_result() == {
        "protocol": "smtp",
        "step": "quit",
        "ok": True,
        "answer": "221 Bye",
        "milliseconds": 0.3,
    }
