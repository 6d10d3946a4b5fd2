# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import Outcome
from ansible_collections.assurmer.mail.plugins.module_utils._directory.export import (
    as_files,
    listed,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.files import open_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
)

Apply = t.Callable[..., Outcome]
HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
PURGE = ["domains", "mailboxes", "aliases"]
NOTHING: dict[str, t.Any] = {"domains": [], "mailboxes": [], "aliases": []}
NAMES = [
    "Alice Martin",
    'The "Boss", really',
    "'; DROP TABLE mailboxes; --",
    "  leading and trailing  ",
    " ",
    "=HYPERLINK(1)",
    "{{ lookup('pipe', 'id') }}",
    "#;,\\\\N",
    "\ufeffBOM",
    "non\u00a0breaking",
    "Łukasz 张伟 👩\u200d💻",
    "null",
    "é",
    "e\u0301",
]
COMPANY: dict[str, t.Any] = {
    "domains": [
        {"name": "a.example", "alias_of": "b.example"},
        {"name": "b.example"},
        {"name": "bücher.example", "active": False},
    ],
    "mailboxes": [
        {"address": f"u{number}@b.example", "name": name, "password_hash": HASH}
        for number, name in enumerate(NAMES)
    ]
    + [
        {
            "address": "o'neil&co=x@b.example",
            "quota": str(2**63 - 1),
            "office": "paris",
            "host": "mail.paris.example",
            "active": False,
            "password_hash": "{SHA512-CRYPT}$6$" + "s" * 16 + "$" + "h" * 86,
        }
    ],
    "aliases": [
        {"address": "@b.example", "destinations": ["z@x.example", "u1@b.example", "a+d@x.example"]},
        {"address": "team@b.example", "destinations": ["u0@a.example"], "active": False},
        {"address": "@bücher.example", "destinations": ["u1@b.example"]},
    ],
}


def exported(database: Database, form: str, hashes: bool = True) -> dict[str, str]:
    return as_files(database.content(), form, hashes)


def sources(files: dict[str, str], folder: Path) -> list[t.Any]:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return [open_file(str(folder / name), name) for name in files]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_what_is_exported_is_taken_back_unchanged(
    apply: Apply, database: Database, tmp_path: Path, form: str
) -> None:
    apply(**COMPANY)
    before = database.content()
    assert {mailbox.name for mailbox in before.mailboxes.values()} == {*NAMES, ""}
    files = exported(database, form)
    again = apply(sources=sources(files, tmp_path), purge=PURGE)
    assert again.plan.edits == ()
    apply(**NOTHING, purge=PURGE)
    assert database.content() == Content()
    apply(sources=sources(files, tmp_path), purge=PURGE)
    assert database.content() == before
    assert exported(database, form) == files


@pytest.mark.parametrize("form", ["json", "csv"])
def test_without_hashes_passwords_stay(
    apply: Apply, database: Database, tmp_path: Path, form: str
) -> None:
    apply(**COMPANY)
    files = exported(database, form, hashes=False)
    assert "password" not in str(files)
    assert apply(sources=sources(files, tmp_path), purge=PURGE).plan.edits == ()
    apply(**NOTHING, purge=PURGE)
    with pytest.raises(MailError, match="is new and has neither password nor password_hash"):
        apply(sources=sources(files, tmp_path))


def test_an_empty_directory_is_an_export_too(
    apply: Apply, database: Database, tmp_path: Path
) -> None:
    apply(**NOTHING)
    for form in ("json", "csv"):
        files = exported(database, form)
        assert apply(sources=sources(files, tmp_path), purge=PURGE).plan.edits == ()


CONTENT = Content(
    {"a.example": Domain("a.example"), "b.example": Domain("b.example", "a.example", False)},
    {"x@a.example": Mailbox("x@a.example", 'X, "Y"', HASH, 5, "paris", "p.example")},
    {"z@a.example": Alias("z@a.example", ("y@a.example", "x@a.example"))},
)


def test_a_table_has_one_object_a_line() -> None:
    assert as_files(CONTENT, "csv", hashes=True) == {
        "domains.csv": "name,alias_of,active\na.example,,true\nb.example,a.example,false\n",
        "mailboxes.csv": "address,name,password_hash,quota,office,host,active\n"
        f'x@a.example,"X, ""Y""",{HASH},5,paris,p.example,true\n',
        "aliases.csv": "address,destinations,active\nz@a.example,y@a.example x@a.example,true\n",
    }


def test_an_object_has_one_record_a_line() -> None:
    (text,) = as_files(CONTENT, "json", hashes=False).values()
    assert json.loads(text)["mailboxes"] == [
        {
            "address": "x@a.example",
            "name": 'X, "Y"',
            "quota": 5,
            "office": "paris",
            "host": "p.example",
            "active": True,
        }
    ]
    line = '    {"name": "b.example", "alias_of": "a.example", "active": false}'
    assert line in text.splitlines()


def test_the_order_of_the_records_means_nothing() -> None:
    reordered = dataclasses.replace(CONTENT, domains=dict(reversed(CONTENT.domains.items())))
    for form in ("json", "csv"):
        assert as_files(reordered, form, hashes=True) == as_files(CONTENT, form, hashes=True)


def test_lists_have_hashes_when_asked_for() -> None:
    assert listed(CONTENT, hashes=True)["mailboxes"][0]["password_hash"] == HASH
    assert HASH not in str(listed(CONTENT, hashes=False))
