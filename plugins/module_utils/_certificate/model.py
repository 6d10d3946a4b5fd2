# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate that is wanted, and a bundle: key, certificate and chain in one PEM text.

PRIVATE to the collection. It can have breaking changes at any time.

The bundle is one text because it is one file: key and certificate can only change together.
The key comes first, then the certificate, then its issuers (what Postfix's smtpd_tls_chain_files
and Dovecot read).
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from datetime import timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import signing
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
except ImportError:
    pass  # library.missing() tells

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s.+?\s-----END \1-----", re.ASCII | re.DOTALL)
_BEGIN = re.compile(rb"-----BEGIN [A-Z0-9 ]+-----")
# OpenSSL puts the parameters of a curve before the key; the key names its curve itself.
_IGNORED = (b"EC PARAMETERS", b"DH PARAMETERS")


class PemError(MailError):
    """A PEM text is damaged, incomplete, or its parts don't belong together."""


class KeyLocked(PemError):
    """The passphrase for a private key is missing or wrong, or there is none to open."""


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """The certificate that is wanted. `names` are normalised; the first one is the subject."""

    names: tuple[str, ...]
    key_type: str
    validity: timedelta
    renew_before: timedelta
    # Serial numbers of certificates whose keys are in wrong hands, in hexadecimal digits.
    compromised: frozenset[str] = frozenset()
    # Whether a new one is wanted whatever the present one is like.
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Pem:
    """What a PEM text holds, whatever it was meant to hold."""

    keys: tuple[bytes, ...]
    certificates: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A private key, its certificate and the certificate's issuers without the root.

    A bundle that was read may be wrong in itself (`key_fits`, `chain_in_order`); none that is
    wrong is ever written.
    """

    key: signing.PrivateKey
    leaf: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def key_fits(self) -> bool:
        return signing.same_key(self.key.public_key(), self.leaf.public_key())

    @property
    def chain_in_order(self) -> bool:
        """Whether each certificate was signed by the next one."""
        line = (self.leaf, *self.chain)
        return all(signing.issued_by(line[i], line[i + 1]) for i in range(len(line) - 1))

    def render(self) -> bytes:
        return signing.render_key(self.key) + self.render_public()

    def render_public(self) -> bytes:
        return render_certificates((self.leaf, *self.chain))


def parse(content: bytes) -> Pem:
    """Take a PEM text apart; private keys stay as they are, for they may be encrypted."""
    blocks = list(_BLOCK.finditer(content))
    if len(blocks) != len(_BEGIN.findall(content)):
        raise PemError("it is cut off: a PEM block has a beginning and no end")
    keys: list[bytes] = []
    certificates: list[x509.Certificate] = []
    for block in blocks:
        kind = block.group(1)
        if kind.endswith(b"PRIVATE KEY"):
            keys.append(block.group(0))
        elif kind in (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"):
            certificates.append(_load_certificate(block.group(0)))
        elif kind not in _IGNORED:
            raise PemError(f"it holds a block of an unknown kind, {kind.decode()}")
    return Pem(tuple(keys), tuple(certificates))


def _load_certificate(block: bytes) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(block)
        # The library reads on demand: a broken key or extension shall show here, not later.
        certificate.public_key()
        list(certificate.extensions)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PemError("it holds a certificate that can't be read") from error
    return certificate


def load_key(block: bytes, passphrase: str | None = None) -> signing.PrivateKey:
    password = passphrase.encode() if passphrase else None
    try:
        key = serialization.load_pem_private_key(block, password)
    except TypeError as error:
        need = "is encrypted" if password is None else "isn't encrypted"
        raise KeyLocked(f"its private key {need}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        if password is not None:
            raise KeyLocked("its private key can't be opened with this passphrase") from error
        raise PemError("its private key can't be read") from error
    return t.cast("signing.PrivateKey", key)


def parse_bundle(content: bytes) -> Bundle:
    """Read a bundle as this collection writes it."""
    pem = parse(content)
    if len(pem.keys) != 1:
        raise PemError(f"it holds {len(pem.keys)} private keys instead of one")
    if not pem.certificates:
        raise PemError("it holds no certificate")
    return Bundle(load_key(pem.keys[0]), pem.certificates[0], pem.certificates[1:])


def render_certificates(certificates: tuple[x509.Certificate, ...]) -> bytes:
    pem = serialization.Encoding.PEM
    return b"".join(certificate.public_bytes(pem) for certificate in certificates)
