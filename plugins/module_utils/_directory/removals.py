# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much a single run may remove.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import KINDS
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import Plan
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError

FEW = 5


@dataclass(frozen=True, slots=True)
class RemovalLimits:
    """The most objects of a kind that a run may remove: a number, and a share of those there are.

    An empty or truncated list is a mistake more often than a wish. One object may always go. A share
    means little of a handful: `FEW` may go whatever it is, as long as there are others.
    """

    number: int
    percent: int

    def __post_init__(self) -> None:
        if self.number < 0:
            raise InvalidOption("removal_limit", self.number, "is negative")
        if not 0 <= self.percent <= 100:
            raise InvalidOption("removal_limit_percent", self.percent, "is not within 0 and 100")

    def check(self, plan: Plan, store: Store) -> None:
        """Refuse a plan that removes more."""
        counts = plan.counts()
        for kind in KINDS:
            removed = counts[kind]["removed"]
            if removed <= 1:
                continue
            there = store.count(kind)
            share = max(there * self.percent // 100, min(FEW, there - 1))
            for option, limit, allowed in (
                ("removal_limit", self.number, self.number),
                ("removal_limit_percent", self.percent, share),
            ):
                if removed > allowed:
                    raise MailError(
                        f"purge: {removed} of {there} {kind} are not declared any more, and "
                        f"{option}: {limit} lets {max(allowed, 1)} of them be removed at once. "
                        f"Nothing has been changed. If they are to go, raise {option} for this run.",
                        counts=counts,
                    )
