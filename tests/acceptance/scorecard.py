# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of internet.nl's mail test and of Mozilla's profile `intermediate`, asked of a scan.

internet.nl judges by the guidelines of NCSC-NL, version 2025-05; the lists here are those of its
program as of 2026-07. Mozilla's are the guidelines 6.0. Not asked, because it takes the internet or
a public name: DANE, CAA, and whether the certificate's authority is a public one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from ansible_collections.assurmer.mail.tests.acceptance.scan import Scan
from ansible_collections.assurmer.mail.tests.acceptance.starttls import PORTS

PASS, NOT_APPLICABLE, PHASE_OUT, FAIL = "pass", "n/a", "PHASE-OUT", "FAIL"


@dataclass(frozen=True)
class Verdict:
    word: str
    found: str = ""

    @property
    def good(self) -> bool:
        return self.word in {PASS, NOT_APPLICABLE}


@dataclass(frozen=True)
class Row:
    scorecard: str
    name: str
    judge: Callable[[Scan], Verdict]

    def __str__(self) -> str:
        return f"{self.scorecard}: {self.name}"


ROWS: list[Row] = []


Judge = Callable[[Scan], Verdict]


def row(scorecard: str, name: str) -> Callable[[Judge], Judge]:
    def add(judge: Judge) -> Judge:
        ROWS.append(Row(scorecard, name, judge))
        return judge

    return add


def none_of(bad: Iterable[object], phase_out: Iterable[object] = ()) -> Verdict:
    for word, found in ((FAIL, bad), (PHASE_OUT, phase_out)):
        text = ", ".join(sorted(map(str, found)))
        if text:
            return Verdict(word, text)
    return Verdict(PASS)


def holds(condition: bool, otherwise: str) -> Verdict:
    return Verdict(PASS) if condition else Verdict(FAIL, otherwise)


def versions(scan: Scan) -> set[str]:
    return {version for version, suites in scan.suites.items() if suites}


def old_suites(scan: Scan) -> set[str]:
    return {
        suite for version, suites in scan.suites.items() if version != "TLSv1.3" for suite in suites
    }


# The certificates that the server sent, without the authority's own: internet.nl leaves it out, too.
def sent(scan: Scan) -> list[x509.Certificate]:
    return [certificate for chain in scan.chains for certificate in chain if certificate != scan.ca]


NL = "internet.nl"
NL_SUITES = {
    # Good
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    # Sufficient
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CCM",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CCM",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CCM",
    "TLS_ECDHE_RSA_WITH_AES_128_CCM",
}
# Ephemeral, and neither AES-CBC with SHA-1 nor CCM_8: internet.nl's list by what its names have in common.
NL_PHASE_OUT_KEYS = ("TLS_ECDHE_ECDSA_WITH_", "TLS_ECDHE_RSA_WITH_", "TLS_DHE_RSA_WITH_")
NL_PHASE_OUT_ENDS = ("_SHA256", "_SHA384", "_CCM")
NL_GROUPS = {
    "X25519MLKEM768",
    "X25519",
    "X448",
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
}
NL_PHASE_OUT_GROUPS = {"secp224r1", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"}


def nl_phase_out(suites: set[str]) -> set[str]:
    return {
        suite
        for suite in suites - NL_SUITES
        if suite.startswith(NL_PHASE_OUT_KEYS) and suite.endswith(NL_PHASE_OUT_ENDS)
    }


@row(NL, "TLS version")
def nl_versions(scan: Scan) -> Verdict:
    return none_of(versions(scan) - {"TLSv1.2", "TLSv1.3"})


@row(NL, "Ciphers (algorithm selections)")
def nl_ciphers(scan: Scan) -> Verdict:
    suites = set().union(*scan.suites.values())
    phase_out = nl_phase_out(suites)
    return none_of(suites - NL_SUITES - phase_out, phase_out)


@row(NL, "Cipher order")
def nl_cipher_order(scan: Scan) -> Verdict:
    """Good and sufficient ones need no order; others must come after them."""
    if not set().union(*scan.suites.values()) - NL_SUITES:
        return Verdict(NOT_APPLICABLE)
    return holds(scan.client_chooses is False, "a client may choose a suite to be avoided")


@row(NL, "Key exchange parameters")
def nl_key_exchange(scan: Scan) -> Verdict:
    groups = scan.groups | {scan.group_of_today.replace("x25519", "X25519")}
    return none_of(groups - NL_GROUPS - NL_PHASE_OUT_GROUPS, groups & NL_PHASE_OUT_GROUPS)


@row(NL, "Hash function for key exchange")
def nl_key_exchange_hash(scan: Scan) -> Verdict:
    return none_of(scan.old_hashes - {"SHA224"}, scan.old_hashes & {"SHA224"})


@row(NL, "TLS compression")
def nl_compression(scan: Scan) -> Verdict:
    return holds(not scan.compression, "compression")


@row(NL, "Secure renegotiation")
def nl_secure_renegotiation(scan: Scan) -> Verdict:
    return holds(scan.secure_renegotiation, "insecure renegotiation")


@row(NL, "Client-initiated renegotiation")
def nl_client_renegotiation(scan: Scan) -> Verdict:
    return holds(not scan.client_renegotiations, f"{scan.client_renegotiations} times")


@row(NL, "Zero round trip time (0-RTT)")
def nl_early_data(scan: Scan) -> Verdict:
    return holds(not scan.early_data, f"{scan.early_data} bytes")


@row(NL, "Extended master secret")
def nl_extended_master_secret(scan: Scan) -> Verdict:
    return holds(scan.extended_master_secret, "none")


@row(NL, "Trust chain of certificate")
def nl_trust(scan: Scan) -> Verdict:
    """Of the company's authority, which is the tests' own."""
    return holds(scan.trusted, "not signed by the company's authority, or for another name")


@row(NL, "Public key of certificate")
def nl_certificate_key(scan: Scan) -> Verdict:
    bad, phase_out = [], []
    for certificate in sent(scan):
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            if key.key_size < 3072:
                (bad if key.key_size < 2048 else phase_out).append(f"RSA {key.key_size}")
        elif isinstance(key, ec.EllipticCurvePublicKey):
            if key.curve.name == "secp224r1":
                phase_out.append(key.curve.name)
            elif key.curve.name not in NL_GROUPS:
                bad.append(key.curve.name)
        elif not isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
            bad.append(type(key).__name__)
    return none_of(bad, phase_out)


@row(NL, "Signature on certificate")
def nl_certificate_signature(scan: Scan) -> Verdict:
    """Without a hash of its own is EdDSA alone."""
    hashes = {getattr(each.signature_hash_algorithm, "name", "sha512") for each in sent(scan)}
    return none_of(hashes - {"sha256", "sha384", "sha512"})


@row(NL, "Domain name on certificate")
def nl_certificate_names(scan: Scan) -> Verdict:
    for chain in scan.chains:
        try:
            extension = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName)
            names = extension.value.get_values_for_type(x509.DNSName)
        except x509.ExtensionNotFound:
            names = []
        if scan.name not in names:
            return Verdict(FAIL, f"only {names}")
    return Verdict(PASS)


MOZILLA = "Mozilla"
MOZILLA_SUITES = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
}
MOZILLA_SUITES_1_3 = {
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
}
MOZILLA_GROUPS = {"X25519", "secp256r1", "secp384r1"}


@row(MOZILLA, "tls_versions")
def mozilla_versions(scan: Scan) -> Verdict:
    return holds(versions(scan) == {"TLSv1.2", "TLSv1.3"}, f"{sorted(versions(scan))}")


@row(MOZILLA, "ciphers (TLS 1.2)")
def mozilla_ciphers(scan: Scan) -> Verdict:
    """With one kind of key, half of them."""
    suites = old_suites(scan)
    if len(suites & MOZILLA_SUITES) < 3:
        return Verdict(FAIL, f"only {sorted(suites & MOZILLA_SUITES)}")
    return none_of(suites - MOZILLA_SUITES)


@row(MOZILLA, "ciphersuites (TLS 1.3)")
def mozilla_ciphersuites(scan: Scan) -> Verdict:
    suites = scan.suites["TLSv1.3"]
    return holds(suites == MOZILLA_SUITES_1_3, f"{sorted(suites)}")


@row(MOZILLA, "tls_curves")
def mozilla_curves(scan: Scan) -> Verdict:
    return holds(scan.groups == MOZILLA_GROUPS, f"{sorted(scan.groups)}")


@row(MOZILLA, "tls_curves: X25519MLKEM768 where OpenSSL has it")
def mozilla_post_quantum(scan: Scan) -> Verdict:
    wanted = "X25519MLKEM768" if scan.post_quantum else "x25519"
    return holds(scan.group_of_today == wanted, scan.group_of_today)


@row(MOZILLA, "dh_param_size: no DHE at all")
def mozilla_dhe(scan: Scan) -> Verdict:
    dhe = {suite for suite in old_suites(scan) if not suite.startswith("TLS_ECDHE_")}
    return none_of(dhe | {group for group in scan.groups if group.startswith("ffdhe")})


@row(MOZILLA, "server_preferred_order: false")
def mozilla_order(scan: Scan) -> Verdict:
    return holds(scan.client_chooses is True, "the server chooses")


@row(MOZILLA, "certificate_types, certificate_curves, rsa_key_size")
def mozilla_certificate_key(scan: Scan) -> Verdict:
    bad = []
    for chain in scan.chains:
        key = chain[0].public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            if key.curve.name not in {"secp256r1", "secp384r1"}:
                bad.append(key.curve.name)
        elif not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
            bad.append(f"{type(key).__name__} {getattr(key, 'key_size', '')}")
    return none_of(bad)


@row(MOZILLA, "certificate_signatures")
def mozilla_certificate_signature(scan: Scan) -> Verdict:
    signatures = {chain[0].signature_algorithm_oid._name for chain in scan.chains}
    allowed = {"sha256WithRSAEncryption"}
    return none_of(signatures - allowed - {f"ecdsa-with-SHA{bits}" for bits in (256, 384, 512)})


@row(MOZILLA, "maximum_certificate_lifespan: 366 days")
def mozilla_lifespan(scan: Scan) -> Verdict:
    days = [
        (chain[0].not_valid_after_utc - chain[0].not_valid_before_utc).days for chain in scan.chains
    ]
    return none_of(f"{number} days" for number in days if number > 366)


@row("sslyze", "Heartbleed, CCS injection, ROBOT, downgrade")
def known_attacks(scan: Scan) -> Verdict:
    return none_of(scan.vulnerable)


def table(verdicts: Iterable[tuple[str, int, str, str]]) -> list[str]:
    """Lines of a table for each host, a column a port, and a sum; from host, port, row and word."""
    words = {(host, port, name): word for host, port, name, word in verdicts}
    lines = []
    for host in sorted({host for host, _port, _name in words}):
        lines.append(f"{host:64}" + "".join(f"{port:>10}" for port in PORTS))
        for each in ROWS:
            cells = [words.get((host, port, str(each)), "") for port in PORTS]
            lines.append(f"  {each!s:62}" + "".join(f"{cell:>10}" for cell in cells))
    counted = list(words.values())
    sums = [f"{counted.count(word)} {word}" for word in (PASS, NOT_APPLICABLE, FAIL, PHASE_OUT)]
    return [*lines, ", ".join(sums)]
