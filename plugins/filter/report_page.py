# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the report of the mail hosts shows."""

from __future__ import annotations

DOCUMENTATION = r"""
name: report_page
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Prepare what was found out about mail hosts for an HTML page
description:
  - Takes what the playbook C(assurmer.mail.report) registered for each host, and gives what its template shows. All
    texts are escaped for HTML, as Ansible's templates escape nothing.
positional: _input, variables
options:
  _input:
    description: The names of the hosts.
    type: list
    elements: str
    required: true
  variables:
    description: Their variables, C(hostvars).
    type: dict
    required: true
  record:
    description: The record of the last rollout, as the text of its file; empty if there is none.
    type: str
    default: ""
  moment:
    description: When the hosts were asked.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ (ansible_play_hosts_all | assurmer.mail.report_page(hostvars, moment='now')).problems }}"
"""

RETURN = r"""
_value:
  description: What the page shows, section by section.
  type: dict
"""

import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible_collections.assurmer.mail.plugins.plugin_utils._report.page import page


def report_page(
    names: Sequence[str],
    variables: Mapping[str, t.Any],
    record: str = "",
    moment: str = "",
) -> dict[str, t.Any]:
    """Return what the page shows."""
    return page(names, variables, record, moment)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"report_page": report_page}
