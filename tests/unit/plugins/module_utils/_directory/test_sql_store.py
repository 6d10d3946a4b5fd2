# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds in every database."""

from __future__ import annotations

import contextlib
import threading
import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory import (
    postgresql,
    schema,
    sqlite,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Edit,
    Mailbox,
    Record,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.records import (
    ALL,
    A,
    B,
    X,
    Z,
    opened,
    put,
)

HASH = "{SHA512-CRYPT}" + "h" * 300
# What a directory of the first release holds of `ALL`, in the words of its own schema.
FIRST_RELEASE = (
    "INSERT INTO domains (name) VALUES ('a.example')",
    "INSERT INTO domains VALUES ('b.example', 'a.example', 0)",
    """
    INSERT INTO mailboxes (address, local_part, domain, name, password, quota, office, active)
    VALUES ('x@a.example', 'x', 'a.example', 'X ''Y'' "Z"', '{ARGON2ID}h', 4611686018427387904,
      'paris', 0)
    """,
    "INSERT INTO aliases (address, domain) VALUES ('@a.example', 'a.example')",
    """
    INSERT INTO alias_destinations VALUES ('@a.example', 0, 'x@a.example'),
      ('@a.example', 1, 'a@c.example'), ('@a.example', 2, '0@b.example')
    """,
)


@pytest.fixture
def store(database: Database) -> t.Iterator[Store]:
    with opened(database) as found:
        found.settle()
        yield found


def count(database: Database) -> int:
    return int(database.execute("SELECT count(*) FROM mailboxes")[0][0])


def test_mailboxes_are_counted_by_home(store: Store) -> None:
    assert store.count_homes() == {}
    homes = {"a": "mail.lyon.example", "b": "", "c": "mail.lyon.example"}
    mailboxes = [Mailbox(f"{name}@a.example", home=home) for name, home in homes.items()]
    put(store, ("domains", A), *(("mailboxes", mailbox) for mailbox in mailboxes))
    assert store.count_homes() == {"": 1, "mail.lyon.example": 2}


def test_records_come_back_as_they_were_put(store: Store) -> None:
    put(store, *ALL)
    assert store.read_all() == Content(
        {"a.example": A, "b.example": B}, {"x@a.example": X}, {"@a.example": Z}
    )
    assert store.domains(["b.example", "c.example"]) == {"b.example": B}
    assert store.mailboxes(["x@a.example", "X@a.example"]) == {"x@a.example": X}
    assert store.aliases(["@a.example", "%@a.example", "_a.example"]) == {"@a.example": Z}
    assert store.mailboxes([]) == {}


def test_neighbours_are_found(store: Store) -> None:
    put(store, *ALL)
    assert store.addresses_in("a.example", 5) == ["x@a.example", "@a.example"]
    assert store.alias_domains_of(["a.example", "b.example"]) == ["b.example"]
    assert store.aliases_to(["a@c.example", "x@a.example"]) == ["@a.example"]
    assert store.aliases_to(["a@C.example"]) == []
    assert store.aliases_into("b.example") == ["@a.example"]
    assert store.aliases_into("xample") == []


def test_a_record_is_changed_and_removed(store: Store) -> None:
    put(store, *ALL)
    changed = Alias("@a.example", ("b@c.example",), active=False)
    put(store, ("aliases", changed))
    assert store.aliases(["@a.example"]) == {"@a.example": changed}
    with store.transaction():
        store.apply([Edit(kind, record.key, record, None) for kind, record in reversed(ALL)])
    assert store.read_all() == Content()
    assert store.aliases_to(["b@c.example"]) == []


def test_the_tables_are_what_the_daemons_ask(store: Store, database: Database) -> None:
    put(store, *ALL)
    assert database.execute(
        "SELECT local_part, domain, password, quota, active FROM mailboxes "
        "WHERE address = 'x@a.example'"
    ) == [("x", "a.example", "{ARGON2ID}h", 2**62, 0)]
    assert database.execute(
        "SELECT destination FROM alias_destinations WHERE alias = '@a.example' ORDER BY position"
    ) == [("x@a.example",), ("a@c.example",), ("0@b.example",)]


@pytest.mark.parametrize(
    "record",
    [
        ("mailboxes", Mailbox("x@nowhere.example", password="h")),
        ("mailboxes", Mailbox("x@a.example", password="h", quota=-1)),
        ("domains", Domain("c.example", "nowhere.example")),
    ],
)
def test_the_database_refuses_what_the_rules_would_have_missed(
    store: Store, record: tuple[t.Any, Record]
) -> None:
    put(store, ("domains", A))
    with pytest.raises(MailError, match="constraint"):
        put(store, ("domains", B), record)
    assert store.read_all() == Content({"a.example": A})


def test_nothing_of_a_failed_transaction_is_left(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            store.apply([Edit("domains", "a.example", None, A)])
            raise MailError("Something went wrong.")

    with pytest.raises(MailError, match="Something"):
        fail()
    assert store.read_all() == Content()
    put(store, ("domains", A))


def test_readers_go_on_during_a_transaction_and_see_it_at_once_afterwards(
    store: Store, database: Database
) -> None:
    put(store, ("domains", A))
    with store.transaction():
        edits = [
            # More than SQLite's cache holds by default.
            Edit("mailboxes", f"{n}@a.example", None, Mailbox(f"{n}@a.example", password=HASH))
            for n in range(20_000)
        ]
        store.apply(edits)
        assert count(database) == 0
    assert count(database) == 20_000


def test_writers_wait_for_each_other(store: Store, database: Database) -> None:
    done: list[str] = []

    def write_too() -> None:
        with opened(database) as second, second.transaction():
            done.append("second")

    thread = threading.Thread(target=write_too)
    with store.transaction():
        thread.start()
        thread.join(0.3)
        done.append("first")
    thread.join()
    assert done == ["first", "second"]


def test_a_lock_that_lasts_is_told(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(postgresql, "LOCK_SECONDS", 0.1)
    with opened(database) as second, store.transaction():  # noqa: SIM117 - the error is of the inner one alone
        with pytest.raises(MailError, match="kept the directory locked"), second.transaction():
            pass


def test_a_missing_directory_reads_as_an_empty_one(database: Database) -> None:
    with contextlib.closing(database.store(read_only=True)) as found:
        before, after = found.open()
        assert (before["schema"], after["schema"]) == (0, schema.VERSION)
        assert found.read_all() == Content()
    assert not database.has_directory()


def test_what_only_reads_can_not_write(store: Store, database: Database) -> None:
    with (
        opened(database, read_only=True) as reader,
        pytest.raises(MailError, match=r"readonly database|read-only transaction|a replica"),
    ):
        put(reader, ("domains", A))
    assert store.read_all() == Content()


def test_each_schema_is_migrated_and_keeps_what_is_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that the first release made is what all later ones have to take."""
    for version in range(1, schema.VERSION + 1):
        with monkeypatch.context() as older:
            older.setattr(schema, "VERSION", version)
            older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:version])
            with opened(database) as found:
                found.settle()
        if version == 1:
            for statement in FIRST_RELEASE:
                database.execute(statement)
        before = {} if version == schema.VERSION else {"schema": version}
        with contextlib.closing(database.store(read_only=True)) as found:
            assert found.open()[0] == before
            assert found.mailboxes(["x@a.example"]) == {"x@a.example": X}
            assert found.aliases(["@a.example"]) == {"@a.example": Z}
            assert found.departures() == []
    with opened(database) as found:
        assert found.open() == ({}, {})
        put(found, ("mailboxes", X))
    assert database.execute("SELECT home, held_until FROM mailboxes") == [("", 0)]


def test_a_migration_that_is_to_come_is_made_in_one_step(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, *ALL)
    store.close()
    further = (
        "ALTER TABLE domains ADD COLUMN note {text}",
        "ALTER TABLE nothing RENAME TO anything",
    )
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, further))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    with (
        contextlib.closing(database.store()) as found,
        pytest.raises(MailError, match="nothing"),
    ):
        found.open()
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS[:-1], further[:1]))
    with opened(database) as found:
        found.settle()
        assert found.domains(["b.example"]) == {"b.example": B}
    assert database.execute("SELECT note FROM domains") == [(None,), (None,)]


def test_a_newer_schema_is_left_alone(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.close()
    monkeypatch.setattr(schema, "VERSION", schema.VERSION - 1)
    with (
        contextlib.closing(database.store()) as found,
        pytest.raises(MailError, match=r"schema \d, made by a newer release"),
    ):
        found.open()


def test_a_revision_tells_that_others_wrote(store: Store, database: Database) -> None:
    revision = store.revision()
    put(store, *ALL)
    assert store.revision() == revision
    database.execute("UPDATE mailboxes SET name = 'New'")
    assert store.revision() != revision
