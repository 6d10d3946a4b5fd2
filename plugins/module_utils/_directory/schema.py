# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of a directory, and the way from each version of them to the next.

PRIVATE to the collection. It can have breaking changes at any time.

The tables and columns are the contract with the daemons' queries, which stand in the README of
the role `directory`. All addresses are lower case, all domains A-labels. A released migration is
never edited; a change of the schema is a further one.
"""

from __future__ import annotations

_VERSION_1 = (
    """
    CREATE TABLE domains (
      name TEXT NOT NULL PRIMARY KEY,
      alias_of TEXT REFERENCES domains (name),
      active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE mailboxes (
      address TEXT NOT NULL PRIMARY KEY,
      local_part TEXT NOT NULL,
      domain TEXT NOT NULL REFERENCES domains (name),
      name TEXT NOT NULL DEFAULT '',
      password TEXT NOT NULL,
      quota INTEGER NOT NULL DEFAULT 0 CHECK (quota >= 0),
      office TEXT NOT NULL DEFAULT '',
      active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
      CHECK (address = local_part || '@' || domain)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX mailboxes_domain ON mailboxes (domain)",
    """
    CREATE TABLE aliases (
      address TEXT NOT NULL PRIMARY KEY,
      domain TEXT NOT NULL REFERENCES domains (name),
      active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX aliases_domain ON aliases (domain)",
    """
    CREATE TABLE alias_destinations (
      alias TEXT NOT NULL REFERENCES aliases (address) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      destination TEXT NOT NULL,
      PRIMARY KEY (alias, destination)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX alias_destinations_destination ON alias_destinations (destination)",
)

# The statements that lead from version n to n + 1, at position n. SQLite keeps the version in
# `PRAGMA user_version`; a new database has 0.
MIGRATIONS: tuple[tuple[str, ...], ...] = (_VERSION_1,)
VERSION = len(MIGRATIONS)


def statements_from(version: int) -> list[str]:
    """Return the statements that lead from a version to the newest one."""
    return [statement for migration in MIGRATIONS[version:] for statement in migration]
