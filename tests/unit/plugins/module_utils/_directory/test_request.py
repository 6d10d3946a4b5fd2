# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import Outcome
from ansible_collections.assurmer.mail.plugins.module_utils._directory.files import open_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import Source
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
)

Apply = t.Callable[..., Outcome]
HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
PURGE = ["domains", "mailboxes", "aliases"]


@pytest.fixture
def write(tmp_path: Path) -> t.Callable[[str, str], Source]:
    def written(name: str, text: str) -> Source:
        (tmp_path / name).write_text(text)
        return open_file(str(tmp_path / name), name)

    return written


Write = t.Callable[[str, str], Source]


def errors(apply: Apply, **asked: t.Any) -> list[str]:
    with pytest.raises(MailError) as refused:
        apply(**asked)
    found: list[str] = refused.value.details["errors"]
    return found


def test_lists_and_files_are_one_declaration(
    apply: Apply, database: Database, write: Write
) -> None:
    people = write("people.csv", f"address,password_hash\nx@a.example,{HASH}\n")
    aliases = write(
        "all.json", '{"aliases": [{"address": "@a.example", "destinations": ["x@a.example"]}]}'
    )
    for created in (1, 0):
        outcome = apply(
            domains=[{"name": "a.example"}],
            mailboxes=[{"address": "y@a.example", "password_hash": HASH}],
            sources=[people, aliases],
            purge=PURGE,
        )
        assert outcome.plan.counts()["aliases"]["created"] == created
        assert outcome.plan.counts()["mailboxes"]["created"] == 2 * created
    assert sorted(database.content().mailboxes) == ["x@a.example", "y@a.example"]


def test_ten_mistakes_of_every_stage_are_told_in_one_run(
    apply: Apply, database: Database, write: Write
) -> None:
    people = write(
        "people.csv",
        "address,password_hash,quota,office,active\n"
        f"x@a.example,{HASH},5G,,\n"
        f"nobody,{HASH},,,\n"
        f"y@a.example,{HASH},much,../y,\n"
        "z@a.example,{MD5}z,,,maybe\n"
        f"X@A.example,{HASH},,,\n"
        f"w@a.example,{HASH}\n"
        "v@a.example,,,,\n"
        f"u@b.example,{HASH},,,\n",
    )
    aliases = [
        {"address": "x@a.example", "destinations": ["y@a.example"]},
        {"address": "t@a.example"},
        {"address": "s@a.example", "destinations": ["a", "x@a.example", "b"]},
    ]
    found = errors(
        apply, domains=[{"name": "a.example"}], aliases=aliases, sources=[people], purge=PURGE
    )
    assert [error.partition(": ")[0] for error in found] == [
        "aliases[s@a.example].destinations",
        "aliases[s@a.example].destinations",
        "people.csv, line 3, address",
        "people.csv, line 4, quota",
        "people.csv, line 4, office",
        "people.csv, line 5, active",
        "people.csv, line 5, password_hash",
        "people.csv, line 6, address",
        "people.csv, line 7",
        # Against the rules:
        "mailboxes[u@b.example].address",
        "mailboxes[v@a.example].password",
        "mailboxes[x@a.example].address",
        "aliases[t@a.example].destinations",
        "aliases[x@a.example].address",
    ]
    assert not database.has_directory()


def test_what_follows_from_a_mistake_is_no_mistake(
    apply: Apply, database: Database, company: dict[str, t.Any]
) -> None:
    """A domain that can't be read is missing, and so is a mailbox; the others are right."""
    apply(**company)
    company["domains"][0]["name"] = "a_example"
    company["mailboxes"][0]["quota"] = "much"
    assert [error.partition(":")[0] for error in errors(apply, **company, purge=PURGE)] == [
        "domains[0].name",
        "mailboxes[x@a.example].quota",
    ]


def test_a_list_that_is_purged_must_be_given(apply: Apply, write: Write) -> None:
    domains = write("domains.json", '{"domains": [], "mailboxes": null}')
    assert errors(apply, sources=[domains], purge=PURGE) == [
        "purge: 'mailboxes' is named, but the option mailboxes is not given.",
        "purge: 'aliases' is named, but the option aliases is not given.",
    ]


def test_an_entry_in_two_files_is_told_with_its_second_line(apply: Apply, write: Write) -> None:
    first = write("a.csv", "address\nx@a.example\n")
    second = write("b.csv", "name,address\n,y@a.example\n,X@a.example\n")
    found = errors(apply, domains=[{"name": "a.example"}], sources=[first, second])
    assert found[0] == "b.csv, line 3, address: 'x@a.example' is declared twice."


def test_renames_that_contradict_each_other(apply: Apply) -> None:
    mailboxes = [
        {"address": "b@a.example", "rename_from": "a@a.example"},
        {"address": "c@a.example", "rename_from": "a@a.example"},
        {"address": "d@a.example", "rename_from": "e@a.example", "rename_alias": True},
        {"address": "e@a.example"},
    ]
    aliases = [{"address": "e@a.example", "destinations": ["d@a.example"]}]
    found = errors(apply, mailboxes=mailboxes, aliases=aliases)
    assert "mailboxes[c@a.example].rename_from: 'a@a.example' is renamed twice." in found
    sentence = "mailboxes[d@a.example].rename_from: 'e@a.example' is declared as a mailbox itself."
    assert sentence in found
    assert "aliases[0].address: 'e@a.example' is declared twice." in found


def test_hashes_are_compared_as_text(apply: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = {"address": "x@a.example", "password_hash": HASH}
    apply(domains=[{"name": "a.example"}], mailboxes=[mailbox])
    assert apply(mailboxes=[mailbox]).plan.edits == ()
    other = {**mailbox, "password_hash": HASH[:-1] + "b"}
    assert apply(mailboxes=[other], update_always=False).plan.edits == ()
    assert len(apply(mailboxes=[other]).plan.edits) == 1
