#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_directory
short_description: Manage all mail domains, mailboxes and aliases in one call
version_added: 0.1.0
description:
  - Makes the directory hold the domains, mailboxes and aliases that are declared, in one
    transaction. Readers see the directory before or after it, and nothing in between.
  - What an entry does not say has its default. This is unlike the modules for one object, which
    leave it as it is.
  - A committed change is in force at once. No daemon has to be reloaded.
author:
  - the assurmer.mail authors (@assurmer)
extends_documentation_fragment:
  - assurmer.mail._attributes
  - assurmer.mail._directory
  - assurmer.mail._directory.passwords
options:
  domains:
    description:
      - The domains that this mail service receives mail for.
      - When omitted, domains are left as they are.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the domain, as in M(assurmer.mail.mail_domain).
        type: str
        required: true
      alias_of:
        description:
          - Another domain of the directory, which the addresses of this one then mean.
          - By default a domain is one of its own.
        type: str
      active:
        description: Whether mail for the domain is taken and its mailboxes can be logged in to,
          which is the default.
        type: bool
  mailboxes:
    description:
      - The mailboxes and their logins.
      - When omitted, mailboxes are left as they are.
    type: list
    elements: dict
    suboptions:
      address:
        description: The address of the mailbox, as in M(assurmer.mail.mailbox).
        type: str
        required: true
      name:
        description: The name of the mailbox's owner, at most 255 characters. By default there is
          none.
        type: str
      password:
        description:
          - The password in plain, 1 to 1024 octets of UTF-8 without control characters.
          - A new mailbox needs O(mailboxes[].password) or O(mailboxes[].password_hash). One that
            exists keeps its password when neither is given.
        type: str
      password_hash:
        description: The hash of the password as Dovecot writes it, V({SCHEME}hash).
        type: str
      quota:
        description:
          - How much the mailbox may hold, in octets, or as a whole number with V(K), V(M), V(G)
            or V(T), which are powers of 1024.
          - By default there is no limit.
        type: str
      office:
        description: The office where the mailbox is at home. By default there is none.
        type: str
      active:
        description: Whether the mailbox can be logged in to and receives mail, which is the
          default.
        type: bool
  aliases:
    description:
      - The addresses whose mail is sent on to others.
      - When omitted, aliases are left as they are.
    type: list
    elements: dict
    suboptions:
      address:
        description: The address of the alias, or V(@) and a domain for its catch-all, as in
          M(assurmer.mail.mail_alias).
        type: str
        required: true
      destinations:
        description:
          - The addresses that mail is sent on to.
          - A new alias needs at least one. One that exists keeps its destinations when they are
            omitted.
        type: list
        elements: str
      active:
        description: Whether mail for the alias is taken, which is the default.
        type: bool
  purge:
    description:
      - The kinds of objects of which all that are not declared are removed.
      - The option of a kind that is named here must be given; it may be an empty list, which
        removes everything of that kind.
    type: list
    elements: str
    choices:
      - domains
      - mailboxes
      - aliases
    default: []
notes:
  - The diff shows at most 100 objects, and never a password or its hash.
seealso:
  - module: assurmer.mail.mail_directory_info
  - module: assurmer.mail.mail_domain
  - module: assurmer.mail.mailbox
  - module: assurmer.mail.mail_alias
"""

EXAMPLES = r"""
- name: Make the directory hold this, and nothing else
  assurmer.mail.mail_directory:
    domains:
      - name: assurmer.example
      - name: assurmer-group.example
        alias_of: assurmer.example
    mailboxes:
      - address: alice@assurmer.example
        name: Alice Martin
        password_hash: "{BLF-CRYPT}$2y$12$Refiqhh65M7WtZqGq/X/l.etugGy4xwuff7yBr0.kOtSiFTC3Ol1y"
        quota: 5G
        office: paris
    aliases:
      - address: contact@assurmer.example
        destinations:
          - alice@assurmer.example
    purge:
      - domains
      - mailboxes
      - aliases
"""

RETURN = r"""
counts:
  description: How many objects of each kind were created, changed, removed and left, or would be
    in check mode.
  returned: success
  type: dict
  sample:
    domains: {created: 0, changed: 0, removed: 0, unchanged: 2}
    mailboxes: {created: 1, changed: 0, removed: 0, unchanged: 499}
    aliases: {created: 0, changed: 1, removed: 0, unchanged: 30}
errors:
  description: The sentences of all problems that were found. C(msg) is the first one.
  returned: on failure, if the declared objects are the problem
  type: list
  elements: str
  sample:
    - "mailboxes[alice@assurmer.example].quota: '-5' is negative; 0 stands for no limit."
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec, bodies


def main() -> None:
    module = AnsibleModule(
        argument_spec=argspec.merged(argspec.STORE, argspec.LISTS, argspec.PASSWORDS),
        supports_check_mode=True,
    )
    _module.run(module, lambda: bodies.ensure_all(module))


if __name__ == "__main__":
    main()
