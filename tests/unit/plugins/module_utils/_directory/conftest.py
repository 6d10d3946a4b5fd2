# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import grp
import os
import typing as t
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import (
    Asked,
    Outcome,
    ensure,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.homes import (
    NO_OFFICES,
    Homes,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.removals import (
    RemovalLimits,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.request import (
    Lists,
    Request,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import (
    OptionLists,
    Source,
)
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
    PostgresqlDatabase,
    SqliteDatabase,
    new_postgresql,
)

HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53

Apply = Callable[..., Outcome]


@pytest.fixture
def group() -> str:
    return grp.getgrgid(os.getegid()).gr_name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "directory" / "directory.sqlite"


@pytest.fixture
def sqlite_database(path: Path, group: str) -> SqliteDatabase:
    return SqliteDatabase(path, group)


@pytest.fixture
def postgresql_database() -> t.Iterator[PostgresqlDatabase]:
    with new_postgresql() as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each database that a directory can be in."""
    return t.cast("Database", request.getfixturevalue(f"{request.param}_database"))


@pytest.fixture
def mail_root(tmp_path: Path) -> Path:
    """Where the mail would be."""
    return tmp_path / "mail"


@pytest.fixture
def apply(database: Database, mail_root: Path) -> Apply:
    """Make the directory hold lists, or a declaration, as the modules do."""

    def applied(
        request: Request | None = None,
        *,
        check_mode: bool = False,
        purge: t.Sequence[str] = (),
        update_always: bool = True,
        limits: RemovalLimits | None = None,
        sources: t.Sequence[Source] = (),
        mail: MailStore | None = None,
        homes: Homes = NO_OFFICES,
        **lists: t.Any,
    ) -> Outcome:
        scheme = Scheme.ARGON2ID
        passwords = Passwords(scheme, update_always, predict=check_mode)
        given = [OptionLists(lists), *sources]
        asked = request or Lists(given, purge, scheme, update_always, homes)
        mail = mail or MailStore(mail_root)
        asked_for = Asked(asked, passwords, mail, limits, check_mode)
        return ensure(database.store(read_only=check_mode), asked_for)

    return applied


@pytest.fixture
def company() -> dict[str, t.Any]:
    return {
        "domains": [{"name": "a.example"}, {"name": "b.example", "alias_of": "a.example"}],
        "mailboxes": [
            {"address": "x@a.example", "password_hash": HASH, "name": "X", "quota": "5G"},
            {"address": "y@a.example", "password_hash": HASH, "active": False},
        ],
        "aliases": [
            {"address": "z@a.example", "destinations": ["y@a.example", "x@b.example"]},
            {"address": "@a.example", "destinations": ["z@a.example"]},
        ],
    }
