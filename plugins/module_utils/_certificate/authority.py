# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The company's own certification authority, as values: roots, and what signs for hosts.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    constraints,
    facts,
    signing,
)
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

# So long the new root's word for the former one is good after the day of the change: hosts that
# the playbook has not come to by then still send it along.
GRACE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Root:
    """A key that makes authorities, and the certificate that clients trust."""

    key: signing.PrivateKey
    certificate: x509.Certificate

    @property
    def signer(self) -> signing.Signer:
        return signing.Signer(self.certificate.subject, self.key)

    def render(self, passphrase: str | None) -> bytes:
        return signing.render_key(self.key, passphrase) + render_certificates((self.certificate,))


@dataclass(frozen=True, slots=True)
class Handover:
    """A root that is about to take the present one's place.

    `cross` is the present root's key and name, signed by the successor: who trusts the successor
    alone finds a way through it to what the present root has signed.
    """

    cross: x509.Certificate
    successor: x509.Certificate

    @property
    def until(self) -> datetime:
        """When the present root's time is over."""
        return signing.not_after(self.cross) - GRACE


@dataclass(frozen=True, slots=True)
class Authority:
    """A key that signs; its certificate first, then those above it."""

    key: signing.PrivateKey
    certificates: tuple[x509.Certificate, ...]
    handover: Handover | None = None

    @property
    def signer(self) -> signing.Signer:
        return signing.Signer(self.certificates[0].subject, self.key)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """What a server sends beside its own certificate: all but the roots."""
        below = tuple(c for c in self.certificates if not signing.is_self_signed(c))
        return (*below, self.handover.cross) if self.handover else below

    @property
    def anchors(self) -> tuple[x509.Certificate, ...]:
        """What clients have to trust."""
        top = self.certificates[-1]
        return (top, self.handover.successor) if self.handover else (top,)

    @property
    def not_after(self) -> datetime:
        """When clients stop taking what it signs, at the latest."""
        return min(signing.not_after(c) for c in (*self.certificates, *self.chain))

    def render(self, passphrase: str | None) -> bytes:
        handover = self.handover
        more = (handover.cross, handover.successor) if handover else ()
        certificates = render_certificates((*self.certificates, *more))
        return signing.render_key(self.key, passphrase) + certificates


def assemble(pem: Pem, key_pem: Pem, passphrase: str | None) -> Authority:
    """Put an authority together from its parts, or tell why it can't sign."""
    if not pem.certificates:
        raise PemError("it holds no certificate")
    key = _key(key_pem, passphrase)
    line, rest = _divided(pem.certificates)
    authority = Authority(key, line, _handover(line[-1], rest) if rest else None)
    _check(authority)
    return authority


def assemble_root(pem: Pem, passphrase: str | None) -> Root:
    if len(pem.certificates) != 1 or not signing.is_self_signed(pem.certificates[0]):
        raise PemError("it doesn't hold the certificate of one root")
    root = Root(_key(pem, passphrase), pem.certificates[0])
    if not signing.same_key(root.key.public_key(), root.certificate.public_key()):
        raise PemError("its private key does not fit its certificate")
    return root


def refuse_others(authority: Authority, names: tuple[str, ...]) -> None:
    """Refuse names that clients wouldn't take from this authority."""
    for name in names:
        if not all(
            constraints.allows(c, name) for c in (*authority.certificates, *authority.chain)
        ):
            raise MailError(
                f"names: {name!r} is outside of the names that the authority's certificates permit"
                f" ({authority.signer.name.rfc4514_string()})."
            )


def refuse_expired(authority: Authority, now: datetime) -> None:
    if now >= authority.not_after:
        raise MailError(f"The authority expired on {facts.written(authority.not_after)}.")


def _key(pem: Pem, passphrase: str | None) -> signing.PrivateKey:
    if len(pem.keys) != 1:
        raise PemError(f"there are {len(pem.keys)} private keys instead of one")
    try:
        return load_key(pem.keys[0], passphrase)
    except KeyLocked as error:
        raise InvalidSecret("ownca_key_passphrase", _wrong_passphrase(passphrase)) from error


def _wrong_passphrase(passphrase: str | None) -> str:
    if passphrase:
        return "doesn't open the authority's key, or the key isn't encrypted at all"
    return "is empty, and the authority's key is encrypted"


def _divided(
    certificates: tuple[x509.Certificate, ...],
) -> tuple[tuple[x509.Certificate, ...], tuple[x509.Certificate, ...]]:
    """Return the certificates up to the root, and what follows it."""
    roots = [i for i in range(len(certificates)) if signing.is_self_signed(certificates[i])]
    end = roots[0] + 1 if roots else len(certificates)
    return certificates[:end], certificates[end:]


def _handover(root: x509.Certificate, rest: tuple[x509.Certificate, ...]) -> Handover:
    if len(rest) != 2 or not _vouches(rest[1], rest[0], root):
        raise PemError(
            "its certificates are not in order: each has to be signed by the next one, and a root"
            " be the last"
        )
    return Handover(*rest)


def _vouches(successor: x509.Certificate, cross: x509.Certificate, root: x509.Certificate) -> bool:
    return (
        signing.is_self_signed(successor)
        and signing.issued_by(cross, successor)
        and cross.subject == root.subject
        and signing.same_key(cross.public_key(), root.public_key())
    )


def _check(authority: Authority) -> None:
    certificate = authority.certificates[0]
    if not signing.same_key(authority.key.public_key(), certificate.public_key()):
        raise PemError("its private key does not fit its certificate")
    if not _may_sign(certificate):
        raise PemError("its certificate isn't one of an authority (CA:TRUE, keyCertSign)")
    line = authority.certificates
    if not all(signing.issued_by(line[i], line[i + 1]) for i in range(len(line) - 1)):
        raise PemError("its certificates are not in order: each has to be signed by the next one")


def _may_sign(certificate: x509.Certificate) -> bool:
    extensions = certificate.extensions
    try:
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return bool(basic.ca and usage.key_cert_sign)
