#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_host_info
short_description: How a mail host is, its versions, queue, disk and mailboxes
version_added: 0.1.0
description:
  - Looks at a host in one call, as the report of a rollout needs it.
  - What can't be found out is V(none), and the reason stands in RV(problems).
  - Neither an address nor a message is returned.
author:
  - the assurmer.mail authors (@assurmer)
extends_documentation_fragment:
  - assurmer.mail._attributes.info
  - assurmer.mail._directory.reading
options:
  store:
    description: The directory with the mail of all users, of whose file system the room is told.
    type: path
    default: /var/vmail
seealso:
  - module: assurmer.mail.mail_directory_info
  - module: assurmer.mail.tls_certificate_info
"""

EXAMPLES = r"""
- name: Look at the host
  assurmer.mail.mail_host_info:
  register: host

- name: Stop when its disk is nearly full
  ansible.builtin.assert:
    that: host.disk.used_percent < 90
    fail_msg: "{{ host.disk.used_percent }} % of {{ host.disk.path }} are used."
"""

RETURN = r"""
versions:
  description: The version of Debian, and those of the packages of the daemons; none of one that is not installed.
  type: dict
  returned: success
  contains:
    debian:
      description: The content of C(/etc/debian_version).
      type: str
      sample: "13.1"
    postfix:
      description: The version of the package C(postfix).
      type: str
      sample: 3.10.13-0+deb13u1
    dovecot:
      description: The version of the package C(dovecot-core).
      type: str
      sample: 1:2.4.1+dfsg1-6+deb13u7
queue:
  description: What waits in Postfix's queue.
  type: dict
  returned: success
  contains:
    messages:
      description: How many messages there are.
      type: int
      sample: 3
    deferred:
      description: How many of them could not be delivered yet, and are tried again.
      type: int
      sample: 2
    oldest_seconds:
      description: How long the oldest one has been waiting, in seconds; V(0) in an empty queue.
      type: int
      sample: 7260
    reasons:
      description: The commonest reasons, at most five of them, in the words of the server that gave them. Mail
        addresses are left out.
      type: list
      elements: dict
      contains:
        reason:
          description: The words, at most 300 characters of them.
          type: str
          sample: "connect to mail.lyon.example[192.0.2.25]:10025: Connection timed out"
        messages:
          description: How many messages wait for it.
          type: int
          sample: 2
disk:
  description: The file system that O(store) is on.
  type: dict
  returned: success
  contains:
    path:
      description: The directory.
      type: str
      sample: /var/vmail
    size:
      description: How much there is room for, in octets.
      type: int
      sample: 107374182400
    free:
      description: How much is free, in octets.
      type: int
      sample: 64424509440
    used_percent:
      description: How much is used, in percent.
      type: int
      sample: 40
    files_used_percent:
      description: How many of the possible files there are, in percent; V(0) where the file system sets no limit.
      type: int
      sample: 3
mailboxes:
  description: How many mailboxes there are in the directory by the host that they are at home on. An empty name is
    the host itself.
  type: dict
  returned: success
  sample:
    mail.paris.example: 40
    mail.lyon.example: 12
problems:
  description: What could not be found out, a sentence each.
  type: list
  elements: str
  returned: success
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec
from ansible_collections.assurmer.mail.plugins.module_utils._host import look


def main() -> None:
    module = AnsibleModule(
        argument_spec=argspec.merged(argspec.READING, argspec.MAIL), supports_check_mode=True
    )

    def body() -> _module.Result:
        params = module.params
        found = look.look(params["store"], params["dsn"], params["dsn_password"] or "")
        return _module.Result(values=found)

    _module.run(module, body)


if __name__ == "__main__":
    main()
