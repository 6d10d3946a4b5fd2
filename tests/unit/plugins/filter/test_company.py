# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping

from ansible.errors import AnsibleUndefinedVariable

from ansible_collections.assurmer.mail.plugins.filter.company import FilterModule, company


class Facts(Mapping[str, t.Any]):
    """A host's variables, of which one takes facts that are not there."""

    def __init__(self, **values: t.Any) -> None:
        self._values = values

    def __getitem__(self, name: str) -> t.Any:
        if self._values[name] is UNKNOWN:
            raise AnsibleUndefinedVariable("'ansible_facts' has no 'fqdn'")
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


UNKNOWN = object()


def test_a_host_of_which_little_is_said() -> None:
    assert company({"paris1": Facts()}, {}, ["paris1"]) == [
        {
            "host": "paris1",
            "name": "paris1",
            "mail_host": False,
            "satellite": False,
            "office": "",
            "probe_address": "",
            "certificate_names": ["paris1"],
            "certificate_provider": "",
            "login": False,
        }
    ]


def test_a_host_of_which_all_is_said() -> None:
    said = Facts(
        mail_hostname="mail.paris.example",
        mail_office="paris",
        mail_probe_address="probe@example.org",
        mail_certificate_names=["mail.paris.example", "imap.paris.example"],
        mail_certificate_provider="ownca",
        mail_relayhost_user="paris",
    )
    assert company({"paris1": said}, {"mail_hosts": ["paris1"]}, ["paris1"]) == [
        {
            "host": "paris1",
            "name": "mail.paris.example",
            "mail_host": True,
            "satellite": False,
            "office": "paris",
            "probe_address": "probe@example.org",
            "certificate_names": ["mail.paris.example", "imap.paris.example"],
            "certificate_provider": "ownca",
            "login": True,
        }
    ]


def test_mail_hosts_come_first_then_satellites_and_each_once() -> None:
    hosts = {name: Facts() for name in ("app1", "lyon1", "paris1", "other")}
    groups = {"mail_hosts": ["paris1", "lyon1"], "mail_satellites": ["app1"]}
    found = company(hosts, groups, ["other", "lyon1", "app1"])
    assert [each["host"] for each in found] == ["paris1", "lyon1", "app1", "other"]
    assert [each["mail_host"] for each in found] == [True, True, False, False]
    assert [each["satellite"] for each in found] == [False, False, True, False]


def test_the_certificate_is_for_its_own_name() -> None:
    (found,) = company({"paris1": Facts(mail_hostname="mail.example.org")}, {}, ["paris1"])
    assert found["certificate_names"] == ["mail.example.org"]


def test_a_satellite_may_log_in_by_its_own_variable() -> None:
    (found,) = company({"app1": Facts(postfix_relayhost_user="app1@example.org")}, {}, ["app1"])
    assert found["login"]


def test_what_takes_facts_that_are_not_there_is_empty() -> None:
    (found,) = company(
        {"paris1": Facts(mail_hostname=UNKNOWN, mail_office=UNKNOWN)}, {}, ["paris1"]
    )
    assert (found["name"], found["office"]) == ("paris1", "")


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"company": company}
