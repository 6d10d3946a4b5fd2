# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles of a PostgreSQL server that read a directory, and what each of them may.

PRIVATE to the collection. It can have breaking changes at any time.

Only a superuser may look at the stored passwords of others. So whether a role has a password is
found out as its daemon would: by logging in. The server never sees a password, nor can it log one:
it gets the SCRAM verifier that libpq makes of it.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql import (
    PostgresqlStore,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError

with contextlib.suppress(ImportError):
    # `parse_postgresql` tells that it is missing.
    import psycopg
    from psycopg import sql

_ROLE = """
    SELECT rolcanlogin, has_database_privilege(oid, current_database(), 'CONNECT')
      AND has_schema_privilege(oid, 'public', 'USAGE'),
      rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
      OR rolname = current_user OR EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)
    FROM pg_roles r WHERE rolname = ?
"""
_PRIVILEGES = """
    SELECT c.relname, x.privilege_type || COALESCE(' ' || x.attname, '')
    FROM pg_class c, LATERAL (
      SELECT NULL::name, (aclexplode(c.relacl)).*
      UNION ALL
      SELECT a.attname, (aclexplode(a.attacl)).* FROM pg_attribute a
      WHERE a.attrelid = c.oid AND NOT a.attisdropped
    ) x (attname, grantor, grantee, privilege_type, is_grantable)
    WHERE c.relnamespace = 'public'::regnamespace
      AND x.grantee = (SELECT oid FROM pg_roles WHERE rolname = ?)
    ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class RoleState:
    """What a role may: log in, with the password that was given, connect to the database, and read.

    `privileges` are by table, like "SELECT address".
    """

    login: bool
    connect: bool
    password_matches: bool
    privileges: Mapping[str, Sequence[str]]

    def shown(self) -> dict[str, t.Any]:
        return asdict(self)


class PostgresqlRoles(PostgresqlStore):
    """A directory, with the roles that read it."""

    def find(self, name: str, password: str) -> RoleState | None:
        """Return the state of a role, None if there is no such role."""
        rows = self._rows(_ROLE, name)
        if not rows:
            return None
        login, connect, may_more = rows[0]
        if may_more:
            raise InvalidOption(
                "readers", name, "is a role that may do more than read; name one that is for this"
            )
        privileges: dict[str, list[str]] = {}
        for table, privilege in self._rows(_PRIVILEGES, name):
            privileges.setdefault(table, []).append(privilege)
        return RoleState(login, connect, self._refusal(name, password) is None, privileges)

    def put(self, name: str, password: str, found: RoleState | None, wanted: RoleState) -> None:
        """Create or change a role, and let it log in."""
        with self.transaction():
            role = sql.Identifier(name)
            if found is None or not (found.login and found.password_matches):
                self._set_password(role, name, password)
            if found is None or not found.connect:
                database = sql.Identifier(self._db.info.dbname)
                self._run("GRANT CONNECT ON DATABASE {} TO {}", database, role)
                self._run("GRANT USAGE ON SCHEMA public TO {}", role)
            if found is None or found.privileges != wanted.privileges:
                self._run("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}", role)
                for table, privileges in wanted.privileges.items():
                    columns = [privilege.partition(" ")[2] for privilege in privileges]
                    names = sql.SQL(", ").join(map(sql.Identifier, columns))
                    self._run("GRANT SELECT ({}) ON {} TO {}", names, sql.Identifier(table), role)
        refusal = self._refusal(name, password)
        if refusal is not None:
            raise MailError(
                f"readers: {name} has its password and its rights, and can't log in from this "
                f"host; does pg_hba.conf say so? {refusal}"
            )

    def _set_password(self, role: sql.Identifier, name: str, password: str) -> None:
        # Another host may have been faster.
        there = self._rows("SELECT FROM pg_roles WHERE rolname = ?", name)
        verifier = self._db.pgconn.encrypt_password(
            password.encode(), name.encode(), b"scram-sha-256"
        )
        self._run(
            f"{'ALTER' if there else 'CREATE'} ROLE {{}} LOGIN PASSWORD {{}}",
            role,
            sql.Literal(verifier.decode()),
        )

    def _refusal(self, name: str, password: str) -> str | None:
        """Log in as a role, and return why that failed, if it did."""
        parameters = {**self._parameters, "user": name, "password": password}
        try:
            conninfo = psycopg.conninfo.make_conninfo("", **parameters)
            psycopg.connect(conninfo).close()
        except psycopg.OperationalError as error:
            return str(error).strip().replace("\n", " ")
        return None

    def _run(self, statement: t.Any, *parts: sql.Composable) -> None:
        with self._sentences():
            self._db.execute(sql.SQL(statement).format(*parts))
