#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_domain
short_description: Manage a mail domain in the directory
version_added: 0.1.0
description:
  - Adds, changes or removes one domain that this mail service receives mail for.
  - A committed change is in force at once. No daemon has to be reloaded.
author:
  - the assurmer.mail authors (@assurmer)
extends_documentation_fragment:
  - assurmer.mail._attributes
  - assurmer.mail._directory
  - assurmer.mail._directory.state
options:
  name:
    description:
      - The name of the domain. It is stored in lower case and as A-labels.
      - U-labels such as V(bücher.example) are translated by IDNA 2003 (RFC 3490). A name with a
        character that IDNA 2008 treats differently, such as V(ß), has to be given as its A-label.
    type: str
    required: true
  alias_of:
    description:
      - Another domain of the directory. Each address of O(name) then means the same address of
        that domain.
      - An alias domain holds no mailboxes and no aliases of its own, and is no alias of an alias
        domain.
      - An empty text makes the domain one of its own again. When omitted, it stays as it is.
    type: str
  active:
    description:
      - Whether mail for the domain is taken and its mailboxes can be logged in to.
      - When omitted, it stays as it is. A new domain is active.
    type: bool
seealso:
  - module: assurmer.mail.mail_directory
  - module: assurmer.mail.mail_directory_info
notes:
  - A domain that still holds mailboxes or aliases, or has an alias domain, is not removed. The
    module M(assurmer.mail.mail_directory) removes them together.
"""

EXAMPLES = r"""
- name: Receive mail for a domain
  assurmer.mail.mail_domain:
    name: assurmer.example

- name: Take mail for a second name of the same company
  assurmer.mail.mail_domain:
    name: assurmer-group.example
    alias_of: assurmer.example

- name: Give the second name up
  assurmer.mail.mail_domain:
    name: assurmer-group.example
    state: absent
"""

RETURN = r"""
domain:
  description: The domain as it is in the directory now, or would be in check mode. Empty when it
    is absent.
  returned: success
  type: dict
  sample:
    name: assurmer-group.example
    alias_of: assurmer.example
    active: true
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec, bodies


def main() -> None:
    module = AnsibleModule(
        argument_spec=argspec.merged(argspec.STORE, argspec.DOMAIN, argspec.STATE),
        supports_check_mode=True,
    )
    _module.run(module, lambda: bodies.ensure_one(module, "domains", "domain"))


if __name__ == "__main__":
    main()
