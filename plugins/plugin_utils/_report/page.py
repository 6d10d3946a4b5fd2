# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a company's mail hosts, ready to be shown.

PRIVATE to the collection. It can have breaking changes at any time.

Everything that takes a decision is here, so that the template has none to take. A state is one of
ok, warning, failed and unknown; it is always shown as a word, too.
"""

from __future__ import annotations

import itertools
import json
import statistics
import typing as t
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ansible_collections.assurmer.mail.plugins.plugin_utils._report import drawing
from ansible_collections.assurmer.mail.plugins.plugin_utils._report.model import (
    Facts,
    Host,
    Probe,
    mailboxes_at,
)
from ansible_collections.assurmer.mail.plugins.plugin_utils._report.words import (
    counted,
    duration,
    escaped,
    octets,
)

# From so many percent on a disk is a worry.
FULL = 90
# Up to so many hosts have a column each in a matrix of their probes; more have a row each in a list.
MOST_COLUMNS = 16
# How many hosts are named of those whose probes failed for the same reason.
MOST_PARTNERS = 4
# A state of a rollout's record, and how it looks.
_ROLLOUT_STATES = {
    "ok": "ok",
    "failed": "failed",
    "unreachable": "failed",
    "not reached": "unknown",
}

View = dict[str, t.Any]


def page(names: Sequence[str], variables: Mapping[str, Facts], record: str, moment: str) -> View:
    """Return what the page shows, with every text in it safe in HTML."""
    hosts = [Host.from_vars(name, variables[name]) for name in names]
    hosts.sort(key=lambda host: (host.office, host.name))
    offices = _offices(hosts)
    probes = _probes(hosts)
    rollout = _rollout(record, {host.name: host.hostname for host in hosts})
    problems = list(_problems(hosts, rollout))
    return escaped(
        {
            "moment": moment,
            "totals": _totals(hosts, offices, probes),
            "problems": problems,
            "counted_problems": counted(len(problems), "problem"),
            "offices": offices,
            "map": _map(offices, _links(hosts)),
            "probes": probes,
            "certificates": [row for host in hosts for row in _certificates(host)],
            "hosts": [_host(host, hosts) for host in hosts],
            "rollout": rollout,
        }
    )


def _totals(hosts: Sequence[Host], offices: Sequence[View], probes: View) -> list[str]:
    answered = sum(host.state == "ok" for host in hosts)
    known = [number for host in hosts if (number := mailboxes_at(host, hosts)) is not None]
    return [
        counted(len(offices), "office"),
        f"{answered} of {counted(len(hosts), 'host')} answered",
        _mailboxes(sum(known) if known else None),
        f"{probes['ok']} of {counted(probes['tried'], 'probe')} went well",
    ]


def _offices(hosts: Sequence[Host]) -> list[View]:
    return [
        _office(name, list(members), hosts)
        for name, members in itertools.groupby(hosts, key=lambda host: host.office)
    ]


def _office(name: str, members: Sequence[Host], hosts: Sequence[Host]) -> View:
    numbers = [mailboxes_at(host, hosts) for host in members]
    known = [number for number in numbers if number is not None]
    return {
        "name": name,
        "state": "ok" if all(_is_well(host) for host in members) else "failed",
        "counted": _mailboxes(sum(known) if known else None),
        "hosts": [
            {
                "name": host.hostname,
                "state": "ok" if _is_well(host) else "failed",
                "words": _state_words(host),
                "mailboxes": _mailboxes(number),
            }
            for host, number in zip(members, numbers, strict=True)
        ],
    }


def _is_well(host: Host) -> bool:
    own = host.probes.get(host.name)
    return host.state == "ok" and (own is None or own.state == "ok")


def _state_words(host: Host) -> str:
    if host.state == "ok" and not _is_well(host):
        return "probe failed"
    return host.state


def _mailboxes(number: int | None) -> str:
    return "mailboxes unknown" if number is None else counted(number, "mailbox", "mailboxes")


def _links(hosts: Sequence[Host]) -> dict[tuple[str, str], View]:
    """Return what is known of each two offices, in both directions together."""
    found: dict[tuple[str, str], list[Probe]] = {}
    for host, peer in itertools.product(hosts, hosts):
        if host.office != peer.office:
            probe = host.probes.get(peer.name)
            one, other = sorted((host.office, peer.office))
            found.setdefault((one, other), []).extend([probe] if probe else [])
    return {pair: _link(probes) for pair, probes in found.items()}


def _link(probes: Sequence[Probe]) -> View:
    if not probes:
        return {"state": "unknown", "text": "not probed"}
    failed = sum(probe.state == "failed" for probe in probes)
    if failed:
        return {"state": "failed", "text": "failed" if failed == len(probes) else "failed in part"}
    return {"state": "ok", "text": _milliseconds(probes)}


def _map(offices: Sequence[View], links: Mapping[tuple[str, str], View]) -> View | None:
    drawn = drawing.draw(offices, links)
    if drawn is None:
        return None
    lines = [f"{one} and {other}: {link['text']}" for (one, other), link in links.items()]
    return {**drawn, "words": f"{'; '.join(lines)}."}


def _probes(hosts: Sequence[Host]) -> View:
    """Return the probes in a matrix, or, of many hosts, which probe few of the others, in a list."""
    found = [probe for host in hosts for probe in host.probes.values()]
    well = sum(probe.state == "ok" for probe in found)
    pairs = len(hosts) ** 2
    untried = pairs - len(found)
    words = f"{well} of {counted(len(found), 'probe')} went well."
    if untried:
        were = "was" if untried == 1 else "were"
        words += f" {counted(untried, 'pair')} of {pairs} {were} not probed."
    few = len(hosts) <= MOST_COLUMNS
    return {
        "ok": well,
        "tried": len(found),
        "words": words,
        "columns": [host.hostname for host in hosts] if few else [],
        "rows": [_matrix_row(host, hosts) for host in hosts] if few else [],
        "list": [] if few else [_list_row(host, hosts) for host in hosts],
    }


def _matrix_row(host: Host, hosts: Sequence[Host]) -> View:
    return {
        "name": host.hostname,
        "cells": [_cell(host.probes.get(peer.name)) for peer in hosts],
    }


def _list_row(host: Host, hosts: Sequence[Host]) -> View:
    names = {each.name: each.hostname for each in hosts}
    well = {peer: probe for peer, probe in host.probes.items() if probe.state == "ok"}
    row = {
        "name": host.hostname,
        "state": _list_state(len(well), len(host.probes)),
        "words": f"{len(well)} of {len(host.probes)}" if host.probes else "not probed",
        "median": "",
        "slowest": "",
    }
    if well:
        slowest = max(well, key=lambda peer: well[peer].milliseconds)
        row["median"] = _milliseconds(well.values())
        row["slowest"] = f"{well[slowest].milliseconds} ms, read at {names[slowest]}"
    return row


def _list_state(well: int, tried: int) -> str:
    if not tried:
        return "unknown"
    return "ok" if well == tried else "failed"


def _milliseconds(probes: Iterable[Probe]) -> str:
    return f"{statistics.median(probe.milliseconds for probe in probes):.0f} ms"


def _cell(probe: Probe | None) -> View:
    if probe is None:
        return {"state": "unknown", "text": "not probed", "detail": ""}
    if probe.state == "failed":
        return {"state": "failed", "text": "failed", "detail": ""}
    return {"state": "ok", "text": f"{probe.milliseconds} ms", "detail": f"{probe.delivered_in} ms"}


def _certificates(host: Host) -> Iterator[View]:
    if host.state != "ok":
        return
    for found in host.certificates:
        problems = found.get("problems", [found.get("msg", "not looked at")])
        yield {
            "host": host.hostname,
            "name": found.get("__mail_bundle", host.hostname),
            "provider": host.provider,
            "key": found.get("key_type", "unknown"),
            "ends": found.get("not_after", "unknown")[:10],
            "days_left": found.get("days_left", "unknown"),
            "ports": _ports(found.get("served", ())),
            "problems": problems,
            "state": "failed" if problems else "ok",
            "words": "problem" if problems else "ok",
        }


def _ports(served: Sequence[Facts]) -> list[View]:
    """Return the ports with the worst that is said of each, for whatever name it was asked."""
    ports: dict[int, bool] = {}
    for each in served:
        ports[each["port"]] = ports.get(each["port"], True) and not each["problems"]
    return [
        {"port": port, "state": "ok" if well else "failed", "text": "ok" if well else "failed"}
        for port, well in sorted(ports.items())
    ]


def _host(host: Host, hosts: Sequence[Host]) -> View:
    versions = host.facts.get("versions") or {}
    return {
        "name": host.hostname,
        "office": host.office,
        "state": "ok" if _is_well(host) else "failed",
        "words": _state_words(host),
        "debian": versions.get("debian") or "unknown",
        "postfix": versions.get("postfix") or "unknown",
        "dovecot": versions.get("dovecot") or "unknown",
        "mailboxes": _mailboxes(mailboxes_at(host, hosts)),
        "queue": _queue(host.facts.get("queue")),
        "disk": _disk(host.facts.get("disk")),
    }


def _queue(queue: Facts | None) -> View:
    if queue is None:
        return {"state": "unknown", "text": "unknown", "reasons": []}
    if not queue["messages"]:
        return {"state": "ok", "text": "empty", "reasons": []}
    waiting = counted(queue["messages"], "message")
    return {
        "state": "warning" if queue["deferred"] else "ok",
        "text": f"{waiting}, {queue['deferred']} deferred, the oldest for {duration(queue['oldest_seconds'])}",
        "reasons": [
            f"{counted(each['messages'], 'message')}: {each['reason']}" for each in queue["reasons"]
        ],
    }


def _disk(disk: Facts | None) -> View:
    if disk is None:
        return {"state": "unknown", "text": "unknown", "percent": None}
    percent = max(disk["used_percent"], disk["files_used_percent"])
    return {
        "state": "warning" if percent >= FULL else "ok",
        "text": f"{percent} % used, {octets(disk['free'])} free",
        "percent": percent,
    }


def _problems(hosts: Sequence[Host], rollout: View | None) -> Iterator[View]:
    """Yield everything that is wrong, what hinders users most first."""
    for host in hosts:
        if host.state != "ok":
            yield _problem("failed", host.hostname, f"{host.state}: {host.words}")
    yield from _probe_problems(hosts)
    for row in (row for host in hosts for row in _certificates(host)):
        for problem in row["problems"]:
            yield _problem("failed", row["host"], f"certificate {row['name']}: {problem}")
    for host in hosts:
        yield from _host_problems(host)
    for each in rollout["hosts"] if rollout else ():
        if each["state"] != "ok":
            words = f": {each['message']}" if each["message"] else ""
            yield _problem("failed", each["name"], f"last rollout: {each['words']}{words}")


def _probe_problems(hosts: Sequence[Host]) -> Iterator[View]:
    """Yield what failed at each host, once for all probes that failed of it."""
    names = {host.name: host.hostname for host in hosts}
    found: dict[tuple[str, str], list[str]] = {}
    for host in hosts:
        for peer, probe in host.probes.items():
            if probe.state == "failed":
                where, other = (peer, host.name) if probe.at_reader else (host.name, peer)
                way = "from" if probe.at_reader else "to"
                partner = "itself" if where == other else f"{way} {names[other]}"
                found.setdefault((where, probe.words), []).append(partner)
    for (where, words), partners in found.items():
        shown = ", ".join(sorted(partners)[:MOST_PARTNERS])
        more = f" and {len(partners) - MOST_PARTNERS} more" if len(partners) > MOST_PARTNERS else ""
        what = f"{counted(len(partners), 'probe')} failed ({shown}{more}): {words}"
        yield _problem("failed", names[where], what)


def _host_problems(host: Host) -> Iterator[View]:
    for words in host.facts.get("problems", ()):
        yield _problem("failed", host.hostname, words)
    for what, found in (
        ("queue", _queue(host.facts.get("queue"))),
        ("disk", _disk(host.facts.get("disk"))),
    ):
        if found["state"] == "warning":
            yield _problem("warning", host.hostname, f"{what}: {found['text']}")


def _problem(state: str, where: str, what: str) -> View:
    return {"state": state, "where": where, "what": what}


def _rollout(written: str, hostnames: Mapping[str, str]) -> View | None:
    """Return what the last rollout did; a rollout that was killed may have left half a record."""
    if not written:
        return None
    try:
        return _rollout_of(json.loads(written), hostnames)
    except (ValueError, AttributeError):
        return {"unreadable": True, "hosts": []}


def _rollout_of(record: Facts, hostnames: Mapping[str, str]) -> View:
    return {
        "unreadable": False,
        "started": str(record.get("started") or "unknown"),
        "finished": str(record.get("finished") or "unknown"),
        "dry": bool(record.get("check_mode")),
        "hosts": [
            {
                "name": hostnames.get(name, name),
                "office": found.get("office") or "",
                "state": _ROLLOUT_STATES.get(found.get("state", ""), "unknown"),
                "words": found.get("state") or "unknown",
                "changed": [str(each) for each in found.get("changed") or ()],
                "message": " ".join(str(found.get("message") or "").split()),
            }
            for name, found in (record.get("hosts") or {}).items()
        ],
    }
