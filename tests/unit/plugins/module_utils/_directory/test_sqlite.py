# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds in an SQLite file alone; the rest is in test_sql_store.py."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory import schema
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sqlite import SqliteStore
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    SqliteDatabase,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.records import (
    ALL,
    X,
    opened,
    put,
)


def test_an_empty_file_is_migrated(sqlite_database: SqliteDatabase) -> None:
    path = sqlite_database.path
    path.parent.mkdir(mode=0o750)
    path.touch(mode=0o640)
    with contextlib.closing(sqlite_database.store()) as store:
        assert store.open() == ({"schema": 0}, {"schema": schema.VERSION})
        assert path.stat().st_size == 0
        store.settle()
        put(store, *ALL)
    with contextlib.closing(sqlite_database.store(read_only=True)) as store:
        assert store.open() == ({}, {})
        assert store.mailboxes(["x@a.example"]) == {"x@a.example": X}


def test_without_a_group_nothing_is_looked_at(path: Path) -> None:
    with contextlib.closing(SqliteStore(path, None, read_only=True)) as store:
        assert store.open() == ({"schema": 0}, {"schema": schema.VERSION})
    assert not path.parent.exists()


def test_what_is_no_database_is_told(sqlite_database: SqliteDatabase) -> None:
    sqlite_database.path.parent.mkdir(mode=0o750)
    sqlite_database.path.write_text("This is a text.\n" * 100)
    with (
        contextlib.closing(sqlite_database.store()) as store,
        pytest.raises(MailError, match="file is not a database"),
    ):
        store.open()


def test_a_write_ahead_log_is_turned_back(sqlite_database: SqliteDatabase) -> None:
    with opened(sqlite_database) as store:
        store.settle()
        put(store, *ALL)
    with contextlib.closing(sqlite3.connect(sqlite_database.path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with contextlib.closing(sqlite_database.store()) as store:
        before, after = store.open()
        assert (before["journal_mode"], after["journal_mode"]) == ("wal", "delete")
        store.settle()
        assert store.open() == ({}, {})
        assert store.mailboxes(["x@a.example"]) == {"x@a.example": X}


def test_a_path_may_hold_any_printable_character(tmp_path: Path, group: str) -> None:
    path = tmp_path / "a b?c#d%41 ü" / "x?mode=memory.sqlite"
    with opened(SqliteDatabase(path, group)) as store:
        store.settle()
        put(store, *ALL)
    assert path.stat().st_size > 0
