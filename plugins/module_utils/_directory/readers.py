# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who reads a directory in PostgreSQL: a role for each daemon, which may read what it needs.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql_roles import (
    PostgresqlRoles,
    RoleState,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    InvalidSecret,
)

# By table the columns that each daemon asks for.
GRANTS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "postfix": {
        "domains": ("name", "alias_of", "active"),
        "mailboxes": ("address", "local_part", "domain", "office", "home", "held_until", "active"),
        "aliases": ("address", "domain", "active"),
        "alias_destinations": ("alias", "position", "destination"),
    },
    "dovecot": {
        "domains": ("name", "alias_of", "active"),
        "mailboxes": (
            "address",
            "local_part",
            "domain",
            "password",
            "quota",
            "office",
            "home",
            "held_until",
            "active",
        ),
    },
}
# As PostgreSQL cuts names, in octets.
MAX_NAME = 63


@dataclass(frozen=True, slots=True)
class Reader:
    """A role of the database, and the daemon that connects with it."""

    name: str
    daemon: str
    password: str = field(repr=False)

    @classmethod
    def parse(cls, options: Mapping[str, t.Any], option: str) -> Reader:
        name, password = options["name"], options["password"]
        if not name.isprintable() or not 0 < len(name.encode()) <= MAX_NAME:
            raise InvalidOption(
                f"{option}.name", name, f"is no name of a role, 1 to {MAX_NAME} printable octets"
            )
        if not password or not password.isprintable():
            raise InvalidSecret(
                f"{option}.password", "is empty or holds what can't be printed; write another"
            )
        return cls(name, options["daemon"], password)

    @property
    def wanted(self) -> RoleState:
        grants = {
            table: sorted(f"SELECT {column}" for column in columns)
            for table, columns in GRANTS[self.daemon].items()
        }
        return RoleState(login=True, connect=True, password_matches=True, privileges=grants)


def parse_readers(options: Sequence[Mapping[str, t.Any]]) -> list[Reader]:
    """Return the readers of a module's options."""
    readers = [Reader.parse(entry, f"readers[{index}]") for index, entry in enumerate(options)]
    names = [reader.name for reader in readers]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise InvalidOption(f"readers[{index}].name", name, "is named twice")
    return readers


def ensure_readers(
    store: PostgresqlRoles, readers: Sequence[Reader], check_mode: bool
) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Make the database have these readers, and return what differed before and after."""
    with contextlib.closing(store):
        before, after = store.open()
        if before != after and not check_mode:
            store.settle()
        for reader in readers:
            found = store.find(reader.name, reader.password)
            if found != reader.wanted:
                before.setdefault("readers", {})[reader.name] = found.shown() if found else {}
                after.setdefault("readers", {})[reader.name] = reader.wanted.shown()
                if not check_mode:
                    store.put(reader.name, reader.password, found, reader.wanted)
        return before, after
