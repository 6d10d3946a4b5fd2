# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renew what is due, have the daemons serve it, and see that they do.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import os
import time
import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    argspec,
    ensure,
    issue,
    report,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.inspection import (
    Endpoint,
    Inspection,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._renewal.job import Job
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import Daemon
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.dovecot import Dovecot
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.postfix import Postfix

# In the order of their reloads: Postfix's new processes then find the sockets that Dovecot has made anew.
DAEMONS: dict[str, type[Daemon]] = {"imap": Dovecot, "sieve": Dovecot, "smtp": Postfix}
_POLL = 0.2


@dataclass(frozen=True, slots=True)
class Round:
    """One run for all bundles of a host."""

    endpoints: tuple[Endpoint, ...]
    # Seconds until each port has to serve what is on the disk.
    patience: float
    now: datetime
    # Renew what isn't due, too.
    forced: bool = False

    def run(self, jobs: Iterable[Job]) -> Mapping[Job, Result]:
        # The clock goes on while a CA works, and its certificates may begin when they are signed.
        context = issue.Context(self.now, dry=False)
        results: dict[Job, Result] = {}
        problems: tuple[str, ...] = ()
        for job in jobs:
            results[job] = self._renew(job, context)
            if results[job].changed:
                # At once: a CA may take minutes for the next bundle.
                problems = self._reload()
        watched = {job: self._watched(job) for job in results}
        changed = any(result.changed for result in results.values())
        now = context.by_now() if changed else self.now
        reports = _reports(watched, now)
        if _is_stale(reports):
            problems = problems if changed else self._reload()
            reports = self._served(watched, now)
        return {
            job: Result(
                result.changed,
                (*result.problems, *problems, *reports[job]["problems"]),
                result.text,
            )
            for job, result in results.items()
        }

    def _renew(self, job: Job, context: issue.Context) -> Result:
        if not job.is_renewable:
            return Result()
        params = {**_defaults(), **job.params}
        try:
            request = replace(argspec.request_of(params), forced=self.forced)
            outcome = ensure.present(
                argspec.target_of({**params, "name": None, "path": job.path}),
                argspec.access_of(params),
                request,
                issue.prepare(params, request, context),
                context,
            )
        except MailError as error:
            return Result(problems=(str(error),))
        # The authorities that clients trust may have changed, too, which is no matter of the daemons.
        changed = outcome.before[job.path] != outcome.after[job.path]
        values = outcome.values
        text = f"renewed ({'; '.join(values['reasons'])}), valid until {values['not_after']}"
        return Result(changed, outcome.postponed, text if changed else "")

    def _watched(self, job: Job) -> Inspection:
        """Return what the bundle has to be good for."""
        params = {**_defaults(), **job.params}
        request = argspec.request_of(params)
        trusted = params["ca_path"]
        present = [e for e in self.endpoints if DAEMONS[e.protocol]().installed()]
        # Where a renewal was due and failed, that was told already, and better.
        renews_itself = params["provider"] in ("selfsigned", "acme")
        return Inspection(
            request.names,
            trusted if trusted is not None and os.path.exists(trusted) else None,
            timedelta(0) if renews_itself else request.renew_before,
            tuple(present),
            self.patience,
        )

    def _reload(self) -> tuple[str, ...]:
        # Who runs it by hand may not have said which ports to look at.
        protocols = {endpoint.protocol for endpoint in self.endpoints} or set(DAEMONS)
        kinds = dict.fromkeys(kind for name, kind in DAEMONS.items() if name in protocols)
        problems: list[str] = []
        for kind in kinds:
            daemon = kind()
            try:
                if daemon.installed() and daemon.running():
                    daemon.reload()
            except MailError as error:
                problems.append(f"{daemon.service} can't be reloaded: {error}")
        return tuple(problems)

    def _served(self, watched: Mapping[Job, Inspection], now: datetime) -> dict[Job, t.Any]:
        """Return the reports when all ports serve what they should, or the time is over."""
        deadline = time.monotonic() + self.patience
        while True:
            reports = _reports(watched, now)
            if not _is_stale(reports) or time.monotonic() > deadline:
                return reports
            time.sleep(_POLL)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one bundle."""

    changed: bool = False
    problems: tuple[str, ...] = ()
    text: str = ""


def _reports(watched: Mapping[Job, Inspection], now: datetime) -> dict[Job, t.Any]:
    return {job: report.report(job.path, wanted, now) for job, wanted in watched.items()}


def _is_stale(reports: Mapping[Job, t.Any]) -> bool:
    """Tell whether a port serves another certificate than that on the disk, or none."""
    found = [each for answer in reports.values() for each in answer.get("served", ())]
    return any(not each["reached"] or each["matches"] is False for each in found)


def _defaults() -> dict[str, t.Any]:
    options = argspec.TLS_CERTIFICATE["argument_spec"]
    return {name: rules.get("default") for name, rules in options.items()}
