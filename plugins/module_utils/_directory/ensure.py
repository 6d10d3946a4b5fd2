# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making a directory hold what is declared.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.assurmer.mail.plugins.module_utils._directory import moves, rules
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Content,
    Misplaced,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.moves import Moved
from ansible_collections.assurmer.mail.plugins.module_utils._directory.neighbourhood import load
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import Plan, compare
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.removals import (
    RemovalLimits,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.request import Request
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import Declaration


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be done, to the store, to its records and to the mail."""

    plan: Plan
    content: Content
    store_before: Mapping[str, t.Any] = field(default_factory=dict)
    store_after: Mapping[str, t.Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    misplaced: tuple[Misplaced, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a module was asked for, and how."""

    request: Request
    passwords: Passwords
    mail: MailStore
    limits: RemovalLimits | None = None
    check_mode: bool = False


def ensure(store: Store, asked: Asked) -> Outcome:
    """Make the store hold what is asked for, in one transaction, and tell what that took."""
    with contextlib.closing(store):
        before, after = store.open()
        problems = asked.request.declare(store)
        if problems:
            _find_more(store, asked.request, problems)
            problems.raise_first()
        revision = store.revision()
        decision = _decide(store, asked)
        moved: list[Moved] = []
        if not asked.check_mode:
            # Nothing has been touched until here, where all that can be refused is refused.
            if before != after:
                store.settle()
            if decision.plan.edits:
                # In a store that has been settled it is made anew, and a large one need not be
                # held twice.
                known = (decision, revision) if before == after else None
                del decision
                decision, moved = _change(store, asked, known)
            elif moves.unfinished(store, asked.mail):
                with asked.mail.locked():
                    moved = moves.finish(store, asked.mail)
        warnings = tuple(rules.warnings(decision.target))
        misplaced = tuple(asked.request.misplaced(store))
        return Outcome(
            decision.plan, decision.target, before, after, warnings, tuple(moved), misplaced
        )


def _find_more(store: Store, request: Request, problems: Problems) -> None:
    """Add what the rules have against the entries that could be parsed.

    Without those that could not, no loop is certain.
    """
    declaration = request.declaration(store)
    content = load(store, declaration)
    plan = compare(declaration, content, {})
    all_domains = "domains" not in problems.incomplete
    for error in rules.errors(declaration, plan, content.edited(plan.edits), all_domains):
        problems.add(error)


@dataclass(frozen=True, slots=True)
class _Decision:
    """A plan, what it leads to, and what it was asked for."""

    declaration: Declaration
    plan: Plan
    target: Content


def _decide(store: Store, asked: Asked) -> _Decision:
    """Return what is to be done, having hashed what is to be hashed.

    The rules come first: nobody waits for 10,000 hashes to be told of a typing error.
    """
    declaration = asked.request.declaration(store)
    content = load(store, declaration)
    _judge(store, asked, declaration, content, {})
    hashes = asked.passwords.resolve(declaration, content)
    return _judge(store, asked, declaration, content, hashes)


def _judge(
    store: Store,
    asked: Asked,
    declaration: Declaration,
    content: Content,
    hashes: Mapping[str, str],
) -> _Decision:
    plan = compare(declaration, content, hashes)
    target = content.edited(plan.edits)
    rules.check(declaration, plan, target)
    if asked.limits is not None:
        asked.limits.check(plan, store)
    return _Decision(declaration, plan, target)


def _change(
    store: Store, asked: Asked, known: tuple[_Decision, int | None] | None
) -> tuple[_Decision, list[Moved]]:
    """Write, and do to mail and sessions what follows from it."""
    with asked.mail.locked():
        moved = moves.finish(store, asked.mail)
        decision, revision = known or (None, store.revision())
        if decision is None:
            decision = _decide(store, asked)
        moves.prepare(store, asked.mail, decision.plan.edits)
        decision = _write(store, asked, decision, revision)
        moves.close_sessions(decision.plan.edits)
        return decision, moved + moves.finish(store, asked.mail)


def _write(
    store: Store, asked: Asked, decision: _Decision | None, revision: int | None
) -> _Decision:
    """Write while other writers wait, having decided again if one of them was faster."""
    while True:
        with store.transaction():
            if decision is None or revision is None or store.revision() != revision:
                decision = None
                declaration = asked.request.declaration(store)
                content = load(store, declaration)
                # A password that somebody has changed meanwhile is dealt with outside: hashing
                # is slow.
                if asked.passwords.all_known(declaration, content):
                    hashes = asked.passwords.known(declaration, content)
                    decision = _judge(store, asked, declaration, content, hashes)
            if decision is not None:
                store.apply(decision.plan.edits)
                moves.write_down(store, decision.plan.edits)
                return decision
        revision = store.revision()
        decision = _decide(store, asked)
