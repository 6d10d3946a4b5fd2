# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The companies whose rollouts are measured: their hosts, offices and mailboxes, as inventories."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible_collections.assurmer.mail.tests.modules import people

OFFICES = ("paris", "lyon", "brussels")
MAILBOXES = 200
# Of the range for such tests (RFC 2544), beside those of the scenarios.
SUBNET = "198.18.40"
WAN = "bench-rollout-wan"


class Host(t.NamedTuple):
    """The first is number 0."""

    number: int

    @property
    def name(self) -> str:
        return f"bench-rollout-{self.number + 1}"

    @property
    def office(self) -> str:
        return OFFICES[self.number % len(OFFICES)]

    @property
    def near(self) -> str:
        return f"{SUBNET}.{10 + self.number}"

    @property
    def far(self) -> str:
        """An address at which the host is a round trip away: see rollout_wan.py."""
        return f"{SUBNET}.{110 + self.number}"

    def variables(self, way: str) -> dict[str, t.Any]:
        name = f"mail{self.number + 1}.{self.office}.example"
        address = self.far if way == "far" else self.near
        return {
            "ansible_host": address,
            "bench_far": self.far,
            "mail_connect_address": address,
            "mail_office": self.office,
            "mail_hostname": name,
            "mail_probe_address": f"probe{self.number + 1}@{people.DOMAIN}",
            "molecule_fqdn": name,
            "molecule_suite": ("bookworm", "trixie")[self.number % 2],
            "molecule_addresses": {"lan": self.near},
        }


class Company:
    """So many hosts, and 200 mailboxes of its own: nothing is moved from a smaller one's."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.hosts = [Host(number) for number in range(size)]
        self._list = folder / f"mailboxes-{size}.csv"
        self._renamed = 0
        self.write_mailboxes()

    def _people(self) -> list[people.Person]:
        offices = OFFICES[: len(self.hosts)]
        size = len(self.hosts)
        return [
            person._replace(
                address=f"person{index}.of{size}@{people.DOMAIN}",
                name=f"Person {index}" + f", renamed {self._renamed}" * (index == 1),
                office=offices[index % len(offices)],
            )
            for index, person in enumerate(people.people(MAILBOXES, "5G"))
        ]

    def write_mailboxes(self) -> None:
        people.write(self._list, self._people())

    def rename_one(self) -> None:
        self._renamed += 1
        self.write_mailboxes()

    def inventory(self, way: str = "near", elsewhere: int = 0, listed: bool = False) -> Path:
        """Write an inventory; `elsewhere` are hosts in offices of their own that nobody asks.

        With `listed` the mailboxes are variables, else they stay in their file.
        """
        postmaster = self._people()[0].address
        variables: dict[str, t.Any] = {
            "ansible_user": "admin",
            "ansible_ssh_private_key_file": str(self.folder / "key"),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={self.folder / 'known_hosts'}",
            "bench_folder": str(self.folder),
            "mail_domains": [{"name": people.DOMAIN}],
            "mail_aliases": [{"address": f"all@{people.DOMAIN}", "destinations": [postmaster]}],
            "mail_postmaster": postmaster,
            "mail_certificate_provider": "ownca",
            "mail_ca_directory": str(self.folder / "ca"),
            "mail_probe_password": "Probe-me-again",
            "mail_rollout_record": str(self.folder / "record.json"),
            # From one company to the next all its people change.
            "directory_removal_limit": 1000,
            "directory_removal_limit_percent": 100,
        }
        if listed:
            variables["mail_mailboxes"] = [person._asdict() for person in self._people()]
        else:
            variables["mail_directory_src"] = [str(self._list)]
        groups: dict[str, t.Any] = {}
        for host in self.hosts:
            group = groups.setdefault(host.office, {"hosts": {}})
            group["hosts"][host.name] = host.variables(way)
        for number in range(elsewhere):
            name = f"mail.office{number}.example"
            groups[f"office{number}"] = {
                "hosts": {
                    f"elsewhere-{number}": {
                        "mail_office": f"office{number}",
                        "mail_hostname": name,
                        "mail_probe_address": f"probe.office{number}@{people.DOMAIN}",
                    }
                }
            }
        kind = "-".join(
            [way, *(["listed"] if listed else []), *([str(elsewhere)] * bool(elsewhere))]
        )
        path = self.folder / f"company-{len(self.hosts)}-{kind}.json"
        path.write_text(
            json.dumps({"mail_hosts": {"children": groups, "vars": variables}}, indent=1) + "\n",
            encoding="utf-8",
        )
        return path

    def containers(self) -> Path:
        """Write what molecule/resources/create.yml makes the containers of."""
        near = json.loads(self.inventory().read_text(encoding="utf-8"))
        near["all"] = {"vars": {"molecule_networks": {"lan": f"{SUBNET}.0/24"}}}
        near["wan"] = {
            "hosts": {
                WAN: {
                    "molecule_suite": "trixie",
                    "molecule_fqdn": "wan.example",
                    "molecule_addresses": {"lan": f"{SUBNET}.2"},
                }
            }
        }
        path = self.folder / "containers.json"
        path.write_text(json.dumps(near) + "\n", encoding="utf-8")
        return path
