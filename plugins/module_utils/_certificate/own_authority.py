# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring the company's own authority into the wanted state, and return it ready to sign.

PRIVATE to the collection. It can have breaking changes at any time.

A root's file is written before the authority that refers to it, and the authority before what it
signs. Where a run ends in between, the next one goes on from there.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    authority,
    ca_directory,
    constraints,
    facts,
    hierarchy,
    upkeep,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError


@dataclass(frozen=True, slots=True)
class Kept:
    """An authority that is ready, how it was found, and what couldn't be done for it."""

    authority: authority.Authority
    before: Mapping[str, t.Any] | None
    after: Mapping[str, t.Any]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keeper:
    place: ca_directory.Place
    wanted: upkeep.Wanted
    # What clients trust, as it was written before.
    anchors_path: str | None
    now: datetime
    dry: bool

    def keep(self) -> Kept:
        constraints.refuse_others(self.wanted.subtrees, self.wanted.request.names)
        found = self.place.read()
        ours = found or self._created()
        warnings: list[str] = []
        for decide in (upkeep.handover_step, upkeep.intermediate_step):
            step = decide(ours, self.wanted, self.now)
            if step is not None:
                ours = self._done(ours, step, warnings)
        authority.refuse_expired(ours, self.now)
        authority.refuse_others(ours, self.wanted.request.names)
        warnings += upkeep.notices(ours, self.now)
        if ours != found and not self.dry:
            self.place.write(ours)
        path = self.place.path
        before = None if found is None else ca_directory.description(path, found)
        return Kept(ours, before, ca_directory.description(path, ours), tuple(warnings))

    def _created(self) -> authority.Authority:
        """Return an authority where there is none, of a root that is there or a new one."""
        self.place.refuse_as_root()
        root = self.place.only_root()
        if root is None:
            self.place.refuse_lost(self.anchors_path)
            root = self._new_root(self.wanted.common_name, first=True)
        return hierarchy.intermediate(root, self.wanted.subtrees, self.now)

    def _new_root(self, common_name: str, *, first: bool) -> authority.Root:
        root = hierarchy.create_root(common_name, self.now)
        if not self.dry:
            self.place.write_root(self.place.root_path(root, first=first), root)
        return root

    def _done(
        self, ours: authority.Authority, step: upkeep.Step, warnings: list[str]
    ) -> authority.Authority:
        """Return the authority after a step; as it was when the step has to wait for a key."""
        root = self.place.root_of(step.root) if step.root else self._successor(ours)
        if root is None:
            message = self._lacking(step)
            if step.urgent:
                raise MailError(message)
            warnings.append(message)
            return ours
        subtrees = upkeep.subtrees(ours, self.wanted)
        if step.kind in (upkeep.Kind.SUCCESSOR, upkeep.Kind.CROSS):
            until = t.cast("datetime", self._until(ours))
            return hierarchy.hand_over(ours, root, subtrees, until, self.now)
        made = hierarchy.intermediate(root, subtrees, self.now)
        kept = ours.handover if step.kind is upkeep.Kind.INTERMEDIATE else None
        return replace(made, handover=kept)

    def _until(self, ours: authority.Authority) -> datetime | None:
        return self.wanted.rollover or (ours.handover.until if ours.handover else None)

    def _successor(self, ours: authority.Authority) -> authority.Root:
        present = ours.certificates[-1]
        unfinished = self.place.unfinished_successor(present)
        if unfinished is not None:
            return unfinished
        name = hierarchy.successor_name(present, self.wanted.common_name)
        return self._new_root(name, first=False)

    def _lacking(self, step: upkeep.Step) -> str:
        name = facts.common_name_of(t.cast("t.Any", step.root))
        return (
            f"ownca_path: the key of the root {name!r} is needed {step.why}, and there is no file"
            f" root*.pem with it in {self.place.directory}; bring it back for the next run."
        )
