# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a certificate says, in words and numbers that Ansible can return.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import hashlib
import typing as t
from datetime import datetime

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import signing

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.x509.oid import NameOID
except ImportError:
    pass  # library.missing() tells


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the alternative names: DNS names in lower case, then IP addresses."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    dns = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return (*(name.lower() for name in dns), *(str(address) for address in addresses))


def common_name_of(certificate: x509.Certificate) -> str:
    """Return what people call an authority; without a common name, its whole name."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else certificate.subject.rfc4514_string()


def line_of(certificate: x509.Certificate) -> str:
    """Return a certificate in one line that no other certificate has."""
    return f"{certificate.subject.rfc4514_string()} {fingerprint_of(certificate)}"


def serial_number_of(certificate: x509.Certificate) -> str:
    """Return the serial number in lower-case hexadecimal digits."""
    return f"{certificate.serial_number:x}"


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the certificate in DER, in lower-case hexadecimal digits."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def tlsa_of(certificate: x509.Certificate) -> str:
    """Return the record data that pins the certificate's key in the DNS (RFC 7672, DANE-EE).

    It stays the same for as long as the key does, whoever signs it.
    """
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"3 1 1 {hashlib.sha256(key).hexdigest()}"


def days_left(certificate: x509.Certificate, now: datetime) -> int:
    """Return the whole days until the end; negative when it is over."""
    return (signing.not_after(certificate) - now).days


def facts_of(certificate: x509.Certificate) -> dict[str, t.Any]:
    """Return what stays the same as long as the certificate is the same."""
    return {
        "names": list(names_of(certificate)),
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial_number": serial_number_of(certificate),
        "not_before": written(signing.not_before(certificate)),
        "not_after": written(signing.not_after(certificate)),
        "key_type": signing.key_type_of(certificate),
        "fingerprint": fingerprint_of(certificate),
        "tlsa": tlsa_of(certificate),
    }


def written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
