# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What outsiders see of a port's TLS: sslyze, sslscan, and a client of today (OpenSSL)."""

from __future__ import annotations

import contextlib
import functools
import json
import socket
import struct
import subprocess
import typing as t
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from OpenSSL import SSL

from ansible_collections.assurmer.mail.tests.acceptance.clients import PATIENCE
from ansible_collections.assurmer.mail.tests.acceptance.starttls import (
    SPEAKS_FIRST,
    before_tls,
    without_starttls,
)

PROJECT = Path(__file__).parents[2]
PYTHON = PROJECT / ".cache" / "sslyze" / "bin" / "python"
SECONDS = 300
# A server that takes so many renegotiations takes any number.
RENEGOTIATIONS = 3

# How the scanners call the protocol; ManageSieve they don't know.
_SSLYZE = {25: "SMTP", 587: "SMTP", 143: "IMAP", 465: None, 993: None}
_SSLSCAN = {25: ["--starttls-smtp"], 587: ["--starttls-smtp"], 143: ["--starttls-imap"]}


@dataclass(frozen=True)
class Scan:
    """One port, and what was found there."""

    name: str
    ca: x509.Certificate
    suites: dict[str, set[str]]
    """The suites by TLS version, by their IANA names; a version that is refused has none."""
    groups: set[str]
    post_quantum: bool
    """Whether a group with ML-KEM may be expected."""
    group_of_today: str
    """The group that a client with OpenSSL's own choice ends with."""
    old_hashes: set[str]
    client_chooses: bool | None
    compression: bool
    secure_renegotiation: bool
    client_renegotiations: int
    early_data: int
    extended_master_secret: bool
    chains: list[list[x509.Certificate]]
    trusted: bool
    vulnerable: set[str]


@dataclass(frozen=True)
class Target:
    """A port of a host. Where the scanners don't speak what comes before TLS, it has a relay."""

    host: t.Any
    port: int
    relay: int | None = None

    @property
    def place(self) -> tuple[str, int]:
        return ("127.0.0.1", self.relay) if self.relay else (self.host.address, self.port)


def scan(hosts: list[t.Any], ports: tuple[int, ...], ca_path: str) -> dict[tuple[str, int], Scan]:
    """Scan all ports of all hosts at once, and return what was seen by host name and port."""
    ca = x509.load_pem_x509_certificate(Path(ca_path).read_bytes())
    with contextlib.ExitStack() as relays, ThreadPoolExecutor(4) as threads:
        targets = [
            Target(
                host,
                port,
                None if port in _SSLYZE else relays.enter_context(without_starttls(host, port)),
            )
            for host in hosts
            for port in ports
        ]
        # One process for all: sslyze shares its work out by itself.
        from_sslyze = threads.submit(_sslyze, targets, ca_path)
        from_sslscan = threads.map(_sslscan, targets)
        from_today = threads.map(_group_of_today, targets)
        renegotiated = threads.map(_renegotiations, targets)
        seen = zip(
            targets, from_sslyze.result(), from_sslscan, from_today, renegotiated, strict=True
        )
        return {
            (target.host.name, target.port): _merge(target, ca, *answers)
            for target, *answers in seen
        }


def _merge(
    target: Target,
    ca: x509.Certificate,
    sslyze: dict[str, t.Any],
    sslscan: t.Any,
    today: str,
    renegotiations: int,
) -> Scan:
    """A thing that one scanner sees is there, whether the other one sees it or not."""
    return Scan(
        name=target.host.name,
        ca=ca,
        suites={
            version: set(suites) | sslscan.suites.get(version, set())
            for version, suites in sslyze["suites"].items()
        },
        groups=set(sslyze["groups"]) | sslscan.groups,
        post_quantum=target.host.debian >= 13,
        group_of_today=today,
        old_hashes=set(sslyze["old_hashes"]) | sslscan.old_hashes,
        client_chooses=sslyze["client_chooses"],
        compression=sslyze["compression"] or sslscan.compression,
        secure_renegotiation=sslyze["secure_renegotiation"],
        client_renegotiations=renegotiations,
        early_data=sslyze["early_data"],
        extended_master_secret=sslyze["extended_master_secret"],
        chains=[
            [x509.load_pem_x509_certificate(pem.encode()) for pem in chain]
            for chain in sslyze["chains"]
        ],
        trusted=sslyze["trusted"],
        vulnerable=set(sslyze["vulnerable"]) | sslscan.vulnerable,
    )


def _sslyze(targets: list[Target], ca_path: str) -> list[dict[str, t.Any]]:
    order = {
        "ca": ca_path,
        "ports": [
            {
                "name": target.host.name,
                "address": target.place[0],
                "port": target.place[1],
                "starttls": _SSLYZE.get(target.port),
            }
            for target in targets
        ],
    }
    answers = json.loads(
        _run(
            PYTHON,
            "-Wignore",
            Path(__file__).with_name("scan_with_sslyze.py"),
            stdin=json.dumps(order),
        )
    )
    for target, answer in zip(targets, answers, strict=True):
        assert "error" not in answer, f"{target.host.name}:{target.port}: {answer['error']}"
    return answers


@dataclass(frozen=True)
class _Sslscan:
    suites: dict[str, set[str]]
    groups: set[str]
    old_hashes: set[str]
    compression: bool
    vulnerable: set[str]


def _sslscan(target: Target) -> _Sslscan:
    address, port = target.place
    options = [] if target.relay else _SSLSCAN.get(target.port, [])
    document = ET.fromstring(
        _run(
            "sslscan",
            *options,
            "--show-sigs",
            "--timeout=30",
            "--xml=-",
            f"--sni-name={target.host.name}",
            f"{address}:{port}",
        )
    )
    found = document.find("ssltest")
    assert found is not None, ET.tostring(document)
    suites: dict[str, set[str]] = {}
    for version in found.iterfind("protocol[@enabled='1']"):
        suites[f"{version.attrib['type'].upper()}v{version.attrib['version']}"] = set()
    for suite in found.iterfind("cipher"):
        name = suite.attrib["cipher"]
        suites.setdefault(suite.attrib["sslversion"], set()).add(_iana_names().get(name, name))
    assert any(suites.values()), f"{target.host.name}:{target.port}: sslscan saw no suite"
    signatures = [
        element.attrib["name"]
        for element in found.iterfind("connection-signature-algorithm")
        if element.attrib["sslversion"] == "TLSv1.2"
    ]
    return _Sslscan(
        suites=suites,
        # secp256r1 (NIST P-256)
        groups={_curve(group.attrib["name"].split()[0]) for group in found.iterfind("group")},
        old_hashes={
            digest.upper()
            for digest in ("md5", "sha1", "sha224")
            if any(name.endswith(digest) for name in signatures)
        },
        compression=found.find("compression[@supported='1']") is not None,
        vulnerable=(
            {"Heartbleed"} if found.find("heartbleed[@vulnerable='1']") is not None else set()
        ),
    )


@functools.cache
def _iana_names() -> dict[str, str]:
    """OpenSSL's names of the suites, and the registry's."""
    lines = _run("openssl", "ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").splitlines()
    return {words[2]: words[0] for words in map(str.split, lines)}


def _curve(name: str) -> str:
    """As sslyze writes it."""
    return name.upper() if name.startswith("x") else name


def _group_of_today(target: Target) -> str:
    with _handshaken(target, SSL.Context(SSL.TLS_CLIENT_METHOD)) as connection:
        return str(connection.get_group_name())


def _renegotiations(target: Target) -> int:
    """Begin new handshakes in TLS 1.2, and return how many the server goes along with.

    A server that says nothing at all within PATIENCE raises: that is no answer. (sslyze takes it for none.)
    """
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    with _handshaken(target, context) as connection:
        if target.port in SPEAKS_FIRST:
            # What it says of its own accord would come into the middle of the handshake.
            connection.recv(4096)
        for done in range(RENEGOTIATIONS):
            try:
                connection.renegotiate()
                connection.do_handshake()
            except SSL.WantReadError as error:
                raise TimeoutError(f"{target.host.name}:{target.port} says nothing") from error
            except SSL.Error:
                return done
        return RENEGOTIATIONS


@contextlib.contextmanager
def _handshaken(target: Target, context: SSL.Context) -> Iterator[SSL.Connection]:
    """Nothing is verified here; test_tls.py does."""
    with before_tls(target.host, target.port) as sock:
        # Python's own timeout would make the socket one that does not wait at all.
        sock.settimeout(None)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(PATIENCE), 0))
        connection = SSL.Connection(context, sock)
        connection.set_tlsext_host_name(target.host.name.encode())
        connection.set_connect_state()
        connection.do_handshake()
        yield connection


def _run(*command: t.Any, stdin: str | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stderr}"
    return done.stdout
