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
  - Returns what the directory holds, as lists, or as the texts of files that
    M(assurmer.mail.mail_directory) takes back unchanged. Hashes of passwords are returned when
    they are asked for only.
author:
  - the assurmer.mail authors (@assurmer)
extends_documentation_fragment:
  - assurmer.mail._attributes.info
  - assurmer.mail._directory.reading
options:
  format:
    description:
      - With V(json) or V(csv), everything is returned as RV(files), to be written with
        M(ansible.builtin.copy) and read with O(assurmer.mail.mail_directory#module:src). Imported
        into an empty directory, the files lead to the same directory, and imported into this one
        they change nothing. The same directory always gives the same texts.
      - When omitted, the lists RV(domains), RV(mailboxes) and RV(aliases) are returned.
      - The quarantine is not exported, nor is the mail.
    type: str
    choices:
      - json
      - csv
  hashes:
    description:
      - Whether the hashes of the passwords are returned, too. The task then needs C(no_log), and
        so does every task that uses the result; without it the module refuses.
      - Without hashes, an export can be imported only where the mailboxes exist already. They keep
        their passwords.
    type: bool
    default: false
notes:
  - A text has all hashes in it. Write it with mode V(0600), and encrypt it with Ansible Vault
    where it stays; M(assurmer.mail.mail_directory) reads such a file as it is.
  - CSV is exported as it is declared. A display name that starts with C(=) is a formula to a
    spreadsheet; there, import the columns as text.
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

- name: Export the directory with its hashes
  assurmer.mail.mail_directory_info:
    format: csv
    hashes: true
  register: export
  no_log: true

- name: Keep domains.csv, mailboxes.csv and aliases.csv on the workstation
  ansible.builtin.copy:
    content: "{{ export.files[item] }}"
    dest: "{{ playbook_dir }}/export/{{ item }}"
    mode: "0600"
  loop:
    - domains.csv
    - mailboxes.csv
    - aliases.csv
  delegate_to: localhost
  become: false
  no_log: true

- name: Import it, here or on another host
  assurmer.mail.mail_directory:
    src:
      - export/domains.csv
      - export/mailboxes.csv
      - export/aliases.csv
    purge:
      - domains
      - mailboxes
      - aliases
"""

RETURN = r"""
exists:
  description: Whether there is a directory. Without one, the lists are empty.
  returned: success
  type: bool
  sample: true
files:
  description: The texts of files by their names, C(directory.json), or C(domains.csv),
    C(mailboxes.csv) and C(aliases.csv). They are sorted, with one object on each line.
  returned: if O(format) is given
  type: dict
  sample:
    domains.csv: "name,alias_of,active\nassurmer.example,,true\n"
    mailboxes.csv: "address,name,quota,office,active\nalice@assurmer.example,Alice Martin,0,,true\n"
    aliases.csv: "address,destinations,active\ncontact@assurmer.example,alice@assurmer.example,true\n"
domains:
  description: The domains, sorted by name.
  returned: if O(format) is not given
  type: list
  elements: dict
  sample:
    - name: assurmer.example
      alias_of:
      active: true
mailboxes:
  description: The mailboxes, sorted by address. Quotas are in octets, and V(0) is
    no limit. With O(hashes), each has its C(password_hash).
  returned: if O(format) is not given
  type: list
  elements: dict
  sample:
    - address: alice@assurmer.example
      name: Alice Martin
      quota: 5368709120
      office: paris
      home: mail.paris.assurmer.example
      active: true
      password_scheme: ARGON2ID
aliases:
  description: The aliases, sorted by address.
  returned: if O(format) is not given
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
    module = AnsibleModule(
        argument_spec=argspec.merged(argspec.READING, argspec.EXPORT), supports_check_mode=True
    )
    _module.run(module, lambda: bodies.read(module))


if __name__ == "__main__":
    main()
