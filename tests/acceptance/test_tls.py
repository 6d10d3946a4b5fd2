# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS on every port: verified certificates, TLS 1.2 and 1.3 alone, ECDHE and AEAD alone."""

from __future__ import annotations

import ssl
import subprocess
import typing as t
import warnings
from dataclasses import dataclass

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ansible_collections.assurmer.mail.tests.acceptance.clients import PATIENCE
from ansible_collections.assurmer.mail.tests.acceptance.starttls import (
    PORTS,
    before_tls,
    without_starttls,
)

# The server, not our own library, must be the one who refuses.
REFUSALS = {
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY",
    # Dovecot 2.3 hangs up without an alert.
    "UNEXPECTED_EOF_WHILE_READING",
}


@dataclass(frozen=True)
class Handshake:
    version: str
    cipher: str
    certificate: x509.Certificate


def handshake(
    host: t.Any, port: int, context: ssl.SSLContext, name: str | None = None
) -> Handshake:
    with (
        before_tls(host, port) as sock,
        context.wrap_socket(sock, server_hostname=name or host.name) as secure,
    ):
        return Handshake(
            str(secure.version()),
            str((secure.cipher() or ("",))[0]),
            x509.load_der_x509_certificate(secure.getpeercert(True) or b""),
        )


def lax(
    version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0", role: int = ssl.PROTOCOL_TLS_CLIENT
) -> ssl.SSLContext:
    """A client that takes everything of this version."""
    context = ssl.SSLContext(role)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = version
        context.maximum_version = version
    context.set_ciphers(ciphers)
    return context


@pytest.mark.parametrize("port", PORTS)
def test_certificate_is_the_companys_and_names_the_host(host, trust, port):
    shaken = handshake(host, port, trust)
    assert shaken.version == "TLSv1.3"
    assert shaken.cipher


@pytest.mark.parametrize("name", ["mail.brand.example", "any.clients.brand.example"])
@pytest.mark.parametrize("port", PORTS)
def test_a_further_domain_has_its_own_certificate(host, trust, port, name):
    assert handshake(host, port, trust, name).version == "TLSv1.3"


@pytest.mark.parametrize("name", [None, "mail.brand.example", "any.clients.brand.example"])
@pytest.mark.parametrize("port", PORTS)
def test_who_knows_rsa_alone_is_served_rsa_and_everybody_else_ecdsa(host, ca_path, port, name):
    context = ssl.create_default_context(cafile=ca_path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+aRSA")
    shaken = handshake(host, port, context, name)
    assert shaken.cipher.startswith("ECDHE-RSA-")
    key = shaken.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 3072
    for newest in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=ca_path)
        context.maximum_version = newest
        key = handshake(host, port, context, name).certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.curve.name == "secp256r1"


@pytest.mark.parametrize("name", [None, "mail.brand.example"])
@pytest.mark.parametrize("port", PORTS)
def test_who_knows_rsa_alone_in_tls_1_3_is_served_rsa(host, ca_path, port, name):
    """Python's own module can't say so; OpenSSL's command can."""
    with without_starttls(host, port) as local:
        said = subprocess.run(
            [
                *("openssl", "s_client", "-connect", f"127.0.0.1:{local}", "-tls1_3"),
                *("-sigalgs", "rsa_pss_rsae_sha256", "-servername", name or host.name),
                *("-CAfile", ca_path, "-verify_return_error"),
                *("-verify_hostname", name or host.name),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert said.returncode == 0, said.stderr
    assert "Server public key is 3072 bit" in said.stdout


@pytest.mark.parametrize("port", PORTS)
def test_certificate_names_nobody_else(host, trust, port):
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(host, port, trust, "mail.example.org")


@pytest.mark.parametrize("port", PORTS)
def test_tls_1_2_uses_ecdhe_and_aead(host, port):
    shaken = handshake(host, port, lax(ssl.TLSVersion.TLSv1_2))
    assert shaken.version == "TLSv1.2"
    assert shaken.cipher.startswith("ECDHE-")
    assert "GCM" in shaken.cipher or "CHACHA20" in shaken.cipher


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"]
)
@pytest.mark.parametrize("port", PORTS)
def test_old_tls_is_refused(host, port, version):
    with pytest.raises(ssl.SSLError) as refusal:
        handshake(host, port, lax(version))
    assert refusal.value.reason in REFUSALS


@pytest.mark.parametrize(
    "ciphers",
    [
        "AES128-SHA:AES256-SHA256",
        "AES128-GCM-SHA256:AES256-GCM-SHA384",
        "DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384",
    ],
    ids=["rsa-cbc", "rsa-gcm", "dhe-gcm", "ecdhe-sha1", "ecdhe-cbc"],
)
@pytest.mark.parametrize("port", PORTS)
def test_other_ciphers_are_refused(host, port, ciphers):
    with pytest.raises(ssl.SSLError) as refusal:
        handshake(host, port, lax(ssl.TLSVersion.TLSv1_2, f"{ciphers}:@SECLEVEL=0"))
    assert refusal.value.reason in REFUSALS


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"]
)
def test_this_machine_could_speak_old_tls(version):
    """Without this, a refusal could be our own library's."""
    client, server = (
        lax(version, "ALL:aNULL:@SECLEVEL=0", role)
        for role in (ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER)
    )
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _flight in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert (
        ends[0].version()
        == {ssl.TLSVersion.TLSv1: "TLSv1", ssl.TLSVersion.TLSv1_1: "TLSv1.1"}[version]
    )
