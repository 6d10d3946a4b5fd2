#!/usr/bin/python
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_certificate
short_description: Private key, certificate and chain of a server in one file
version_added: 0.1.0
description:
  - Keeps a bundle, one PEM file that holds a private key, its certificate and the certificate's
    issuers, in this order. Postfix reads it as C(smtpd_tls_chain_files), Dovecot as both
    certificate and key.
  - Key and certificate always change together, by one rename. Whoever reads the file sees the old
    pair or the new one, and where anything fails, a full disk for one, the old pair stays.
  - A bundle is replaced when it is missing or unusable, when its key does not fit, when names,
    key type or issuer differ from what is asked, when it is valid for longer than asked, when its
    key was open to all users of the host, and when its end is near. Each time there is a new key.
  - Certificates are complete for the strict rules that Python 3.13 and OpenSSL's C(-x509_strict)
    apply.
extends_documentation_fragment:
  - assurmer.mail._attributes
  - assurmer.mail._certificate.ownca
  - assurmer.mail._certificate.acme
  - assurmer.mail._certificate.files
  - assurmer.mail._certificate.access
requirements:
  - Python library cryptography 38 or newer; C(python3-cryptography) on Debian. O(state=absent)
    does not need it.
  - With O(provider=acme), Python library acme 2.1 or newer, C(python3-acme) on Debian, and with
    O(acme_dns_server) also dnspython, C(python3-dnspython).
author:
  - the assurmer.mail authors (@assurmer)
options:
  state:
    description:
      - V(present) keeps a usable bundle at the place.
      - V(absent) removes it, and what O(certificate_path) and O(ca_path) name.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - Name of the bundle. The file is C(/etc/ssl/assurmer.mail/<name>.pem).
      - Lower-case letters, digits, C(.), C(_) and C(-); mostly it is the name of the host. Either
        this or O(path).
    type: str
  path:
    description:
      - Absolute path of the bundle, for another place than that of O(name). A missing directory
        is made, a symbolic link refused.
    type: path
  names:
    description:
      - Host names and IP addresses that the certificate is for. The first is in the subject, too.
        Names beyond ASCII are stored as A-labels. C(*.example.org) stands for all names with one
        label more.
      - The default is O(name).
      - With O(provider=files) the certificate has to be good for each of them; it may be for
        others, too.
    type: list
    elements: str
  provider:
    description:
      - Where the certificate comes from.
      - V(selfsigned) is signed by its own key.
      - V(ownca) is signed by an authority of one's own, whose key has to be on the host where the
        module runs.
      - V(acme) is signed by a CA that speaks ACME (RFC 8555), public or private. Names have to be
        proven to it on the host where the module runs, and IP addresses are refused.
      - V(files) was obtained by somebody else and is handed over.
    type: str
    choices: [selfsigned, ownca, acme, files]
    default: selfsigned
  key_type:
    description: Type of the key. With O(provider=files) the key is taken as it is.
    type: str
    choices: [ecdsa-p256, ecdsa-p384, rsa-3072, rsa-4096]
    default: ecdsa-p256
  validity:
    description:
      - Days that a new certificate is valid for, 1 to 3650. It never outlives the authority.
      - With O(provider=acme) and O(provider=files) it has no effect.
      - There are no revocation lists, because mail clients don't fetch them. Where the playbook
        runs often, a short validity limits how long a key that was stolen is of use.
      - The default is a year, which Mozilla's guidelines (366 days at most) and every client take.
    type: int
    default: 365
  renew_before:
    description:
      - A certificate that has so many days left, or fewer, is replaced. It has to be less than
        O(validity).
      - With O(provider=files) there is a warning instead.
      - With O(provider=acme) a certificate that is valid for less than three times as long is
        replaced when a third of its time is left. Where the CA can't be reached or refuses, there
        is a warning, and the present certificate stays as long as it is good.
      - The default leaves a month to run the playbook in.
    type: int
    default: 30
  compromised:
    description:
      - Serial numbers, in hexadecimal digits with or without colons, of certificates whose keys are
        in wrong hands. Such a one is replaced at once, and none is taken from O(provider=files).
      - With O(provider=acme) it is then revoked, too, with the reason C(keyCompromise).
    type: list
    elements: str
    default: []
  unattended:
    description:
      - Whether the host itself renews the bundle, or watches it where it can't, with what
        M(assurmer.mail.tls_certificate_renewal) installs. The options are kept for that in
        C(renewal/<name>.json) beside the bundle, with mode 0600 and without keys and bindings;
        O(acme_dns_key_secret) is among them.
    type: bool
    default: false
notes:
  - In check mode a certificate is made and thrown away; serial number and fingerprint are not
    those that the later run will have.
  - With O(provider=acme) check mode asks the CA for nothing.
seealso:
  - module: assurmer.mail.tls_certificate_info
  - module: assurmer.mail.tls_certificate_renewal
  - name: RFC 5280
    description: Internet X.509 public key infrastructure certificate profile.
    link: https://www.rfc-editor.org/rfc/rfc5280
"""

EXAMPLES = r"""
- name: A certificate to start with
  assurmer.mail.tls_certificate:
    name: mail.example.org

- name: A certificate from the company's authority, which is made when it is not there
  assurmer.mail.tls_certificate:
    path: /srv/ca/issued/mail.example.org.pem
    names:
      - mail.example.org
      - imap.example.org
    provider: ownca
    ownca_path: /srv/ca/authority.pem
    ownca_create: true
    ownca_common_name: Example Mail CA
    ownca_key_passphrase: correct horse battery staple
    ownca_permitted_names:
      - example.org
    ca_path: /srv/ca/ca.pem

- name: The same while a new root takes the present one's place
  assurmer.mail.tls_certificate:
    path: /srv/ca/issued/mail.example.org.pem
    names:
      - mail.example.org
      - imap.example.org
    provider: ownca
    ownca_path: /srv/ca/authority.pem
    ownca_create: true
    ownca_common_name: Example Mail CA
    ownca_key_passphrase: correct horse battery staple
    ownca_permitted_names:
      - example.org
    ownca_rollover: "2027-06-30"
    ca_path: /srv/ca/ca.pem

- name: A certificate that was obtained elsewhere
  assurmer.mail.tls_certificate:
    name: mail.example.org
    provider: files
    source_path: /srv/ca/issued/mail.example.org.pem
    source_ca_path: /srv/ca/ca.pem
    ca_path: /etc/ssl/assurmer.mail/ca.pem

- name: A certificate from a public CA, which the host renews itself
  assurmer.mail.tls_certificate:
    name: mail.example.org
    provider: acme
    acme_terms_agreed: true
    unattended: true

- name: A certificate with a wildcard, proven in the DNS by an update that is signed with a key
  assurmer.mail.tls_certificate:
    name: brand.example
    names:
      - brand.example
      - "*.brand.example"
    provider: acme
    acme_terms_agreed: true
    acme_challenge: dns-01
    acme_dns_server: ns1.example.org
    acme_dns_key_name: mail.example.org
    acme_dns_key_secret: bXkgc2VjcmV0IGtleSBmb3IgdXBkYXRlcyBvZiB0aGUgRE5T

- name: Another certificate, for the key of this one is in wrong hands
  assurmer.mail.tls_certificate:
    name: mail.example.org
    provider: acme
    acme_terms_agreed: true
    compromised:
      - 2f:6c:19:a0:55:d3:10:b8

- name: No certificate
  assurmer.mail.tls_certificate:
    name: mail.example.org
    state: absent
"""

RETURN = r"""
path:
  description: Where the bundle is.
  type: str
  returned: success
  sample: /etc/ssl/assurmer.mail/mail.example.org.pem
exists:
  description: Whether there is a bundle, in check mode whether there would be.
  type: bool
  returned: success
  sample: true
reasons:
  description: Why the bundle was replaced, or would be; empty when it was good.
  type: list
  elements: str
  returned: success
  sample: ["expires in 12 days, on 2027-12-24T09:00:00Z"]
names:
  description: The names of the certificate, host names as A-labels, then IP addresses.
  type: list
  elements: str
  returned: when known
  sample: [mail.example.org, imap.example.org]
subject:
  description: The subject (RFC 4514).
  type: str
  returned: when known
  sample: CN=mail.example.org
issuer:
  description: The issuer's name (RFC 4514).
  type: str
  returned: when known
  sample: CN=Example Mail CA
serial_number:
  description: The serial number in hexadecimal digits.
  type: str
  returned: when known
  sample: 4fa1c0
not_before:
  description: When it becomes valid, in UTC.
  type: str
  returned: when known
  sample: "2026-11-23T08:00:00Z"
not_after:
  description: When it ends, in UTC.
  type: str
  returned: when known
  sample: "2027-11-23T09:00:00Z"
days_left:
  description: Whole days until it ends.
  type: int
  returned: when known
  sample: 364
key_type:
  description: Type of the key.
  type: str
  returned: when known
  sample: ecdsa-p256
fingerprint:
  description: SHA-256 of the certificate in DER, in lower-case hexadecimal digits.
  type: str
  returned: when known
  sample: 9d3a5c0f6e1b2a4d8c7f0e9d3a5c0f6e1b2a4d8c7f0e9d3a5c0f6e1b2a4d8c7f
tlsa:
  description:
    - Data of the TLSA record (RFC 6698, RFC 7672) that pins the key, for C(_25._tcp.<host>) in a
      signed zone. It changes with the key, so with each renewal.
  type: str
  returned: when known
  sample: 3 1 1 1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809
other_bundles:
  description:
    - Paths of the other bundles in the same directory, that is, files C(*.pem) that hold a
      private key.
  type: list
  elements: str
  returned: when known
  sample: [/etc/ssl/assurmer.mail/old.example.org.pem]
"""

import typing as t
from collections.abc import Mapping
from datetime import UTC, datetime

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    argspec,
    ensure,
    issue,
    library,
)
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import job


def outcome_of(module: AnsibleModule) -> ensure.Outcome:
    context = issue.Context(datetime.now(UTC), module.check_mode)
    target = argspec.target_of(module.params)
    if module.params["state"] == "absent":
        return ensure.absent(target, context)
    missing = library.missing(module.params)
    if missing is not None:
        message, trace = missing
        if not module.check_mode:
            module.fail_json(msg=message, exception=trace)
        # The bare host of a first dry run: an earlier task has only said that it would install it.
        module.warn("A Python library is not there yet; the outcome is a guess.")
        return ensure.predict_unknown(target)
    wanted = argspec.access_of(module.params)
    request = argspec.request_of(module.params)
    issued = issue.prepare(module.params, request, context)
    return ensure.present(target, wanted, request, issued, context)


def kept_of(params: Mapping[str, t.Any]) -> Mapping[str, t.Any] | None:
    """Return the options that the host is to keep, if it is."""
    return params if params["state"] == "present" and params["unattended"] else None


def main() -> None:
    module = AnsibleModule(**argspec.TLS_CERTIFICATE)

    def body() -> _module.Result:
        outcome = outcome_of(module)
        for warning in (*outcome.warnings, *outcome.postponed):
            module.warn(warning)
        before, after = job.settle(
            argspec.path_of(module.params), kept_of(module.params), dry=module.check_mode
        )
        return _module.Result(
            {**outcome.before, **before}, {**outcome.after, **after}, outcome.values
        )

    _module.run(module, body)


if __name__ == "__main__":
    main()
