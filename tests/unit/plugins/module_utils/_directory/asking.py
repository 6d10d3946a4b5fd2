# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the layers above the store ask for: the store itself, in memory."""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KINDS,
    Content,
    Edit,
    Kind,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.neighbourhood import load
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import Plan, compare
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.request import Lists
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import (
    Entry,
    OptionLists,
    Source,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sqlite import SqliteStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import Declaration
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme


def entries_of(
    source: Source, problems: Problems, given: set[Kind] | None = None
) -> t.Iterator[Entry]:
    """Yield the entries of a source one by one."""
    for batch in source.batches(set() if given is None else given):
        yield from batch.entries(problems)


@contextlib.contextmanager
def store_of(content: Content) -> t.Iterator[SqliteStore]:
    """Give a store that holds a content and ends with the test."""
    with contextlib.closing(SqliteStore(Path("/nowhere/at.all"), None, read_only=True)) as store:
        store.open()
        with store.transaction():
            records = [record for kind in KINDS for record in content.of(kind).values()]
            kinds = [kind for kind in KINDS for _record in content.of(kind)]
            store.apply(
                [
                    Edit(kind, record.key, None, record)
                    for kind, record in zip(kinds, records, strict=True)
                ]
            )
        yield store


def planned(
    content: Content,
    purge: t.Sequence[str] = (),
    sources: t.Sequence[Source] = (),
    verify: bool = True,
    passwords: t.Mapping[str, str] | None = None,
    **lists: t.Any,
) -> tuple[Declaration, Plan, Content]:
    """Return what differs, the plan that comes of it, and what the plan leads to."""
    request = Lists([OptionLists(lists), *sources], purge, Scheme.ARGON2ID, verify)
    with store_of(content) as store:
        request.declare(store).raise_first()
        declaration = request.declaration(store)
        found = load(store, declaration)
    plan = compare(declaration, found, passwords or {})
    return declaration, plan, found.edited(plan.edits)


def differing(content: Content, **asked: t.Any) -> Declaration:
    """Return what is left of lists when they have been compared with a content."""
    return planned(content, **asked)[0]
