# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The databases that a directory can be in, each as a test sees it from outside."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import subprocess
import tempfile
import typing as t
import uuid
from abc import ABC, abstractmethod
from pathlib import Path

import psycopg

from ansible_collections.assurmer.mail.plugins.module_utils._directory.dsn import (
    Access,
    open_store,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Content
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store


class Database(ABC):
    """A database that belongs to one test."""

    dsn: str
    access = Access()

    def store(self, read_only: bool = False) -> Store:
        """Return a store in it, not yet open."""
        access = Access(self.access.group, self.access.password, read_only)
        return open_store(self.dsn, access)

    def content(self) -> Content:
        with contextlib.closing(self.store(read_only=True)) as store:
            store.open()
            return store.read_all()

    @abstractmethod
    def execute(self, statement: str) -> list[t.Any]:
        """Run a statement as another program does, and return its rows."""

    @abstractmethod
    def has_directory(self) -> bool:
        """Tell whether anything of a directory was created."""

    @abstractmethod
    def fingerprint(self) -> t.Any:
        """Return what changes with every write."""

    @abstractmethod
    def lose(self) -> None:
        """Remove the directory, as an accident does."""


class SqliteDatabase(Database):
    def __init__(self, path: Path, group: str) -> None:
        self.path = path
        self.dsn = f"sqlite:{path}"
        self.access = Access(group)

    def execute(self, statement: str) -> list[t.Any]:
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            rows = connection.execute(statement).fetchall()
            connection.commit()
            return rows

    def has_directory(self) -> bool:
        return self.path.parent.exists()

    def fingerprint(self) -> tuple[str, int]:
        return hashlib.sha256(self.path.read_bytes()).hexdigest(), self.path.stat().st_mtime_ns

    def lose(self) -> None:
        self.path.unlink()


class PostgresqlDatabase(Database):
    """A new database of the server that tests/env/with_postgresql.sh started."""

    def __init__(self, name: str) -> None:
        user, host, port = (os.environ[f"PG{part}"] for part in ("USER", "HOST", "PORT"))
        self.dsn = f"postgresql://{user}@{host}:{port}/{name}"
        self.access = Access(password=os.environ["PGPASSWORD"])

    def execute(self, statement: str) -> list[t.Any]:
        # The password comes from the environment.
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(t.cast("t.Any", statement))
            return cursor.fetchall() if cursor.description else []

    def has_directory(self) -> bool:
        return self.execute("SELECT to_regclass('public.domains')") != [(None,)]

    def fingerprint(self) -> t.Any:
        tables = self.execute(
            "SELECT oid::text, relfilenode::text, relname FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace ORDER BY oid"
        )
        return tables, self.execute("SELECT * FROM directory_state"), self.content()

    def lose(self) -> None:
        self.execute("DROP SCHEMA public CASCADE")
        self.execute("CREATE SCHEMA public")


@contextlib.contextmanager
def new_postgresql(options: str = "STRATEGY file_copy") -> t.Iterator[PostgresqlDatabase]:
    """Give an empty database of the server, for the time of a test."""
    if "PGHOST" not in os.environ:
        raise RuntimeError("Run these tests by `make unit`, which starts a PostgreSQL server.")
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect("dbname=postgres", autocommit=True) as server:
        server.execute(t.cast("t.Any", f"CREATE DATABASE {name} {options}"))
        try:
            yield PostgresqlDatabase(name)
        finally:
            server.execute(t.cast("t.Any", f"DROP DATABASE {name} WITH (FORCE)"))


@contextlib.contextmanager
def new_replica() -> t.Iterator[PostgresqlDatabase]:
    """Give an empty directory on a server that only reads, like one that follows another."""

    def run(program: str, *arguments: str) -> None:
        path = f"/usr/lib/postgresql/{os.environ['PGVERSION']}/bin/{program}"
        # A server refuses to be root.
        user = "postgres" if os.geteuid() == 0 else None
        command = [path, "-D", f"{folder}/data", *arguments]
        subprocess.run(command, user=user, check=True, stdout=subprocess.DEVNULL)

    def start() -> None:
        options = f"-F -k {folder} -c listen_addresses="
        run("pg_ctl", "start", "-w", "-l", f"{folder}/data/log", "-o", options)

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        run("initdb", "-U", "postgres", "-A", "trust", "--no-sync")
        start()
        try:
            database = PostgresqlDatabase("postgres")
            database.dsn = f"postgresql://postgres@/postgres?host={folder}"
            with contextlib.closing(database.store()) as store:
                store.open()
                store.settle()
            run("pg_ctl", "stop", "-w")
            signal = Path(folder, "data", "standby.signal")
            signal.touch()
            # The server opens it for writing.
            signal.chmod(0o666)
            start()
            yield database
        finally:
            run("pg_ctl", "stop", "-w", "-m", "immediate")
