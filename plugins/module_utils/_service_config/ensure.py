# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring a daemon's configuration from what it is to what it should be, as one unit.

PRIVATE to the collection. It can have breaking changes at any time.

    compare -> stage -> check -> rehearse -> swap -> reload -> prove -> keep, or put back

Up to the swap nothing of the running service is touched. From the swap to the proof the record
says what is pending, and the previous configuration lies complete where the staged one was: the
next run puts it back if this one is cut off.

A rollout that changes a configuration keeps the previous one beside it, for what only a later step
of the rollout finds out. `restore` puts it back, once, and only what that same rollout replaced.
"""

from __future__ import annotations

import os
import time
import typing as t
from dataclasses import dataclass, replace
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._module import Result
from ansible_collections.assurmer.mail.plugins.module_utils._service_config import record, tree
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.certificates import (
    check_pair,
    digests,
    digests_of,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import Daemon
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.lock import exclusive
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.log import (
    complaints,
    journal,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Configuration,
    Listener,
    State,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.proof import prove
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.rehearsal import (
    OVERHEAD,
    Rehearsal,
    with_words,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.result import compared


@dataclass(frozen=True, slots=True)
class Installer:
    """One run for one daemon. `room` is a directory of ours on the file system of /etc.

    `rollout` names the rollout that this run is part of; without one nothing is kept.
    """

    daemon: Daemon
    configuration: Configuration
    seconds: float
    rollout: str = ""
    room: Path = Path("/etc/.assurmer.mail")

    @property
    def _live(self) -> Path:
        return self.daemon.directory.resolve()

    @property
    def _staged(self) -> Path:
        return self.room / self.daemon.service

    @property
    def _kept(self) -> Path:
        return self.room / f"{self.daemon.service}.previous"

    @property
    def _rehearsal(self) -> Rehearsal:
        return Rehearsal(
            daemon=self.daemon,
            configuration=self.configuration,
            live=self._live,
            log=self.room / f"{self.daemon.service}.log",
            seconds=self.seconds,
        )

    @property
    def _record(self) -> Path:
        return self.room / f"{self.daemon.service}.json"

    def ensure(self, *, check_mode: bool) -> Result:
        """Do what is needed; in check mode say it, and let the checker read the new files."""
        before, after = self._compare(record.load(self._record))
        if before == after and (check_mode or not self._staged.exists()):
            return compared(before, after, "none", [])
        if not self.daemon.installed():
            if check_mode:
                return compared(before, after, "started", [])
            raise MailError(f"{self.daemon.service} is not installed on this host.")
        with exclusive(self.room, seconds=self.seconds + OVERHEAD):
            known = record.load(self._record)
            before, after = self._compare(known)  # The run that we waited for may have done it.
            if before == after:
                self._settle(known)
                tree.discard(self._staged)  # Left by a run that was killed in its rehearsal.
                return compared(before, after, "none", [])
            if check_mode:
                self._try(known)
                return compared(before, after, self._action(), [])
            self._settle(known)
            known = self._recover(known)
            self._rehearse(known)
            action, proof = self._install(known, after)
            return compared(before, after, action, proof)

    def restore(self, *, check_mode: bool) -> Result:
        """Put back what was in force before this rollout, if it changed anything."""
        if not self._replaced(record.load(self._record)):
            return _untouched()
        with exclusive(self.room, seconds=self.seconds + OVERHEAD):
            known = record.load(self._record)
            if check_mode or not self._replaced(known):
                return _untouched()  # Nothing is replaced in check mode.
            self._settle(known)
            cut_off = known.pending
            known = self._recover(known)
            if not self._replaced(known):
                # The rollout's own call was cut off, and that was what had to be put back.
                return _recovered(cut_off)
            return self._restore(known)

    def _replaced(self, known: record.Record) -> bool:
        return known.previous is not None and known.previous.rollout == self.rollout

    def _restore(self, known: record.Record) -> Result:
        previous = t.cast(record.Previous, known.previous)
        swapped = tree.identity(self._live) == previous.tree  # By a restoration that was cut off.
        if not self._kept.is_dir() or not (swapped or tree.identity(self._kept) == previous.tree):
            raise MailError(
                f"The configuration of {self.daemon.service} from before this rollout is no longer"
                f" in {self._kept}; the new one stays in force."
            )
        old = Configuration(
            files=tree.read(self._live if swapped else self._kept, previous.files),
            listeners=previous.listeners
            or tuple(Listener("tcp", port=port) for port in previous.ports),
            lookups=previous.lookups,
        )
        everything = tuple(sorted({*known.files, *previous.files}))
        before = State(
            files=tree.read(self._live, everything),
            certificates=known.certificates,
            in_force=known.pending is None and self.daemon.running(),
            enabled=self.daemon.enabled(),
        )
        # The certificates stay the new ones, and are read by the reload.
        after = State(
            files=old.files,
            certificates=digests_of(previous.certificates),
            in_force=True,
            enabled=True,
        )
        if before == after:  # The rollout only had a new certificate read.
            return compared(before, after, "none", [])
        action = self._action()
        if action == "reloaded" and self.daemon.needs_restart(self._live, self._kept):
            action = "restarted"
        record.save(self._record, replace(known, files=everything, pending=record.UNKNOWN))
        if not swapped:
            tree.exchange(self._live, self._kept)
        since = time.time()
        try:
            proof = replace(self, configuration=old)._put_in_force(action)
        except MailError as error:
            told = MailError(
                f"The configuration of {self.daemon.service} from before this rollout is in place"
                f" again, but is not proven: {error}",
                **error.details,
            )
            raise with_words(told, complaints(journal(self.daemon.units, since))) from error
        record.save(
            self._record,
            record.Record(
                files=tuple(sorted(old.files)),
                certificates=after.certificates,
                ports=previous.ports,
                listeners=previous.listeners,
                lookups=previous.lookups,
            ),
        )
        tree.discard(self._kept)
        return compared(before, after, action, proof)

    def _compare(self, known: record.Record) -> tuple[State, State]:
        paths = {*self.configuration.files, *known.files}
        running = self.daemon.installed() and self.daemon.running()
        before = State(
            files=tree.read(self._live, paths),
            certificates=known.certificates,
            in_force=running and known.pending is None,
            enabled=self.daemon.installed() and self.daemon.enabled(),
        )
        after = State(
            files=self.configuration.files,
            certificates=digests(self.configuration.certificates),
            in_force=True,
            enabled=True,
        )
        return before, after

    def _recover(self, known: record.Record) -> record.Record:
        """End what a run that was cut off began: the previous configuration comes back first.

        Otherwise the new one of this run, if it is refused, would leave an unproven one in place.
        """
        if known.pending is None:
            return known
        tree.mend(self._live, self._staged)
        tree.mend(self._live, self._kept)
        if known.pending == record.UNKNOWN:
            return known
        if self._staged.is_dir() and tree.identity(self._live) == known.pending.tree:
            tree.exchange(self._live, self._staged)
        try:
            self._undo(known.pending.action)
        except MailError:
            # The previous configuration does not start; the new one may be the repair.
            known = replace(known, pending=record.UNKNOWN)
        else:
            known = replace(known, pending=None)
        if known.previous is not None and known.previous.tree == tree.identity(self._live):
            known = replace(known, previous=None)  # It is in force: there is nothing before it.
        record.save(self._record, known)
        if known.previous is None:
            tree.discard(self._kept)
        return known

    def _try(self, known: record.Record) -> None:
        """Let the checker read the files in check mode, beside what a cut off run left."""
        try:
            for file in self.configuration.files.values():
                tree.account_ids(file.owner, file.group)
        except MailError:
            return  # The account may be still to come, made by this very play.
        staged = self.room / f"{self.daemon.service}.check"
        try:
            self._stage(known, staged)
            self._rehearsal.check(staged)
        finally:
            tree.discard(staged)

    def _rehearse(self, known: record.Record) -> None:
        self._rehearsal.refuse_taken_ports(known.ports)
        for certificate in self.configuration.certificates:
            check_pair(certificate)
        try:
            self._stage(known, self._staged)
            self._rehearsal.run(self._staged)
        except BaseException:
            tree.discard(self._staged)
            raise

    def _stage(self, known: record.Record, staged: Path) -> None:
        stale = set(known.files) - set(self.configuration.files)
        age = self.daemon.cool_down
        tree.stage(self._live, staged, self.configuration.files, stale, age=age)

    def _ask_patiently(self) -> None:
        """After a reload a process of the old configuration may answer once more."""
        deadline = time.monotonic() + self.seconds
        while True:
            try:
                return self.daemon.ask(self.configuration)
            except MailError:
                if time.monotonic() > deadline or not self.daemon.running():
                    raise
            time.sleep(0.2)

    def _action(self) -> str:
        return "reloaded" if self.daemon.running() else "started"

    def _install(self, known: record.Record, after: State) -> tuple[str, list[dict[str, t.Any]]]:
        """Swap, reload, prove; go back if the proof fails."""
        action = self._action()
        if action == "reloaded" and self.daemon.needs_restart(self._live, self._staged):
            action = "restarted"
        everything = tuple(sorted({*known.files, *self.configuration.files}))
        pending = record.Pending(tree=tree.identity(self._staged), action=action)
        previous = self._previous(known)
        record.save(
            self._record, replace(known, files=everything, pending=pending, previous=previous)
        )
        try:
            tree.exchange(self._live, self._staged)
        except MailError:
            record.save(self._record, known)
            tree.discard(self._staged)
            raise
        proven = record.Record(
            files=tuple(sorted(after.files)),
            certificates=after.certificates,
            ports=tuple(sorted(self.configuration.ports)),
            listeners=self.configuration.listeners,
            lookups=self.configuration.lookups,
            previous=previous,
        )
        since = time.time()
        try:
            proof = self._put_in_force(action)
            record.save(self._record, proven)
        except MailError as error:
            words = complaints(journal(self.daemon.units, since))
            consequence = self._put_back(known, action)
            raise with_words(_told_why(error, self.daemon.service, consequence), words) from error
        except BaseException:
            self._put_back(known, action)
            raise
        self._settle(proven)
        tree.discard(self._staged)
        if previous is None:
            tree.discard(self._kept)
        return action, proof

    def _previous(self, known: record.Record) -> record.Previous | None:
        """Return what this rollout may have to go back to.

        That is what was proven before its first change, never anything older, and nothing where a
        bare host gets its first configuration.
        """
        if not self.rollout or not known.files or known.pending is not None:
            return None
        if known.previous is not None and known.previous.rollout == self.rollout:
            return known.previous
        return record.Previous(
            rollout=self.rollout,
            tree=tree.identity(self._live),
            files=known.files,
            certificates=tuple(sorted(known.certificates)),
            ports=known.ports,
            listeners=known.listeners,
            lookups=known.lookups,
        )

    def _settle(self, known: record.Record) -> None:
        """Move the replaced directory aside, after the proof: it is not the staged one."""
        if (
            known.pending is None
            and known.previous is not None
            and self._staged.is_dir()
            and tree.identity(self._staged) == known.previous.tree
        ):
            tree.discard(self._kept)
            os.rename(self._staged, self._kept)

    def _put_in_force(self, action: str) -> list[dict[str, t.Any]]:
        if action == "reloaded":
            self.daemon.reload()
        else:
            self.daemon.restart()
        proof = prove(
            self.configuration.listeners,
            seconds=self.seconds,
            given_up=lambda: not self.daemon.running(),
        )
        self._ask_patiently()
        if not self.daemon.enabled():
            self.daemon.enable()
        return proof

    def _put_back(self, known: record.Record, action: str) -> str:
        """Return a phrase that says what is in force now."""
        tree.exchange(self._live, self._staged)
        try:
            self._undo(action)
        except MailError as error:
            record.save(self._record, replace(known, pending=record.UNKNOWN))
            tree.discard(self._staged)
            return f"the previous one is in place again, but does not start ({error})"
        record.save(self._record, known)
        tree.discard(self._staged)
        return "the previous one is in force again"

    def _undo(self, action: str) -> None:
        """Bring the daemon back to the previous configuration, which is in place again."""
        if action == "started":
            self.daemon.stop()
        elif action == "restarted" or (action == "reloaded" and not self.daemon.running()):
            # A daemon that died of the new configuration does not hear a reload.
            self.daemon.restart()
        elif action == "reloaded":
            self.daemon.reload()


def _told_why(error: MailError, service: str, consequence: str) -> MailError:
    return MailError(
        f"{service} accepted the new configuration in the rehearsal but did not prove it live,"
        f" {consequence}: {error}",
        **error.details,
    )


def _untouched() -> Result:
    nothing = State(files={}, certificates={}, in_force=True, enabled=True)
    return compared(nothing, nothing, "none", [])


def _recovered(cut_off: record.Pending | None) -> Result:
    after = State(files={}, certificates={}, in_force=True, enabled=True)
    return compared(
        replace(after, in_force=False), after, cut_off.action if cut_off else "none", []
    )
