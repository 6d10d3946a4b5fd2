# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds in PostgreSQL alone; the rest is in test_sql_store.py."""

from __future__ import annotations

import contextlib
import threading
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory import csv_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import Asked, ensure
from ansible_collections.assurmer.mail.plugins.module_utils._directory.files import open_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Edit,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.request import Lists
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import OptionLists
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    PostgresqlDatabase,
    new_postgresql,
    new_replica,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.records import (
    ALL,
    A,
    opened,
    put,
)

SCHEME = Scheme.ARGON2ID
KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'assurmer.mail'
"""


@pytest.fixture
def store(postgresql_database: PostgresqlDatabase) -> t.Iterator[Store]:
    with opened(postgresql_database) as found:
        found.settle()
        yield found


def test_a_row_that_the_server_refuses_is_not_told(store: Store) -> None:
    """PostgreSQL quotes the whole row in its details, and the hash with it."""
    put(store, ("domains", A))
    with pytest.raises(MailError) as refused:
        put(store, ("mailboxes", Mailbox("x@a.example", password="secret-hash", quota=-1)))
    assert "quota" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_lost_connection_leaves_nothing(
    store: Store, postgresql_database: PostgresqlDatabase
) -> None:
    put(store, ("domains", A))

    def lose() -> None:
        with store.transaction():
            store.apply([Edit("mailboxes", "x@a.example", None, Mailbox("x@a.example"))])
            postgresql_database.execute(KILL)

    with pytest.raises(MailError, match=r"is changed whole, or not at all|terminating connection"):
        lose()
    assert list(postgresql_database.content().domains) == ["a.example"]
    assert postgresql_database.content().mailboxes == {}


def test_what_the_server_refuses_while_lines_are_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no mistake in a file, after which the others are read."""
    monkeypatch.setattr(csv_file, "BATCH", 1)
    people, mistake = tmp_path / "people.csv", tmp_path / "mistake.csv"
    people.write_text("address,name\n" + "".join(f"u{n}@a.example,名\n" for n in range(1000)))
    mistake.write_text("address\nnobody\n")
    sources = [open_file(str(path), path.name) for path in (people, mistake)]
    request = Lists([OptionLists({"domains": [{"name": A.name}]}), *sources], (), SCHEME, True)
    asked = Asked(request, Passwords(SCHEME, True, False), MailStore(tmp_path))
    with (
        new_postgresql("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0") as database,
        pytest.raises(MailError, match="has no equivalent in encoding"),
    ):
        ensure(database.store(), asked)


def test_a_server_that_is_down_is_told(
    postgresql_database: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn = "postgresql://owner@127.0.0.1:1/mail"
    monkeypatch.setattr(postgresql_database, "dsn", dsn)
    with (
        contextlib.closing(postgresql_database.store()) as store,
        pytest.raises(MailError, match=rf"{dsn}: The server can't be reached: .*refused"),
    ):
        store.open()


def test_others_take_turns_with_us(store: Store, postgresql_database: PostgresqlDatabase) -> None:
    """A program of the company that writes by itself neither breaks in nor is lost."""
    put(store, *ALL)
    seen: list[t.Any] = []
    statement = "UPDATE mailboxes SET name = name || '!' RETURNING name"
    other = threading.Thread(target=lambda: seen.extend(postgresql_database.execute(statement)))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query = "
    with store.transaction():
        other.start()
        while postgresql_database.execute(f"{waiting} $q${statement}$q$") == [(0,)]:
            pass
        mailbox = Mailbox("x@a.example", "Ours", "h")
        store.apply([Edit("mailboxes", mailbox.address, mailbox, mailbox)])
    other.join()
    assert seen == [("Ours!",)]


def test_two_hosts_may_be_the_first(postgresql_database: PostgresqlDatabase) -> None:
    failures: list[Exception] = []

    def settle() -> None:
        try:
            with opened(postgresql_database) as store:
                both.wait()
                store.settle()
                put(store, ("domains", A))
        except Exception as error:
            failures.append(error)

    both = threading.Barrier(4)
    threads = [threading.Thread(target=settle) for _host in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list(postgresql_database.content().domains) == ["a.example"]


def test_who_may_not_write_is_told(store: Store, postgresql_database: PostgresqlDatabase) -> None:
    name = postgresql_database.dsn.rpartition("/")[2]
    postgresql_database.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with (
        opened(postgresql_database) as reader,
        pytest.raises(MailError, match="is a replica, or lets nobody write"),
    ):
        put(reader, ("domains", A))


def test_a_replica_is_told(tmp_path: Path) -> None:
    with new_replica() as database:
        for check_mode in (False, True):
            request = Lists([OptionLists({"domains": [{"name": A.name}]})], (), SCHEME, True)
            passwords, mail = Passwords(SCHEME, True, check_mode), MailStore(tmp_path)
            with pytest.raises(MailError, match="is a replica, or lets nobody write"):
                ensure(
                    database.store(check_mode),
                    Asked(request, passwords, mail, check_mode=check_mode),
                )
        database.dsn = database.dsn.replace("/postgres?", "/template1?")
        with (
            contextlib.closing(database.store(read_only=True)) as empty,
            pytest.raises(MailError, match=r"has schema 0, .* the server that is replicated"),
        ):
            empty.open()
