# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The company's own certification authority, as a value.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import facts, signing
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import (
    KeyLocked,
    Pem,
    PemError,
    load_key,
    render_certificates,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidSecret,
    MailError,
)

with contextlib.suppress(ImportError):  # library.missing() tells
    from cryptography import x509

# An authority is on the devices of all people of a company; ten years, as is usual.
LIFETIME = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Authority:
    """A key that signs; its certificate first, then those above it."""

    key: signing.PrivateKey
    certificates: tuple[x509.Certificate, ...]

    @property
    def signer(self) -> signing.Signer:
        return signing.Signer(self.certificates[0].subject, self.key)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """What a server sends beside its own certificate: all but the root."""
        return tuple(c for c in self.certificates if not signing.is_self_signed(c))

    @property
    def not_after(self) -> datetime:
        return min(signing.not_after(certificate) for certificate in self.certificates)

    def render(self, passphrase: str | None) -> bytes:
        return signing.render_key(self.key, passphrase) + render_certificates(self.certificates)


def create(common_name: str, now: datetime) -> Authority:
    name = signing.common_name(common_name)
    key = signing.new_key(signing.AUTHORITY_KEY_TYPE)
    not_before = now - signing.CLOCK_TOLERANCE
    return Authority(key, (signing.sign_authority(key, name, not_before, now + LIFETIME),))


def assemble(pem: Pem, key_pem: Pem, passphrase: str | None, now: datetime) -> Authority:
    """Put an authority together from its parts, or tell why it can't sign."""
    if not pem.certificates:
        raise PemError("it holds no certificate")
    if len(key_pem.keys) != 1:
        raise PemError(f"there are {len(key_pem.keys)} private keys instead of one")
    try:
        key = load_key(key_pem.keys[0], passphrase)
    except KeyLocked as error:
        raise InvalidSecret("ownca_key_passphrase", _wrong_passphrase(passphrase)) from error
    authority = Authority(key, pem.certificates)
    _check(authority, now)
    return authority


def _wrong_passphrase(passphrase: str | None) -> str:
    if passphrase:
        return "doesn't open the authority's key, or the key isn't encrypted at all"
    return "is empty, and the authority's key is encrypted"


def _check(authority: Authority, now: datetime) -> None:
    certificate = authority.certificates[0]
    if not signing.same_key(authority.key.public_key(), certificate.public_key()):
        raise PemError("its private key does not fit its certificate")
    if not _may_sign(certificate):
        raise PemError("its certificate isn't one of an authority (CA:TRUE, keyCertSign)")
    line = authority.certificates
    if not all(signing.issued_by(line[i], line[i + 1]) for i in range(len(line) - 1)):
        raise PemError("its certificates are not in order: each has to be signed by the next one")
    if now >= authority.not_after:
        raise MailError(f"The authority expired on {facts.written(authority.not_after)}.")


def _may_sign(certificate: x509.Certificate) -> bool:
    extensions = certificate.extensions
    try:
        constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return bool(constraints.ca and usage.key_cert_sign)
