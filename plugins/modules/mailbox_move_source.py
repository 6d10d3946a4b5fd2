#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailbox_move_source
short_description: Let another mail host get mailboxes from this one
version_added: 0.1.0
description:
  - Runs on the host that has the mailboxes, as an asynchronous task, while M(assurmer.mail.mailbox_move)
    runs on the host that is to have them.
  - It opens O(port), over TLS 1.3, for one host, which has to show a certificate with its name from the
    company's authority, and for the mailboxes that are named. It ends when that host is done or gone,
    or has not come within 60 seconds. What was held then is released.
  - The mail of a mailbox that has been given over goes to the quarantine of O(store), like that of a
    removed mailbox.
author:
  - the assurmer.mail authors (@assurmer)
extends_documentation_fragment:
  - assurmer.mail._attributes
  - assurmer.mail._directory.reading
  - assurmer.mail._move
options:
  peer:
    description: The name of the host that gets the mailboxes, which its certificate holds.
    type: str
    required: true
  mailboxes:
    description: The addresses of the mailboxes that it may get.
    type: list
    elements: str
    required: true
seealso:
  - module: assurmer.mail.mailbox_move
"""

EXAMPLES = r"""
- name: Let Lyon get a mailbox
  assurmer.mail.mailbox_move_source:
    host: mail.paris.assurmer.example
    peer: mail.lyon.assurmer.example
    mailboxes: [bob@assurmer.example]
    certificate: /etc/ssl/assurmer.mail/mail.paris.assurmer.example.pem
  async: 3600
  poll: 0
"""

RETURN = r"""
gone:
  description: The mailboxes that were given over, and where their mail is kept.
  returned: success
  type: dict
  sample:
    bob@assurmer.example: /var/vmail/.quarantine/20261126T081500Z.bob@assurmer.example
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._directory.argspec import merged
from ansible_collections.assurmer.mail.plugins.module_utils._move import argspec, bodies


def main() -> None:
    module = AnsibleModule(
        argument_spec=merged(argspec.SHARED, argspec.SOURCE),
        supports_check_mode=True,
    )
    _module.run(module, lambda: bodies.serve(module))


if __name__ == "__main__":
    main()
