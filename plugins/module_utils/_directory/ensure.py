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

from ansible_collections.assurmer.mail.plugins.module_utils._directory import rules
from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    Declaration,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Content
from ansible_collections.assurmer.mail.plugins.module_utils._directory.neighbourhood import load
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import Plan, compare
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be done, to the store and to its records."""

    plan: Plan
    content: Content
    store_before: Mapping[str, t.Any] = field(default_factory=dict)
    store_after: Mapping[str, t.Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def ensure(
    store: Store, declaration: Declaration, passwords: Passwords, check_mode: bool
) -> Outcome:
    """Make the store hold what is declared, in one transaction, and tell what that took."""
    with contextlib.closing(store):
        before, after = store.open()
        plan, target = _plan(store, declaration, passwords)
        # Nothing has been touched until here, where all that can be refused is refused.
        if before != after and not check_mode:
            store.settle()
        if plan.edits and not check_mode:
            plan, target = _write(store, declaration, passwords)
        return Outcome(plan, target, before, after, tuple(rules.warnings(target)))


def _plan(store: Store, declaration: Declaration, passwords: Passwords) -> tuple[Plan, Content]:
    """Return the plan and what it leads to, having hashed what is to be hashed.

    The rules come first: nobody waits for 10,000 hashes to be told of a typing error.
    """
    content = load(store, declaration)
    outline = compare(declaration, content, {})
    rules.check(declaration, outline, content.edited(outline.edits))
    plan = compare(declaration, content, passwords.resolve(declaration, content))
    return plan, content.edited(plan.edits)


def _write(store: Store, declaration: Declaration, passwords: Passwords) -> tuple[Plan, Content]:
    """Plan again and write while other writers wait: what they did is neither missed nor undone."""
    while True:
        with store.transaction():
            content = load(store, declaration)
            # A password that somebody has changed meanwhile is dealt with outside: hashing is slow.
            if passwords.all_known(declaration, content):
                plan = compare(declaration, content, passwords.known(declaration, content))
                target = content.edited(plan.edits)
                rules.check(declaration, plan, target)
                store.apply(plan.edits)
                return plan, target
        passwords.resolve(declaration, load(store, declaration))
