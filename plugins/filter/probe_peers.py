# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts send a probe to which."""

from __future__ import annotations

DOCUMENTATION = r"""
name: probe_peers
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Choose the hosts that a host sends a probe to
description:
  - Gives the host itself and at most so many others, evenly spread over all of them, so that each host is also sent to
    by as many. The same hosts always give the same choice.
positional: _input, name, most
options:
  _input:
    description: The names of all hosts.
    type: list
    elements: str
    required: true
  name:
    description: The name of the host that sends.
    type: str
    required: true
  most:
    description: How many others it sends to at most, 0 or more.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Show whom this host probes
  ansible.builtin.debug:
    msg: "{{ groups['mail_hosts'] | assurmer.mail.probe_peers(inventory_hostname, 8) }}"
"""

RETURN = r"""
_value:
  description: The names, that of the sender first.
  type: list
  elements: str
"""

import typing as t
from collections.abc import Callable, Sequence

from ansible.errors import AnsibleFilterError

from ansible_collections.assurmer.mail.plugins.plugin_utils._report.pairs import peers_of


def probe_peers(names: Sequence[str], name: str, most: int) -> list[str]:
    """Return the host and the others that it probes."""
    try:
        count = int(most)
    except (TypeError, ValueError):
        count = -1
    if count < 0:
        raise AnsibleFilterError(f"mail_report_probe_peers: {most!r} is not a number from 0 on.")
    return peers_of(name, names, count)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"probe_peers": probe_peers}
