# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between which hosts messages are sent to prove the way from office to office."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_pairs
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Tell from where to where a host's probes go
description:
  - Gives the pairs of a host and hosts of other offices between which a message is sent at the first and read at the
    second.
  - Only hosts with an office and with probe mailboxes of different addresses make a pair.
  - Where there are more peers than O(limit), each host begins elsewhere in the list, so that no peer has to answer all.
positional: _input, host
options:
  _input:
    description: All hosts in the order of the rollout, each with C(name), C(office) and C(address), its probe mailbox.
    type: list
    elements: dict
    required: true
  host:
    description: The name of the host.
    type: str
    required: true
  preferred:
    description: The names of the hosts that may be its peers and come first.
    type: list
    elements: str
    default: []
  others:
    description: The names of the hosts that may be its peers, where there are not enough of O(preferred).
    type: list
    elements: str
    default: []
  limit:
    description: With how many peers at most. By default with all.
    type: int
  back:
    description: Whether a message is sent back by each peer, too.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Show them
  ansible.builtin.debug:
    msg: "{{ hosts | assurmer.mail.rollout_pairs('mail.paris.example.org', ['mail.lyon.example.org'], limit=3) }}"
"""

RETURN = r"""
_value:
  description: The pairs, each with C(from) and C(to), the names of two hosts.
  type: list
  elements: dict
"""

import typing as t
from collections.abc import Callable, Mapping, Sequence


def rollout_pairs(
    hosts: Sequence[Mapping[str, t.Any]],
    host: str,
    preferred: Sequence[str] = (),
    others: Sequence[str] = (),
    limit: int | None = None,
    back: bool = True,
) -> list[dict[str, str]]:
    """Return from where to where a host's probes go."""
    known = {each["name"]: each for each in hosts}
    begin = list(known).index(host)
    peers = [
        name
        for names in (preferred, [name for name in others if name not in preferred])
        for name in _from(begin, [each for each in names if _apart(known[host], known[each])])
    ]
    return [
        {"from": one, "to": two}
        for peer in peers[: None if limit is None else max(0, int(limit))]
        for one, two in ((host, peer), (peer, host))[: 2 if back else 1]
    ]


def _apart(one: Mapping[str, t.Any], two: Mapping[str, t.Any]) -> bool:
    """Whether a message between the two proves the way from one office to another."""
    return bool(
        one["office"]
        and two["office"]
        and one["office"] != two["office"]
        and one["address"]
        and two["address"]
        and one["address"].lower() != two["address"].lower()
    )


def _from(begin: int, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    turn = begin % len(names)
    return [*names[turn:], *names[:turn]]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"rollout_pairs": rollout_pairs}
