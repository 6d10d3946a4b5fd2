# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparing what is declared with what a directory holds.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KINDS,
    RECORDS,
    Alias,
    Content,
    Edit,
    Kind,
    Mailbox,
    Record,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import (
    Declaration,
    Wish,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The edits that lead to what is declared, and how many declared records need none."""

    edits: tuple[Edit, ...]
    unchanged: Mapping[str, int]

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many records of each kind are created, changed, removed and left."""
        counts = {
            kind: {"created": 0, "changed": 0, "removed": 0, "unchanged": self.unchanged[kind]}
            for kind in KINDS
        }
        for edit in self.edits:
            what = (
                "created" if edit.before is None else "removed" if edit.after is None else "changed"
            )
            counts[edit.kind][what] += 1
        return t.cast("dict[str, dict[str, int]]", counts)


def compare(declaration: Declaration, content: Content, passwords: Mapping[str, str]) -> Plan:
    """Return the plan; `passwords` are the hashes to store, by address."""
    edits: list[Edit] = []
    unchanged: dict[str, int] = {}
    for kind in KINDS:
        edits_of_kind = list(_edits(kind, declaration.of(kind), content.of(kind), passwords))
        unchanged[kind] = declaration.declared[kind] - sum(
            edit.after is not None for edit in edits_of_kind
        )
        edits += edits_of_kind
    return Plan(tuple(edits), unchanged)


def _edits(
    kind: Kind,
    wishes: Mapping[str, Wish],
    found: Mapping[str, Record],
    passwords: Mapping[str, str],
) -> Iterator[Edit]:
    # Databases give them in any order; the diff and the sentences shall always be the same.
    for key, wish in sorted(wishes.items(), key=lambda item: item[0]):
        before = found.get(key)
        if before is None and wish.rename_from is not None:
            before = found.get(wish.rename_from)
        after = _wished(kind, wish, before, passwords) if wish.present else None
        if before != after:
            yield Edit(kind, key, before, after, restore=wish.restore and before is None)


def _wished(kind: Kind, wish: Wish, before: Record | None, passwords: Mapping[str, str]) -> Record:
    fields = dict(wish.fields)
    if wish.key in passwords and kind == "mailboxes":
        fields["password"] = passwords[wish.key]
    if before is None:
        return t.cast("Record", RECORDS[kind](wish.key, **fields))
    if isinstance(before, Mailbox):
        fields["address"] = wish.key
    return dataclasses.replace(before, **fields)


def describe(record: Record) -> dict[str, t.Any]:
    """Return what may be shown of a record: never a hash."""
    if isinstance(record, Mailbox):
        return {
            "address": record.address,
            "name": record.name,
            "quota": record.quota,
            "office": record.office,
            "home": record.home,
            "active": record.active,
            "password_scheme": record.password_scheme,
        }
    if isinstance(record, Alias):
        return {
            "address": record.address,
            "destinations": list(record.destinations),
            "active": record.active,
        }
    return {"name": record.name, "alias_of": record.alias_of, "active": record.active}


def sides(edit: Edit) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Return what may be shown of a record before and after; a new password is told as such."""
    before = describe(edit.before) if edit.before else {}
    after = describe(edit.after) if edit.after else {}
    if before and after and _password(edit.before) != _password(edit.after):
        after["new_password"] = True
    return before, after


def _password(record: Record | None) -> str | None:
    return record.password if isinstance(record, Mailbox) else None


def show(plan: Plan, limit: int) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Return the objects that change, before and after, by kind and key, at most `limit`."""
    before: dict[str, t.Any] = {}
    after: dict[str, t.Any] = {}
    for edit in plan.edits[:limit]:
        for side, shown in zip((before, after), sides(edit), strict=True):
            if shown:
                side.setdefault(edit.kind, {})[edit.key] = shown
    if len(plan.edits) > limit:
        after["not_shown"] = f"{len(plan.edits) - limit} more changes"
    return before, after
