# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory in an SQLite file.

PRIVATE to the collection. It can have breaking changes at any time.

The journal mode is DELETE: the daemons' users may read the file and nothing else, and WAL would
need them to create files. A commit in place is what both daemons see at once; a renamed file is
not, until both reload.
"""

from __future__ import annotations

import contextlib
import sqlite3
import typing as t
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from ansible_collections.assurmer.mail.plugins.module_utils._directory import schema
from ansible_collections.assurmer.mail.plugins.module_utils._directory import (
    sqlite_statements as sql,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Edit,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.place import Place, State
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

LOCK_SECONDS = 30.0
JOURNAL_MODE = "delete"


class SqliteStore(Store):
    """A directory in an SQLite file; `read_only` never touches the file, nor misses it."""

    def __init__(self, path: Path, group: str | None, read_only: bool) -> None:
        self._path = path
        self._place = None if group is None else Place(path, group)
        self._read_only = read_only
        self._connection: sqlite3.Connection | None = None

    def open(self) -> tuple[State, State]:
        before, after = self._place.states() if self._place else ({}, {})
        with self._sentences():
            version, journal_mode = self._open()
        if version != schema.VERSION:
            before["schema"], after["schema"] = version, schema.VERSION
        if journal_mode != JOURNAL_MODE:
            before["journal_mode"], after["journal_mode"] = journal_mode, JOURNAL_MODE
        return before, after

    def settle(self) -> None:
        self.close()
        if self._place:
            self._place.settle()
        with self._sentences():
            self._connection = _connect(self._path, "rw")
            self._db.execute(f"PRAGMA journal_mode = {JOURNAL_MODE}")
            with self.transaction():
                self._migrate()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> tuple[int, str]:
        """Connect, and return the version of the schema and the journal mode that were found."""
        if not self._path.exists():
            self._use_copy(None)
            return 0, JOURNAL_MODE
        self._connection = _connect(self._path, "ro" if self._read_only else "rw")
        version = self._version()
        journal_mode = str(self._value("PRAGMA journal_mode"))
        if version < schema.VERSION:
            self._use_copy(self._connection)
        return version, journal_mode

    def _use_copy(self, original: sqlite3.Connection | None) -> None:
        """Go on with a copy in memory, migrated, where a plan reads what the run will read."""
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        if original is not None:
            with contextlib.closing(original):
                original.backup(self._connection)
        self._migrate()

    def _version(self) -> int:
        version = int(self._value("PRAGMA user_version"))
        if version > schema.VERSION:
            raise MailError(
                f"{self._path}: The directory has schema {version}, made by a newer release of "
                f"this collection; this one knows {schema.VERSION}."
            )
        return version

    def _migrate(self) -> None:
        for statement in schema.statements_from(self._version()):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA user_version = {schema.VERSION}")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with self._sentences():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                # SQLite itself has rolled back where a disk was full.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def apply(self, edits: Sequence[Edit]) -> None:
        with self._sentences():
            sql.write(self._db, edits)

    def read_all(self) -> Content:
        with self._sentences(), self._one_moment():
            domains = self._rows(sql.ALL_DOMAINS)
            mailboxes = self._rows(sql.ALL_MAILBOXES)
            aliases = self._rows(sql.ALL_ALIASES)
        return Content(
            {row[0]: sql.domain_of(row) for row in domains},
            {row[0]: sql.mailbox_of(row) for row in mailboxes},
            {alias.address: alias for alias in sql.aliases_of(aliases)},
        )

    @contextlib.contextmanager
    def _one_moment(self) -> Iterator[None]:
        """Let all reads see the same state, also outside of a transaction that writes."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

    def domain(self, name: str) -> Domain | None:
        return next((sql.domain_of(row) for row in self._rows(sql.ONE_DOMAIN, name)), None)

    def mailbox(self, address: str) -> Mailbox | None:
        return next((sql.mailbox_of(row) for row in self._rows(sql.ONE_MAILBOX, address)), None)

    def alias(self, address: str) -> Alias | None:
        return next(sql.aliases_of(self._rows(sql.ONE_ALIAS, address)), None)

    def addresses_in(self, domain: str, limit: int) -> list[str]:
        rows = self._rows(sql.MAILBOXES_IN, domain, limit)
        return [row[0] for row in [*rows, *self._rows(sql.ALIASES_IN, domain, limit)]]

    def alias_domains_of(self, domain: str) -> list[str]:
        return [row[0] for row in self._rows(sql.ALIAS_DOMAINS_OF, domain)]

    def aliases_to(self, destination: str) -> list[str]:
        return [row[0] for row in self._rows(sql.ALIASES_TO, destination)]

    def aliases_into(self, domain: str) -> list[str]:
        return [row[0] for row in self._rows(sql.ALIASES_INTO, domain)]

    def _rows(self, query: str, *values: str | int) -> list[t.Any]:
        with self._sentences():
            return self._db.execute(query, values).fetchall()

    def _value(self, query: str) -> t.Any:
        return self._rows(query)[0][0]

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("The store is not open.")
        return self._connection

    @contextlib.contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                raise MailError(
                    f"{self._path}: Another program has kept the directory locked for "
                    f"{LOCK_SECONDS:.0f} s; try again when it is done."
                ) from None
            raise MailError(f"{self._path}: The directory can't be used: {error}.") from None


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = f"file:{quote(str(path))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=LOCK_SECONDS, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    # A cache that spills locks readers out before the commit.
    connection.execute("PRAGMA cache_spill = OFF")
    return connection
