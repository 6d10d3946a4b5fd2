#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailbox_move
short_description: Get mailboxes from other mail hosts while they are used
version_added: 0.1.0
description:
  - Runs on the host that is to have the mailboxes, while M(assurmer.mail.mailbox_move_source) runs on
    the host that has them. The playbook C(move_mailbox.yml) runs both.
  - All of a mailbox moves by Dovecot's own replication, between 2.3 and 2.4 too, in both directions.
    That is messages with flags, keywords, dates and UIDs, folders with their UIDVALIDITY, subscriptions
    and Sieve scripts, so mail clients keep what they have.
  - A mailbox is copied while it is used. Then it is held. Its new mail waits in Postfix's queue,
    its sessions are ended, and a login gets a temporary failure. What has changed is copied, the copy
    is compared with the original, and the mailbox is given over. With 20 small mailboxes at once
    that takes some seconds.
  - Until then the old host has the mailbox. A move that is killed or that can't be finished leaves it
    there, and the hold ends by itself. Where the module was killed after a mailbox had been given over,
    the next call finishes that.
  - The old host keeps its copy in the quarantine, like that of a removed mailbox.
author:
  - the assurmer.mail authors (@assurmer)
extends_documentation_fragment:
  - assurmer.mail._attributes
  - assurmer.mail._directory.reading
  - assurmer.mail._move
options:
  mailboxes:
    description:
      - The mailboxes to get, with the host where each is at home. RV(assurmer.mail.mail_directory#module:misplaced)
        has them.
    type: list
    elements: dict
    required: true
    suboptions:
      address:
        description: The mailbox's address.
        type: str
        required: true
      home:
        description: The name of its old host, as in O(host).
        type: str
        required: true
  addresses:
    description:
      - Where old hosts are reached, by their names. By default it is the name itself, in DNS or
        C(/etc/hosts).
    type: dict
    default: {}
  batch:
    description: How many mailboxes are held and given over at once, 1 to 1000.
    type: int
    default: 20
  hold:
    description:
      - Seconds after which a hold ends by itself, 20 to 3600. What is not done by then stays at its old
        host.
    type: int
    default: 120
  workers:
    description: How many mailboxes are copied at once, 1 to 32.
    type: int
    default: 4
seealso:
  - module: assurmer.mail.mailbox_move_source
  - module: assurmer.mail.mail_directory
"""

EXAMPLES = r"""
- name: Get a mailbox from Paris
  assurmer.mail.mailbox_move:
    host: mail.lyon.assurmer.example
    mailboxes:
      - {address: bob@assurmer.example, home: mail.paris.assurmer.example}
    certificate: /etc/ssl/assurmer.mail/mail.lyon.assurmer.example.pem
"""

RETURN = r"""
moved:
  description: The mailboxes that are at home here now. A module that fails returns it, too.
  returned: always
  type: list
  elements: str
  sample: [bob@assurmer.example]
messages:
  description: How many messages they have.
  returned: always
  type: int
  sample: 200
held_seconds:
  description: For how long a batch was held, at most.
  returned: always
  type: float
  sample: 2.4
problems:
  description: By address, what kept a mailbox from moving, or its move from being finished.
  returned: always
  type: dict
  sample: {}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._directory.argspec import merged
from ansible_collections.assurmer.mail.plugins.module_utils._move import argspec, bodies


def main() -> None:
    module = AnsibleModule(
        argument_spec=merged(argspec.SHARED, argspec.DESTINATION),
        supports_check_mode=True,
    )
    _module.run(module, lambda: bodies.move(module))


if __name__ == "__main__":
    main()
