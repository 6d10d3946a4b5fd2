# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rollout did, as a record."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_record
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Sum a rollout up
description:
  - Gives what is known of each host at the end of a rollout, with the hosts that it did not reach.
positional: _input
options:
  _input:
    description: >-
      What the playbook C(assurmer.mail.site) noted. It has C(started), C(hosts), and C(results) by the host's
      name, as C(assurmer.mail.rollout_result) gives them.
    type: dict
    required: true
  finished:
    description: When it ended.
    type: str
    required: true
  lost:
    description: The names of the hosts that could no longer be reached in the middle of it.
    type: list
    elements: str
    default: []
  check_mode:
    description: Whether it was a dry run.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ noted | assurmer.mail.rollout_record(finished=now(utc=true).isoformat()) }}"
"""

RETURN = r"""
_value:
  description: The record.
  type: dict
  contains:
    started:
      description: When the rollout began, in UTC (RFC 3339).
      type: str
    finished:
      description: When it ended.
      type: str
    check_mode:
      description: Whether it was a dry run.
      type: bool
    hosts:
      description: >-
        By the host's name, C(office), C(changed) (of C(directory), C(certificate), C(dovecot), C(postfix)),
        C(probe_ms), C(certificate_days), C(queue), C(state) (C(ok), C(failed), C(unreachable) or C(not reached)) and
        C(message).
      type: dict
    pairs:
      description: The probes between offices, each with C(from), C(to), C(milliseconds) and C(ok).
      type: list
      elements: dict
"""

import typing as t
from collections.abc import Callable, Mapping, Sequence


def rollout_record(
    noted: Mapping[str, t.Any],
    finished: str,
    lost: Sequence[str] = (),
    check_mode: bool = False,
) -> dict[str, t.Any]:
    """Return the record of a rollout."""
    return {
        "started": noted["started"],
        "finished": finished,
        "check_mode": bool(check_mode),
        "hosts": {host["name"]: _host(noted, host, lost) for host in noted["hosts"]},
        "pairs": [pair for result in noted["results"].values() for pair in result["pairs"]],
    }


def _host(
    noted: Mapping[str, t.Any], host: Mapping[str, t.Any], lost: Sequence[str]
) -> dict[str, t.Any]:
    entry: dict[str, t.Any] = {
        "office": host["office"],
        "changed": [],
        "probe_ms": None,
        "certificate_days": None,
        "queue": None,
        "state": "not reached",
        "message": "",
    }
    if host["unreachable"]:
        return {**entry, "state": "unreachable", "message": host["message"]}
    if host["name"] in noted["results"]:
        result = noted["results"][host["name"]]
        return {**entry, **{key: value for key, value in result.items() if key != "pairs"}}
    if host["name"] in lost:
        return {**entry, "state": "unreachable", "message": "lost in the middle of the rollout"}
    return entry


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"rollout_record": rollout_record}
