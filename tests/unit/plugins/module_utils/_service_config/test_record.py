# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config import record
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Listener,
    Lookup,
    Sni,
)

LISTENER = Listener(
    "smtp", "starttls", port=25, certificate="/c.pem", sni=(Sni("mail.example.org", "/d.pem"),)
)
FULL = record.Record(
    files=("main.cf", "sql/a.cf"),
    certificates={"/c.pem": "ab"},
    ports=(25, 587),
    listeners=(LISTENER,),
    lookups=(Lookup("userdb", "alice@example.org", True),),
    pending=record.Pending(tree=4711, action="reloaded"),
    previous=record.Previous(
        rollout="r1",
        tree=4712,
        files=("main.cf",),
        certificates=("/c.pem",),
        ports=(25,),
        listeners=(LISTENER,),
        lookups=(Lookup("userdb", "bob@example.org", False),),
    ),
)


@pytest.mark.parametrize("content", [FULL, record.Record()])
def test_what_is_saved_is_loaded(tmp_path: Path, content: record.Record) -> None:
    record.save(tmp_path / "x.json", content)
    assert record.load(tmp_path / "x.json") == content
    assert [each.name for each in tmp_path.iterdir()] == ["x.json"]


def test_a_record_of_the_first_release_is_loaded(tmp_path: Path) -> None:
    old = {"files": ["main.cf"], "certificates": {}, "ports": [25], "pending": None}
    (tmp_path / "x.json").write_text(json.dumps(old))
    assert record.load(tmp_path / "x.json") == record.Record(files=("main.cf",), ports=(25,))


def test_an_absent_record_is_an_empty_one(tmp_path: Path) -> None:
    assert record.load(tmp_path / "x.json") == record.Record()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"\xff",
        json.dumps({"files": 1, "certificates": {}, "ports": [], "pending": None}).encode(),
        json.dumps({"files": [], "certificates": {}, "ports": [], "pending": {"x": 1}}).encode(),
        json.dumps({"files": [], "certificates": {}, "ports": [], "pending": True}).encode(),
        json.dumps(
            {"files": [], "certificates": {}, "ports": [], "pending": None, "previous": {"tree": 1}}
        ).encode(),
        json.dumps(
            {"files": [], "certificates": {}, "ports": [], "pending": None, "listeners": [{"x": 1}]}
        ).encode(),
    ],
)
def test_a_damaged_record_makes_all_be_done_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    assert record.load(tmp_path / "x.json").pending == record.UNKNOWN


def test_a_record_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(MailError, match=r"can't be written: No such file"):
        record.save(tmp_path / "absent" / "x.json", FULL)
