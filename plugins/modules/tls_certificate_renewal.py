#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_certificate_renewal
short_description: Have a mail host renew its certificates itself
version_added: 0.1.0
description:
  - Installs C(/usr/local/sbin/assurmer-mail-certificates) and a systemd timer that runs it. It needs
    no workstation.
  - It looks after the bundles for which M(assurmer.mail.tls_certificate) was called with
    C(unattended). What is due is renewed by the same code as in that module, and put into place by
    one rename. Postfix and Dovecot are reloaded, which ends no session. Then a client asks each of
    O(listeners) for each name until all serve what is on the disk. Those of a daemon that is not
    installed are passed over; V(smtp) is Postfix, V(imap) and V(sieve) are Dovecot.
  - What the host can't renew, such as certificates from an authority on the workstation, it only
    watches.
  - Where anything fails the old certificate stays in service, the unit
    C(assurmer-mail-certificates.service) fails, the journal has a line for each problem, and
    M(assurmer.mail.tls_certificate_info) tells them, too. The next run of the timer tries again.
  - "An administrator can run the program by hand: C(assurmer-mail-certificates --force) renews what
    is not due, too."
extends_documentation_fragment:
  - assurmer.mail._attributes
  - assurmer.mail._certificate.listeners
requirements:
  - systemd.
author:
  - the assurmer.mail authors (@assurmer)
options:
  state:
    description: Whether the host renews its certificates itself.
    type: str
    choices: [present, absent]
    default: present
  calendar:
    description: When the timer runs (systemd.time(7), calendar events).
    type: str
    default: "*-*-* 00/12:00:00"
  jitter:
    description:
      - Seconds by which each run is put off at random, 0 to 86400. Public CAs want their clients
        not to come all at the same minute.
    type: int
    default: 36000
  timeout:
    description: Seconds after which all ports have to serve a new certificate, 1 to 300.
    type: int
    default: 10
seealso:
  - module: assurmer.mail.tls_certificate
  - module: assurmer.mail.tls_certificate_info
"""

EXAMPLES = r"""
- name: Look after the certificates twice a day
  assurmer.mail.tls_certificate_renewal:
    listeners:
      - {port: 25, protocol: smtp, tls: starttls}
      - {port: 993, protocol: imap, tls: implicit}

- name: Look after them no longer
  assurmer.mail.tls_certificate_renewal:
    state: absent
"""

RETURN = r"""#"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._certificate import argspec
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import install


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
            "listeners": argspec.LISTENERS,
            "calendar": {"type": "str", "default": "*-*-* 00/12:00:00"},
            "jitter": {"type": "int", "default": 36000},
            "timeout": {"type": "int", "default": 10},
        },
        supports_check_mode=True,
    )

    def body() -> _module.Result:
        dry = module.check_mode
        if module.params["state"] == "absent":
            return _module.Result(*install.absent(dry=dry))
        return _module.Result(*install.present(install.schedule_of(module.params), dry=dry))

    _module.run(module, body)


if __name__ == "__main__":
    main()
