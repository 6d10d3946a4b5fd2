# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.columns import (
    parse_columns,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import MailboxColumns

# Each kind as it is usual; that a column says what its lines say is a test in test_properties.py.
HASHES = (
    "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$" + "a" * 22 + "$" + "b" * 43,
    "{BLF-CRYPT}$2y$12$" + "a" * 53,
    "{SHA512-CRYPT}$6$rounds=100000$salt$" + "a" * 86,
    "",
)
USUAL = {
    "address": ("x@a.example", "y.y-y@a.example", "z@xn--bcher-kva.example", "o'x_1@b.a.example"),
    "name": ("X", 'É, "Y"', "", "名"),
    "password_hash": HASHES,
    "quota": ("5G", "", "none", "1024"),
    "office": ("paris", "", "paris", "Lyon_2"),
    "active": ("yes", "", "false", "1"),
    "password": ("", "", "", ""),
}


def test_what_is_usual_is_taken_by_its_columns() -> None:
    assert parse_columns(USUAL) == MailboxColumns(
        USUAL["address"],
        USUAL["name"],
        [5 * 2**30, 0, 0, 1024],
        ["paris", "", "paris", "Lyon_2"],
        [None] * 4,
        [True, True, False, True],
        [*HASHES[:3], None],
    )


def test_columns_that_are_missing_say_nothing() -> None:
    nothing = ("",)
    assert parse_columns({"address": ("x@a.example",)}) == MailboxColumns(
        ("x@a.example",), nothing, [0], [""], [None], [True], [None]
    )


@pytest.mark.parametrize(
    ("column", "text"),
    [
        # What is in order, but not stored as it stands,
        ("address", "X@a.example"),
        ("address", "x@A.example"),
        ("address", "x@bücher.example"),
        ("password_hash", "{argon2id}" + HASHES[0].partition("}")[2]),
        # needs more than its line,
        ("password", "secret"),
        ("restore", "yes"),
        ("rename_from", "y@a.example"),
        ("rename_alias", "no"),
        # or is a mistake.
        ("address", ""),
        ("address", "x"),
        ("address", "-x@a.example"),
        ("address", "x..y@a.example"),
        ("address", "x+y@a.example"),
        ("address", "x@a.example\n"),
        ("address", "x@localhost"),
        ("address", "x" * 65 + "@a.example"),
        ("address", "x" * 64 + "@" + "a." * 95 + "example"),
        ("name", "X\nY"),
        ("name", "X" * 256),
        ("password_hash", "{MD5}x"),
        ("password_hash", HASHES[0] + "\n"),
        ("password_hash", HASHES[0].replace("19456", "99999999")),
        ("password_hash", HASHES[0].replace("19456", "1945\u0666")),
        ("password_hash", HASHES[1].replace("$12$", "$99$")),
        ("quota", "much"),
        ("office", "../x"),
        ("host", "mail.example"),
        ("active", "maybe"),
    ],
)
def test_what_is_not_is_left_to_be_parsed_by_itself(column: str, text: str) -> None:
    line: dict[str, t.Any] = {"address": ("x@a.example", "w@a.example"), column: ("", text)}
    if column == "address":
        line[column] = ("w@a.example", text)
    assert parse_columns(line) is None
