# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The new home of mailboxes: how it gets them, so that at each moment one host has each of them.

PRIVATE to the collection. It can have breaking changes at any time.

A mailbox is copied while it is used; then it is held for the seconds that the last changes take,
compared with its original, and given over. Up to that moment its old home has it, and everything
done here can be done again. From then on nothing is copied any more, or what has been delivered
here would be lost.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.moves import moment
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._move import dovecot, queue
from ansible_collections.assurmer.mail.plugins.module_utils._move.channel import Peer
from ansible_collections.assurmer.mail.plugins.module_utils._move.homes import Homes
from ansible_collections.assurmer.mail.plugins.module_utils._move.model import (
    Copy,
    difference,
    in_batches,
)

# Another pass is worth it while the last one has taken longer than this.
SHORT_SECONDS = 20.0
PASSES = 3
# What a mailbox in its last step gets: what changed in between is copied again.
LAST_PASSES = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """How many mailboxes at once are held, and for how long, and how many are copied at once."""

    batch: int
    hold: int
    workers: int


@dataclass
class Report:
    """What came of a move."""

    moved: dict[str, str] = field(default_factory=dict)
    messages: int = 0
    held_seconds: float = 0.0
    problems: dict[str, str] = field(default_factory=dict)


class Destination:
    """A host that gets mailboxes from others."""

    def __init__(self, host: str, homes: Homes, mail: MailStore, pace: Pace) -> None:
        self._host = host
        self._homes = homes
        self._mail = mail
        self._pace = pace
        self.report = Report()

    def move(self, old: Peer, addresses: Sequence[str]) -> None:
        """Move mailboxes from one other host, as far as it goes; what does not is in the report."""
        try:
            with old.session():
                self._move(old, addresses)
        except MailError as error:
            for address in addresses:
                if address not in self.report.moved:
                    self.report.problems.setdefault(address, str(error))

    def _move(self, old: Peer, addresses: Sequence[str]) -> None:
        homes = old.ask("homes", addresses=addresses)
        # A run was killed after the old home had given them over: they are here.
        self._take(old, [address for address in addresses if homes.get(address) == self._host])
        for address in addresses:
            if homes.get(address) not in (self._host, old.name):
                place = homes.get(address) or "no host of its own"
                self.report.problems[address] = f"{old.name}: The mailbox is at {place}."
        there = [address for address in addresses if homes.get(address) == old.name]
        for batch in in_batches(there, self._pace.batch):
            self._move_batch(old, batch)

    def _move_batch(self, old: Peer, batch: Sequence[str]) -> None:
        copied = self._copy_in_use(old, batch)
        if not copied:
            return
        begin = time.monotonic()
        try:
            self._homes.hold(copied, old.name, self._pace.hold)
            until = old.ask("hold", addresses=copied, seconds=self._pace.hold)
            equal = self._copy_held(old, copied)
            self._release(old, [address for address in copied if address not in equal])
        except MailError:
            self._release(old, copied)
            raise
        if not equal:
            return
        try:
            old.ask("give", addresses=list(equal), until=until)
        except MailError:
            # Where it can't be asked whether it has given them over, they stay held here for their
            # time, or their mail would go to and fro.
            if not self._given(old, list(equal)):
                self._release(old, list(equal))
                raise
        self._take(old, list(equal))
        self.report.held_seconds = max(self.report.held_seconds, time.monotonic() - begin)
        self.report.messages += sum(original.messages for original in equal.values())

    def _given(self, old: Peer, addresses: Sequence[str]) -> bool:
        homes = old.ask("homes", addresses=addresses)
        return all(homes.get(address) == self._host for address in addresses)

    def _release(self, old: Peer, addresses: Sequence[str]) -> None:
        if addresses:
            self._homes.release(addresses, old.name)
            queue.flush(addresses)
            old.ask("release", addresses=addresses)

    def _take(self, old: Peer, addresses: Sequence[str]) -> None:
        if addresses:
            self._homes.take(addresses, old.name, self._host)
            self.report.moved.update(dict.fromkeys(addresses, old.name))
            queue.flush(addresses)
            old.ask("finish", addresses=addresses)

    def _copy_in_use(self, old: Peer, batch: Sequence[str]) -> list[str]:
        """Copy mailboxes that are in use, and return those with which that was possible."""
        copied = list(batch)
        for _pass in range(PASSES):
            begin = time.monotonic()
            problems = self._copy(old, copied)
            if problems:
                # Not if the line is dead: what has been copied serves the next run.
                old.ask("homes", addresses=list(problems))
            # What was here was perhaps no earlier copy, but a mailbox of its own.
            since = moment()
            anew = [address for address in problems if self._mail.quarantine(address, since)]
            problems = {key: text for key, text in problems.items() if key not in anew}
            problems |= self._copy(old, anew)
            self.report.problems.update(problems)
            copied = [address for address in copied if address not in problems]
            if time.monotonic() - begin < SHORT_SECONDS:
                break
        return copied

    def _copy_held(self, old: Peer, addresses: Sequence[str]) -> dict[str, Copy]:
        """Copy what has changed since, and return the originals whose copy is equal."""
        left = list(addresses)
        equal: dict[str, Copy] = {}
        problems: dict[str, str] = {}
        for _pass in range(LAST_PASSES):
            problems = self._copy(old, left)
            left = [address for address in left if address not in problems]
            looked = old.ask("look", addresses=left)
            copies = dovecot.copies({address: self._mail.home(address) for address in left})
            for address in left:
                original = Copy.of_json(looked["copies"][address])
                problem = difference(original, copies[address])
                if address in looked["online"]:
                    problem = "a session was open"
                if problem is None:
                    equal[address] = original
                else:
                    problems[address] = f"{address}: The copy differs: {problem}."
            left = list(problems)
            if not left:
                break
        self.report.problems.update(problems)
        return equal

    def _copy(self, old: Peer, addresses: Sequence[str]) -> dict[str, str]:
        """Copy several mailboxes at once, and return what went wrong."""
        problems = {}
        with concurrent.futures.ThreadPoolExecutor(self._pace.workers) as pool:
            futures = {address: pool.submit(_copy_one, old, address) for address in addresses}
            for address, future in futures.items():
                try:
                    future.result()
                except MailError as error:
                    problems[address] = str(error)
                except OSError as error:
                    problems[address] = f"{old.name}: {error}"
        return problems


def _copy_one(old: Peer, address: str) -> None:
    with contextlib.closing(old.connect("copy", address=address)) as connection:
        dovecot.fetch(address, connection)
