# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was found out about each host, as the playbook registers it.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NO_OFFICE = "without an office"

Facts = Mapping[str, t.Any]


@dataclass(frozen=True)
class Probe:
    """A message sent at one host and read at another one."""

    state: t.Literal["ok", "failed"]
    words: str = ""
    # Which of the two hosts it failed at.
    at_reader: bool = False
    milliseconds: int = 0
    delivered_in: int = 0


@dataclass(frozen=True)
class Host:
    """One host. `state` is that of the questions to it; a probe may tell otherwise."""

    name: str
    hostname: str
    office: str
    state: t.Literal["ok", "failed", "unreachable"]
    words: str
    facts: Facts
    provider: str
    certificates: Sequence[Facts]
    probes: Mapping[str, Probe] = field(default_factory=dict)

    @classmethod
    def from_vars(cls, name: str, given: Facts) -> Host:
        asked = given.get("__mail_report_host") or {}
        state, words = _outcome(asked)
        return cls(
            name=name,
            hostname=given.get("mail_hostname") or name,
            office=given.get("mail_office") or NO_OFFICE,
            state=state,
            words=words,
            facts=asked if state == "ok" else {},
            provider=given.get("mail_certificate_provider") or "selfsigned",
            certificates=_done(given.get("__mail_report_certificates")),
            probes={
                probed["__mail_report_peer"]: _probe(probed)
                for probed in _done(given.get("__mail_report_probes"))
            },
        )

    def homes(self) -> Mapping[str, int]:
        """Return how many mailboxes are at home on which host, as this one has it."""
        return self.facts.get("mailboxes") or {}


def mailboxes_at(host: Host, hosts: Sequence[Host]) -> int | None:
    """Return how many mailboxes a host has, in the words of another one where it is silent.

    Those without a home are at home everywhere.
    """
    for witness in sorted(hosts, key=lambda each: each is not host):
        homes = witness.homes()
        if homes and (witness is host or host.hostname in homes):
            return homes.get(host.hostname, 0) + (homes.get("", 0) if witness is host else 0)
    return 0 if host.state == "ok" and host.facts.get("mailboxes") is not None else None


def _done(loop: Facts | None) -> list[Facts]:
    """Return the results of a loop that was not skipped, without those that were."""
    return [each for each in (loop or {}).get("results", ()) if not each.get("skipped")]


def _outcome(result: Facts) -> tuple[t.Literal["ok", "failed", "unreachable"], str]:
    words = _words(result)
    if result.get("unreachable"):
        return "unreachable", words
    if result.get("failed") or not result:
        return "failed", words
    return "ok", ""


def _probe(result: Facts) -> Probe:
    if result.get("failed") or result.get("unreachable"):
        step = result.get("failed_step") or {}
        return Probe("failed", _words(result), at_reader=step.get("protocol") == "imap")
    return Probe(
        "ok",
        milliseconds=round(result.get("milliseconds") or 0),
        delivered_in=round(result.get("delivered_in") or 0),
    )


def _words(result: Facts) -> str:
    """Return what a failed task says, in one line."""
    said = str(result.get("msg") or "It was not asked.")
    return " ".join(said.removeprefix("Task failed: ").removeprefix("Module failed: ").split())
