#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_directory_info
short_description: List the mail domains, mailboxes and aliases of the directory
version_added: 0.1.0
description:
  - Returns what the directory holds. Hashes of passwords are never returned.
author:
  - the assurmer.mail authors (@assurmer)
extends_documentation_fragment:
  - assurmer.mail._attributes.info
  - assurmer.mail._directory.reading
seealso:
  - module: assurmer.mail.mail_directory
"""

EXAMPLES = r"""
- name: Read the directory
  assurmer.mail.mail_directory_info:
  register: directory

- name: Show the addresses that can be logged in to
  ansible.builtin.debug:
    msg: "{{ directory.mailboxes | selectattr('active') | map(attribute='address') }}"
"""

RETURN = r"""
exists:
  description: Whether there is a directory. Without one, the lists are empty.
  returned: success
  type: bool
  sample: true
domains:
  description: The domains, sorted by name.
  returned: success
  type: list
  elements: dict
  sample:
    - name: assurmer.example
      alias_of:
      active: true
mailboxes:
  description: The mailboxes, sorted by address. Quotas are in octets, and V(0) is
    no limit.
  returned: success
  type: list
  elements: dict
  sample:
    - address: alice@assurmer.example
      name: Alice Martin
      quota: 5368709120
      office: paris
      active: true
      password_scheme: ARGON2ID
aliases:
  description: The aliases, sorted by address.
  returned: success
  type: list
  elements: dict
  sample:
    - address: contact@assurmer.example
      destinations:
        - alice@assurmer.example
      active: true
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec, bodies


def main() -> None:
    module = AnsibleModule(argument_spec=argspec.READING, supports_check_mode=True)
    _module.run(module, lambda: bodies.read(module.params["dsn"]))


if __name__ == "__main__":
    main()
