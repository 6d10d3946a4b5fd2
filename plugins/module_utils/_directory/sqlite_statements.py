# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statements that read and write a directory in SQLite.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import itertools
import sqlite3
import typing as t
from collections.abc import Iterator, Sequence

from ansible_collections.assurmer.mail.plugins.module_utils._address import Address
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Domain,
    Edit,
    Mailbox,
)

ALL_DOMAINS = "SELECT name, alias_of, active FROM domains"
ALL_MAILBOXES = "SELECT address, name, password, quota, office, active FROM mailboxes"
ALL_ALIASES = """
    SELECT address, active, destination FROM aliases LEFT JOIN alias_destinations ON alias = address
    ORDER BY address, position
"""
ONE_DOMAIN = "SELECT name, alias_of, active FROM domains WHERE name = ?"
ONE_MAILBOX = """
    SELECT address, name, password, quota, office, active FROM mailboxes WHERE address = ?
"""
ONE_ALIAS = """
    SELECT address, active, destination FROM aliases LEFT JOIN alias_destinations ON alias = address
    WHERE address = ? ORDER BY position
"""
MAILBOXES_IN = "SELECT address FROM mailboxes WHERE domain = ? LIMIT ?"
ALIASES_IN = "SELECT address FROM aliases WHERE domain = ? LIMIT ?"
ALIAS_DOMAINS_OF = "SELECT name FROM domains WHERE alias_of = ?"
ALIASES_TO = "SELECT alias FROM alias_destinations WHERE destination = ?"
ALIASES_INTO = """
    SELECT DISTINCT alias FROM alias_destinations
    WHERE substr(destination, instr(destination, '@') + 1) = ?
"""

_DELETE = {
    "domains": "DELETE FROM domains WHERE name = ?",
    "mailboxes": "DELETE FROM mailboxes WHERE address = ?",
    "aliases": "DELETE FROM aliases WHERE address = ?",
}
_PUT_DOMAIN = """
    INSERT INTO domains (name, alias_of, active) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET alias_of = excluded.alias_of, active = excluded.active
"""
_PUT_MAILBOX = """
    INSERT INTO mailboxes (address, local_part, domain, name, password, quota, office, active)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (address) DO UPDATE SET name = excluded.name, password = excluded.password,
      quota = excluded.quota, office = excluded.office, active = excluded.active
"""
_PUT_ALIAS = """
    INSERT INTO aliases (address, domain, active) VALUES (?, ?, ?)
    ON CONFLICT (address) DO UPDATE SET active = excluded.active
"""
_DELETE_DESTINATIONS = "DELETE FROM alias_destinations WHERE alias = ?"
_PUT_DESTINATION = """
    INSERT INTO alias_destinations (alias, position, destination) VALUES (?, ?, ?)
"""


def write(connection: sqlite3.Connection, edits: Sequence[Edit]) -> None:
    """Write the edits within the transaction that the connection is in."""
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for kind, statement in _DELETE.items():
        gone = ((edit.key,) for edit in edits if edit.kind == kind and edit.after is None)
        connection.executemany(statement, gone)
    records = [edit.after for edit in edits]
    aliases = [record for record in records if isinstance(record, Alias)]
    connection.executemany(
        _PUT_DOMAIN,
        (
            (domain.name, domain.alias_of, domain.active)
            for domain in records
            if isinstance(domain, Domain)
        ),
    )
    connection.executemany(
        _PUT_MAILBOX, (_mailbox_row(mailbox) for mailbox in records if isinstance(mailbox, Mailbox))
    )
    connection.executemany(
        _PUT_ALIAS, ((alias.address, alias.domain, alias.active) for alias in aliases)
    )
    connection.executemany(_DELETE_DESTINATIONS, ((alias.address,) for alias in aliases))
    connection.executemany(
        _PUT_DESTINATION, (row for alias in aliases for row in _destination_rows(alias))
    )


def _mailbox_row(mailbox: Mailbox) -> tuple[t.Any, ...]:
    address = Address.split(mailbox.address)
    return (
        mailbox.address,
        address.local_part,
        address.domain,
        mailbox.name,
        mailbox.password,
        mailbox.quota,
        mailbox.office,
        mailbox.active,
    )


def _destination_rows(alias: Alias) -> Iterator[tuple[str, int, str]]:
    for position, destination in enumerate(alias.destinations):
        yield alias.address, position, destination


def domain_of(row: Sequence[t.Any]) -> Domain:
    return Domain(row[0], row[1], bool(row[2]))


def mailbox_of(row: Sequence[t.Any]) -> Mailbox:
    address, name, password, quota, office, active = row
    return Mailbox(address, name, password, quota, office, bool(active))


def aliases_of(rows: Sequence[Sequence[t.Any]]) -> Iterator[Alias]:
    for (address, active), group in itertools.groupby(rows, key=lambda row: (row[0], row[1])):
        yield Alias(address, tuple(row[2] for row in group if row[2] is not None), bool(active))
