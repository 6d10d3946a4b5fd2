# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module was asked for: one object, or lists of them.

PRIVATE to the collection. It can have breaking changes at any time.

Lists are parsed entry by entry and handed to the store, which compares them in sets. What comes
back are the entries that differ, as if they had been asked for one by one: a list of 100,000
entries of which one has changed costs little more than that one.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    Options,
    parse_object,
    renamed_alias,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.homes import (
    NO_OFFICES,
    Homes,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.intake import Intake
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KINDS,
    Kind,
    Misplaced,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import Source
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import (
    Declaration,
    Secret,
    Wish,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme


class Request(ABC):
    """What the directory shall hold."""

    @abstractmethod
    def declare(self, store: Store) -> Problems:
        """Parse what was given, and tell the store what it is to compare.

        Returns the problems of what could not be parsed; the rest is declared.
        """

    @abstractmethod
    def declaration(self, store: Store) -> Declaration:
        """Return the wishes that differ from what the store holds."""

    def misplaced(self, store: Store) -> list[Misplaced]:
        """Return the mailboxes that shall be at home elsewhere, and stay until they are moved."""
        return []


class OneObject(Request):
    """One object, from the options of a module."""

    def __init__(self, kind: Kind, options: Options, scheme: Scheme) -> None:
        wish = parse_object(kind, options, lambda name: name, scheme)
        if options["state"] == "absent":
            wish = Wish(wish.key, present=False)
        self.kind = kind
        self.key = wish.key
        alias = renamed_alias(options, wish) if wish.present else None
        wishes: dict[Kind, list[Wish]] = {kind: [wish]}
        if alias is not None:
            wishes["aliases"] = [alias]
        self._declaration = Declaration.build(wishes)

    def declare(self, store: Store) -> Problems:
        """Nothing has to be compared in sets."""
        return Problems()

    def declaration(self, store: Store) -> Declaration:
        return self._declaration


class Lists(Request):
    """The entries of any number of sources; of the kinds to purge, there shall be no others."""

    def __init__(
        self,
        sources: Iterable[Source],
        purge: Iterable[str],
        scheme: Scheme,
        verify: bool,
        homes: Homes = NO_OFFICES,
    ) -> None:
        self._sources = list(sources)
        self._homes = homes
        self._purge = frozenset(purge)
        self._scheme = scheme
        # Whether a plain password is compared with the stored hash of a mailbox that exists.
        self._verify = verify
        self._plain: Mapping[str, Secret] = {}

    def declare(self, store: Store) -> Problems:
        intake = Intake(store, self._scheme, self._homes)
        intake.take(self._sources)
        self._plain = intake.plain
        for kind in KINDS:
            if kind in self._purge and kind not in intake.given:
                # A list that was forgotten must not empty a directory.
                sentence = f"is named, but the option {kind} is not given"
                intake.problems.add(InvalidOption("purge", kind, sentence), kind)
        if self._homes.offices:
            self._refuse_lost_hosts(store, intake.problems)
        return intake.problems

    def _refuse_lost_hosts(self, store: Store, problems: Problems) -> None:
        for host, number in store.lost_hosts().items():
            if host not in self._homes.lost:
                sentence = (
                    f"is missing, and {number} mailboxes are at home there; move them first, or "
                    "name it in lost_hosts if their mail is lost"
                )
                problems.add(InvalidOption("hosts", host, sentence), "mailboxes")

    def misplaced(self, store: Store) -> list[Misplaced]:
        return store.misplaced(self._homes.host) if self._homes.offices else []

    def declaration(self, store: Store) -> Declaration:
        wishes: dict[Kind, list[Wish]] = {}
        declared: dict[str, int] = {}
        for kind in KINDS:
            differing = store.differing(kind, self._verify, self._homes.host)
            wishes[kind] = [self._with_secret(wish) for wish in differing]
            declared[kind] = store.declared(kind)
        staying = _renamed(wishes["mailboxes"], store)
        for kind in KINDS:
            if kind in self._purge:
                gone = (key for key in store.undeclared(kind) if key not in staying)
                wishes[kind] += [Wish(key, present=False) for key in gone]
        return Declaration.build(wishes, whole=True, declared=declared)

    def _with_secret(self, wish: Wish) -> Wish:
        plain = self._plain.get(wish.key)
        return wish if plain is None else dataclasses.replace(wish, secret=plain)


def _renamed(wishes: Iterable[Wish], store: Store) -> set[str]:
    """Return the addresses that are not removed, for they are given another name."""
    renamed = {wish.key: wish.rename_from for wish in wishes if wish.rename_from is not None}
    there = store.mailboxes(renamed)
    return {old for new, old in renamed.items() if new not in there}
