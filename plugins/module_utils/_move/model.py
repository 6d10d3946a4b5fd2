# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a mailbox consists of, so that two copies of it can be compared.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

# The directory calls its host by this name where mail is on each host itself.
EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder: its numbers (RFC 9051), and a hash over all messages with UID, GUID and flags."""

    guid: str
    uidvalidity: int
    uidnext: int
    messages: int
    contents: str


@dataclass(frozen=True, slots=True)
class Copy:
    """All that moves with a mailbox."""

    folders: Mapping[str, Folder] = field(default_factory=dict)
    subscriptions: tuple[str, ...] = ()
    # Name and hash of each Sieve script, and the name of the active one.
    scripts: Mapping[str, str] = field(default_factory=dict)
    active_script: str = ""

    @property
    def messages(self) -> int:
        return sum(folder.messages for folder in self.folders.values())

    def as_json(self) -> dict[str, t.Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, value: Mapping[str, t.Any]) -> Copy:
        folders = {name: Folder(**folder) for name, folder in value["folders"].items()}
        subscriptions = tuple(value["subscriptions"])
        return cls(folders, subscriptions, value["scripts"], value["active_script"])


def difference(old: Copy, new: Copy) -> str | None:
    """Say in what a copy differs from its original first; None if in nothing."""
    for name in sorted({*old.folders, *new.folders}):
        if old.folders.get(name) != new.folders.get(name):
            return f"folder {name}: {_of(old.folders.get(name))}, {_of(new.folders.get(name))}"
    if old.subscriptions != new.subscriptions:
        return "subscriptions"
    if (old.scripts, old.active_script) != (new.scripts, new.active_script):
        return "Sieve scripts"
    return None


def _of(folder: Folder | None) -> str:
    return f"{folder.messages} messages, next UID {folder.uidnext}" if folder else "none"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a directory says that a mailbox is, and until when it is held."""

    host: str
    held_until: int = 0


def in_batches(addresses: Iterable[str], size: int) -> list[list[str]]:
    everybody = list(addresses)
    return [everybody[start : start + size] for start in range(0, len(everybody), size)]
