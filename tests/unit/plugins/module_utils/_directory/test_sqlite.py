# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import sqlite3
import threading
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory import schema, sqlite
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Edit,
    Mailbox,
    Record,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sqlite import SqliteStore
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

A = Domain("a.example")
B = Domain("b.example", "a.example", active=False)
X = Mailbox("x@a.example", "X 'Y' \"Z\"", "{ARGON2ID}h", 2**62, "paris", active=False)
Z = Alias("@a.example", ("x@a.example", "a@c.example", "0@b.example"))
HASH = "{SHA512-CRYPT}" + "h" * 300
ALL: tuple[tuple[t.Any, Record], ...] = (
    ("aliases", Z),
    ("mailboxes", X),
    ("domains", B),
    ("domains", A),
)


def put(store: SqliteStore, *records: tuple[t.Any, Record]) -> None:
    with store.transaction():
        store.apply([Edit(kind, record.key, None, record) for kind, record in records])


@pytest.fixture
def store(path: Path, group: str) -> t.Iterator[SqliteStore]:
    with contextlib.closing(SqliteStore(path, group, read_only=False)) as opened:
        opened.open()
        opened.settle()
        yield opened


def reader(path: Path, timeout: float = 0.2) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=timeout)


def count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM mailboxes").fetchone()[0])


def test_records_come_back_as_they_were_put(store: SqliteStore) -> None:
    put(store, *ALL)
    assert store.read_all() == Content(
        {"a.example": A, "b.example": B}, {"x@a.example": X}, {"@a.example": Z}
    )
    assert store.domain("b.example") == B
    assert store.mailbox("x@a.example") == X
    assert store.alias("@a.example") == Z
    assert store.domain("c.example") is None
    assert store.mailbox("X@a.example") is None
    assert store.alias("%@a.example") is None


def test_neighbours_are_found(store: SqliteStore) -> None:
    put(store, *ALL)
    assert store.addresses_in("a.example", 5) == ["x@a.example", "@a.example"]
    assert store.alias_domains_of("a.example") == ["b.example"]
    assert store.aliases_to("a@c.example") == ["@a.example"]
    assert store.aliases_to("a@C.example") == []
    assert store.aliases_into("b.example") == ["@a.example"]
    assert store.aliases_into("xample") == []


def test_a_record_is_changed_and_removed(store: SqliteStore) -> None:
    put(store, *ALL)
    changed = Alias("@a.example", ("b@c.example",), active=False)
    put(store, ("aliases", changed))
    assert store.alias("@a.example") == changed
    with store.transaction():
        store.apply([Edit(kind, record.key, record, None) for kind, record in reversed(ALL)])
    assert store.read_all() == Content()
    assert store.aliases_to("b@c.example") == []


def test_the_tables_are_what_the_daemons_ask(store: SqliteStore, path: Path) -> None:
    put(store, *ALL)
    with contextlib.closing(reader(path)) as connection:
        query = "SELECT local_part, domain, password, quota FROM mailboxes WHERE address = ?"
        row = connection.execute(query, ["x@a.example"]).fetchone()
        assert row == ("x", "a.example", "{ARGON2ID}h", 2**62)
        query = "SELECT destination FROM alias_destinations WHERE alias = ? ORDER BY position"
        rows = connection.execute(query, ["@a.example"]).fetchall()
        assert rows == [("x@a.example",), ("a@c.example",), ("0@b.example",)]


@pytest.mark.parametrize(
    "record",
    [
        ("mailboxes", Mailbox("x@nowhere.example", password="h")),
        ("mailboxes", Mailbox("x@a.example", password="h", quota=-1)),
        ("domains", Domain("c.example", "nowhere.example")),
    ],
)
def test_the_database_refuses_what_the_rules_would_have_missed(
    store: SqliteStore, record: tuple[t.Any, Record]
) -> None:
    put(store, ("domains", A))
    with pytest.raises(MailError, match="constraint failed"):
        put(store, ("domains", B), record)
    assert store.read_all() == Content({"a.example": A})


def test_nothing_of_a_failed_transaction_is_left(store: SqliteStore) -> None:
    def fail() -> None:
        with store.transaction():
            store.apply([Edit("domains", "a.example", None, A)])
            raise MailError("Something went wrong.")

    with pytest.raises(MailError, match="Something"):
        fail()
    assert store.read_all() == Content()
    put(store, ("domains", A))


def test_readers_go_on_during_a_transaction_and_see_it_at_once_afterwards(
    store: SqliteStore, path: Path
) -> None:
    put(store, ("domains", A))
    with contextlib.closing(reader(path)) as connection:
        with store.transaction():
            edits = [
                # More than SQLite's cache holds by default.
                Edit("mailboxes", f"{n}@a.example", None, Mailbox(f"{n}@a.example", password=HASH))
                for n in range(20_000)
            ]
            store.apply(edits)
            assert count(connection) == 0
            with contextlib.closing(reader(path)) as another:
                assert count(another) == 0
        assert count(connection) == 20_000


def test_writers_wait_for_each_other(store: SqliteStore, path: Path, group: str) -> None:
    done: list[str] = []

    def write_too() -> None:
        with contextlib.closing(SqliteStore(path, group, read_only=False)) as second:
            second.open()
            with second.transaction():
                done.append("second")

    thread = threading.Thread(target=write_too)
    with store.transaction():
        thread.start()
        thread.join(0.3)
        done.append("first")
    thread.join()
    assert done == ["first", "second"]


def test_a_lock_that_lasts_is_told(
    store: SqliteStore, path: Path, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.1)
    with (
        contextlib.closing(SqliteStore(path, group, read_only=False)) as second,
        store.transaction(),
    ):
        second.open()
        with pytest.raises(MailError, match="kept the directory locked"), second.transaction():
            pass


def test_a_missing_directory_reads_as_an_empty_one(path: Path, group: str) -> None:
    for opened in (SqliteStore(path, group, read_only=True), SqliteStore(path, None, True)):
        with contextlib.closing(opened):
            before, after = opened.open()
            assert (before["schema"], after["schema"]) == (0, schema.VERSION)
            assert opened.read_all() == Content()
    assert not path.parent.exists()


def test_what_only_reads_can_not_write(store: SqliteStore, path: Path, group: str) -> None:
    with contextlib.closing(SqliteStore(path, group, read_only=True)) as opened:
        opened.open()
        with pytest.raises(MailError, match="readonly database"):
            put(opened, ("domains", A))
    assert store.read_all() == Content()


def test_an_empty_file_is_migrated(path: Path, group: str) -> None:
    path.parent.mkdir(mode=0o750)
    path.touch(mode=0o640)
    with contextlib.closing(SqliteStore(path, group, read_only=False)) as opened:
        before, after = opened.open()
        assert before == {"schema": 0}
        assert after == {"schema": schema.VERSION}
        assert path.stat().st_size == 0
        opened.settle()
        put(opened, *ALL)
    with contextlib.closing(SqliteStore(path, group, read_only=True)) as opened:
        assert opened.open() == ({}, {})
        assert opened.mailbox("x@a.example") == X


def test_a_migration_keeps_what_is_there(
    store: SqliteStore, path: Path, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, *ALL)
    store.close()
    migrations = (*schema.MIGRATIONS, ("ALTER TABLE domains ADD COLUMN note TEXT",))
    monkeypatch.setattr(schema, "MIGRATIONS", migrations)
    monkeypatch.setattr(schema, "VERSION", 2)
    with contextlib.closing(SqliteStore(path, group, read_only=True)) as opened:
        assert opened.open() == ({"schema": 1}, {"schema": 2})
        assert opened.mailbox("x@a.example") == X
    with contextlib.closing(SqliteStore(path, group, read_only=False)) as opened:
        assert opened.open()[0] == {"schema": 1}
        opened.settle()
        assert opened.mailbox("x@a.example") == X
    with contextlib.closing(reader(path)) as connection:
        assert connection.execute("SELECT note FROM domains").fetchall() == [(None,), (None,)]


def test_a_newer_schema_is_left_alone(store: SqliteStore, path: Path, group: str) -> None:
    store.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with (
        contextlib.closing(SqliteStore(path, group, read_only=False)) as opened,
        pytest.raises(MailError, match="schema 99, made by a newer release"),
    ):
        opened.open()


def test_what_is_no_database_is_told(path: Path, group: str) -> None:
    path.parent.mkdir(mode=0o750)
    path.write_text("This is a text.\n" * 100)
    with (
        contextlib.closing(SqliteStore(path, group, read_only=False)) as opened,
        pytest.raises(MailError, match="file is not a database"),
    ):
        opened.open()


def test_a_write_ahead_log_is_turned_back(store: SqliteStore, path: Path, group: str) -> None:
    put(store, *ALL)
    store.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with contextlib.closing(SqliteStore(path, group, read_only=False)) as opened:
        before, after = opened.open()
        assert (before["journal_mode"], after["journal_mode"]) == ("wal", "delete")
        opened.settle()
        assert opened.open() == ({}, {})
        assert opened.mailbox("x@a.example") == X


def test_a_path_may_hold_any_printable_character(tmp_path: Path, group: str) -> None:
    path = tmp_path / "a b?c#d%41 ü" / "x?mode=memory.sqlite"
    with contextlib.closing(SqliteStore(path, group, read_only=False)) as opened:
        opened.open()
        opened.settle()
        put(opened, *ALL)
    assert path.stat().st_size > 0
