# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys and signatures: make a key, sign a certificate, tell who signed one.

PRIVATE to the collection. It can have breaking changes at any time.

The certificates are complete for OpenSSL's strict rules (X509_V_FLAG_X509_STRICT), which
Python 3.13 applies by default.
"""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError:
    pass  # library.missing() tells

if t.TYPE_CHECKING:
    PrivateKey = (
        ec.EllipticCurvePrivateKey
        | rsa.RSAPrivateKey
        | ed25519.Ed25519PrivateKey
        | ed448.Ed448PrivateKey
    )
    PublicKey = (
        ec.EllipticCurvePublicKey
        | rsa.RSAPublicKey
        | ed25519.Ed25519PublicKey
        | ed448.Ed448PublicKey
    )

KEY_TYPES = ("ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096")
# What an authority of ours signs with: it outlives its certificates by years.
AUTHORITY_KEY_TYPE = "ecdsa-p384"
# A host whose clock is somewhat behind shall not refuse a certificate that is new.
CLOCK_TOLERANCE = timedelta(hours=1)
# RFC 5280 (ub-common-name)
LONGEST_COMMON_NAME = 64


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose name and key stand under a certificate."""

    name: x509.Name
    key: PrivateKey


@dataclass(frozen=True, slots=True)
class Limits:
    """What an authority may sign: so many authorities in a row below it, and for which names."""

    path_length: int | None = None
    names: x509.NameConstraints | None = None


def new_key(key_type: str) -> PrivateKey:
    if key_type == "ecdsa-p256":
        return ec.generate_private_key(ec.SECP256R1())
    if key_type == "ecdsa-p384":
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=int(key_type[4:]))


def key_type_of(certificate: x509.Certificate) -> str:
    """Return the type of a certificate's key in the words of the option `key_type`."""
    return key_type_of_public(certificate.public_key())


def key_type_of_public(key: t.Any) -> str:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ecdsa-p{key.curve.key_size}" if "secp" in key.curve.name else key.curve.name
    if isinstance(key, rsa.RSAPublicKey):
        return f"rsa-{key.key_size}"
    return type(key).__name__.lstrip("_").removesuffix("PublicKey").lower()


def render_key(key: PrivateKey, passphrase: str | None = None) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption(),
    )


def common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def subject_of(names: tuple[str, ...]) -> x509.Name:
    """Return a subject for these names; clients look at the alternative names alone."""
    fitting = [name for name in names if len(name) <= LONGEST_COMMON_NAME]
    if not fitting:
        return common_name("mail server")
    # OpenSSL takes a bare IPv4 address here for a host name, and looks for it among the domains
    # that the authority is limited to.
    is_address = isinstance(_general_name(fitting[0]), x509.IPAddress)
    return common_name(f"server {fitting[0]}" if is_address else fitting[0])


def sign_leaf(
    key: PrivateKey,
    names: tuple[str, ...],
    signer: Signer,
    not_before: datetime,
    not_after: datetime,
) -> x509.Certificate:
    """Sign the certificate of a server."""
    alternative_names = x509.SubjectAlternativeName([_general_name(name) for name in names])
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    builder = (
        _builder(subject_of(names), key.public_key(), signer, not_before, not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True, key_encipherment=is_rsa), critical=True)
        .add_extension(_purposes(), critical=False)
        .add_extension(alternative_names, critical=False)
    )
    return builder.sign(signer.key, _digest(signer.key))


def render_request(key: PrivateKey, names: tuple[str, ...]) -> bytes:
    """Return a signing request (RFC 2986) for the certificate of a server, as PEM."""
    alternative_names = x509.SubjectAlternativeName([_general_name(name) for name in names])
    # No common name: it may be longer than the CA's limit, and nobody reads it any more.
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .add_extension(alternative_names, critical=False)
        .sign(key, _digest(key))
    )
    return request.public_bytes(serialization.Encoding.PEM)


def sign_root(
    key: PrivateKey, name: x509.Name, not_before: datetime, not_after: datetime
) -> x509.Certificate:
    """Sign the certificate of an authority with its own key."""
    signer = Signer(name, key)
    return sign_authority(key.public_key(), name, signer, not_before, not_after, Limits())


def is_for_clients(certificate: x509.Certificate) -> bool:
    """Tell whether a TLS client may show it (RFC 5280, 4.2.1.12)."""
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.CLIENT_AUTH in purposes


def _purposes() -> x509.ExtendedKeyUsage:
    # A host takes mail, and hands it to other hosts of the company.
    return x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


def sign_authority(
    public_key: PublicKey,
    name: x509.Name,
    signer: Signer,
    not_before: datetime,
    not_after: datetime,
    limits: Limits,
) -> x509.Certificate:
    """Sign the certificate of an authority; below a root it is good for servers alone."""
    basic = x509.BasicConstraints(ca=True, path_length=limits.path_length)
    builder = (
        _builder(name, public_key, signer, not_before, not_after)
        .add_extension(basic, critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    if not same_key(public_key, signer.key.public_key()):
        builder = builder.add_extension(_purposes(), critical=False)
    if limits.names is not None:
        builder = builder.add_extension(limits.names, critical=True)
    return builder.sign(signer.key, _digest(signer.key))


def _builder(
    subject: x509.Name,
    public_key: PublicKey,
    signer: Signer,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    signer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(signer_id, critical=False)
    )


def _key_usage(**used: bool) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: used.get(name, False) for name in every})


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _digest(key: PrivateKey) -> t.Any:
    """Return the digest that is as strong as the key; Edwards curves bring their own."""
    if isinstance(key, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)):
        return None
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size > 256:
        return hashes.SHA384()
    return hashes.SHA256()


def same_key(one: t.Any, other: t.Any) -> bool:
    encoding = serialization.Encoding.DER
    public_format = serialization.PublicFormat.SubjectPublicKeyInfo
    return bool(
        one.public_bytes(encoding, public_format) == other.public_bytes(encoding, public_format)
    )


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether the issuer's key signed the certificate.

    By hand, because Debian 12's library has no verify_directly_issued_by (it came with 40).
    """
    if certificate.issuer != issuer.subject:
        return False
    key: t.Any = issuer.public_key()
    digest: t.Any = certificate.signature_hash_algorithm
    signed = (certificate.signature, certificate.tbs_certificate_bytes)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(*signed, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(*signed, ec.ECDSA(digest))
        else:
            key.verify(*signed)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, AttributeError):
        return False
    return True


def key_identifier(public_key: PublicKey) -> str:
    """Return what tells keys of the same name apart, short enough for people."""
    return x509.SubjectKeyIdentifier.from_public_key(public_key).digest.hex()[:8]


def is_self_signed(certificate: x509.Certificate) -> bool:
    return issued_by(certificate, certificate)


def not_before(certificate: x509.Certificate) -> datetime:
    return _instant(certificate, "not_valid_before")


def not_after(certificate: x509.Certificate) -> datetime:
    return _instant(certificate, "not_valid_after")


def _instant(certificate: x509.Certificate, attribute: str) -> datetime:
    # The aware attributes came with 42; the naive ones are UTC, too, and deprecated since.
    aware = getattr(certificate, f"{attribute}_utc", None)
    if aware is None:
        aware = getattr(certificate, attribute).replace(tzinfo=UTC)
    return t.cast("datetime", aware)
