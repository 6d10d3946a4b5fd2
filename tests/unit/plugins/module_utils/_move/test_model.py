# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import json

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._move.model import (
    Copy,
    Folder,
    difference,
    in_batches,
)

INBOX = Folder("guid", 7, 12, 11, "hash")
WHOLE = Copy({"INBOX": INBOX}, ("Sent",), {"main": "hash"}, "main")


def test_a_copy_crosses_the_wire() -> None:
    assert Copy.of_json(json.loads(json.dumps(WHOLE.as_json()))) == WHOLE
    assert WHOLE.messages == 11


def test_equal_copies_differ_in_nothing() -> None:
    assert difference(WHOLE, dataclasses.replace(WHOLE)) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"folders": {}}, "folder INBOX: 11 messages, next UID 12, none"),
        (
            {"folders": {"INBOX": dataclasses.replace(INBOX, messages=10)}},
            "folder INBOX: 11 messages, next UID 12, 10 messages, next UID 12",
        ),
        ({"folders": {"INBOX": dataclasses.replace(INBOX, contents="other")}}, "folder INBOX"),
        ({"folders": {"INBOX": dataclasses.replace(INBOX, uidvalidity=8)}}, "folder INBOX"),
        ({"folders": {"INBOX": INBOX, "Extra": INBOX}}, "folder Extra: none"),
        ({"subscriptions": ()}, "subscriptions"),
        ({"scripts": {"main": "other"}}, "Sieve scripts"),
        ({"active_script": ""}, "Sieve scripts"),
    ],
)
def test_what_differs_is_told(change: dict[str, object], sentence: str) -> None:
    found = difference(WHOLE, dataclasses.replace(WHOLE, **change))
    assert found is not None
    assert sentence in found


def test_batches_hold_everybody_once() -> None:
    assert in_batches("abcde", 2) == [["a", "b"], ["c", "d"], ["e"]]
    assert in_batches([], 2) == []
