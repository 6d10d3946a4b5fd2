# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which order hosts are rolled out, and how many at once."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_waves
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Tell in which waves hosts are rolled out
description:
  - The first host alone, then the others of its office, or the next office where it has no others, then all the rest at
    once. Within a wave the hosts keep the order in which they are given.
  - Hosts without any office are all rolled out at once.
positional: _input
options:
  _input:
    description: The hosts in the inventory's order, each with C(name), C(office) and C(unreachable).
    type: list
    elements: dict
    required: true
  waves:
    description:
      - The sizes of the waves, as the keyword C(serial) of a play takes them. The hosts then keep their order.
      - By default they are made from the offices.
    type: raw
seealso:
  - name: serial
    description: How Ansible takes the sizes of batches.
    link: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_strategies.html#setting-the-batch-size-with-serial
"""

EXAMPLES = r"""
- name: Show the waves
  ansible.builtin.debug:
    msg: "{{ [{'name': 'paris', 'office': 'paris', 'unreachable': false}] | assurmer.mail.rollout_waves }}"
"""

RETURN = r"""
_value:
  description: The order and the sizes.
  type: dict
  contains:
    order:
      description: The names of the hosts that can be reached.
      type: list
      elements: str
    serial:
      description: The sizes of the waves.
      type: list
      elements: raw
"""

import typing as t
from collections.abc import Callable, Mapping, Sequence

ALL: t.Final = "100%"


def rollout_waves(hosts: Sequence[Mapping[str, t.Any]], waves: t.Any = None) -> dict[str, t.Any]:
    """Return the hosts that can be reached in the order of the rollout, and the waves' sizes."""
    reachable = [host for host in hosts if not host["unreachable"]]
    if waves is not None:
        return {
            "order": _names(reachable),
            "serial": waves if isinstance(waves, list) else [waves],
        }
    if not any(host["office"] for host in reachable):
        return {"order": _names(reachable), "serial": [ALL]}
    first, *others = reachable
    second = _of(others, first["office"]) or _of(others, others[0]["office"] if others else "")
    rest = [host for host in others if host not in second]
    serial = [1, *([len(second)] if second else []), *([ALL] if rest else [])]
    return {"order": _names([first, *second, *rest]), "serial": serial}


def _of(hosts: Sequence[Mapping[str, t.Any]], office: str) -> list[Mapping[str, t.Any]]:
    return [host for host in hosts if host["office"] == office]


def _names(hosts: Sequence[Mapping[str, t.Any]]) -> list[str]:
    return [host["name"] for host in hosts]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"rollout_waves": rollout_waves}
