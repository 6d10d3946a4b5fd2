# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.files import open_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import Entry
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.asking import (
    entries_of,
)

PEOPLE = "address,name,quota,active\n"


class Read(t.NamedTuple):
    entries: list[Entry]
    errors: list[str]
    given: set[t.Any]

    @property
    def options(self) -> list[t.Any]:
        return [dict(entry.options) for entry in self.entries]


@pytest.fixture
def read(tmp_path: Path) -> t.Callable[..., Read]:
    """Return what a file holds, which has another path on the host than on the workstation."""

    def read_file(data: str | bytes, name: str = "people.csv") -> Read:
        path = tmp_path / "list-0"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        problems, given = Problems(), set[t.Any]()
        source = open_file(str(path), name)
        entries: list[Entry] = []
        with problems.collected():
            entries += entries_of(source, problems, given)
        try:
            problems.raise_first()
        except MailError as error:
            return Read(entries, error.details["errors"], given)
        return Read(entries, [], given)

    return read_file


ReadFile = t.Callable[..., Read]
X = {"address": "x@a.example"}


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (PEOPLE + "x@a.example,X,5G,no\n", {**X, "name": "X", "quota": "5G", "active": False}),
        (PEOPLE + "x@a.example,,,\n", X),
        (PEOPLE + "x@a.example,,,", X),
        ("\ufeff" + PEOPLE + "x@a.example,,,\n", X),
        (PEOPLE.replace("\n", "\r\n") + "x@a.example,X,,\r\n", {**X, "name": "X"}),
        (PEOPLE.replace("\n", "\r") + "x@a.example,X,,\r", {**X, "name": "X"}),
        (PEOPLE.replace(",", ";") + "x@a.example;X, Y;;\n", {**X, "name": "X, Y"}),
        ('"address";"name"\n"x@a.example";"X; Y"\n', {**X, "name": "X; Y"}),
        (" Address , NAME \nx@a.example,X\n", {**X, "name": "X"}),
        ("address,name\nx@a.example, X  \n", {**X, "name": " X  "}),
        ('address,name\nx@a.example,"X ""Y"", Z"\n', {**X, "name": 'X "Y", Z'}),
        ('address,name\nx@a.example,"X\nY"\n', {**X, "name": "X\nY"}),
        ("address,name\nx@a.example,=1+1\n", {**X, "name": "=1+1"}),
        ("\n\r\n;;\naddress;name\n\nx@a.example;X\n;\n\n", {**X, "name": "X"}),
        ("address\nx@a.example\n", X),
        ("address,password\nx@a.example, p;w \n", {**X, "password": " p;w "}),
        ("address,destinations\nx@a.example,b@b  a@a\n", {**X, "destinations": ["b@b", "a@a"]}),
        ("address,destinations\nx@a.example,\n", X),
        ("name,alias_of\na.example,\n", {"name": "a.example"}),
    ],
)
def test_a_table_is_read_as_it_is_meant(read: ReadFile, text: str, options: t.Any) -> None:
    found = read(text)
    assert found.errors == []
    assert found.options == [options]


@pytest.mark.parametrize(
    ("header", "kind"),
    [("name", "domains"), (PEOPLE, "mailboxes"), ("address,destinations\n", "aliases")],
)
def test_a_header_alone_gives_an_empty_list(read: ReadFile, header: str, kind: str) -> None:
    assert read(header) == Read([], [], {kind})


def test_an_alias_may_have_more_destinations_than_python_lets_a_cell_hold(read: ReadFile) -> None:
    destinations = [f"user{number}@a.example" for number in range(20_000)]
    found = read(f"address,destinations\nall@a.example,{' '.join(destinations)}\n")
    assert found.options[0]["destinations"] == destinations


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ("", ["people.csv: The file is empty; its first line names the columns."]),
        ("\n\n", ["people.csv: The file is empty; its first line names the columns."]),
        ("address,name,\n", ["people.csv, line 1: The column 3 has no name."]),
        ("address,name,Name\n", ["people.csv, line 1: 'name' is the name of two columns."]),
        (
            "\naddress,mail\n",
            [
                "people.csv, line 2: 'mail' is no column of mailboxes; these are: address, name, "
                "password, password_hash, quota, office, host, active, restore, rename_from, "
                "rename_alias."
            ],
        ),
        (
            '"address;x",name\n',
            [
                "people.csv, line 1: 'address;x' is no column of domains; these are: "
                "name, alias_of, active."
            ],
        ),
        # Without a header, a password may stand in each cell.
        (
            "s3cret,x@a.example,s3cret\n",
            [
                "people.csv, line 1: No cell is the name of a column; the first line names the "
                "columns, with commas or semicolons between them."
            ],
        ),
        ("destinations\n", ["people.csv, line 1: 'destinations' lacks the column address."]),
        (
            'address,name\nx@a.example,"X\n',
            ["people.csv, line 2: This is no CSV: unexpected end of data."],
        ),
        (
            'address,name\nx@a.example,"X"Y\n',
            ["people.csv, line 2: This is no CSV: ',' expected after '\"'."],
        ),
        (
            b"address,name\nx@a.example,X\ny@a.example,Ren\xe9\n",
            ["people.csv, line 3: The text is not valid UTF-8."],
        ),
        (
            b"address,name\rx@a.example,X\ry@a.example,Ren\xe9\r",
            ["people.csv, line 3: The text is not valid UTF-8."],
        ),
        (
            PEOPLE.encode("utf-16"),
            ["people.csv, line 1: The text is not valid UTF-8."],
        ),
        (
            PEOPLE + 'x@a.example\n,X,,\n"y@a.example","Y\nY",,maybe\nz@a.example,s3cret,,,\n',
            [
                "people.csv, line 2: There are 1 cells for 4 columns; "
                "a cell that holds the separator needs quotes.",
                "people.csv, line 3, address: The cell is empty.",
                "people.csv, line 5, active: 'maybe' is neither yes nor no.",
                "people.csv, line 6: There are 5 cells for 4 columns; "
                "a cell that holds the separator needs quotes.",
            ],
        ),
        (
            "address\nx@a.example,s3cret\n",
            [
                "people.csv, line 2: There are 2 cells for 1 columns; "
                "a cell that holds the separator needs quotes."
            ],
        ),
        (
            "address,password,password_hash\nx@a.example,s3cret,{MD5}s3cret\n",
            [
                "people.csv, line 2, password: the value given stands beside a password_hash; "
                "one of both is taken."
            ],
        ),
    ],
)
def test_a_mistake_in_a_table_is_told_with_its_line(
    read: ReadFile, data: str | bytes, errors: list[str]
) -> None:
    assert read(data).errors == errors


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    for name in ("people.csv", "people.json"):
        source = open_file(str(tmp_path / "nowhere"), name)
        with pytest.raises(MailError, match=f"^{name}: No such file or directory"):
            list(entries_of(source, Problems()))


def test_the_name_tells_the_format() -> None:
    open_file("/list-0", "PEOPLE.CSV")
    for name in ("people", "people.xlsx", "csv", "people.csv.gz"):
        with pytest.raises(MailError, match=r"must end in \.csv, \.json"):
            open_file("/list-0", name)


def listed(kind: str, *entries: t.Any) -> str:
    return json.dumps({kind: entries})


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (
            listed("mailboxes", {**X, "quota": 5, "active": "Yes"}),
            {**X, "quota": "5", "active": True},
        ),
        (listed("mailboxes", {**X, "name": None}), {**X, "name": None}),
        ("\ufeff" + listed("mailboxes", X), X),
        ('{"domains": null, "mailboxes": [{"address": "x@a.example"}]}', X),
        (listed("aliases", {**X, "destinations": []}), {**X, "destinations": []}),
    ],
)
def test_an_object_is_read_as_it_is_meant(read: ReadFile, text: str, options: t.Any) -> None:
    found = read(text, "people.json")
    assert found.errors == []
    assert found.options == [options]


def test_an_empty_list_is_given_and_null_is_none(read: ReadFile) -> None:
    assert read('{"domains": [], "aliases": null}', "a.yml").given == {"domains"}


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("", ["line 1: This is no JSON: Expecting value."]),
        ('{"mailboxes": [\n1,]}', ["line 2: This is no JSON: Expecting value."]),
        ("null", [": The file holds no object with domains, mailboxes, aliases."]),
        ("[]", [": The file holds no object with domains, mailboxes, aliases."]),
        (
            '{"users": []}',
            [": 'users' is no list of a directory; these are: domains, mailboxes, aliases."],
        ),
        ('{"domains": {}}', ["domains: This is no list."]),
        ('{"domains": [], "domains": []}', [": 'domains' is named twice in one object."]),
        ("[" * 100_000, [": The values are nested too deeply."]),
        ('{"mailboxes": [' + "9" * 5000 + "]}", [": The file holds a number that is too long."]),
        (listed("mailboxes", "x@a.example"), ["mailboxes[0]: This is no object."]),
        (listed("mailboxes", {"name": "X"}), ["mailboxes[0].address: This is no text."]),
        (
            listed("domains", {"name": 1}, {"name": None}),
            [
                "domains[0].name: This is no text.",
                "domains[1].name: This is no text.",
            ],
        ),
        (
            listed("mailboxes", {**X, "name": 1, "quota": 0.5, "active": 2, "office": ["a"]}),
            [
                "mailboxes[x@a.example].name: The value is no text.",
                "mailboxes[x@a.example].quota: The value is no text.",
                "mailboxes[x@a.example].active: '2' is neither yes nor no.",
                "mailboxes[x@a.example].office: The value is no text.",
            ],
        ),
        (
            '{"mailboxes": [{"address": "x@a.example", "quota": NaN}, {"address": "a\\nb", '
            '"quota": true}]}',
            [
                "mailboxes[x@a.example].quota: The value is no text.",
                # What is no address is not repeated.
                "mailboxes[1].quota: The value is no text.",
            ],
        ),
        (
            listed("mailboxes", {**X, "passwd": "s3cret", "mail": 1, "active": "maybe"}),
            [
                "mailboxes[0]: 'passwd' is no option of mailboxes; these are: address, name, "
                "password, password_hash, quota, office, host, active, restore, rename_from, "
                "rename_alias.",
                "mailboxes[0]: 'mail' is no option of mailboxes; these are: address, name, "
                "password, password_hash, quota, office, host, active, restore, rename_from, "
                "rename_alias.",
                "mailboxes[x@a.example].active: 'maybe' is neither yes nor no.",
            ],
        ),
        (
            listed("aliases", {**X, "destinations": "a@a"}, {**X, "destinations": [1]}),
            [
                "aliases[x@a.example].destinations: The value is no list.",
                "aliases[x@a.example].destinations: The value is no text.",
            ],
        ),
    ],
)
def test_a_mistake_in_an_object_is_told_with_its_place(
    read: ReadFile, text: str, errors: list[str]
) -> None:
    found = read(text, "people.json").errors
    assert [error.removeprefix("people.json").removeprefix(", ") for error in found] == errors
    assert "s3cret" not in str(found)


def test_a_file_in_latin_1_is_told_with_its_line(read: ReadFile) -> None:
    data = '{"mailboxes": [\n{"name": "Ren\xe9"}]}'.encode("latin-1")
    assert read(data, "p.json").errors == ["p.json, line 2: The text is not valid UTF-8."]
