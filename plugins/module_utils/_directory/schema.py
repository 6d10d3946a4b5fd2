# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of a directory, and the way from each version of them to the next.

PRIVATE to the collection. It can have breaking changes at any time.

The tables and columns are the contract with the daemons' queries, which stand in the README of
the role `directory`. All addresses are lower case, all domains A-labels. A released migration is
never edited; a change of the schema is a further one. One text of it serves all databases.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the databases call differently."""

    # Texts are compared and sorted by their octets.
    text: str
    integer: str
    # What a table is, after its columns.
    table: str
    # Lets a transaction write rows before those that they refer to.
    deferrable: str

    def write(self, statement: str) -> str:
        return statement.format(
            text=self.text, integer=self.integer, table=self.table, deferrable=self.deferrable
        )


SQLITE = Dialect("TEXT", "INTEGER", "STRICT, WITHOUT ROWID", "")
POSTGRESQL = Dialect('TEXT COLLATE "C"', "BIGINT", "", "DEFERRABLE")

_VERSION_1 = (
    """
    CREATE TABLE domains (
      name {text} NOT NULL PRIMARY KEY,
      alias_of {text} REFERENCES domains (name) {deferrable},
      active {integer} NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
    ) {table}
    """,
    """
    CREATE TABLE mailboxes (
      address {text} NOT NULL PRIMARY KEY,
      local_part {text} NOT NULL,
      domain {text} NOT NULL REFERENCES domains (name) {deferrable},
      name {text} NOT NULL DEFAULT '',
      password {text} NOT NULL,
      quota {integer} NOT NULL DEFAULT 0 CHECK (quota >= 0),
      office {text} NOT NULL DEFAULT '',
      active {integer} NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
      CHECK (address = local_part || '@' || domain)
    ) {table}
    """,
    "CREATE INDEX mailboxes_domain ON mailboxes (domain)",
    """
    CREATE TABLE aliases (
      address {text} NOT NULL PRIMARY KEY,
      domain {text} NOT NULL REFERENCES domains (name) {deferrable},
      active {integer} NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
    ) {table}
    """,
    "CREATE INDEX aliases_domain ON aliases (domain)",
    """
    CREATE TABLE alias_destinations (
      alias {text} NOT NULL REFERENCES aliases (address) ON DELETE CASCADE {deferrable},
      position {integer} NOT NULL,
      destination {text} NOT NULL,
      PRIMARY KEY (alias, destination)
    ) {table}
    """,
    "CREATE INDEX alias_destinations_destination ON alias_destinations (destination)",
)

_VERSION_2 = (
    # Mailboxes that are no more, whose mail may not have been moved out of the way everywhere.
    """
    CREATE TABLE departures (
      address {text} NOT NULL PRIMARY KEY,
      since {text} NOT NULL,
      renamed_to {text}
    ) {table}
    """,
)

_VERSION_3 = (
    # The host where a mailbox's mail is; an empty one is each host itself. Until the second that
    # `held_until` names, counted from 1970, mail waits and nobody logs in: the mailbox is moving.
    "ALTER TABLE mailboxes ADD COLUMN home {text} NOT NULL DEFAULT ''",
    "ALTER TABLE mailboxes ADD COLUMN held_until {integer} NOT NULL DEFAULT 0",
)

# The statements that lead from version n to n + 1, at position n. A new database has
# version 0.
MIGRATIONS: tuple[tuple[str, ...], ...] = (_VERSION_1, _VERSION_2, _VERSION_3)
VERSION = len(MIGRATIONS)


def statements_from(version: int, dialect: Dialect) -> list[str]:
    """Return the statements that lead from a version to the newest one."""
    return _statements(MIGRATIONS[version:], dialect)


def statements_until(version: int, dialect: Dialect) -> list[str]:
    """Return the statements that lead from nothing to a version."""
    return _statements(MIGRATIONS[:version], dialect)


def _statements(migrations: Iterable[tuple[str, ...]], dialect: Dialect) -> list[str]:
    return [dialect.write(statement) for migration in migrations for statement in migration]
