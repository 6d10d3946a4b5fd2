# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On which host a mailbox is at home, of all that its office has.

PRIVATE to the collection. It can have breaking changes at any time.

A host that is not named is chosen by rendezvous hashing: the mailboxes of an office are spread
evenly, each host comes to the same result without asking another, and where a host joins an
office, only those mailboxes change that it gets.
"""

from __future__ import annotations

import hashlib
import typing as t
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.assurmer.mail.plugins.module_utils._address import parse_address
from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    OptionName,
    parse_host,
    parse_office,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption


@dataclass(frozen=True)
class Homes:
    """The hosts of each office; `host` is the one that this run is on, if only it is written to.

    Without any hosts there are no offices: where mailboxes are at home is left as it is.
    """

    host: str = ""
    offices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # What is known better than the inventory: the homes of mailboxes that have yet to be moved.
    exceptions: Mapping[str, str] = field(default_factory=dict)
    # Hosts that will not come back; their mailboxes begin anew elsewhere.
    lost: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, options: Mapping[str, t.Any], shared: bool) -> Homes:
        """Return the homes of a module's options; `shared` if one directory serves all hosts."""
        if not options["hosts"]:
            return cls()
        offices: dict[str, list[str]] = {}
        names: set[str] = set()
        for index, entry in enumerate(options["hosts"]):
            name = parse_host(entry["name"], f"hosts[{index}].name")
            if not name or name in names:
                problem = "is named twice" if name else "is no name of a host"
                raise InvalidOption(f"hosts[{index}].name", entry["name"], problem)
            names.add(name)
            offices.setdefault(parse_office(entry["office"], f"hosts[{index}].office"), []).append(
                name
            )
        host = parse_host(options["host"] or "", "host")
        if not shared and host not in names:
            raise InvalidOption("host", host, "is none of the hosts")
        exceptions = dict(
            _exception(address, home, names) for address, home in (options["homes"] or {}).items()
        )
        lost = frozenset(parse_host(name, "lost_hosts") for name in options["lost_hosts"])
        return cls("" if shared else host, offices, exceptions, lost)

    @property
    def hosts(self) -> list[str]:
        return [name for names in self.offices.values() for name in names]

    def of(self, address: str, office: str, host: str | None, option: OptionName) -> str | None:
        """Return a mailbox's home, empty for each host itself, or None to leave it as it is."""
        if not self.offices:
            return host
        if address in self.exceptions:
            return self.exceptions[address]
        if host:
            if host not in self.hosts:
                raise InvalidOption(option("host"), host, "is none of the hosts")
            return host
        if not office:
            return ""
        names = self.offices.get(office)
        if names is None:
            others = ", ".join(sorted(filter(None, self.offices)))
            problem = (
                f"has no mail host; these have one: {others}" if others else "has no mail host"
            )
            raise InvalidOption(option("office"), office, problem)
        return choose(address, names)

    def of_columns(
        self, addresses: Sequence[str], offices: Sequence[str]
    ) -> Sequence[str | None] | None:
        """Return the homes of many mailboxes, or None where one has to be looked at by itself."""
        if not self.offices:
            return [None] * len(addresses)
        if not self.exceptions.keys().isdisjoint(addresses):
            return None
        known: dict[str, Sequence[str]] = {**self.offices, "": ("",)}
        if not known.keys() >= set(offices):
            return None
        single = {office: names[0] for office, names in known.items() if len(names) == 1}
        return [
            single[office] if office in single else choose(address, known[office])
            for address, office in zip(addresses, offices, strict=True)
        ]


NO_OFFICES = Homes()


def _exception(address: str, home: t.Any, names: Collection[str]) -> tuple[str, str]:
    """Return an address as the directory knows it, and the host where it is at home."""
    option = f"homes[{address}]"
    if not isinstance(home, str):
        raise InvalidOption(option, home, "is no name of a host")
    host = parse_host(home, option)
    if host and host not in names:
        raise InvalidOption(option, home, "is none of the hosts")
    return str(parse_address(address, "homes")), host


def choose(address: str, hosts: Sequence[str]) -> str:
    """Return the host, of at least one, that an address belongs to."""
    if len(hosts) == 1:
        return hosts[0]
    return max(hosts, key=lambda host: (_weight(address, host), host))


def _weight(address: str, host: str) -> bytes:
    return hashlib.blake2b(f"{address} {host}".encode(), digest_size=8).digest()
