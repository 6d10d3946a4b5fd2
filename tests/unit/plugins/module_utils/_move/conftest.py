# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import concurrent.futures
import contextlib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import signing
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._move.channel import Identity
from ansible_collections.assurmer.mail.plugins.module_utils._move.homes import Homes
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.conftest import (
    company,
    group,
    mail_root,
    path,
    postgresql_database,
    sqlite_database,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
)

__all__ = ["company", "group", "mail_root", "path", "postgresql_database", "sqlite_database"]

OLD, NEW = "old.example", "new.example"
PEOPLE = ["a@a.example", "b@a.example", "c@a.example"]


class Company:
    """An authority, and the certificates that it gives to hosts."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = signing.new_key("ecdsa-p256")
        self._name = signing.common_name("Company CA")
        now = datetime.now(UTC)
        self._dates = (now - timedelta(hours=1), now + timedelta(days=1))
        root = signing.sign_root(self._key, self._name, *self._dates)
        self.ca_path = directory / "ca.pem"
        self.ca_path.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def identity(self, name: str, trusts: Company | None = None) -> Identity:
        key = signing.new_key("ecdsa-p256")
        signer = signing.Signer(self._name, self._key)
        leaf = signing.sign_leaf(key, (name,), signer, *self._dates)
        path = self._directory / f"{name}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + leaf.public_bytes(serialization.Encoding.PEM)
        )
        return Identity(path, (trusts or self).ca_path)


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return Company(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="session")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return Company(tmp_path_factory.mktemp("theirs"))


@pytest.fixture
def secured(ours: Company) -> Iterator[tuple[ssl.SSLSocket, ssl.SSLSocket]]:
    """The two ends of a TLS connection."""
    identity = ours.identity(NEW)
    here, there = socket.socketpair()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        server = pool.submit(identity.server().wrap_socket, here, server_side=True)
        client = identity.client().wrap_socket(there, server_hostname=NEW)
    with contextlib.closing(server.result()) as ours_, contextlib.closing(client) as theirs:
        yield ours_, theirs


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A directory with three mailboxes at home on the old host."""
    database = request.getfixturevalue(f"{request.param}_database")
    store = database.store()
    store.open()
    store.settle()
    store.close()
    database.execute("INSERT INTO domains (name) VALUES ('a.example')")
    for address in PEOPLE:
        database.execute(
            "INSERT INTO mailboxes (address, local_part, domain, password, home) VALUES"
            f" ('{address}', '{address[0]}', 'a.example', 'x', '{OLD}')"
        )
    return database


@pytest.fixture
def homes(database: Database) -> Homes:
    return Homes(database.dsn, database.access)


@pytest.fixture
def mail(mail_root: Path) -> MailStore:
    for address in PEOPLE:
        (mail_root / "a.example" / address[0]).mkdir(parents=True)
    return MailStore(mail_root)
