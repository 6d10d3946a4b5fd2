# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an administrator wishes the directory to hold, as values.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import KINDS, Kind


@dataclass(frozen=True, slots=True)
class Secret:
    """A password as it was given: in plain, or as a `{SCHEME}hash`."""

    plain: str | None = field(default=None, repr=False)
    hashed: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Wish:
    """A record that shall be there, with these fields, or shall not be there.

    A field that is missing stays as it is, and has its default in a new record. A new mailbox may
    take over the mail and the record of another (`rename_from`), or get the mail back of the last
    one that had its address (`restore`).
    """

    key: str
    fields: Mapping[str, t.Any] = field(default_factory=dict)
    secret: Secret | None = None
    present: bool = True
    restore: bool = False
    rename_from: str | None = None


@dataclass(frozen=True, slots=True)
class MailboxColumns:
    """Wishes for mailboxes with all their fields, column by column.

    None of them has a plain password, restores or renames.
    """

    addresses: Sequence[str]
    names: Sequence[str]
    # In octets.
    quotas: Sequence[int]
    offices: Sequence[str]
    # None where nobody says.
    homes: Sequence[str | None]
    active: Sequence[bool]
    hashes: Sequence[str | None]


@dataclass(frozen=True)
class Declaration:
    """The wishes that an edit may come of; `whole` if they are of lists and not of one object.

    `declared` tells how many records of each kind shall be there, with those that are as they
    shall be already and have no wish here.
    """

    domains: Mapping[str, Wish] = field(default_factory=dict)
    mailboxes: Mapping[str, Wish] = field(default_factory=dict)
    aliases: Mapping[str, Wish] = field(default_factory=dict)
    declared: Mapping[str, int] = field(default_factory=dict)
    whole: bool = False

    @classmethod
    def build(
        cls,
        wishes: Mapping[Kind, Iterable[Wish]],
        whole: bool = False,
        declared: Mapping[str, int] | None = None,
    ) -> Declaration:
        """Return the declaration of wishes, each of which is counted unless `declared` is given."""
        kinds: t.Any = {kind: {wish.key: wish for wish in wishes.get(kind, ())} for kind in KINDS}
        if declared is None:
            declared = {kind: sum(wish.present for wish in kinds[kind].values()) for kind in KINDS}
        return cls(**kinds, declared=declared, whole=whole)

    def of(self, kind: Kind) -> Mapping[str, Wish]:
        return t.cast("Mapping[str, Wish]", getattr(self, kind))

    def option(self, kind: Kind, key: str, name: str) -> str:
        """Return the name of the option that a record's field came from."""
        return f"{kind}[{key}].{name}" if self.whole else name
