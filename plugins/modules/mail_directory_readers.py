#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_directory_readers
short_description: Let the mail daemons read a directory in PostgreSQL
version_added: 0.1.0
description:
  - Creates the tables of a directory in a PostgreSQL database, and the roles with which Postfix and
    Dovecot read it. Each role may log in and read the columns that its daemon asks for, and nothing
    else. Postfix, for one, may not read hashes of passwords.
  - A role that may do more, because it is a superuser, the owner or a member of another role, is
    refused.
  - The server gets SCRAM verifiers (RFC 5802) and never a password.
author:
  - the assurmer.mail authors (@assurmer)
extends_documentation_fragment:
  - assurmer.mail._attributes
options:
  dsn:
    description:
      - The database, as a URI of PostgreSQL, V(postgresql://OWNER@HOST/DATABASE), as in
        M(assurmer.mail.mail_directory).
      - The owner needs the attribute C(CREATEROLE), or the roles must exist and be its to alter.
    type: str
    required: true
  dsn_password:
    description:
      - The password of the owner. It must not stand in O(dsn).
    type: str
  readers:
    description:
      - The roles. Roles that are not named are left as they are.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the role, 1 to 63 octets.
        type: str
        required: true
      daemon:
        description: The daemon that connects with it.
        type: str
        choices:
          - postfix
          - dovecot
        required: true
      password:
        description:
          - Its password, of printable characters. Whether the role has it already is found out by
            logging in, so C(pg_hba.conf) must let the role in from this host.
        type: str
        required: true
seealso:
  - module: assurmer.mail.mail_directory
"""

EXAMPLES = r"""
- name: Let Postfix and Dovecot read the directory
  assurmer.mail.mail_directory_readers:
    dsn: postgresql://mail@db.assurmer.example/mail
    dsn_password: "{{ vault_directory }}"
    readers:
      - name: mail_postfix
        daemon: postfix
        password: "{{ vault_directory_postfix }}"
      - name: mail_dovecot
        daemon: dovecot
        password: "{{ vault_directory_dovecot }}"
"""

RETURN = r""" # """

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec, readers_body


def main() -> None:
    module = AnsibleModule(
        argument_spec=argspec.merged(argspec.READING, argspec.READERS),
        supports_check_mode=True,
    )
    _module.run(module, lambda: readers_body.ensure_readers_of(module))


if __name__ == "__main__":
    main()
