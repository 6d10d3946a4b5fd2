# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server of OpenSSL's with everything weak that it still has: its rows fail."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import subprocess
import threading
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.tests.acceptance.clients import wait_for
from ansible_collections.assurmer.mail.tests.acceptance.scan import Scan, scan
from ansible_collections.assurmer.mail.tests.acceptance.scorecard import ROWS, Verdict

FAILING = {
    "internet.nl: TLS version",
    "internet.nl: Ciphers (algorithm selections)",
    "internet.nl: Key exchange parameters",
    "internet.nl: Hash function for key exchange",
    "internet.nl: Client-initiated renegotiation",
    "internet.nl: Zero round trip time (0-RTT)",
    "internet.nl: Trust chain of certificate",
    "internet.nl: Public key of certificate",
    "internet.nl: Signature on certificate",
    "internet.nl: Domain name on certificate",
    "Mozilla: tls_versions",
    "Mozilla: ciphers (TLS 1.2)",
    "Mozilla: ciphersuites (TLS 1.3)",
    "Mozilla: tls_curves",
    "Mozilla: tls_curves: X25519MLKEM768 where OpenSSL has it",
    "Mozilla: dh_param_size: no DHE at all",
    "Mozilla: server_preferred_order: false",
    "Mozilla: certificate_types, certificate_curves, rsa_key_size",
    "Mozilla: certificate_signatures",
    "Mozilla: maximum_certificate_lifespan: 366 days",
}
# What OpenSSL can't be made to do any more, and so is told of the same server.
ALLEGED = {
    "internet.nl: Cipher order": {"client_chooses": True},
    "internet.nl: TLS compression": {"compression": True},
    "internet.nl: Secure renegotiation": {"secure_renegotiation": False},
    "internet.nl: Extended master secret": {"extended_master_secret": False},
    "sslyze: Heartbleed, CCS injection, ROBOT, downgrade": {"vulnerable": {"Heartbleed"}},
}
OPENSSL = """
openssl_conf = weak
[weak]
ssl_conf = applications
[applications]
system_default = tls
[tls]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""
REQUEST = "req -x509 -nodes -newkey"
SERVER = (
    "-cipher ALL:@SECLEVEL=0 -ciphersuites TLS_AES_128_GCM_SHA256 -serverpref"
    " -groups X25519:X448:P-256:P-384:P-521:ffdhe2048 -client_renegotiation -early_data -quiet"
)


def openssl(words: str, key: Path, certificate: Path) -> None:
    command = ["openssl", *words.split(), "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def weak(tmp_path_factory) -> Iterator[Scan]:
    folder = tmp_path_factory.mktemp("weak")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    openssl(f"{REQUEST} rsa:1024 -sha1 -days 3650 -subj /CN=weak.example", key, certificate)
    # Another one than the server's: nobody vouches for it.
    ca = folder / "ca.pem"
    openssl(f"{REQUEST} rsa:2048 -subj /CN=CA", folder / "ca-key.pem", ca)
    with serve(folder, key, certificate) as port:
        host = types.SimpleNamespace(name="other.example", address="127.0.0.1", debian=13)
        yield scan([host], (port,), str(ca))[host.name, port]


@contextlib.contextmanager
def serve(folder: Path, key: Path, certificate: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port = trial.getsockname()[1]
    config = folder / "openssl.cnf"
    config.write_text(OPENSSL)
    server = subprocess.Popen(
        [
            *("openssl", "s_server", "-accept", f"127.0.0.1:{port}"),
            *("-key", key, "-cert", certificate),
            *SERVER.split(),
        ],
        env={**os.environ, "OPENSSL_CONF": str(config)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    over = threading.Event()
    talking = threading.Thread(target=talk, args=(server, over))
    try:
        talking.start()
        assert wait_for(lambda: answers(port))
        yield port
    finally:
        over.set()
        talking.join()
        server.kill()
        server.wait()


def talk(server: subprocess.Popen[bytes], over: threading.Event) -> None:
    """s_server says to its client what it reads; a client waits for some answer."""
    while not over.wait(0.1):
        server.stdin.write(b"ok\n")
        server.stdin.flush()


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def judge(row: str, seen: Scan) -> Verdict:
    (found,) = [each for each in ROWS if str(each) == row]
    return found.judge(seen)


def test_every_row_can_fail():
    assert {str(row) for row in ROWS} == FAILING | ALLEGED.keys()


@pytest.mark.parametrize("row", sorted(FAILING))
def test_weak_server_fails(weak, row):
    assert not judge(row, weak).good


@pytest.mark.parametrize("row", sorted(ALLEGED))
def test_alleged_weakness_fails(weak, row):
    assert not judge(row, dataclasses.replace(weak, **ALLEGED[row])).good


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (
            "Key exchange parameters",
            {"groups": {"X25519", "ffdhe3072"}, "group_of_today": "x25519"},
        ),
        ("Hash function for key exchange", {"old_hashes": {"SHA224"}}),
        (
            "Ciphers (algorithm selections)",
            {"suites": {"TLSv1.2": {"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"}}},
        ),
    ],
)
def test_phase_out_is_no_pass(weak, row, found):
    verdict = judge(f"internet.nl: {row}", dataclasses.replace(weak, **found))
    assert verdict.word == "PHASE-OUT"
    assert not verdict.good
