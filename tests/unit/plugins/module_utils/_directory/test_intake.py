# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory import csv_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.files import open_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.intake import Intake
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KINDS,
    Content,
    Kind,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import (
    OptionLists,
    Source,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.asking import (
    store_of,
)

LINES = 100
HEADER = "address,quota\n"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "BATCH", 40)


@pytest.fixture
def people(tmp_path: Path) -> t.Callable[..., Source]:
    """Return a table of LINES mailboxes, some of its lines replaced."""

    def written(name: str = "people.csv", **instead: str) -> Source:
        lines = [instead.get(f"line{n}", f"u{n}@a.example,5G") for n in range(2, LINES + 2)]
        (tmp_path / name).write_text(HEADER + "\n".join(lines))
        return open_file(str(tmp_path / name), name)

    return written


People = t.Callable[..., Source]


def taken(*sources: Source) -> tuple[set[str], list[str]]:
    """Return the addresses that were declared, and the sentences about those that were not."""
    with store_of(Content()) as store:
        intake = Intake(store, Scheme.ARGON2ID)
        intake.take(sources)
        addresses = {wish.key for wish in store.differing("mailboxes", passwords=True)}
    try:
        intake.problems.raise_first()
    except MailError as error:
        return addresses, error.details["errors"]
    return addresses, []


ALL = {f"u{n}@a.example" for n in range(2, LINES + 2)}


def test_every_line_of_a_table_is_taken(people: People) -> None:
    assert taken(people()) == (ALL, [])


def test_a_mistake_is_told_with_its_line_and_costs_no_other(people: People) -> None:
    table = people(line3="nobody,5G", line57="u57@a.example,much", line58=",", line101="u101,5G")
    addresses, errors = taken(table)
    assert addresses == ALL - {f"u{n}@a.example" for n in (3, 57, 58, 101)}
    assert [error.partition(": ")[0] for error in errors] == [
        "people.csv, line 3, address",
        "people.csv, line 57, quota",
        "people.csv, line 101, address",
    ]


def test_what_is_unusual_is_taken_beside_the_others(people: People) -> None:
    assert taken(people(line57="U57@A.example,5G", line90="u90@a.example,5gib")) == (ALL, [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("name,active\na.example,no\n", "domains"),
        ("address,destinations\nx@a.example,\n", "aliases"),
    ],
)
def test_other_tables_are_not_taken_for_mailboxes(tmp_path: Path, text: str, kind: Kind) -> None:
    (tmp_path / "table.csv").write_text(text)
    with store_of(Content()) as store:
        intake = Intake(store, Scheme.ARGON2ID)
        intake.take([open_file(str(tmp_path / "table.csv"), "table.csv")])
        assert {name: store.declared(name) for name in KINDS if store.declared(name)} == {kind: 1}


@pytest.mark.parametrize("first", [2, 55, 56, 99])
@pytest.mark.parametrize("again", ["u{}@a.example,5G", "U{}@a.example,5G"])
def test_what_is_declared_twice_is_told_of_its_second_line(
    people: People, first: int, again: str
) -> None:
    addresses, errors = taken(people(line100=again.format(first)))
    assert addresses == ALL - {"u100@a.example"}
    assert errors == [f"people.csv, line 100, address: 'u{first}@a.example' is declared twice."]


def test_what_is_declared_twice_is_told_across_lists(people: People) -> None:
    lists = OptionLists({"mailboxes": [{"address": "u57@a.example"}]})
    _addresses, errors = taken(lists, people(), people("more.csv", line2="x@a.example,"))
    assert errors[0].startswith("people.csv, line 57, address: ")
    assert len(errors) == 1 + LINES - 1


def test_a_table_that_ends_in_the_middle_is_told_with_what_came_before(
    people: People, tmp_path: Path
) -> None:
    table = people(line57="nobody,5G", line100='"u100@a.example,5G')
    addresses, errors = taken(table)
    assert addresses == ALL - {f"u{n}@a.example" for n in (57, 100, 101)}
    assert [error.partition(": ")[0] for error in errors] == [
        "people.csv, line 57, address",
        "people.csv, line 101",
    ]
