# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.assurmer.mail.plugins.modules import (
    mail_directory,
    mail_directory_info,
    mailbox,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
    SqliteDatabase,
)

HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
Call = t.Callable[..., dict[str, t.Any]]


@pytest.fixture
def call(database: Database, mail_root: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a module with options, and return its result."""

    def called(module: t.Any, no_log: bool = False, **options: t.Any) -> dict[str, t.Any]:
        arguments: dict[str, t.Any] = {"dsn": database.dsn, **options}
        if database.access.password:
            arguments["dsn_password"] = database.access.password
        if module is not mail_directory_info:
            arguments.update(group=database.access.group or "root", store=str(mail_root))
        arguments.update(_ansible_no_log=no_log, _ansible_diff=True)
        with patch_module_args(arguments), pytest.raises(SystemExit):
            module.main()
        result: dict[str, t.Any] = json.loads(capsys.readouterr().out)
        return result

    return called


@pytest.fixture
def filled(call: Call) -> None:
    call(
        mail_directory,
        domains=[{"name": "a.example"}],
        mailboxes=[{"address": f"{name}@a.example", "password_hash": HASH} for name in "xyz"],
        aliases=[{"address": "@a.example", "destinations": ["x@a.example"]}],
    )


@pytest.mark.usefixtures("filled")
def test_one_object_is_returned_as_it_is_then(call: Call) -> None:
    changed = call(mailbox, address="X@a.example", quota="1K")
    assert changed["changed"]
    assert changed["mailbox"]["quota"] == 1024
    assert not call(mailbox, address="x@a.example", quota="1024")["changed"]
    assert call(mailbox, address="y@a.example", state="absent")["mailbox"] == {}


@pytest.mark.usefixtures("filled")
def test_a_diff_is_shortened_and_counts_are_not(call: Call) -> None:
    lists = {"mailboxes": [{"address": f"{name}@a.example", "name": name} for name in "xyz"]}
    result = call(mail_directory, diff_limit=1, **lists)
    assert list(result["diff"]["after"]["mailboxes"]) == ["x@a.example"]
    assert result["diff"]["after"]["not_shown"] == "2 more changes"
    assert result["counts"]["mailboxes"]["changed"] == 3
    assert call(mail_directory, diff_limit=-1)["msg"] == "diff_limit: '-1' is negative."


def test_the_options_are_not_returned(call: Call) -> None:
    mailboxes = [{"address": "x@b.example", "password": "s3cret-s3cret"}]
    result = call(mail_directory, mailboxes=mailboxes)
    assert "s3cret" not in json.dumps(result)
    assert result["invocation"]["module_args"]["mailboxes"] == "1 entries"


@pytest.mark.usefixtures("filled")
def test_mailboxes_that_have_yet_to_be_moved_are_returned(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where another test has loaded Ansible's own side, warnings are shown and not returned.
    warned: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: warned.append(text))
    hosts = [{"name": f"mail.{office}.example", "office": office} for office in ("paris", "lyon")]

    def declared(office: str, **options: t.Any) -> dict[str, t.Any]:
        mailboxes = [{"address": "x@a.example", "office": office}]
        return call(mail_directory, host=hosts[1]["name"], mailboxes=mailboxes, **options)

    assert declared("paris", hosts=hosts)["misplaced"] == []
    kept = declared("lyon", hosts=hosts)
    assert kept["misplaced"] == [
        {"address": "x@a.example", "home": "mail.paris.example", "wanted": "mail.lyon.example"}
    ]
    assert "x@a.example stays at home on mail.paris.example" in warned[-1]
    assert call(mail_directory_info)["mailboxes"][0]["home"] == "mail.paris.example"
    assert declared("lyon")["misplaced"] == []


@pytest.mark.usefixtures("filled")
def test_only_who_has_a_directory_of_its_own_says_which_host_it_is(
    call: Call, database: Database
) -> None:
    result = call(mail_directory, mailboxes=[], hosts=[{"name": "mail.a.example"}])
    if isinstance(database, SqliteDatabase):
        assert result["msg"] == "host: '' is none of the hosts."
    else:
        assert not result["changed"]


@pytest.mark.usefixtures("filled")
def test_a_file_is_called_as_on_the_workstation(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "list-0"
    file.write_text("address\nx\n")
    result = call(mail_directory, src=[str(file)], src_names=["people.csv"])
    assert result["msg"].startswith("people.csv, line 2, address: 'x' has no domain")


@pytest.mark.usefixtures("filled")
def test_hashes_are_returned_when_asked_for_in_secret(call: Call) -> None:
    for options in ({}, {"format": "csv"}, {"format": "json"}):
        assert HASH not in json.dumps(call(mail_directory_info, **options))
        refused = call(mail_directory_info, hashes=True, **options)
        assert refused["failed"]
        assert "set no_log: true for the task" in refused["msg"]
        told = call(mail_directory_info, no_log=True, hashes=True, **options)
        assert json.dumps(told).count(HASH) == 3
        assert not told["changed"]


@pytest.mark.usefixtures("filled")
def test_lists_or_files_are_returned(call: Call) -> None:
    lists = call(mail_directory_info)
    assert len(lists["mailboxes"]) == 3
    assert "files" not in lists
    tables = call(mail_directory_info, format="csv")
    assert list(tables["files"]) == ["domains.csv", "mailboxes.csv", "aliases.csv"]
    assert "mailboxes" not in tables
    assert list(call(mail_directory_info, format="json")["files"]) == ["directory.json"]


def test_a_missing_directory_is_told(call: Call, database: Database) -> None:
    assert call(mail_directory_info)["exists"] is False
    assert not database.has_directory()
