# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the rows of a directory's tables to records and wishes, and back.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Iterable, Iterator, Sequence

from ansible_collections.assurmer.mail.plugins.module_utils._address import Address
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Departure,
    Domain,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import (
    MailboxColumns,
    Secret,
    Wish,
)

Row = tuple[t.Any, ...]


def domain_of(row: Sequence[t.Any]) -> Domain:
    return Domain(row[0], row[1], bool(row[2]))


def mailbox_of(row: Sequence[t.Any]) -> Mailbox:
    address, name, password, quota, office, home, active = row
    return Mailbox(address, name, password, quota, office, home, bool(active))


def aliases_of(rows: Iterable[Sequence[t.Any]]) -> Iterator[Alias]:
    """Yield the aliases of rows with one destination each, sorted by alias and position."""
    for (address, active), group in itertools.groupby(rows, key=lambda row: (row[0], row[1])):
        yield Alias(address, tuple(row[2] for row in group if row[2] is not None), bool(active))


# The columns of a 0 or 1 are integers in every database: a boolean goes in as one.


def domain_row(domain: Domain) -> Row:
    return domain.name, domain.alias_of, int(domain.active)


def mailbox_row(mailbox: Mailbox) -> Row:
    local_part, _at, domain = mailbox.address.rpartition("@")
    return (
        mailbox.address,
        local_part,
        domain,
        mailbox.name,
        mailbox.password,
        mailbox.quota,
        mailbox.office,
        mailbox.home,
        int(mailbox.active),
    )


def alias_row(alias: Alias) -> Row:
    return alias.address, Address.split(alias.address).domain, int(alias.active)


def destination_rows(alias: Alias) -> Iterator[Row]:
    for position, destination in enumerate(alias.destinations):
        yield alias.address, position, destination


def departure_of(row: Sequence[t.Any]) -> Departure:
    return Departure(*row)


def departure_row(departure: Departure) -> Row:
    return departure.address, departure.since, departure.renamed_to


def declared_domain_row(wish: Wish) -> Row:
    return wish.key, wish.fields["alias_of"], int(wish.fields["active"])


def declared_mailbox_row(wish: Wish) -> Row:
    fields = wish.fields
    hashed = wish.secret.hashed if wish.secret else None
    plain = wish.secret is not None and wish.secret.plain is not None
    return (
        wish.key,
        fields["name"],
        fields["quota"],
        fields["office"],
        fields["home"],
        int(fields["active"]),
        hashed,
        int(plain),
        int(wish.restore),
        wish.rename_from,
    )


def declared_mailbox_rows(columns: MailboxColumns) -> Iterator[Row]:
    """Yield what `declared_mailbox_row` would give for each of the wishes."""
    no, nothing = [0] * len(columns.addresses), [None] * len(columns.addresses)
    return zip(
        columns.addresses,
        columns.names,
        columns.quotas,
        columns.offices,
        columns.homes,
        map(int, columns.active),
        columns.hashes,
        no,
        no,
        nothing,
        strict=True,
    )


def declared_alias_row(wish: Wish) -> Row:
    return wish.key, int(wish.fields["active"]), int("destinations" in wish.fields)


def declared_destination_rows(wish: Wish) -> Iterator[Row]:
    for position, destination in enumerate(wish.fields.get("destinations", ())):
        yield wish.key, position, destination


def domain_wish(row: Sequence[t.Any]) -> Wish:
    return Wish(row[0], {"alias_of": row[1], "active": bool(row[2])})


def mailbox_wish(row: Sequence[t.Any]) -> Wish:
    address, name, quota, office, home, active, password, restore, rename_from = row
    fields = {"name": name, "quota": quota, "office": office, "home": home, "active": bool(active)}
    secret = Secret(hashed=password) if password else None
    return Wish(address, fields, secret, restore=bool(restore), rename_from=rename_from)


def alias_wishes(rows: Iterable[Sequence[t.Any]]) -> Iterator[Wish]:
    """Yield the wishes of rows with one destination each, sorted by alias and position."""
    for (address, active, given), group in itertools.groupby(rows, key=lambda row: row[:3]):
        fields: dict[str, t.Any] = {"active": bool(active)}
        if given:
            fields["destinations"] = tuple(row[3] for row in group)
        yield Wish(address, fields)
