# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles of a server, and what the server says when they are used."""

from __future__ import annotations

import contextlib
import typing as t
import uuid

import psycopg
import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql_roles import (
    PostgresqlRoles,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.readers import (
    ensure_readers,
    parse_readers,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    PostgresqlDatabase,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.records import (
    ALL,
    opened,
    put,
)

HOSTILE = 'it\'s: \\ "%s" $1 {} ü'
States = tuple[dict[str, t.Any], dict[str, t.Any]]


class Roles:
    """Roles of a test, which end with it."""

    def __init__(self, database: PostgresqlDatabase) -> None:
        self.database = database
        suffix = uuid.uuid4().hex[:12]
        self.postfix = f'Post"fix {suffix}'
        self.dovecot = f"dovecot_{suffix}"

    def ensure(self, check_mode: bool = False, **passwords: str) -> States:
        options = [
            {"name": getattr(self, daemon), "daemon": daemon, "password": password}
            for daemon, password in passwords.items()
        ]
        store = PostgresqlRoles(
            self.database.dsn, self.database.access.password, read_only=check_mode
        )
        return ensure_readers(store, parse_readers(options), check_mode)

    def ask(self, role: str, password: str, statement: str) -> t.Any:
        """Log in as a role does, and return the rows of a statement."""
        with psycopg.connect(
            self.database.dsn, user=role, password=password, autocommit=True
        ) as connection:
            return connection.execute(t.cast("t.Any", statement)).fetchall()

    def quoted(self, role: str) -> str:
        return '"' + role.replace('"', '""') + '"'

    def drop(self) -> None:
        for role in (self.postfix, self.dovecot):
            if self.database.execute(f"SELECT FROM pg_roles WHERE rolname = '{role}'"):
                self.database.execute(f"DROP OWNED BY {self.quoted(role)}")
                self.database.execute(f"DROP ROLE {self.quoted(role)}")


@pytest.fixture
def roles(postgresql_database: PostgresqlDatabase) -> t.Iterator[Roles]:
    found = Roles(postgresql_database)
    yield found
    found.drop()


def test_readers_are_created_once(roles: Roles) -> None:
    before, after = roles.ensure(postfix="one", dovecot="two")
    assert before["readers"] == {roles.postfix: {}, roles.dovecot: {}}
    assert after["readers"][roles.postfix]["privileges"]["mailboxes"] == [
        "SELECT active",
        "SELECT address",
        "SELECT domain",
        "SELECT held_until",
        "SELECT home",
        "SELECT local_part",
        "SELECT office",
    ]
    assert "one" not in str(after)
    assert roles.ensure(postfix="one", dovecot="two") == ({}, {})


def test_check_mode_creates_nothing(roles: Roles) -> None:
    predicted = roles.ensure(check_mode=True, postfix="one", dovecot="two")
    assert not roles.database.has_directory()
    assert roles.database.execute("SELECT FROM pg_roles WHERE rolname LIKE 'dovecot%'") == []
    assert roles.ensure(postfix="one", dovecot="two") == predicted
    assert roles.ensure(check_mode=True, postfix="other")[1]["readers"].keys() == {roles.postfix}
    roles.ask(roles.postfix, "one", "SELECT 1")


def test_a_password_is_changed_and_works(roles: Roles) -> None:
    roles.ensure(dovecot="first")
    before, after = roles.ensure(dovecot=HOSTILE)
    assert before["readers"][roles.dovecot]["password_matches"] is False
    assert after["readers"][roles.dovecot]["password_matches"] is True
    assert roles.ask(roles.dovecot, HOSTILE, "SELECT 1") == [(1,)]
    with pytest.raises(psycopg.OperationalError):
        roles.ask(roles.dovecot, "first", "SELECT 1")
    assert roles.ensure(dovecot=HOSTILE) == ({}, {})


def test_each_reads_what_it_needs_and_nothing_else(roles: Roles) -> None:
    roles.ensure(postfix="p", dovecot="p")
    with opened(roles.database) as store:
        put(store, *ALL)
    mailbox = "SELECT {} FROM mailboxes"
    assert roles.ask(roles.postfix, "p", mailbox.format("address, active")) == [("x@a.example", 0)]
    assert roles.ask(roles.dovecot, "p", mailbox.format("password")) == [("{ARGON2ID}h",)]
    for role, statement in (
        (roles.postfix, mailbox.format("password")),
        (roles.postfix, mailbox.format("*")),
        (roles.dovecot, mailbox.format("name")),
        (roles.dovecot, "SELECT address FROM aliases"),
        (roles.dovecot, "SELECT destination FROM alias_destinations"),
        *(
            (role, statement)
            for role in (roles.postfix, roles.dovecot)
            for statement in (
                "SELECT address FROM departures",
                "SELECT revision FROM directory_state",
                "UPDATE mailboxes SET active = 1 RETURNING 1",
                "UPDATE directory_state SET revision = 0 RETURNING 1",
                "INSERT INTO domains (name) VALUES ('b') RETURNING 1",
                "DELETE FROM mailboxes RETURNING 1",
                "SELECT * INTO mine FROM domains",
                "CREATE TABLE public.mine (x integer)",
                "SELECT rolpassword FROM pg_authid",
            )
        ),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            roles.ask(role, "p", statement)


def test_rights_that_somebody_gave_are_taken_back(roles: Roles) -> None:
    roles.ensure(dovecot="p")
    role = roles.quoted(roles.dovecot)
    roles.database.execute(f"GRANT SELECT, UPDATE ON mailboxes TO {role}")
    roles.database.execute(f"GRANT SELECT (address) ON departures TO {role}")
    before, _after = roles.ensure(dovecot="p")
    assert "UPDATE" in before["readers"][roles.dovecot]["privileges"]["mailboxes"]
    assert roles.ensure(dovecot="p") == ({}, {})
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        roles.ask(roles.dovecot, "p", "SELECT address FROM departures")


@pytest.mark.parametrize("more", ["SUPERUSER", "CREATEROLE", "CREATEDB", "IN ROLE pg_monitor"])
def test_a_role_that_may_more_is_refused(roles: Roles, more: str) -> None:
    roles.database.execute(f"CREATE ROLE {roles.dovecot} LOGIN PASSWORD 'p' {more}")
    with pytest.raises(MailError, match="may do more than read"):
        roles.ensure(dovecot="p")


def test_who_can_not_log_in_is_told(roles: Roles) -> None:
    """As where pg_hba.conf does not let a role in."""
    roles.ensure(dovecot="p")
    name = roles.database.dsn.rpartition("/")[2]
    roles.database.execute(f"ALTER ROLE {roles.dovecot} CONNECTION LIMIT 0")
    with pytest.raises(MailError, match=r"can't log in from this host.*too many connections"):
        roles.ensure(dovecot="p")
    assert name in roles.database.dsn


def test_an_owner_that_is_no_superuser_can_do_it(roles: Roles) -> None:
    name = roles.database.dsn.rpartition("/")[2]
    owner = f"owner_{uuid.uuid4().hex[:12]}"
    roles.database.execute(f"CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'o'")
    roles.database.execute(f"ALTER DATABASE {name} OWNER TO {owner}")
    superuser = roles.database.dsn, roles.database.access
    try:
        roles.database.dsn = roles.database.dsn.replace("//postgres@", f"//{owner}@")
        roles.database.access = type(superuser[1])(password="o")
        roles.ensure(postfix="p", dovecot="p")
        assert roles.ensure(postfix="p", dovecot="p") == ({}, {})
        roles.ask(roles.postfix, "p", "SELECT address FROM aliases")
    finally:
        roles.database.dsn, roles.database.access = superuser
        roles.database.execute(f"ALTER DATABASE {name} OWNER TO postgres")
        roles.drop()
        with contextlib.suppress(psycopg.Error):
            roles.database.execute(f"DROP OWNED BY {owner}")
        roles.database.execute(f"DROP ROLE {owner}")


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("", "p", "readers[0].name: '' is no name of a role"),
        ("x" * 64, "p", "is no name of a role"),
        ("a\nb", "p", "is no name of a role"),
        ("a", "", "readers[0].password: the value given is empty"),
        ("a", "secret\n", "readers[0].password: the value given is empty or holds"),
    ],
)
def test_a_mistake_is_told(name: str, password: str, sentence: str) -> None:
    with pytest.raises(MailError) as refused:
        parse_readers([{"name": name, "daemon": "postfix", "password": password}])
    assert sentence in str(refused.value)
    assert "secret" not in str(refused.value)


def test_one_role_for_both_is_refused() -> None:
    entry = {"name": "mail", "password": "p"}
    with pytest.raises(MailError, match="is named twice"):
        parse_readers([{**entry, "daemon": "postfix"}, {**entry, "daemon": "dovecot"}])
