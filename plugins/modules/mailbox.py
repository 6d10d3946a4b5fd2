#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailbox
short_description: Manage a mailbox in the directory
version_added: 0.1.0
description:
  - Adds, changes or removes one mailbox and its login.
  - A committed change is in force at once. No daemon has to be reloaded.
  - Removing a mailbox ends login and delivery, then its open sessions, and moves its mail to a
    quarantine, from where it can be brought back. Closing one ends its sessions.
author:
  - the assurmer.mail authors (@assurmer)
extends_documentation_fragment:
  - assurmer.mail._attributes
  - assurmer.mail._directory
  - assurmer.mail._directory.mail
  - assurmer.mail._directory.state
  - assurmer.mail._directory.passwords
options:
  address:
    description:
      - The address of the mailbox, which is also its login. It is stored in lower case, its
        domain as A-labels.
      - Before the C(@), letters V(a-z), digits and V(. _ ' & = ~ -) are taken, at most 64
        characters (RFC 5321). A V(+) separates the detail of an address and belongs to no
        mailbox.
      - Its domain must be in the directory and must not be an alias domain.
    type: str
    required: true
  name:
    description:
      - The name of the mailbox's owner, at most 255 characters.
      - When omitted, it stays as it is. A new mailbox has none.
    type: str
  password:
    description:
      - The password in plain, 1 to 1024 octets of UTF-8 without control characters.
      - A new mailbox needs O(password) or O(password_hash).
    type: str
  password_hash:
    description:
      - The hash of the password as Dovecot writes it, V({SCHEME}hash), with one of the schemes of
        O(password_scheme).
    type: str
  quota:
    description:
      - How much the mailbox may hold, in octets, or as a whole number with V(K), V(M), V(G) or
        V(T), which are powers of 1024.
      - V(0), V(none) and V(unlimited) stand for no limit.
      - When omitted, it stays as it is. A new mailbox has no limit.
    type: str
  office:
    description:
      - The office where the mailbox is at home, up to 63 letters, digits, V(_) and V(-).
      - When omitted, it stays as it is. A new mailbox has none.
    type: str
  host:
    description:
      - The name of the mail host where the mailbox is at home, which has its mail. An empty text is each
        host by itself.
      - It moves no mail. What lies on the host of before stays there, and is not seen any more.
      - When omitted, it stays as it is. A new mailbox is at home on each host by itself.
    type: str
  active:
    description:
      - Whether the mailbox can be logged in to and receives mail.
      - When omitted, it stays as it is. A new mailbox is active.
    type: bool
  restore:
    description:
      - Whether a mailbox that is created gets the mail back that the last mailbox of this address
        left in the quarantine, if there is any. By default it starts empty.
      - It means nothing to a mailbox that exists.
    type: bool
  rename_from:
    description:
      - The address that the mailbox has had. While that mailbox exists and this one does not, it
        is given this address, and keeps its mail, its password and what else is not said here.
      - Mail can be delivered to one of both addresses at each moment. The user's sessions end.
    type: str
  rename_alias:
    description:
      - Whether the old address becomes an alias of the new one, for as long as O(rename_from)
        stands beside it in a list whose aliases are purged.
    type: bool
seealso:
  - module: assurmer.mail.mail_directory
    description: Manages all mailboxes in one call.
  - module: assurmer.mail.mail_directory_info
"""

EXAMPLES = r"""
- name: Receive mail for a domain
  assurmer.mail.mail_domain:
    name: assurmer.example

- name: Give Alice a mailbox
  assurmer.mail.mailbox:
    address: alice@assurmer.example
    name: Alice Martin
    password_hash: "{BLF-CRYPT}$2y$12$Refiqhh65M7WtZqGq/X/l.etugGy4xwuff7yBr0.kOtSiFTC3Ol1y"
    quota: 5G
    office: paris

- name: Keep Alice out for now
  assurmer.mail.mailbox:
    address: alice@assurmer.example
    active: false

- name: Remove Alice's mailbox
  assurmer.mail.mailbox:
    address: alice@assurmer.example
    state: absent

- name: Alice is back, with her mail
  assurmer.mail.mailbox:
    address: alice@assurmer.example
    password_hash: "{BLF-CRYPT}$2y$12$Refiqhh65M7WtZqGq/X/l.etugGy4xwuff7yBr0.kOtSiFTC3Ol1y"
    restore: true

- name: Alice has married
  assurmer.mail.mailbox:
    address: alice.dupont@assurmer.example
    rename_from: alice@assurmer.example
    rename_alias: true
"""

RETURN = r"""
mailbox:
  description:
    - The mailbox as it is in the directory now, or would be in check mode, without the hash of
      its password. Empty when it is absent.
    - The quota is in octets, and V(0) is no limit.
  returned: success
  type: dict
  sample:
    address: alice@assurmer.example
    name: Alice Martin
    quota: 5368709120
    office: paris
    home: mail.paris.assurmer.example
    active: true
    password_scheme: ARGON2ID
moved_mail:
  description: The mail that was moved on this host, to the quarantine or to another address.
  returned: success
  type: list
  elements: dict
  sample:
    - address: bob@assurmer.example
      to: /var/vmail/.quarantine/20261124T060000Z.bob@assurmer.example
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec, bodies


def main() -> None:
    module = AnsibleModule(
        argument_spec=argspec.merged(
            argspec.STORE, argspec.MAIL, argspec.MAILBOX, argspec.PASSWORDS, argspec.STATE
        ),
        mutually_exclusive=argspec.ONE_PASSWORD,
        supports_check_mode=True,
    )
    _module.run(module, lambda: bodies.ensure_one(module, "mailboxes", "mailbox"))


if __name__ == "__main__":
    main()
