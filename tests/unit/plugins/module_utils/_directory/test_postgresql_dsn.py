# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory import postgresql_dsn
from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql_dsn import (
    parse_postgresql,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError


def test_a_server_elsewhere_proves_who_it_is() -> None:
    assert parse_postgresql("postgresql://owner@db.example,db2.example:5433/mail") == {
        "user": "owner",
        "host": "db.example,db2.example",
        "port": ",5433",
        "dbname": "mail",
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ssl/certs/ca-certificates.crt",
        "connect_timeout": "10",
        "application_name": "assurmer.mail",
    }


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql:///mail",
        "postgresql://owner@localhost/mail",
        "postgresql://owner@127.0.0.1:5433/mail",
        "postgresql://owner@[::1]/mail",
        "postgresql://owner@%2Frun%2Fpostgresql/mail",
        "postgres://owner@localhost,127.0.0.2/mail",
        "postgresql://owner@db.example/mail?hostaddr=127.0.0.1",
    ],
)
def test_a_server_here_need_not(dsn: str) -> None:
    assert "sslmode" not in parse_postgresql(dsn)


def test_what_the_uri_says_wins() -> None:
    found = parse_postgresql(
        "postgresql://owner@db.example/mail?sslmode=verify-ca&sslrootcert=/ca.pem&connect_timeout=3"
    )
    assert (found["sslmode"], found["sslrootcert"]) == ("verify-ca", "/ca.pem")
    assert found["connect_timeout"] == "3"


@pytest.mark.parametrize(
    ("dsn", "sentence"),
    [
        ("postgresql://owner@db.example", "names no database after the host."),
        ("postgresql://owner:secret@db.example/mail", "write that in dsn_password"),
        ("postgresql://owner@db.example/mail?password=secret", "write that in dsn_password"),
        ("postgresql://owner:sec@ret@db.example:5432x/mail?a", "This is no URI of PostgreSQL"),
        ("postgresql://owner@db.example/mail?secret=1", "This is no URI of PostgreSQL"),
        ("postgresql://owner@db.example/mail?sslmode=require", "would not check who the server is"),
        ("postgresql://owner@localhost,db.example/mail?sslmode=disable", "would not check"),
        ("postgresql://owner@127.0.0.1.example/mail?sslmode=prefer", "would not check"),
    ],
)
def test_another_one_is_refused(dsn: str, sentence: str) -> None:
    with pytest.raises(MailError) as refused:
        parse_postgresql(dsn)
    assert str(refused.value).startswith("dsn: ")
    assert sentence in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql_dsn, "HAS_PSYCOPG", False)
    with pytest.raises(MailError, match="Debian has as the package python3-psycopg"):
        parse_postgresql("postgresql:///mail")
