#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_alias
short_description: Manage a mail alias in the directory
version_added: 0.1.0
description:
  - Adds, changes or removes one address whose mail is sent on to others.
  - A committed change is in force at once. No daemon has to be reloaded.
author:
  - the assurmer.mail authors (@assurmer)
extends_documentation_fragment:
  - assurmer.mail._attributes
  - assurmer.mail._directory
  - assurmer.mail._directory.state
options:
  address:
    description:
      - The address of the alias, or V(@) and a domain for its catch-all, which takes mail for
        every address that is neither a mailbox nor an alias.
      - It is stored in lower case, its domain as A-labels. The same characters are taken as for a
        mailbox.
      - Its domain must be in the directory and must not be an alias domain. A mailbox of the same
        address is refused.
    type: str
    required: true
  destinations:
    description:
      - The addresses that mail is sent on to, here or elsewhere.
      - A loop of aliases is refused, also one by way of an alias domain, a catch-all or a detail
        (V(alice+detail@...)).
      - An address that nobody has in a domain of the directory is taken with a warning.
      - When omitted, they stay as they are. A new alias needs at least one.
    type: list
    elements: str
  active:
    description:
      - Whether mail for the alias is taken.
      - When omitted, it stays as it is. A new alias is active.
    type: bool
seealso:
  - module: assurmer.mail.mail_directory
  - module: assurmer.mail.mail_directory_info
"""

EXAMPLES = r"""
- name: Receive mail for a domain
  assurmer.mail.mail_domain:
    name: assurmer.example

- name: Send the company's address on to two people
  assurmer.mail.mail_alias:
    address: contact@assurmer.example
    destinations:
      - alice@partner.example
      - bob@partner.example

- name: Send everything that nobody has on to the company's address
  assurmer.mail.mail_alias:
    address: "@assurmer.example"
    destinations:
      - contact@assurmer.example

- name: Remove the catch-all
  assurmer.mail.mail_alias:
    address: "@assurmer.example"
    state: absent
"""

RETURN = r"""
alias:
  description: The alias as it is in the directory now, or would be in check mode. Empty when it
    is absent.
  returned: success
  type: dict
  sample:
    address: contact@assurmer.example
    destinations:
      - alice@assurmer.example
      - bob@assurmer.example
    active: true
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec, bodies


def main() -> None:
    module = AnsibleModule(
        argument_spec=argspec.merged(argspec.STORE, argspec.ALIAS, argspec.STATE),
        supports_check_mode=True,
    )
    _module.run(module, lambda: bodies.ensure_one(module, "aliases", "alias"))


if __name__ == "__main__":
    main()
