# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory in a database that speaks SQL.

PRIVATE to the collection. It can have breaking changes at any time.

What is declared is compared inside the database, in sets: what is as it shall be never comes
back. The statements are the same for every database; an adapter connects, begins and ends
transactions, and turns errors into sentences.
"""

from __future__ import annotations

import typing as t
from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager

from ansible_collections.assurmer.mail.plugins.module_utils._directory import rows
from ansible_collections.assurmer.mail.plugins.module_utils._directory import statements as sql
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Departure,
    Domain,
    Edit,
    Kind,
    Mailbox,
    Misplaced,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.rows import Row
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import (
    MailboxColumns,
    Wish,
)


class SqlStore(Store):
    """What all databases have in common."""

    # How this database says that a value is one of those in a parameter, made by `_set`.
    _among: t.ClassVar[str]
    # Its function that tells where a text is in another.
    _find: t.ClassVar[str]

    @abstractmethod
    def _set(self, values: Collection[str]) -> t.Any:
        """Return the parameter that holds any number of values."""

    @abstractmethod
    def _rows(self, query: str, *values: t.Any) -> list[Row]:
        """Return the rows of a query."""

    @abstractmethod
    def _write(self, write: sql.Write, values: Iterable[Row]) -> None:
        """Run a statement for all rows of values."""

    @abstractmethod
    def _one_moment(self) -> AbstractContextManager[None]:
        """Let all reads see the same state, also outside of a transaction that writes."""

    @abstractmethod
    def _prepare_edits(self) -> None:
        """Let rows refer to others that are written later in the same transaction."""

    def apply(self, edits: Sequence[Edit]) -> None:
        self._prepare_edits()
        for kind, statement in sql.DELETE.items():
            of_kind = [edit for edit in edits if edit.kind == kind]
            self._write(statement, [(edit.key,) for edit in of_kind if edit.after is None])
            self._write(statement, [(edit.renamed_from,) for edit in of_kind if edit.renamed_from])
        records = [edit.after for edit in edits]
        aliases = [record for record in records if isinstance(record, Alias)]
        self._write(
            sql.PUT_DOMAIN,
            (rows.domain_row(record) for record in records if isinstance(record, Domain)),
        )
        self._write(
            sql.PUT_MAILBOX,
            (rows.mailbox_row(record) for record in records if isinstance(record, Mailbox)),
        )
        self._write(sql.PUT_ALIAS, (rows.alias_row(alias) for alias in aliases))
        self._write(sql.DELETE_DESTINATIONS, ((alias.address,) for alias in aliases))
        self._write(
            sql.PUT_DESTINATION, (row for alias in aliases for row in rows.destination_rows(alias))
        )

    def departures(self) -> list[Departure]:
        return [rows.departure_of(row) for row in self._rows(sql.DEPARTURES)]

    def record(self, gone: Sequence[Departure], back: Sequence[str], long_ago: str) -> None:
        self._write(sql.FORGET, [(long_ago,)])
        self._write(sql.RETURN, ((address,) for address in back))
        self._write(sql.DEPART, (rows.departure_row(departure) for departure in gone))

    def homes(self, addresses: Collection[str]) -> dict[str, tuple[str, int]]:
        found = self._rows_among(sql.HOMES, addresses)
        return {address: (home, held_until) for address, home, held_until in found}

    def hold(self, addresses: Collection[str], home: str, until: int) -> set[str]:
        return self._changed_among(sql.HOLD, addresses, until, home)

    def give(self, addresses: Collection[str], old: str, new: str, until: int) -> set[str]:
        return self._changed_among(sql.GIVE, addresses, new, old, until)

    def take(self, addresses: Collection[str], old: str, new: str) -> set[str]:
        return self._changed_among(sql.TAKE, addresses, new, old, new)

    def read_all(self) -> Content:
        with self._one_moment():
            domains = self._rows(sql.ALL_DOMAINS)
            mailboxes = self._rows(sql.ALL_MAILBOXES)
            aliases = self._rows(sql.ALL_ALIASES)
        return Content(
            {row[0]: rows.domain_of(row) for row in domains},
            {row[0]: rows.mailbox_of(row) for row in mailboxes},
            {alias.address: alias for alias in rows.aliases_of(aliases)},
        )

    def count(self, kind: Kind) -> int:
        return int(self._rows(sql.COUNT[kind])[0][0])

    def count_homes(self) -> dict[str, int]:
        return {home: int(number) for home, number in self._rows(sql.COUNT_HOMES)}

    def declare(self, kind: Kind, wishes: Sequence[Wish]) -> None:
        if kind == "domains":
            self._declare("declared_domains", map(rows.declared_domain_row, wishes))
        elif kind == "mailboxes":
            self._declare("declared_mailboxes", map(rows.declared_mailbox_row, wishes))
        else:
            self._declare("declared_aliases", map(rows.declared_alias_row, wishes))
            destinations = (row for wish in wishes for row in rows.declared_destination_rows(wish))
            self._declare("declared_destinations", destinations)

    def declare_mailboxes(self, columns: MailboxColumns) -> None:
        self._declare("declared_mailboxes", rows.declared_mailbox_rows(columns))

    def declare_hosts(self, names: Sequence[str]) -> None:
        self._declare("declared_hosts", ((name,) for name in names))

    def _declare(self, table: str, values: Iterable[Row]) -> None:
        self._write(sql.DECLARE[table], values)

    def declared(self, kind: Kind) -> int:
        return int(self._rows(sql.DECLARED[kind])[0][0])

    def differing(self, kind: Kind, passwords: bool, host: str = "") -> Iterator[Wish]:
        if kind == "domains":
            return map(rows.domain_wish, self._rows(sql.DIFFERING_DOMAINS))
        if kind == "mailboxes":
            found = self._rows(sql.DIFFERING_MAILBOXES, host, host, host, host, int(passwords))
            return map(rows.mailbox_wish, found)
        return rows.alias_wishes(self._rows(sql.DIFFERING_ALIASES))

    def misplaced(self, host: str) -> list[Misplaced]:
        return [Misplaced(*row) for row in self._rows(sql.MISPLACED_MAILBOXES, host, host)]

    def lost_hosts(self) -> dict[str, int]:
        return dict(self._rows(sql.LOST_HOSTS))

    def undeclared(self, kind: Kind) -> list[str]:
        return [row[0] for row in self._rows(sql.UNDECLARED[kind])]

    def domains(self, names: Collection[str]) -> dict[str, Domain]:
        return {row[0]: rows.domain_of(row) for row in self._rows_among(sql.DOMAINS, names)}

    def mailboxes(self, addresses: Collection[str]) -> dict[str, Mailbox]:
        found = self._rows_among(sql.MAILBOXES, addresses)
        return {row[0]: rows.mailbox_of(row) for row in found}

    def aliases(self, addresses: Collection[str]) -> dict[str, Alias]:
        found = rows.aliases_of(self._rows_among(sql.ALIASES, addresses))
        return {alias.address: alias for alias in found}

    def addresses_in(self, domain: str, limit: int) -> list[str]:
        found = self._rows(sql.MAILBOXES_IN, domain, limit)
        return [row[0] for row in [*found, *self._rows(sql.ALIASES_IN, domain, limit)]]

    def alias_domains_of(self, domains: Collection[str]) -> list[str]:
        return [row[0] for row in self._rows_among(sql.ALIAS_DOMAINS_OF, domains)]

    def aliases_to(self, destinations: Collection[str]) -> list[str]:
        return [row[0] for row in self._rows_among(sql.ALIASES_TO, destinations)]

    def aliases_into(self, domain: str) -> list[str]:
        return [row[0] for row in self._rows(sql.ALIASES_INTO.format(find=self._find), domain)]

    def _changed_among(
        self, statement: str, addresses: Collection[str], *values: t.Any
    ) -> set[str]:
        """Run a statement that writes the rows of addresses, and return those that it has written."""
        written = self._rows(statement.format(among=self._among), *values, self._set(addresses))
        return {row[0] for row in written}

    def _rows_among(self, query: str, values: Collection[str]) -> list[Row]:
        if not values:
            return []
        return self._rows(query.format(among=self._among), self._set(values))
