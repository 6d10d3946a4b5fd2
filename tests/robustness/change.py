# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change of a whole company, there and back, with mail that is moved."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.assurmer.mail.tests.modules import people

DOMAIN = people.DOMAIN
LEAVER, OLD, NEW, TEAM = (f"{name}@{DOMAIN}" for name in ("leaver", "old", "new", "team"))
HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
LETTER = Path("cur") / "1.letter"


class Company:
    """A company that is in one of two states: each of its mailboxes differs between them.

    In state 1 somebody has left, whose mail is in quarantine, and somebody has another address.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.store = folder / "mail"
        self._lists = []
        for state, quota in enumerate(("5G", "6G")):
            self._lists.append(folder / f"{state}.csv")
            people.write(self._lists[state], people.people(number, quota))
        for address in (LEAVER, OLD):
            letter = self.home(address) / LETTER
            letter.parent.mkdir(parents=True)
            letter.write_text(f"Dear {address}")

    def arguments(self, state: int, target: Mapping[str, t.Any]) -> dict[str, t.Any]:
        leaver = {"address": LEAVER, "password_hash": HASH, "restore": True}
        old = {"address": OLD, "password_hash": HASH, "rename_from": NEW}
        new = {"address": NEW, "password_hash": HASH, "rename_from": OLD}
        members = [NEW] if state else [OLD, LEAVER]
        return {
            **target,
            "store": str(self.store),
            "domains": [{"name": DOMAIN}],
            "src": [str(self._lists[state])],
            "mailboxes": [new] if state else [leaver, old],
            "aliases": [{"address": TEAM, "destinations": members}],
            "purge": ["domains", "mailboxes", "aliases"],
            "diff_limit": 0,
        }

    def home(self, address: str) -> Path:
        return self.store / DOMAIN / address.partition("@")[0]

    def lost_mail(self, state: int) -> list[str]:
        """Return the letters that are not in exactly one place, or not where they are looked for.

        A symbolic link is no place, but mail is found behind it.
        """
        lost = []
        letters = [path.read_text() for path in self.store.rglob(str(LETTER))]
        lost += [f"{who}: {letters}" for who in (LEAVER, OLD) if letters.count(f"Dear {who}") != 1]
        home = self.home(NEW if state else OLD)
        if not (home / LETTER).exists():
            lost.append(f"no mail in {home}")
        return lost

    def tree(self) -> list[str]:
        """Return where there is mail, without the moments in the quarantine's names."""
        homes = [path.parents[1] for path in self.store.rglob(str(LETTER))]
        found = [str(home.relative_to(self.store)) for home in homes]
        found += [f"{path} leads" for path in self.store.rglob("*") if path.is_symlink()]
        return sorted(
            f".quarantine/{name.partition('.')[2].partition('.')[2]}"
            if name.startswith(".quarantine/")
            else name
            for name in found
        )


TREES = (
    [f"{DOMAIN}/leaver", f"{DOMAIN}/old"],
    [f".quarantine/{LEAVER}", f"{DOMAIN}/new"],
)
