# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a directory is kept, as the layers above see it.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

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
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import (
    MailboxColumns,
    Wish,
)


class Store(ABC):
    """A directory in a database. One class for each scheme of a DSN.

    What is asked for by names or addresses is read in one query, however many they are.
    """

    @abstractmethod
    def open(self) -> tuple[Mapping[str, t.Any], Mapping[str, t.Any]]:
        """Open what is there, and return what holds the records before and after `settle`.

        Nothing is created or changed. The reading methods answer from now on, for an empty
        directory where there is none yet.
        """

    @abstractmethod
    def settle(self) -> None:
        """Create, repair or migrate what holds the records. What was declared is kept."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Keep other writers out; readers go on. What is written is seen at once, or never."""

    @abstractmethod
    def revision(self) -> int | None:
        """Return a number that differs once another connection has written; None if unknown."""

    @abstractmethod
    def apply(self, edits: Sequence[Edit]) -> None:
        """Write the edits, within a transaction."""

    @abstractmethod
    def departures(self) -> list[Departure]:
        """Return the mailboxes that are no more and have not come back, the oldest first."""

    @abstractmethod
    def record(self, gone: Sequence[Departure], back: Sequence[str], long_ago: str) -> None:
        """Write down, within a transaction, who is gone, and which addresses are gone no more.

        Who has been gone since before `long_ago` is forgotten.
        """

    # Where mailboxes are at home, while they move

    @abstractmethod
    def homes(self, addresses: Collection[str]) -> dict[str, tuple[str, int]]:
        """Return the home of those of the mailboxes that exist, and until when each is held."""

    @abstractmethod
    def hold(self, addresses: Collection[str], home: str, until: int) -> set[str]:
        """Hold those of the mailboxes that are at a home, and return them. Until 0 is no longer."""

    @abstractmethod
    def give(self, addresses: Collection[str], old: str, new: str, until: int) -> set[str]:
        """Change the home of those of the mailboxes that are held until then; return them."""

    @abstractmethod
    def take(self, addresses: Collection[str], old: str, new: str) -> set[str]:
        """Change the home of those that are at either, end their hold, and return them."""

    # Everything, and its comparison with what is declared

    @abstractmethod
    def read_all(self) -> Content:
        """Return everything."""

    @abstractmethod
    def count(self, kind: Kind) -> int:
        """Return the number of records of a kind."""

    @abstractmethod
    def count_homes(self) -> dict[str, int]:
        """Return the number of mailboxes by the host that they are at home on; '' is each host."""

    @abstractmethod
    def declaring(self) -> AbstractContextManager[None]:
        """Take declarations within this context, and be ready to compare them after it."""

    @abstractmethod
    def declare(self, kind: Kind, wishes: Sequence[Wish]) -> None:
        """Remember wishes with all their fields, to be compared. Readers never see them.

        Plain passwords are not remembered, only that there is one.
        """

    @abstractmethod
    def declare_mailboxes(self, columns: MailboxColumns) -> None:
        """Remember wishes that come as columns."""

    @abstractmethod
    def declare_hosts(self, names: Sequence[str]) -> None:
        """Remember the hosts that mailboxes can be at home on."""

    @abstractmethod
    def declared(self, kind: Kind) -> int:
        """Return the number of wishes that were declared."""

    @abstractmethod
    def differing(self, kind: Kind, passwords: bool, host: str = "") -> Iterator[Wish]:
        """Yield the declared wishes that differ from their records, or have none.

        The wish of a mailbox that is `misplaced` is for the home that it has.

        With `passwords`, the password of a mailbox that exists is compared too. A plain one can't
        be compared here and differs always; its wish comes without a secret.
        """

    @abstractmethod
    def misplaced(self, host: str) -> list[Misplaced]:
        """Return the mailboxes whose mail has yet to be moved, as far as `host` knows.

        It knows of the mail that it has and of the mail that it is to get. Without a host, all
        share this directory, which then knows everything.
        """

    @abstractmethod
    def lost_hosts(self) -> dict[str, int]:
        """Return how many declared mailboxes are at home on hosts that are not declared."""

    @abstractmethod
    def undeclared(self, kind: Kind) -> list[str]:
        """Return the keys of the records that no wish was declared for."""

    # Some records and their neighbours

    @abstractmethod
    def domains(self, names: Collection[str]) -> dict[str, Domain]:
        """Return those of the domains that exist."""

    @abstractmethod
    def mailboxes(self, addresses: Collection[str]) -> dict[str, Mailbox]:
        """Return those of the mailboxes that exist."""

    @abstractmethod
    def aliases(self, addresses: Collection[str]) -> dict[str, Alias]:
        """Return those of the aliases that exist."""

    @abstractmethod
    def addresses_in(self, domain: str, limit: int) -> list[str]:
        """Return addresses of mailboxes and aliases in a domain, at most `limit` of each."""

    @abstractmethod
    def alias_domains_of(self, domains: Collection[str]) -> list[str]:
        """Return the names of the domains that are aliases of one of these."""

    @abstractmethod
    def aliases_to(self, destinations: Collection[str]) -> list[str]:
        """Return the addresses of the aliases that send on to one of these addresses."""

    @abstractmethod
    def aliases_into(self, domain: str) -> list[str]:
        """Return the addresses of the aliases that send on to any address of a domain."""
