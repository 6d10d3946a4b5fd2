# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The databases of the tests of robustness: what a test sees of them while a module writes."""

from __future__ import annotations

import shutil
import typing as t
from abc import ABC, abstractmethod

import psycopg

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Content
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
    PostgresqlDatabase,
    SqliteDatabase,
)

# Our own connections don't count.
_OTHERS = "datname = current_database() AND pid <> pg_backend_pid()"
_WRITERS = f"SELECT pid FROM pg_stat_activity WHERE {_OTHERS} AND backend_xid IS NOT NULL"
# The last question of a transaction, and its end.
_LAST_QUERIES = "'SELECT revision FROM directory_state', 'COMMIT'"
_CHECK_HEAP = "SELECT * FROM pg_class c, verify_heapam(c.oid) WHERE {which} AND relkind = 'r'"
_CHECK_INDEX = "SELECT bt_index_check(c.oid, true) FROM pg_class c WHERE {which} AND relkind = 'i'"
_OURS = "relnamespace = 'public'::regnamespace"
_ORPHANS = (
    "SELECT address FROM mailboxes WHERE domain NOT IN (SELECT name FROM domains)",
    "SELECT address FROM aliases WHERE domain NOT IN (SELECT name FROM domains)",
    "SELECT alias FROM alias_destinations WHERE alias NOT IN (SELECT address FROM aliases)",
)
# Debian 12's SQLite, as all from 3.40.0 to 3.41.0, finds it wherever the columns of a table WITHOUT
# ROWID are in another order than its key; so the NULLs are asked for.
_FALSE_ALARM = ("NULL value in alias_destinations.position",)
_NULLS = "SELECT * FROM alias_destinations WHERE typeof(position) <> 'integer'"


class Target(ABC):
    """A database, and what a bystander sees of it."""

    database: Database

    @property
    @abstractmethod
    def options(self) -> dict[str, t.Any]:
        """The options of a module that say where the directory is."""

    @abstractmethod
    def remember(self) -> None:
        """Take what is there now for the state before a change."""

    @abstractmethod
    def writing(self) -> bool:
        """Tell whether a module is within a transaction that has written."""

    @abstractmethod
    def committing(self) -> bool:
        """Tell whether a transaction is being committed, as far as can be seen."""

    @abstractmethod
    def settled(self) -> bool:
        """Tell whether nobody is at work any more."""

    @abstractmethod
    def inspect(self) -> tuple[list[t.Any], Content]:
        """Return what is wrong with the database itself, and its content, and repair nothing."""


class SqliteTarget(Target):
    def __init__(self, database: SqliteDatabase) -> None:
        self.database = database
        self._path = database.path
        self._journal = self._path.with_name(f"{self._path.name}-journal")
        self._before = 0

    @property
    def options(self) -> dict[str, t.Any]:
        return {"dsn": self.database.dsn, "group": self.database.access.group}

    def remember(self) -> None:
        self._before = self._path.stat().st_mtime_ns

    def writing(self) -> bool:
        return self._journal.exists()

    def committing(self) -> bool:
        # Nothing is written into the file before the commit.
        return self._path.stat().st_mtime_ns != self._before and self._journal.exists()

    def settled(self) -> bool:
        return True

    def inspect(self) -> tuple[list[t.Any], Content]:
        """Whoever opens a file with a hot journal rolls it back: so a copy of both is opened."""
        copy = SqliteDatabase(self._path.parent.parent / "copy" / self._path.name, "")
        shutil.rmtree(copy.path.parent, ignore_errors=True)
        shutil.copytree(self._path.parent, copy.path.parent)
        found = copy.execute("PRAGMA integrity_check") + copy.execute("PRAGMA foreign_key_check")
        found += copy.execute(_NULLS)
        return [row for row in found if row not in (("ok",), _FALSE_ALARM)], copy.content()


class PostgresqlTarget(Target):
    def __init__(self, database: PostgresqlDatabase) -> None:
        self.database = database
        self._bystander = psycopg.connect(database.dsn, autocommit=True)
        self._bystander.execute("CREATE EXTENSION amcheck")

    @property
    def options(self) -> dict[str, t.Any]:
        return {"dsn": self.database.dsn, "dsn_password": self.database.access.password}

    def remember(self) -> None:
        """Nothing has to be remembered."""

    def _rows(self, query: str) -> list[t.Any]:
        return self._bystander.execute(t.cast("t.Any", query)).fetchall()

    def writing(self) -> bool:
        return bool(self._rows(_WRITERS))

    def committing(self) -> bool:
        return bool(self._rows(f"{_WRITERS} AND query IN ({_LAST_QUERIES})"))

    def settled(self) -> bool:
        """A server goes on with a statement, or a commit, whose client is gone."""
        return not self._rows(
            f"SELECT 1 FROM pg_stat_activity WHERE {_OTHERS} AND backend_type = 'client backend'"
        )

    def disconnect_writers(self) -> int:
        """End the connections of those who write, as a server does that is shut down."""
        return len(self._rows(f"SELECT pg_terminate_backend(pid) FROM ({_WRITERS}) w"))

    def inspect(self) -> tuple[list[t.Any], Content]:
        found = self._rows(_CHECK_HEAP.format(which=_OURS))
        # What an index lacks is an error.
        self._rows(_CHECK_INDEX.format(which=_OURS))
        found += [row for query in _ORPHANS for row in self._rows(query)]
        return found, self.database.content()

    def close(self) -> None:
        self._bystander.close()
