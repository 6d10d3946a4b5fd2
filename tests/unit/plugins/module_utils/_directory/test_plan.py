# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Edit,
    Kind,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import (
    Plan,
    compare,
    show,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import Declaration, Wish
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.asking import (
    planned,
)

CONTENT = Content(
    {"a.example": Domain("a.example")},
    {
        "x@a.example": Mailbox("x@a.example", "X", "{ARGON2ID}old", 5, "paris"),
        "y@a.example": Mailbox("y@a.example", password="{ARGON2ID}y"),
    },
    {"z@a.example": Alias("z@a.example", ("x@a.example",))},
)


def wish(kind: Kind, *wishes: Wish) -> Declaration:
    return Declaration.build({kind: wishes})


def plan_of(**asked: t.Any) -> Plan:
    return planned(CONTENT, **asked)[1]


def test_fields_that_are_not_given_stay() -> None:
    declaration = wish("mailboxes", Wish("x@a.example", {"quota": 7}))
    (edit,) = compare(declaration, CONTENT, {}).edits
    assert edit.after == Mailbox("x@a.example", "X", "{ARGON2ID}old", 7, "paris")


def test_a_list_brings_fields_back_to_their_defaults() -> None:
    (edit,) = plan_of(mailboxes=[{"address": "x@a.example"}]).edits
    assert edit.after == Mailbox("x@a.example", "", "{ARGON2ID}old", 0, "")


def test_nothing_is_removed_without_purge() -> None:
    assert plan_of(mailboxes=[], domains=[], aliases=[]).edits == ()


def test_purge_removes_what_is_not_declared_of_that_kind() -> None:
    plan = plan_of(purge=["mailboxes"], mailboxes=[{"address": "y@a.example"}], aliases=[])
    x = CONTENT.mailboxes["x@a.example"]
    assert plan.edits == (Edit("mailboxes", "x@a.example", x, None),)
    assert plan.counts() == {
        "domains": {"created": 0, "changed": 0, "removed": 0, "unchanged": 0},
        "mailboxes": {"created": 0, "changed": 0, "removed": 1, "unchanged": 1},
        "aliases": {"created": 0, "changed": 0, "removed": 0, "unchanged": 0},
    }


def test_an_absent_object_that_is_not_there_is_no_change() -> None:
    declaration = wish("domains", Wish("b.example", present=False))
    plan = compare(declaration, CONTENT, {})
    assert plan.edits == ()
    assert plan.counts()["domains"]["unchanged"] == 0


def test_what_is_shown_holds_no_hash_and_still_tells_a_new_password() -> None:
    declaration = wish("mailboxes", Wish("x@a.example"))
    plan = compare(declaration, CONTENT, {"x@a.example": "{ARGON2ID}new"})
    before, after = show(plan, 1)
    assert before != after
    assert after["mailboxes"]["x@a.example"] == {
        "address": "x@a.example",
        "name": "X",
        "quota": 5,
        "office": "paris",
        "home": "",
        "active": True,
        "password_scheme": "ARGON2ID",
        "new_password": True,
    }
    assert "old" not in repr((before, after, plan))


def test_only_some_of_many_edits_are_shown() -> None:
    edits = [Edit("domains", f"{n}.example", None, Domain(f"{n}.example")) for n in range(150)]
    before, after = show(Plan(tuple(edits), {}), 100)
    assert before == {}
    assert len(after["domains"]) == 100
    assert after["not_shown"] == "50 more changes"
