# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the directory says that mailboxes are, read and written for a move.

PRIVATE to the collection. It can have breaking changes at any time.

Each call opens the directory anew: the questions of another host come in threads of their own.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._directory.dsn import (
    Access,
    open_store,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._move.model import Home

# A hold that ends within so many seconds is over: the daemons must not have noticed its end.
MARGIN = 5


@dataclass(frozen=True, slots=True)
class Homes:
    """The homes in a directory."""

    dsn: str
    access: Access

    def of(self, addresses: Collection[str]) -> dict[str, Home]:
        """Return the homes of those of the mailboxes that exist."""
        with self._open() as store:
            return {address: Home(*home) for address, home in store.homes(addresses).items()}

    def hold(self, addresses: Collection[str], home: str, seconds: int) -> int:
        """Hold mailboxes that are at a home, all or none; return until when."""
        until = int(time.time()) + seconds
        with self._writing(addresses) as store:
            held = store.hold(addresses, home, until)
            _expect(addresses, held, f"is no longer at {home}")
        return until

    def release(self, addresses: Collection[str], home: str) -> None:
        """End the hold of those of the mailboxes that are at a home."""
        with self._writing(addresses) as store:
            store.hold(addresses, home, 0)

    def give(self, addresses: Collection[str], old: str, new: str, until: int) -> None:
        """Change the home of mailboxes, all or none, that have been held from then to now.

        They stay held.
        """
        with self._writing(addresses) as store:
            if time.time() > until - MARGIN:
                raise MailError("The hold has ended before the move was done.")
            _expect(addresses, store.give(addresses, old, new, until), "was touched by another run")

    def take(self, addresses: Collection[str], old: str, new: str) -> None:
        """Change the home of mailboxes whose old host has let them go, and end their hold."""
        with self._writing(addresses) as store:
            _expect(addresses, store.take(addresses, old, new), f"is not at {old} or {new}")

    @contextlib.contextmanager
    def _open(self) -> Iterator[Store]:
        with contextlib.closing(open_store(self.dsn, self.access)) as store:
            store.open()
            yield store

    @contextlib.contextmanager
    def _writing(self, addresses: Collection[str]) -> Iterator[Store]:
        with self._open() as store, store.transaction():
            yield store


def _expect(addresses: Collection[str], done: Collection[str], problem: str) -> None:
    for address in sorted(set(addresses) - set(done)):
        raise MailError(f"{address}: The mailbox {problem}.")
