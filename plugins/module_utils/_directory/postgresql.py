# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory in a PostgreSQL database.

PRIVATE to the collection. It can have breaking changes at any time.

The tables are in the schema `public`, beside one of ours with the version of the schema and a
revision. Whoever writes, self-service programs of the company too, first locks that one row: a
trigger sees to it. So writers wait for each other, and readers for nobody.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import typing as t
from collections.abc import Collection, Iterable, Iterator, Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._directory import schema
from ansible_collections.assurmer.mail.plugins.module_utils._directory import statements as sql
from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql_dsn import (
    parse_postgresql,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.rows import Row
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sql_store import SqlStore
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

with contextlib.suppress(ImportError):
    # `parse_postgresql` tells that it is missing.
    import psycopg

LOCK_SECONDS = 30
BATCH = 5000

_TABLES = ("domains", "mailboxes", "aliases", "alias_destinations", "departures")
_STATE = (
    "CREATE TABLE directory_state (version BIGINT NOT NULL, revision BIGINT NOT NULL)",
    "INSERT INTO directory_state VALUES (0, 0)",
    """
    CREATE FUNCTION directory_touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS
    'BEGIN UPDATE directory_state SET revision = revision + 1; RETURN NULL; END'
    """,
)
_LOCK = "SELECT revision FROM directory_state FOR UPDATE"
_WATCH = """
    CREATE OR REPLACE TRIGGER directory_touch
    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION directory_touch()
"""
_TABLE_NAMES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
_COPY = "INSERT INTO pg_temp.{table} SELECT * FROM public.{table}"
# One number for all that settle a directory at once; it means nothing.
_SETTLE_LOCK = 727_661_696
# Any number of rows in one parameter for each column.
_ROWS = "SELECT {values} FROM ROWS FROM ({parameters}) r ({names})"
_CASTS = {"t": "", "i": "::bigint"}


class PostgresqlStore(SqlStore):
    """A directory in a PostgreSQL database; `read_only` may be a replica, and writes nothing."""

    _among = "IN (SELECT json_array_elements_text(?::json))"
    _find = "strpos"

    def __init__(self, dsn: str, password: str, read_only: bool) -> None:
        self._dsn = dsn
        self._parameters = parse_postgresql(dsn)
        if password:
            self._parameters["password"] = password
        self._read_only = read_only
        self._connection: psycopg.Connection[Row] | None = None
        # How often this connection itself has changed the revision.
        self._own_changes = 0

    def open(self) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
        with self._sentences():
            self._connection = psycopg.connect(self._conninfo(), autocommit=True)
            self._db.execute("SET search_path = public")
            if self._read_only:
                self._db.execute("SET default_transaction_read_only = on")
            version = self._version()
            if version < schema.VERSION:
                self._use_copy(version)
        if version == schema.VERSION:
            return {}, {}
        return {"schema": version}, {"schema": schema.VERSION}

    def _conninfo(self) -> str:
        return psycopg.conninfo.make_conninfo("", **self._parameters)

    def settle(self) -> None:
        with self._sentences():
            for table in _TABLES:
                self._db.execute(f"DROP TABLE IF EXISTS pg_temp.{table} CASCADE")
            with self._db.transaction():
                self._db.execute(f"SELECT pg_advisory_xact_lock({_SETTLE_LOCK})")
                if self._has_state():
                    # What writers lock first comes first here, too.
                    self._rows(_LOCK)
                else:
                    for statement in _STATE:
                        self._db.execute(statement)
                version = self._version()
                if version < schema.VERSION:
                    self._migrate(version)

    def _migrate(self, version: int) -> None:
        for statement in schema.statements_from(version, schema.POSTGRESQL):
            self._db.execute(statement)
        for table in self._existing(_TABLES):
            self._db.execute(_WATCH.format(table=table))
        self._rows("UPDATE directory_state SET version = ? RETURNING version", schema.VERSION)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _version(self) -> int:
        if not self._has_state():
            return 0
        version = int(self._rows("SELECT version FROM directory_state")[0][0])
        if version > schema.VERSION:
            raise MailError(
                f"{self._dsn}: The directory has schema {version}, made by a newer release of "
                f"this collection; this one knows {schema.VERSION}."
            )
        return version

    def _has_state(self) -> bool:
        return "directory_state" in self._existing(["directory_state"])

    def _existing(self, tables: Collection[str]) -> list[str]:
        """Return those of the tables that exist.

        Asking the catalogue sees what another session has just created; to_regclass() may not.
        """
        found = {row[0] for row in self._rows(_TABLE_NAMES)}
        return [table for table in tables if table in found]

    def _use_copy(self, version: int) -> None:
        """Go on with a copy in temporary tables, migrated: a plan reads what the run will read."""
        if self._is_replica():
            raise MailError(
                f"{self._dsn}: The directory has schema {version}, and this collection needs "
                f"{schema.VERSION}; run a module that writes, with the server that is replicated."
            )
        with self._writable():
            self._db.execute("SET search_path = pg_temp")
            for statement in schema.statements_until(version, schema.POSTGRESQL):
                self._db.execute(statement)
            self._db.execute("SET CONSTRAINTS ALL DEFERRED")
            for table in self._existing(_TABLES):
                self._db.execute(_COPY.format(table=table))
            self._db.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in schema.statements_from(version, schema.POSTGRESQL):
                self._db.execute(statement)
            self._db.execute("SET search_path = public")

    def _is_replica(self) -> bool:
        return bool(self._rows("SELECT pg_is_in_recovery()")[0][0])

    @contextlib.contextmanager
    def _writable(self) -> Iterator[None]:
        """Let a connection that only reads create temporary tables, in one transaction."""
        with self._db.transaction():
            try:
                self._db.execute("SET TRANSACTION READ WRITE")
            except psycopg.errors.FeatureNotSupported:
                # What a replica answers to this alone; to all else it is the same as to a reader.
                raise psycopg.errors.ReadOnlySqlTransaction from None
            yield

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with self._sentences(), self._db.transaction():
            self._db.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            before = self._rows(_LOCK)[0][0]
            yield
            after = self._rows("SELECT revision FROM directory_state")[0][0]
        self._own_changes += after - before

    def revision(self) -> int | None:
        if not self._has_state():
            return None
        found = self._rows("SELECT revision FROM directory_state")
        return int(found[0][0]) - self._own_changes

    @contextlib.contextmanager
    def _one_moment(self) -> Iterator[None]:
        if self._db.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            yield
            return
        with self._sentences(), self._db.transaction():
            self._db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield

    def _prepare_edits(self) -> None:
        self._db.execute("SET CONSTRAINTS ALL DEFERRED")

    @contextlib.contextmanager
    def declaring(self) -> Iterator[None]:
        with self._sentences():
            with self._writable():
                for table, columns in sql.DECLARED_TABLES.items():
                    definition = schema.POSTGRESQL.write(columns)
                    self._db.execute(f"CREATE TEMP TABLE {table} ({definition})")
            # The server stores what it has been sent while the next lines are read here.
            with self._db.pipeline():
                yield
            # The planner does not know by itself how much that was.
            self._db.execute(f"ANALYZE {', '.join(sql.DECLARED_TABLES)}")

    def _set(self, values: Collection[str]) -> str:
        return json.dumps(list(values))

    def _write(self, write: sql.Write, values: Iterable[Row]) -> None:
        statement = _parameters(write.statement.format(rows=_rows_of(write.columns)))
        remaining = iter(values)
        with self._sentences():
            while batch := list(itertools.islice(remaining, BATCH)):
                self._db.execute(
                    statement, [json.dumps(column) for column in zip(*batch, strict=True)]
                )

    def _rows(self, query: str, *values: t.Any) -> list[Row]:
        with self._sentences():
            return self._db.execute(_parameters(query), values).fetchall()

    @property
    def _db(self) -> psycopg.Connection[Row]:
        if self._connection is None:
            raise RuntimeError("The store is not open.")
        return self._connection

    @contextlib.contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise MailError(f"{self._dsn}: {_sentence(error)}") from None


def _rows_of(columns: str) -> str:
    """Return the query for rows whose columns are parameters."""
    names = [f"c{index}" for index in range(len(columns))]
    return _ROWS.format(
        values=", ".join(
            f"{name}{_CASTS[kind]}" for name, kind in zip(names, columns, strict=True)
        ),
        parameters=", ".join("json_array_elements_text(?::json)" for _name in names),
        names=", ".join(names),
    )


def _parameters(statement: str) -> t.Any:
    return statement.replace("%", "%%").replace("?", "%s")


_SENTENCES: Mapping[str, str] = {
    # lock_not_available, deadlock_detected
    "55P03": f"Another program has kept the directory locked for {LOCK_SECONDS} s; try again when "
    "it is done.",
    "40P01": "Another program wrote to the directory at the same time; try again.",
    # read_only_sql_transaction
    "25006": "This server is a replica, or lets nobody write; name the one that is replicated.",
}


def _sentence(error: psycopg.Error) -> str:
    """Return what an administrator needs to know, without the row that a server complains about."""
    known = _SENTENCES.get(error.sqlstate or "")
    if known is not None:
        return known
    if error.diag.message_primary:
        return f"The directory can't be used: {error.diag.message_primary}."
    # No server said this: the connection failed, or was lost.
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    words = "; ".join(lines) or type(error).__name__
    return f"The server can't be reached: {words}. What was to be changed is changed whole, or not at all."
