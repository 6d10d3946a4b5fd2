# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    Declaration,
    Wish,
    declare_all,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Edit,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import (
    SHOWN_EDITS,
    Plan,
    compare,
    show,
)
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme

CONTENT = Content(
    {"a.example": Domain("a.example")},
    {
        "x@a.example": Mailbox("x@a.example", "X", "{ARGON2ID}old", 5, "paris"),
        "y@a.example": Mailbox("y@a.example", password="{ARGON2ID}y"),
    },
    {"z@a.example": Alias("z@a.example", ("x@a.example",))},
)


def whole(purge: t.Sequence[str] = (), **lists: t.Any) -> Declaration:
    options = {"domains": None, "mailboxes": None, "aliases": None, **lists, "purge": purge}
    return declare_all(options, Scheme.ARGON2ID)


def test_fields_that_are_not_given_stay() -> None:
    declaration = Declaration(mailboxes={"x@a.example": Wish("x@a.example", {"quota": 7})})
    (edit,) = compare(declaration, CONTENT, {}).edits
    assert edit.after == Mailbox("x@a.example", "X", "{ARGON2ID}old", 7, "paris")


def test_a_list_brings_fields_back_to_their_defaults() -> None:
    (edit,) = compare(whole(mailboxes=[{"address": "x@a.example"}]), CONTENT, {}).edits
    assert edit.after == Mailbox("x@a.example", "", "{ARGON2ID}old", 0, "")


def test_nothing_is_removed_without_purge() -> None:
    assert compare(whole(mailboxes=[], domains=[], aliases=[]), CONTENT, {}).edits == ()


def test_purge_removes_what_is_not_declared_of_that_kind() -> None:
    plan = compare(
        whole(["mailboxes"], mailboxes=[{"address": "y@a.example"}], aliases=[]), CONTENT, {}
    )
    x = CONTENT.mailboxes["x@a.example"]
    assert plan.edits == (Edit("mailboxes", "x@a.example", x, None),)
    assert plan.counts() == {
        "domains": {"created": 0, "changed": 0, "removed": 0, "unchanged": 0},
        "mailboxes": {"created": 0, "changed": 0, "removed": 1, "unchanged": 1},
        "aliases": {"created": 0, "changed": 0, "removed": 0, "unchanged": 0},
    }


def test_an_absent_object_that_is_not_there_is_no_change() -> None:
    declaration = Declaration(domains={"b.example": Wish("b.example", present=False)})
    plan = compare(declaration, CONTENT, {})
    assert plan.edits == ()
    assert plan.counts()["domains"]["unchanged"] == 0


def test_what_is_shown_holds_no_hash_and_still_tells_a_new_password() -> None:
    declaration = Declaration(mailboxes={"x@a.example": Wish("x@a.example")})
    plan = compare(declaration, CONTENT, {"x@a.example": "{ARGON2ID}new"})
    before, after = show(plan)
    assert before != after
    assert after["mailboxes"]["x@a.example"] == {
        "address": "x@a.example",
        "name": "X",
        "quota": 5,
        "office": "paris",
        "active": True,
        "password_scheme": "ARGON2ID",
        "new_password": True,
    }
    assert "old" not in repr((before, after, plan))


def test_only_some_of_many_edits_are_shown() -> None:
    edits = [Edit("domains", f"{n}.example", None, Domain(f"{n}.example")) for n in range(150)]
    before, after = show(Plan(tuple(edits), {}))
    assert before == {}
    assert len(after["domains"]) == SHOWN_EDITS
    assert after["not_shown"] == "50 more changes"
