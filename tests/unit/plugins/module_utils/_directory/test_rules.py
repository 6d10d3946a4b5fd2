# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory import rules
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.asking import (
    planned,
)

Lists = dict[str, t.Any]


def declared(
    domains: dict[str, str | None], mailboxes: t.Sequence[str] = (), **aliases: t.Any
) -> Lists:
    """Declare domains with what they are an alias of, mailboxes, and aliases with destinations."""
    return {
        "domains": [{"name": name, "alias_of": alias_of} for name, alias_of in domains.items()],
        "mailboxes": [{"address": address, "password": "x"} for address in mailboxes],
        "aliases": [
            {"address": address, "destinations": destinations}
            for address, destinations in aliases.items()
        ],
        "purge": ["domains", "mailboxes", "aliases"],
    }


def errors_of(lists: Lists, content: Content | None = None) -> list[str]:
    declaration, plan, target = planned(content or Content(), **lists)
    try:
        rules.check(declaration, plan, target)
    except MailError as error:
        return t.cast("list[str]", error.details["errors"])
    return []


A = {"a.example": None}
AB = {"a.example": None, "b.example": "a.example"}


@pytest.mark.parametrize(
    ("lists", "sentence"),
    [
        (
            declared({}, ["x@a.example"]),
            "mailboxes[x@a.example].address: 'x@a.example' needs the domain a.example, "
            "which is not declared.",
        ),
        (
            declared({}, **{"x@a.example": ["y@c.example"]}),
            "aliases[x@a.example].address: 'x@a.example' needs the domain a.example, "
            "which is not declared.",
        ),
        (
            declared(AB, ["x@b.example"]),
            "mailboxes[x@b.example].address: 'x@b.example' is in b.example, "
            "an alias of the domain a.example; declare it there.",
        ),
        (
            declared(AB, **{"x@b.example": ["y@c.example"]}),
            "aliases[x@b.example].address: 'x@b.example' is in b.example, "
            "an alias of the domain a.example; declare it there.",
        ),
        (
            declared({"a.example": "a.example"}),
            "domains[a.example].alias_of: 'a.example' is an alias of itself.",
        ),
        (
            declared({"a.example": "c.example"}),
            "domains[a.example].alias_of: 'c.example' is not a declared domain.",
        ),
        (
            declared({**AB, "c.example": "b.example"}),
            "domains[c.example].alias_of: 'b.example' is an alias of a.example itself; "
            "name that domain.",
        ),
    ],
)
def test_a_broken_rule_is_told(lists: Lists, sentence: str) -> None:
    assert sentence in errors_of(lists)


def test_an_address_is_a_mailbox_or_an_alias() -> None:
    errors = errors_of(declared(A, ["x@a.example"], **{"x@a.example": ["y@c.example"]}))
    assert errors == [
        "mailboxes[x@a.example].address: 'x@a.example' is an alias already, "
        "and an address is only one of both.",
        "aliases[x@a.example].address: 'x@a.example' is a mailbox already, "
        "and an address is only one of both.",
    ]


LOOPS = [
    ("itself", A, [], {"x@a.example": ["x@a.example"]}, "x@a.example -> x@a.example"),
    (
        "itself with a detail",
        A,
        [],
        {"x@a.example": ["x+d@a.example"]},
        "x@a.example -> x@a.example",
    ),
    (
        "itself by its alias domain",
        AB,
        [],
        {"x@a.example": ["x@b.example"]},
        "x@a.example -> x@a.example",
    ),
    (
        "itself beside a good one",
        A,
        ["y@a.example"],
        {"x@a.example": ["y@a.example", "x@a.example"]},
        "x@a.example -> x@a.example",
    ),
    (
        "two",
        A,
        [],
        {"x@a.example": ["y@a.example"], "y@a.example": ["x@a.example"]},
        "x@a.example -> y@a.example -> x@a.example",
    ),
    (
        "three by an alias domain and a detail",
        AB,
        [],
        {
            "x@a.example": ["y@b.example"],
            "y@a.example": ["z+d@a.example"],
            "z@a.example": ["x@b.example"],
        },
        "x@a.example -> y@a.example -> z@a.example -> x@a.example",
    ),
    (
        "catch-all to nobody",
        A,
        [],
        {"@a.example": ["nobody@a.example"]},
        "@a.example -> @a.example",
    ),
    (
        "an alias to nobody by a catch-all",
        A,
        [],
        {"@a.example": ["x@a.example"], "x@a.example": ["nobody@a.example"]},
        "@a.example -> x@a.example -> @a.example",
    ),
    (
        "behind a straight way in",
        A,
        [],
        {
            "x@a.example": ["y@a.example"],
            "y@a.example": ["z@a.example"],
            "z@a.example": ["y@a.example"],
        },
        "y@a.example -> z@a.example -> y@a.example",
    ),
]


@pytest.mark.parametrize(
    ("domains", "mailboxes", "aliases", "loop"),
    [case[1:] for case in LOOPS],
    ids=[case[0] for case in LOOPS],
)
def test_a_loop_is_refused(domains: t.Any, mailboxes: t.Any, aliases: t.Any, loop: str) -> None:
    (error,) = errors_of(declared(domains, mailboxes, **aliases))
    assert f"'{loop}' is a loop, mail would never arrive" in error
    assert error.startswith(f"aliases[{loop.partition(' ')[0]}].destinations: ")


@pytest.mark.parametrize(
    ("mailboxes", "aliases"),
    [
        (["x@a.example"], {"y@a.example": ["x@a.example", "x@b.example", "x+d@a.example"]}),
        (["x@a.example"], {"@a.example": ["x@a.example"]}),
        (
            ["x@a.example"],
            {"y@a.example": ["z@a.example", "x@a.example"], "z@a.example": ["x@a.example"]},
        ),
        ([], {"x@a.example": ["x@elsewhere.example"]}),
        ([], {"@a.example": ["x@elsewhere.example"], "y@a.example": ["nobody@a.example"]}),
    ],
)
def test_what_is_no_loop_is_taken(mailboxes: t.Any, aliases: t.Any) -> None:
    assert errors_of(declared(AB, mailboxes, **aliases)) == []


def test_a_long_chain_is_no_problem() -> None:
    chain = {f"x{n}@a.example": [f"x{n + 1}@a.example"] for n in range(5000)}
    assert errors_of(declared(A, ["x5000@a.example"], **chain)) == []


def content(*records: Domain | Mailbox | Alias) -> Content:
    return Content(
        {record.key: record for record in records if isinstance(record, Domain)},
        {record.key: record for record in records if isinstance(record, Mailbox)},
        {record.key: record for record in records if isinstance(record, Alias)},
    )


def test_a_removed_mailbox_may_close_a_loop_through_the_catch_all() -> None:
    before = content(
        Domain("a.example"),
        Mailbox("x@a.example", password="h"),
        Alias("@a.example", ("x@a.example",)),
    )
    (error,) = errors_of(declared(A, [], **{"@a.example": ["x@a.example"]}), before)
    assert "'@a.example -> @a.example' is a loop" in error


def test_a_new_alias_domain_may_close_a_loop() -> None:
    before = content(Domain("a.example"), Alias("x@a.example", ("x@b.example",)))
    assert errors_of(declared(A, [], **{"x@a.example": ["x@b.example"]}), before) == []
    (error,) = errors_of(declared(AB, [], **{"x@a.example": ["x@b.example"]}), before)
    assert "'x@a.example -> x@a.example' is a loop" in error


def test_a_domain_is_not_removed_while_it_is_needed() -> None:
    before = content(
        Domain("a.example"), Domain("b.example", "a.example"), Mailbox("x@a.example", password="h")
    )
    keep_mailboxes = {"domains": [], "purge": ["domains"]}
    assert errors_of(keep_mailboxes, before) == [
        "domains[a.example].name: 'a.example' can't be removed while it holds x@a.example."
    ]
    keep_alias_domain = {
        "domains": [{"name": "b.example", "alias_of": "a.example"}],
        "mailboxes": [],
        "purge": ["domains", "mailboxes"],
    }
    assert errors_of(keep_alias_domain, before) == [
        "domains[a.example].name: 'a.example' can't be removed while it has the alias b.example."
    ]
    assert errors_of(declared({}), before) == []


def test_one_address_that_stays_is_enough_to_keep_a_domain() -> None:
    many = [Mailbox(f"x{n}@a.example", password="h") for n in range(20)]
    before = content(Domain("a.example"), *many)
    stays = {"address": "x9@a.example", "password_hash": "{BLF-CRYPT}$2y$12$" + "a" * 53}
    lists = {"domains": [], "mailboxes": [stays], "purge": ["domains", "mailboxes"]}
    assert errors_of(lists, before) == [
        "domains[a.example].name: 'a.example' can't be removed while it holds x9@a.example."
    ]


def test_a_domain_in_use_does_not_become_an_alias() -> None:
    before = content(
        Domain("a.example"),
        Domain("c.example"),
        Domain("d.example", "c.example"),
        Mailbox("x@c.example", password="h"),
    )
    lists = {"domains": [{"name": "c.example", "alias_of": "a.example"}]}
    assert errors_of(lists, before) == [
        "domains[c.example].alias_of: 'a.example' can't be taken while c.example has d.example.",
        "domains[c.example].alias_of: 'a.example' can't be taken "
        "while c.example holds x@c.example.",
    ]


def test_what_is_new_needs_a_password_or_destinations() -> None:
    lists = {
        "domains": [{"name": "a.example"}],
        "mailboxes": [{"address": "x@a.example"}],
        "aliases": [{"address": "y@a.example"}],
    }
    assert errors_of(lists) == [
        "mailboxes[x@a.example].password: 'x@a.example' is new "
        "and has neither password nor password_hash.",
        "aliases[y@a.example].destinations: 'y@a.example' is new "
        "and names no address to send on to.",
    ]
    there = content(
        Domain("a.example"),
        Mailbox("x@a.example", password="h"),
        Alias("y@a.example", ("x@a.example",)),
    )
    assert errors_of(lists, there) == []


def test_aliases_to_nobody_are_warned_about() -> None:
    target = content(
        Domain("a.example"),
        Domain("b.example", "a.example"),
        Mailbox("x@a.example", password="h"),
        Alias("y@a.example", ("x@a.example", "x+d@b.example", "z@elsewhere.example")),
        Alias("w@a.example", ("gone@b.example", "x@a.example")),
    )
    assert rules.warnings(target) == [
        "Aliases send on to addresses that are no mailbox and no alias here: "
        "w@a.example -> gone@b.example."
    ]
