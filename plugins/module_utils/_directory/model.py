# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a directory holds: domains, mailboxes and aliases.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ansible_collections.assurmer.mail.plugins.module_utils._address import Address

Kind = t.Literal["domains", "mailboxes", "aliases"]
KINDS: tuple[Kind, ...] = ("domains", "mailboxes", "aliases")
KEYS: Mapping[Kind, str] = {"domains": "name", "mailboxes": "address", "aliases": "address"}


@dataclass(frozen=True, slots=True)
class Domain:
    """A mail domain; with `alias_of`, each of its addresses means the same one of that domain."""

    name: str
    alias_of: str | None = None
    active: bool = True

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox with its login. A quota of 0 is no limit."""

    address: str
    name: str = ""
    password: str = field(default="", repr=False)
    quota: int = 0
    office: str = ""
    # The name of the host where its mail is; an empty one is each host itself.
    home: str = ""
    active: bool = True

    @property
    def key(self) -> str:
        return self.address

    @property
    def domain(self) -> str:
        return Address.split(self.address).domain

    @property
    def password_scheme(self) -> str:
        return self.password.partition("}")[0].lstrip("{")


@dataclass(frozen=True, slots=True)
class Alias:
    """An address whose mail is sent on; `@domain` is the catch-all of a domain."""

    address: str
    destinations: tuple[str, ...] = ()
    active: bool = True

    @property
    def key(self) -> str:
        return self.address

    @property
    def domain(self) -> str:
        return Address.split(self.address).domain


@dataclass(frozen=True, slots=True)
class Departure:
    """A mailbox that is no more, since a moment in UTC written like `20261124T060000Z`.

    Its mail goes to the quarantine, or to the mailbox that it was renamed to.
    """

    address: str
    since: str
    renamed_to: str | None = None


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A mailbox whose mail is on one host (`home`) and shall be on another (`wanted`)."""

    address: str
    home: str
    wanted: str


Record = t.Union[Domain, Mailbox, Alias]  # noqa: UP007 - sanity reads "|" here as arithmetic
RECORDS: Mapping[Kind, t.Any] = {
    "domains": Domain,
    "mailboxes": Mailbox,
    "aliases": Alias,
}


@dataclass(frozen=True)
class Content:
    """The records of a directory by their keys, or as many of them as a question needs."""

    domains: Mapping[str, Domain] = field(default_factory=dict)
    mailboxes: Mapping[str, Mailbox] = field(default_factory=dict)
    aliases: Mapping[str, Alias] = field(default_factory=dict)

    def of(self, kind: Kind) -> Mapping[str, Record]:
        return t.cast("Mapping[str, Record]", getattr(self, kind))

    def edited(self, edits: Iterable[Edit]) -> Content:
        """Return the content that the edits lead to."""
        kinds: dict[Kind, dict[str, t.Any]] = {kind: dict(self.of(kind)) for kind in KINDS}
        for edit in edits:
            if edit.renamed_from is not None:
                kinds[edit.kind].pop(edit.renamed_from, None)
            if edit.after is None:
                kinds[edit.kind].pop(edit.key, None)
            else:
                kinds[edit.kind][edit.key] = edit.after
        return Content(**kinds)

    @cached_property
    def addresses_in(self) -> Mapping[str, list[str]]:
        """The addresses of mailboxes and aliases by their domain."""
        found: dict[str, list[str]] = {}
        records: list[Mailbox | Alias] = [*self.mailboxes.values(), *self.aliases.values()]
        for record in records:
            found.setdefault(record.domain, []).append(record.address)
        return found

    @cached_property
    def alias_domains_of(self) -> Mapping[str, list[str]]:
        """The names of alias domains by the domain that they mean."""
        found: dict[str, list[str]] = {}
        for domain in self.domains.values():
            if domain.alias_of is not None:
                found.setdefault(domain.alias_of, []).append(domain.name)
        return found


@dataclass(frozen=True, slots=True)
class Edit:
    """One record before and after; None where it does not exist."""

    kind: Kind
    key: str
    before: Record | None
    after: Record | None
    # Whether the mail of the last mailbox of this address comes back.
    restore: bool = False

    @property
    def renamed_from(self) -> str | None:
        """The key that the record had before, if that was another one."""
        return self.before.key if self.before and self.before.key != self.key else None
