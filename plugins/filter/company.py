# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles of one host have to know of the company's other hosts, from the inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: company
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Tell what the inventory says of the company's hosts
description:
  - Takes C(hostvars), and gives what the roles of one host have to know of the others.
  - Looking at a host takes Ansible some milliseconds. A play over many hosts does it once for all of them, and keeps
    the answer in C(mail_company), where the roles look first.
positional: _input, groups, play_hosts
options:
  _input:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
  groups:
    description: The groups of the inventory, C(groups). Those that count are C(mail_hosts) and C(mail_satellites).
    type: dict
    required: true
  play_hosts:
    description: The hosts of the play, C(ansible_play_hosts_all), which may be in neither group.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show the names of the mail hosts
  ansible.builtin.debug:
    msg: >-
      {{ hostvars | assurmer.mail.company(groups, ansible_play_hosts_all) | selectattr('mail_host')
         | map(attribute='name') }}
"""

RETURN = r"""
_value:
  description: The hosts in the inventory's order, mail hosts first. What a host leaves undefined is empty.
  type: list
  elements: dict
  contains:
    host:
      description: Its name in the inventory.
      type: str
    name:
      description: C(mail_hostname), or its name in the inventory.
      type: str
    mail_host:
      description: Whether it is in the group C(mail_hosts).
      type: bool
    satellite:
      description: Whether it is in the group C(mail_satellites).
      type: bool
    office:
      description: C(mail_office).
      type: str
    probe_address:
      description: C(mail_probe_address).
      type: str
    certificate_names:
      description: C(mail_certificate_names), or its name.
      type: list
      elements: str
    certificate_provider:
      description: C(mail_certificate_provider).
      type: str
    login:
      description: Whether it logs in at its relay, by C(mail_relayhost_user) or C(postfix_relayhost_user).
      type: bool
"""

import typing as t
from collections.abc import Callable, Iterable, Mapping

from ansible.errors import AnsibleUndefinedVariable


def company(
    hostvars: Mapping[str, Mapping[str, t.Any]],
    groups: Mapping[str, Iterable[str]],
    play_hosts: Iterable[str],
) -> list[dict[str, t.Any]]:
    """Return the hosts, each with what the others have to know of it."""
    mail_hosts = dict.fromkeys(groups.get("mail_hosts") or [])
    satellites = dict.fromkeys(groups.get("mail_satellites") or [])
    return [
        _host(host, hostvars[host], host in mail_hosts, host in satellites)
        for host in dict.fromkeys([*mail_hosts, *satellites, *play_hosts])
    ]


def _host(
    host: str, variables: Mapping[str, t.Any], mail_host: bool, satellite: bool
) -> dict[str, t.Any]:
    name = _value(variables, "mail_hostname") or host
    return {
        "host": host,
        "name": name,
        "mail_host": mail_host,
        "satellite": satellite,
        "office": _value(variables, "mail_office") or "",
        "probe_address": _value(variables, "mail_probe_address") or "",
        "certificate_names": _value(variables, "mail_certificate_names") or [name],
        "certificate_provider": _value(variables, "mail_certificate_provider") or "",
        "login": bool(
            _value(variables, "postfix_relayhost_user") or _value(variables, "mail_relayhost_user")
        ),
    }


def _value(variables: Mapping[str, t.Any], name: str) -> t.Any:
    """Return a host's variable, or nothing where it takes what is not known, such as facts."""
    try:
        return variables.get(name)
    except AnsibleUndefinedVariable:
        return None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"company": company}
