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
  - assurmer.mail._directory.mail
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
      host:
        description:
          - The host of O(hosts) where the mailbox is at home, in its office or not.
          - By default it is one of its office's. The mailboxes of an office with several are spread
            over them evenly, and stay where they are when others are added.
        type: str
      active:
        description: Whether the mailbox can be logged in to and receives mail, which is the
          default.
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
          - Whether the old address becomes an alias of the new one, for as long as O(mailboxes[].rename_from)
            stands beside it in a list whose aliases are purged.
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
  host:
    description:
      - The name of the host that the directory is on, one of O(hosts).
      - It is not needed with PostgreSQL, where one directory serves all hosts.
    type: str
  hosts:
    description:
      - All mail hosts of the company, with the office of each. Each mailbox is then at home on one of
        them, where its mail is; the others send its mail there, and its user's sessions.
      - A mailbox with neither O(mailboxes[].office) nor O(mailboxes[].host) is at home on each host
        by itself.
      - A mailbox that has mail stays at home where that is, whatever is declared, until its mail has
        been moved; RV(misplaced) tells of it. The host that has the mail and the host that is to get
        it hold on to this, and all others send there what they have.
      - When omitted, mailboxes stay where they are.
    type: list
    elements: dict
    suboptions:
      name:
        description: The host's name, as the other hosts look for it in DNS and in its certificate.
        type: str
        required: true
      office:
        description: Its office, as in O(mailboxes[].office).
        type: str
        default: ''
  homes:
    description:
      - Addresses, and the hosts of O(hosts) where they are at home now, whatever is declared. It is for what
        other hosts have reported as RV(misplaced).
    type: dict
  lost_hosts:
    description:
      - Hosts that are gone with their mail. Their mailboxes are at home where it is declared, and begin
        empty.
      - As long as a mailbox is at home on a host that is neither here nor in O(hosts), the run is
        refused.
    type: list
    elements: str
    default: []
  src:
    description:
      - Files on the workstation with further domains, mailboxes and aliases, for directories that
        are too large for variables. Ansible templates none of it. A file is looked for in the
        folder C(files) of the role and of the playbook, and may be encrypted with Ansible Vault.
      - A name that ends in C(.csv) is a table in UTF-8 (RFC 4180) with a header line, cells
        separated by commas, or by semicolons. With a column C(destinations), separated by spaces,
        it holds aliases; else with a column C(address) mailboxes; else domains. The columns are
        called like the options of an entry. An empty cell says nothing.
      - A name that ends in C(.json) is an object with any of O(domains), O(mailboxes) and
        O(aliases). So is one that ends in C(.yml) or C(.yaml), which is meant for small ones, for
        the workstation turns it into JSON.
      - During the call the files lie in Ansible's temporary folder on the host, which only the
        user who connects and the user who runs the module may enter. Hashes are better there than
        plain passwords.
    type: list
    elements: path
  src_names:
    description:
      - What the files of O(src) are called in sentences about them. The workstation sets it, which
        brings the files to the host under other names; a value given here is not used.
    type: list
    elements: str
  purge:
    description:
      - The kinds of objects of which all that are not declared are removed.
      - The option of a kind that is named here must be given, or a file of O(src) that has its
        list; it may be an empty list, which removes everything of that kind, within
        O(removal_limit) and O(removal_limit_percent).
    type: list
    elements: str
    choices:
      - domains
      - mailboxes
      - aliases
    default: []
  removal_limit:
    description:
      - How many objects of a kind one run may remove. A run that would remove more is refused and
        changes nothing, for a list that is empty or cut off is a mistake more often than a wish.
      - One object may always be removed.
    type: int
    default: 100
  removal_limit_percent:
    description:
      - How many percent of the objects of a kind one run may remove, 0 to 100, beside
        O(removal_limit). Five may go whatever the share is, as long as there are others.
    type: int
    default: 50
  diff_limit:
    description:
      - How many objects the diff shows. Of the others it tells the number.
    type: int
    default: 100
notes:
  - The diff never shows a password or its hash.
  - Peak memory on the host for 100,000 mailboxes from a CSV file is below 250 MB.
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

# people.csv begins like this:
#   address,name,password_hash,quota,office,active
#   alice@assurmer.example,Alice Martin,{BLF-CRYPT}$2y$12$...,5G,paris,
- name: Make the directory hold the people of a file, who may be 100,000
  assurmer.mail.mail_directory:
    src:
      - domains.yml
      - people.csv
      - aliases.csv
    purge:
      - mailboxes
      - aliases
    removal_limit: 500
    removal_limit_percent: 5
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
misplaced:
  description: The mailboxes whose mail is on another host than is declared, as far as this host knows.
  returned: success
  type: list
  elements: dict
  sample:
    - address: bob@assurmer.example
      home: mail.paris.assurmer.example
      wanted: mail.lyon.assurmer.example
moved_mail:
  description: The mail that was moved on this host, to the quarantine or to another address, of
    at most O(diff_limit) mailboxes.
  returned: success
  type: list
  elements: dict
  sample:
    - address: bob@assurmer.example
      to: /var/vmail/.quarantine/20261124T060000Z.bob@assurmer.example
errors:
  description: The sentences of all problems that were found, at most 1000. C(msg) is the first one.
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
        argument_spec=argspec.merged(argspec.STORE, argspec.MAIL, argspec.LISTS, argspec.PASSWORDS),
        supports_check_mode=True,
    )
    _module.run(module, lambda: bodies.ensure_all(module))


if __name__ == "__main__":
    main()
