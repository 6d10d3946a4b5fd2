# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking in the entries of lists: each is parsed, and handed to the store that compares them.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from ansible_collections.assurmer.mail.plugins.module_utils._directory.columns import (
    parse_columns,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    parse_entry,
    renamed_alias,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.homes import (
    NO_OFFICES,
    Homes,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KINDS,
    Kind,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import (
    Batch,
    Entry,
    Source,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import Secret, Wish
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme

BATCH = 2000


class Intake:
    """Tells a store what is declared, and collects the problems of what can't be parsed."""

    def __init__(self, store: Store, scheme: Scheme, homes: Homes = NO_OFFICES) -> None:
        self._store = store
        self._scheme = scheme
        self._homes = homes
        self.problems = Problems()
        # The kinds that a list was given of.
        self.given: set[Kind] = set()
        # Plain passwords never go to a database, not even to a table of our own.
        self.plain: dict[str, Secret] = {}
        self._waiting: dict[Kind, list[Wish]] = {kind: [] for kind in KINDS}
        self._seen: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
        # The options that named the addresses which are renamed.
        self._renamed: dict[str, str] = {}

    def take(self, sources: Iterable[Source]) -> None:
        """Parse all entries and declare those that could be parsed."""
        with self._store.declaring():
            self._store.declare_hosts(self._homes.hosts)
            for source in sources:
                for batch in self._batches(source):
                    self._take(batch)
            for kind in KINDS:
                self._hand_over(kind)
        for address, option in self._renamed.items():
            if address in self._seen["mailboxes"]:
                sentence = "is declared as a mailbox itself"
                self.problems.add(InvalidOption(option, address, sentence), "mailboxes")

    def _batches(self, source: Source) -> Iterator[Batch]:
        """Yield what can be read. What the store refuses meanwhile is no problem of a source."""
        with self.problems.collected():
            yield from source.batches(self.given)

    def _take(self, batch: Batch) -> None:
        if self._takes_columns(batch):
            return
        parts = list(batch.parts())
        for part in parts:
            self._take(part)
        if not parts:
            self._take_entries(batch)

    def _takes_columns(self, batch: Batch) -> bool:
        """Take a batch by its columns, if there is nothing unusual in it."""
        cells = batch.cells() if batch.kind == "mailboxes" else None
        columns = parse_columns(cells, self._homes) if cells else None
        if columns is None:
            return False
        addresses, seen = set(columns.addresses), self._seen["mailboxes"]
        if len(addresses) != len(columns.addresses) or not seen.isdisjoint(addresses):
            return False
        seen |= addresses
        self._store.declare_mailboxes(columns)
        return True

    def _take_entries(self, batch: Batch) -> None:
        for entry in batch.entries(self.problems):
            try:
                wishes = self._wishes(entry)
            except MailError as error:
                self.problems.add(error, entry.kind)
            else:
                for kind, wish in wishes:
                    self._take_wish(kind, wish)

    def _wishes(self, entry: Entry) -> list[tuple[Kind, Wish]]:
        wish = parse_entry(entry.kind, entry.options, entry.option, self._scheme)
        if entry.kind == "mailboxes":
            wish = self._at_home(wish, entry)
        if wish.rename_from is not None:
            option = entry.option("rename_from")
            if wish.rename_from in self._renamed:
                raise InvalidOption(option, wish.rename_from, "is renamed twice")
            self._renamed[wish.rename_from] = option
        self._once(entry.kind, wish, entry.place)
        alias = renamed_alias(entry.options, wish)
        if alias is None:
            return [(entry.kind, wish)]
        self._once("aliases", alias, entry.option("rename_alias"))
        return [(entry.kind, wish), ("aliases", alias)]

    def _at_home(self, wish: Wish, entry: Entry) -> Wish:
        fields = wish.fields
        home = self._homes.of(wish.key, fields["office"], fields["home"], entry.option)
        return dataclasses.replace(wish, fields={**fields, "home": home})

    def _once(self, kind: Kind, wish: Wish, option: str) -> None:
        if wish.key in self._seen[kind]:
            raise InvalidOption(option, wish.key, "is declared twice")
        self._seen[kind].add(wish.key)

    def _take_wish(self, kind: Kind, wish: Wish) -> None:
        if wish.secret is not None and wish.secret.plain is not None:
            self.plain[wish.key] = wish.secret
        self._waiting[kind].append(wish)
        if len(self._waiting[kind]) == BATCH:
            self._hand_over(kind)

    def _hand_over(self, kind: Kind) -> None:
        self._store.declare(kind, self._waiting[kind])
        self._waiting[kind] = []
