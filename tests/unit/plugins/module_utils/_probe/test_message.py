# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._probe.message import (
    Message,
    new_token,
    queue_id,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MESSAGE = Message("0a1b", "alice@assurmer.example", "bob@xn--bcher-kva.example", NOON)


def test_message() -> None:
    parsed = message_from_bytes(MESSAGE.render())
    assert dict(parsed.items()) == {
        "From": "<alice@assurmer.example>",
        "To": "<bob@xn--bcher-kva.example>",
        "Subject": "assurmer.mail probe 0a1b",
        "Message-ID": "<0a1b@xn--bcher-kva.example>",
        "Date": "Mon, 23 Nov 2026 12:00:00 +0000",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=us-ascii",
    }
    assert parsed.get_payload().encode() == MESSAGE.body
    assert not parsed.defects


def test_lines_end_as_rfc_5321_wants() -> None:
    content = MESSAGE.render()
    assert content.endswith(b"\r\n")
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")


def test_null_sender_has_a_from_header() -> None:
    assert (
        b"From: <bob@assurmer.example>\r\n"
        in Message("1", "", "bob@assurmer.example", NOON).render()
    )


def test_tokens_differ() -> None:
    assert len({new_token() for _number in range(100)}) == 100


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("250 2.0.0 Ok: queued as 4fLxGk0Lb2z1fD", "4fLxGk0Lb2z1fD"),
        ("250 2.0.0 Ok: queued as 04AE21B2AD1", "04AE21B2AD1"),
        ("250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 0A1", "0A1"),
        ("250 2.0.0 Ok", None),
        ("250 2.0.0 Ok: queued as ", None),
    ],
)
def test_queue_id(answer: str, expected: str | None) -> None:
    assert queue_id(answer) == expected
