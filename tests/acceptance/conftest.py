# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts under test, the people who have mail there, and what each test is given."""

from __future__ import annotations

import json
import os
import secrets
import socket
import ssl
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from ansible_collections.assurmer.mail.tests.acceptance.scan import Scan, scan
from ansible_collections.assurmer.mail.tests.acceptance.scorecard import table
from ansible_collections.assurmer.mail.tests.acceptance.starttls import PORTS

PROJECT = Path(__file__).parents[2]
HOSTS = Path(os.environ.get("ACCEPTANCE_HOSTS", PROJECT / ".cache" / "acceptance.json"))
COMPANY = PROJECT / "molecule" / "inventory" / "group_vars" / "default" / "company.yml"


@dataclass(frozen=True)
class Host:
    """A mail host: where it is, and the name that its certificate holds."""

    name: str
    address: str
    debian: int = 12


@dataclass(frozen=True)
class Person:
    """Somebody with a mailbox."""

    address: str
    password: str

    @property
    def local_part(self) -> str:
        return self.address.rpartition("@")[0]


def pytest_configure(config: pytest.Config) -> None:
    if not HOSTS.is_file():
        raise pytest.UsageError(
            f"{HOSTS} does not exist; it names the hosts under test, see tests/acceptance/README.md"
        )
    settings = json.loads(HOSTS.read_text())
    config.acceptance_ca = str(HOSTS.parent / settings["ca"])
    config.acceptance_hosts = [Host(**host) for host in settings["hosts"]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    verdicts = [
        value
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, value in report.user_properties
        if name == "verdict"
    ]
    if verdicts:
        terminalreporter.section("TLS scorecards")
        for line in table(verdicts):
            terminalreporter.write_line(line)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "host" in metafunc.fixturenames:
        hosts = metafunc.config.acceptance_hosts
        metafunc.parametrize("host", hosts, ids=lambda host: host.name, scope="session")


@pytest.fixture(scope="session", autouse=True)
def _names(pytestconfig: pytest.Config) -> t.Iterator[None]:
    """The hosts' names lead to their addresses, so that clients verify certificates as ever."""
    addresses = {host.name: host.address for host in pytestconfig.acceptance_hosts}
    ask_system = socket.getaddrinfo
    socket.getaddrinfo = lambda name, *rest, **more: ask_system(
        addresses.get(name, name), *rest, **more
    )
    yield
    socket.getaddrinfo = ask_system


@pytest.fixture(scope="session")
def people() -> dict[str, Person]:
    """The company's mailboxes by what stands before the @."""
    company = yaml.safe_load(COMPANY.read_text())
    rows = (Person(row["address"], row["password"]) for row in company["mail_mailboxes"])
    return {person.local_part: person for person in rows}


@pytest.fixture(scope="session")
def ca_path(pytestconfig: pytest.Config) -> str:
    return pytestconfig.acceptance_ca


@pytest.fixture(scope="session")
def trust(ca_path: str) -> ssl.SSLContext:
    """What a careful client trusts: the company's authority, and the right name."""
    return ssl.create_default_context(cafile=ca_path)


@pytest.fixture(scope="session")
def scans(pytestconfig: pytest.Config, ca_path: str) -> dict[tuple[str, int], Scan]:
    """Every port of every host, by the host's name and the port."""
    return scan(pytestconfig.acceptance_hosts, PORTS, ca_path)


@pytest.fixture
def token() -> str:
    """A word that no other message holds."""
    return secrets.token_hex(12)
