# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a directory is kept, as the layers above see it.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Edit,
    Mailbox,
)


class Store(ABC):
    """A directory in a database. One class for each scheme of a DSN."""

    @abstractmethod
    def open(self) -> tuple[Mapping[str, t.Any], Mapping[str, t.Any]]:
        """Open what is there, and return what holds the records before and after `settle`.

        Nothing is created or changed. The reading methods answer from now on, for an empty
        directory where there is none yet.
        """

    @abstractmethod
    def settle(self) -> None:
        """Create, repair or migrate what holds the records."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Keep other writers out; readers go on. What is written is seen at once, or never."""

    @abstractmethod
    def apply(self, edits: Sequence[Edit]) -> None:
        """Write the edits, within a transaction."""

    @abstractmethod
    def read_all(self) -> Content:
        """Return everything."""

    @abstractmethod
    def domain(self, name: str) -> Domain | None:
        """Return a domain, if it exists."""

    @abstractmethod
    def mailbox(self, address: str) -> Mailbox | None:
        """Return a mailbox, if it exists."""

    @abstractmethod
    def alias(self, address: str) -> Alias | None:
        """Return an alias, if it exists."""

    @abstractmethod
    def addresses_in(self, domain: str, limit: int) -> list[str]:
        """Return addresses of mailboxes and aliases in a domain, at most `limit` of each."""

    @abstractmethod
    def alias_domains_of(self, domain: str) -> list[str]:
        """Return the names of the domains that are aliases of a domain."""

    @abstractmethod
    def aliases_to(self, destination: str) -> list[str]:
        """Return the addresses of the aliases that send on to an address."""

    @abstractmethod
    def aliases_into(self, domain: str) -> list[str]:
        """Return the addresses of the aliases that send on to any address of a domain."""
