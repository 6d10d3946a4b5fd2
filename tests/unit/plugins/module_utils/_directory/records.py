# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records that the tests of the stores put and find."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Domain,
    Edit,
    Mailbox,
    Record,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
)

A = Domain("a.example")
B = Domain("b.example", "a.example", active=False)
X = Mailbox("x@a.example", "X 'Y' \"Z\"", "{ARGON2ID}h", 2**62, "paris", active=False)
Z = Alias("@a.example", ("x@a.example", "a@c.example", "0@b.example"))
ALL: tuple[tuple[t.Any, Record], ...] = (
    ("aliases", Z),
    ("mailboxes", X),
    ("domains", B),
    ("domains", A),
)


def put(store: Store, *records: tuple[t.Any, Record]) -> None:
    with store.transaction():
        store.apply([Edit(kind, record.key, None, record) for kind, record in records])


@contextlib.contextmanager
def opened(database: Database, read_only: bool = False) -> t.Iterator[Store]:
    """Give a store that is open, until the end of the block."""
    with contextlib.closing(database.store(read_only)) as store:
        store.open()
        yield store
