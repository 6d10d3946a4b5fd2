#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_certificate_info
short_description: What a bundle of key, certificate and chain is good for
version_added: 0.1.0
description:
  - Reads a bundle as M(assurmer.mail.tls_certificate) writes it and tells what is in it and what
    is wrong with it.
  - A file that is missing, damaged or expired is a result, not a failure.
  - With a CA given, a TLS client that trusts nothing else shakes hands with a server that has the
    bundle, both inside the module, under the strict rules that are Python's default since 3.13.
  - With O(listeners) it also tells what is really served there. Each is asked for each of O(names),
    or else for the names of the certificate in the file, as a client does that sends the name (SNI).
    A renewed certificate that lies on disk while a daemon serves the one before it is the commonest
    outage of a mail server.
  - For an RSA certificate, which may be served beside an ECDSA one, the listeners are asked by a client
    that knows RSA alone. This takes TLS 1.2. Python, before 3.15, can't ask so in TLS 1.3; of a port
    with TLS 1.3 alone and an ECDSA certificate there is a warning instead of a result.
extends_documentation_fragment:
  - assurmer.mail._attributes
  - assurmer.mail._attributes.info
  - assurmer.mail._certificate.listeners
requirements:
  - Python library cryptography 38 or newer; C(python3-cryptography) on Debian.
author:
  - the assurmer.mail authors (@assurmer)
options:
  name:
    description: Name of the bundle C(/etc/ssl/assurmer.mail/<name>.pem). Either this or O(path).
    type: str
  path:
    description: Absolute path of the bundle.
    type: path
  names:
    description:
      - Host names and IP addresses that the certificate has to be good for. The first one is the
        server's name in the handshake.
    type: list
    elements: str
    default: []
  ca_path:
    description: File with the certificates that a client trusts.
    type: path
  renew_before:
    description: So many days before its end a certificate counts as a problem.
    type: int
    default: 30
  timeout:
    description: Seconds that one connection may take, 1 to 300.
    type: int
    default: 10
seealso:
  - module: assurmer.mail.tls_certificate
"""

EXAMPLES = r"""
- name: Look at a certificate
  assurmer.mail.tls_certificate_info:
    name: mail.example.org
    names:
      - mail.example.org
    ca_path: /etc/ssl/assurmer.mail/ca.pem
  register: certificate

- name: Look at what is served, too
  assurmer.mail.tls_certificate_info:
    name: mail.example.org
    ca_path: /etc/ssl/assurmer.mail/ca.pem
    listeners:
      - {port: 25, protocol: smtp, tls: starttls}
      - {port: 993, protocol: imap, tls: implicit}
  register: certificate

- name: Stop unless it is in order
  ansible.builtin.assert:
    that: certificate.problems == []
    fail_msg: "{{ certificate.problems | join(', ') }}"
"""

RETURN = r"""
path:
  description: Where the bundle is looked for.
  type: str
  returned: success
  sample: /etc/ssl/assurmer.mail/mail.example.org.pem
exists:
  description: Whether there is a file.
  type: bool
  returned: success
  sample: true
readable:
  description: Whether the file is a bundle, that is, one private key and its certificates.
  type: bool
  returned: success
  sample: true
problems:
  description: What is wrong, a phrase each; empty when the bundle is in order.
  type: list
  elements: str
  returned: success
  sample: [expires in 12 days]
renewal:
  description:
    - What came of the host's own renewal when it ran last, see
      M(assurmer.mail.tls_certificate_renewal). What went wrong there, or that it has not run for four
      days, stands in RV(problems), too.
  type: dict
  returned: when the host has run it
  contains:
    at:
      description: When it ran, in UTC.
      type: str
      sample: "2026-11-26T12:00:00Z"
    problems:
      description: What went wrong, a phrase each.
      type: list
      elements: str
      sample: []
owner:
  description: Owner of the file.
  type: str
  returned: when the file exists
  sample: root
group:
  description: Group of the file.
  type: str
  returned: when the file exists
  sample: root
mode:
  description: Mode of the file in octal.
  type: str
  returned: when the file exists
  sample: "0600"
names:
  description: The names of the certificate, host names as A-labels, then IP addresses.
  type: list
  elements: str
  returned: when the bundle is readable
  sample: [mail.example.org]
subject:
  description: The subject (RFC 4514).
  type: str
  returned: when the bundle is readable
  sample: CN=mail.example.org
issuer:
  description: The issuer's name (RFC 4514).
  type: str
  returned: when the bundle is readable
  sample: CN=Example Mail CA
serial_number:
  description: The serial number in hexadecimal digits.
  type: str
  returned: when the bundle is readable
  sample: 4fa1c0
not_before:
  description: When it becomes valid, in UTC.
  type: str
  returned: when the bundle is readable
  sample: "2026-11-23T08:00:00Z"
not_after:
  description: When it ends, in UTC.
  type: str
  returned: when the bundle is readable
  sample: "2027-11-23T09:00:00Z"
days_left:
  description: Whole days until it ends; negative when it is over.
  type: int
  returned: when the bundle is readable
  sample: 364
key_type:
  description: Type of the key.
  type: str
  returned: when the bundle is readable
  sample: ecdsa-p256
fingerprint:
  description: SHA-256 of the certificate in DER, in lower-case hexadecimal digits.
  type: str
  returned: when the bundle is readable
  sample: 9d3a5c0f6e1b2a4d8c7f0e9d3a5c0f6e1b2a4d8c7f0e9d3a5c0f6e1b2a4d8c7f
tlsa:
  description:
    - Data of the TLSA record (RFC 6698, RFC 7672) that pins the certificate's key, for
      C(_25._tcp.<host>) in a signed zone. It changes with the key, so with each renewal.
  type: str
  returned: when the bundle is readable
  sample: 3 1 1 1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809
key_fits:
  description: Whether the private key is the one of the certificate.
  type: bool
  returned: when the bundle is readable
  sample: true
chain:
  description: Subjects of the issuers that a server sends along.
  type: list
  elements: str
  returned: when the bundle is readable
  sample: []
chain_in_order:
  description: Whether each certificate is signed by the next one.
  type: bool
  returned: when the bundle is readable
  sample: true
chain_valid:
  description:
    - Whether a client that trusts O(ca_path) takes the certificate for the first of O(names), or
      else for its own first name.
  type: bool
  returned: when the bundle is readable; none without O(ca_path)
  sample: true
self_signed:
  description: Whether the certificate is signed by its own key.
  type: bool
  returned: when the bundle is readable
  sample: false
served:
  description: What is served, an entry for each listener and name.
  type: list
  elements: dict
  returned: when O(listeners) are given
  contains:
    address:
      description: Where it was asked.
      type: str
      sample: 127.0.0.1
    port:
      description: The port.
      type: int
      sample: 993
    protocol:
      description: The protocol.
      type: str
      sample: imap
    name:
      description: The name that was asked for.
      type: str
      sample: mail.example.org
    reached:
      description:
        - Whether there was a handshake. If not, only RV(served[].problems) follows.
        - Where it can't be asked for an RSA certificate, nothing of a certificate follows, and
          RV(served[].matches) and RV(served[].chain_valid) are none.
      type: bool
      sample: true
    matches:
      description: Whether the certificate served is the one in the file; none without such a file.
      type: bool
      sample: true
    chain_valid:
      description: Whether a client that trusts O(ca_path) takes it for this name; none without O(ca_path).
      type: bool
      sample: true
    problems:
      description: What is wrong there, a phrase each. They stand in RV(problems), too.
      type: list
      elements: str
      sample: []
    days_left:
      description: Whole days until the certificate served ends; negative when it is over.
      type: int
      sample: 364
    names:
      description: Its names, like RV(names); RV(subject), RV(issuer), RV(serial_number),
        RV(not_before), RV(not_after), RV(key_type), RV(fingerprint) and RV(tlsa) follow.
      type: list
      elements: str
      sample: [mail.example.org]
"""

from datetime import UTC, datetime

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    argspec,
    library,
    report,
)
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import job


def main() -> None:
    module = AnsibleModule(**argspec.TLS_CERTIFICATE_INFO)
    missing = library.missing()
    if missing is not None:
        module.fail_json(msg=missing[0], exception=missing[1])

    def body() -> _module.Result:
        params = module.params
        wanted = argspec.inspection_of(params)
        path, now = argspec.path_of(params), datetime.now(UTC)
        answer = report.report(path, wanted, now)
        last = job.last(path)
        if last is not None:
            answer["renewal"] = last.facts()
            answer["problems"] += last.worries(now)
        for warning in report.warnings(answer):
            module.warn(warning)
        return _module.Result(values=answer)

    _module.run(module, body)


if __name__ == "__main__":
    main()
