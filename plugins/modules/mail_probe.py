#!/usr/bin/python

# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_probe
short_description: Send a message, read it, and leave nothing behind
version_added: 0.1.0
description:
  - Walks through SMTP and IMAP as a mail client does and says of each step whether it went well, in
    the server's words, and how many milliseconds it took.
  - It opens the recipient's mailbox, sends a message, waits until it is delivered, fetches it,
    searches for it by sender, recipient and subject, marks it seen and unseen, moves it to a folder
    of its own and deletes both, and looks at each change through a second connection.
  - The first step that fails ends the probe and fails the module. The message and the folder are
    removed then, too. A message that arrives only after the probe has given up is removed by the
    next probe of the same mailbox, once it is an hour old.
  - The certificate of each server is verified, and TLS 1.2 or newer is required.
  - It needs nothing but Python where it runs, so it can be delegated to the workstation.
extends_documentation_fragment:
  - assurmer.mail._attributes
attributes:
  check_mode:
    support: none
    details: A probe sends a message, so it is skipped in check mode.
  diff_mode:
    support: N/A
    details: A probe leaves the mailbox as it was. RV(ignore:changed) is always V(false).
  idempotent:
    details: A probe leaves the mailbox as it was. RV(ignore:changed) is always V(false).
options:
  smtp_host:
    description: The host name or IP address to send the message to.
    type: str
    required: true
  smtp_port:
    description:
      - The port to send the message to, from 1 to 65535.
      - By default V(587), V(465) with O(smtp_tls=implicit), and V(25) with O(smtp_auth=false).
    type: int
  smtp_tls:
    description: Whether TLS starts with C(STARTTLS) (RFC 3207), or with the connection (RFC 8314).
    type: str
    choices: [starttls, implicit]
    default: starttls
  smtp_tls_name:
    description: The name that the certificate must hold, when it is not O(smtp_host).
    type: str
  smtp_auth:
    description:
      - Whether to log in before sending, as the users of the service do.
      - With V(false) the message comes from the world, as other mail servers deliver theirs.
    type: bool
    default: true
  imap_host:
    description: The host name or IP address to read the message from. By default O(smtp_host).
    type: str
  imap_port:
    description:
      - The port to read the message from, from 1 to 65535.
      - By default V(143), and V(993) with O(imap_tls=implicit).
    type: int
  imap_tls:
    description: Whether TLS starts with C(STARTTLS) (RFC 9051), or with the connection (RFC 8314).
    type: str
    choices: [starttls, implicit]
    default: starttls
  imap_tls_name:
    description: The name that the certificate must hold, when it is not O(imap_host).
    type: str
  sender:
    description:
      - The address that the message comes from.
      - With O(smtp_auth=false) it can be empty, as it is in a mail server's own reports.
    type: str
    required: true
  login:
    description: The sender's login. By default O(sender).
    type: str
  password:
    description: The sender's password. It is needed unless O(smtp_auth=false).
    type: str
  recipient:
    description: The address that the message goes to. By default O(sender).
    type: str
  recipient_login:
    description:
      - The login of the mailbox that the message arrives in.
      - By default O(login) when the sender writes to itself, and O(recipient) otherwise. Name it
        when O(recipient) is an alias.
    type: str
  recipient_password:
    description: That mailbox's password. By default O(password) when the sender writes to itself.
    type: str
  refused_recipient:
    description: An address that the server must refuse with 550, as it does an unknown one.
    type: str
  routes:
    description:
      - Probes to be done one after the other, up to the first that fails, instead of one. It takes a
        fraction of what as many tasks take.
      - An entry says what differs from the options beside O(routes). An empty list probes nothing.
    type: list
    elements: dict
    suboptions:
      name:
        description: What the route is called in RV(probes), and in front of what failed.
        type: str
      smtp_host:
        description: Instead of O(smtp_host).
        type: str
      smtp_port:
        description: Instead of O(smtp_port).
        type: int
      smtp_tls:
        description: Instead of O(smtp_tls).
        type: str
        choices: [starttls, implicit]
      smtp_tls_name:
        description: Instead of O(smtp_tls_name).
        type: str
      smtp_auth:
        description: Instead of O(smtp_auth).
        type: bool
      imap_host:
        description: Instead of O(imap_host).
        type: str
      imap_port:
        description: Instead of O(imap_port).
        type: int
      imap_tls:
        description: Instead of O(imap_tls).
        type: str
        choices: [starttls, implicit]
      imap_tls_name:
        description: Instead of O(imap_tls_name).
        type: str
      sender:
        description: Instead of O(sender).
        type: str
      login:
        description: Instead of O(login).
        type: str
      password:
        description: Instead of O(password).
        type: str
      recipient:
        description: Instead of O(recipient).
        type: str
      recipient_login:
        description: Instead of O(recipient_login).
        type: str
      recipient_password:
        description: Instead of O(recipient_password).
        type: str
      refused_recipient:
        description: Instead of O(refused_recipient).
        type: str
  ca_path:
    description:
      - The path, where the module runs, of a file with the certificates of the authorities to
        trust, in PEM.
      - With neither O(ca_path) nor O(ca_content) those of the system are trusted.
    type: path
  ca_content:
    description: The certificates of the authorities to trust, in PEM.
    type: str
  timeout:
    description: How many seconds to wait for each answer, from 1 to 3600.
    type: int
    default: 10
  delivery_timeout:
    description: How many seconds the message may take to the mailbox, from 1 to 3600.
    type: int
    default: 30
author:
  - the assurmer.mail authors (@assurmer)
"""

EXAMPLES = r"""
- name: Send a message from a mailbox to itself and read it
  assurmer.mail.mail_probe:
    smtp_host: mail.assurmer.example
    sender: probe@assurmer.example
    password: "{{ mail_probe_password }}"
    ca_path: /etc/ssl/assurmer.example/ca.pem
  delegate_to: localhost

- name: Send on port 465 by one host, read on port 993 of another one
  assurmer.mail.mail_probe:
    smtp_host: 192.0.2.25
    smtp_tls: implicit
    smtp_tls_name: paris.assurmer.example
    imap_host: 198.51.100.25
    imap_tls: implicit
    imap_tls_name: lyon.assurmer.example
    sender: alice@assurmer.example
    password: "{{ alice_password }}"
    recipient: bob@assurmer.example
    recipient_password: "{{ bob_password }}"
    refused_recipient: nobody-of-that-name@assurmer.example

- name: Send a message on each of a host's ports, with one call
  assurmer.mail.mail_probe:
    smtp_host: mail.assurmer.example
    sender: probe@assurmer.example
    password: "{{ mail_probe_password }}"
    recipient_password: "{{ mail_probe_password }}"
    routes:
      - {name: submission}
      - {name: submissions, smtp_tls: implicit, imap_tls: implicit}
      - {name: world, smtp_auth: false, imap_tls: implicit}

- name: Deliver as the world does, on port 25 and without a login
  assurmer.mail.mail_probe:
    smtp_host: mail.assurmer.example
    smtp_auth: false
    sender: ''
    recipient: probe@assurmer.example
    recipient_password: "{{ mail_probe_password }}"
"""

RETURN = r"""
steps:
  description: >-
    The steps in the order in which they were done, up to the first that failed. With O(routes) those of all probes.
  returned: always
  type: list
  elements: dict
  contains:
    protocol:
      description: Either V(smtp) or V(imap).
      type: str
      sample: smtp
    step:
      description: The name of the step.
      type: str
      sample: rcpt_to
    ok:
      description: Whether the step did what it should.
      type: bool
      sample: true
    answer:
      description: The server's words, or what was seen of it. Passwords are blanked.
      type: str
      sample: 250 2.1.5 Ok
    milliseconds:
      description: How long the step took, in milliseconds.
      type: float
      sample: 1.7
report:
  description: The same steps as the lines of a table, for people.
  returned: always
  type: list
  elements: str
  sample: ["smtp rcpt_to           ok          1.7 ms  250 2.1.5 Ok"]
queue_id:
  description: >-
    The name of the message in the server's queue. It is in the server's log, too. With O(routes) that of the last
    probe.
  returned: always
  type: str
  sample: 4fLxGk0Lb2z1fD
delivered_in:
  description: >-
    The milliseconds from the server's answer to the message until it is in the mailbox. With O(routes) those of the
    last probe.
  returned: always
  type: float
  sample: 74.2
milliseconds:
  description: How long the whole probe took, in milliseconds. With O(routes) all of them.
  returned: always
  type: float
  sample: 613.5
probes:
  description: >-
    The probes of O(routes) that were begun, in their order, each with RV(steps), RV(report), RV(queue_id),
    RV(delivered_in) and RV(milliseconds) of its own, too.
  returned: with O(routes)
  type: list
  elements: dict
  contains:
    name:
      description: As O(routes[].name), or empty.
      type: str
      sample: submission
    ok:
      description: Whether it went well. Only the last one may not have.
      type: bool
      sample: true
failed_step:
  description: The step that failed, as in RV(steps), with the RV(ignore:server) that it failed at.
  returned: failure
  type: dict
left_behind:
  description: What could not be removed, in a sentence. It is empty when nothing is left.
  returned: failure
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils._module import run
from ansible_collections.assurmer.mail.plugins.module_utils._probe.plan import (
    ARGUMENT_SPEC,
    MUTUALLY_EXCLUSIVE,
)
from ansible_collections.assurmer.mail.plugins.module_utils._probe.probe import probe


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENT_SPEC,
        mutually_exclusive=MUTUALLY_EXCLUSIVE,
        supports_check_mode=False,
    )
    run(module, lambda: probe(module.params))


if __name__ == "__main__":
    main()
