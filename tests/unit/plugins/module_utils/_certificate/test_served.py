# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import pathlib
import socket
import ssl
import threading
import typing as t
from collections.abc import Iterator

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    model,
    served,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.inspection import Endpoint
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils.talking import (
    HANG,
    TLS,
    Script,
    talk,
)

NAME = "mail.example.org"
SMTP = ["220 x", "<EHLO localhost", "250 x", "<STARTTLS", "220 x", TLS]
SMTP_END = ["<EHLO localhost", "250 x", "<QUIT", "221 x"]
IMAP_END = ["<b CAPABILITY", "b OK", "<c LOGOUT"]
SCRIPTS: dict[tuple[str, bool], Script] = {
    ("smtp", False): [*SMTP, *SMTP_END],
    ("smtp", True): [TLS, "220 x", "<EHLO localhost", "250 x", *SMTP_END],
    ("imap", False): ["* OK", "<a STARTTLS", "a OK", TLS, *IMAP_END],
    ("imap", True): [TLS, "* OK", *IMAP_END],
    ("sieve", False): ["OK", "<STARTTLS", "OK", TLS, "OK", "<LOGOUT"],
}
Serve = t.Callable[..., Endpoint]
Look = t.Callable[..., dict[str, t.Any]]


@pytest.fixture
def serve(tmp_path: pathlib.Path) -> Iterator[Serve]:
    """Start a server that has a bundle, and others for the names that they are asked for by."""
    servers: list[socket.socket] = []

    def context_of(name: str, *bundles: model.Bundle) -> ssl.SSLContext:
        path = tmp_path / f"{name}.pem"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        for bundle in bundles:
            path.write_bytes(bundle.render())
            context.load_cert_chain(path)
        return context

    def start(
        bundle: model.Bundle,
        protocol: str = "smtp",
        implicit_tls: bool = False,
        script: Script | None = None,
        beside: model.Bundle | None = None,
        oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
        **named: model.Bundle,
    ) -> Endpoint:
        context = context_of("default", bundle, *([beside] if beside else []))
        context.minimum_version = oldest
        others = {f"{name}.example.org": context_of(name, named[name]) for name in named}

        def choose(connection: ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
            connection.context = others.get(name or "", context)

        context.sni_callback = choose
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        steps = SCRIPTS[protocol, implicit_tls] if script is None else script

        def run() -> None:
            while True:
                try:
                    connection = server.accept()[0]
                except OSError:
                    return
                with contextlib.suppress(OSError):
                    talk(steps, connection, context)

        threading.Thread(target=run, daemon=True).start()
        return Endpoint(protocol, server.getsockname()[1], implicit_tls, "127.0.0.1")

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def look(tmp_path: pathlib.Path, ours, now) -> Look:
    (tmp_path / "ca.pem").write_bytes(model.render_certificates(ours.certificates))

    def run(
        endpoint: Endpoint,
        expected: model.Bundle | None = None,
        name: str | None = NAME,
        trusting: bool = True,
        patience: float = 5,
    ) -> dict[str, t.Any]:
        ca_path = str(tmp_path / "ca.pem") if trusting else None
        fingerprint = facts.fingerprint_of(expected.leaf) if expected else None
        rsa = expected is not None and signing.key_type_of(expected.leaf).startswith("rsa")
        return served.look(endpoint, name, served.View(ca_path, fingerprint, now, patience, rsa))

    return run


@pytest.mark.parametrize(("protocol", "implicit_tls"), SCRIPTS)
def test_what_is_served_is_told_in_every_protocol(
    serve: Serve, look: Look, issue_bundle, protocol: str, implicit_tls: bool
) -> None:
    bundle = issue_bundle(NAME)
    found = look(serve(bundle, protocol, implicit_tls), bundle)
    assert (found["reached"], found["matches"], found["chain_valid"]) == (True, True, True)
    assert (found["problems"], found["days_left"]) == ([], 397)
    assert (found["protocol"], found["name"]) == (protocol, NAME)
    assert found["tlsa"] == facts.tlsa_of(bundle.leaf)


def test_an_older_certificate_is_flagged(serve: Serve, look: Look, issue_bundle) -> None:
    endpoint = serve(issue_bundle(NAME))
    found = look(endpoint, issue_bundle(NAME))
    assert (found["matches"], found["chain_valid"]) == (False, True)
    assert found["problems"] == [
        f"port {endpoint.port} asked for {NAME} serves another certificate than the one in the "
        f"file: CN={NAME}, valid until {found['not_after']}"
    ]


def test_what_a_client_refuses_is_flagged_and_told_all_the_same(
    serve: Serve, look: Look, issue_bundle, theirs
) -> None:
    strange = issue_bundle(NAME, by=theirs)
    found = look(serve(strange), strange)
    assert (found["matches"], found["chain_valid"]) == (True, False)
    assert "serves what a client would refuse: " in found["problems"][0]
    other_name = issue_bundle("other.example.org")
    found = look(serve(other_name), other_name)
    assert not found["chain_valid"]
    assert found["names"] == ["other.example.org"]
    assert "Hostname mismatch" in found["problems"][0]


def test_who_trusts_nobody_in_particular_compares_alone(
    serve: Serve, look: Look, issue_bundle, theirs
) -> None:
    strange = issue_bundle("x.example.org", by=theirs)
    found = look(serve(strange), trusting=False)
    assert (found["matches"], found["chain_valid"], found["problems"]) == (None, None, [])


def test_an_authority_that_can_not_be_read_is_told(
    serve: Serve, look: Look, issue_bundle, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "ca.pem").unlink()
    bundle = issue_bundle(NAME)
    found = look(serve(bundle), bundle)
    assert (found["reached"], found["matches"], found["chain_valid"]) == (True, True, False)
    assert f"OpenSSL can't load {tmp_path}/ca.pem: No such file" in found["problems"][0]


def test_each_name_is_asked_for(serve: Serve, look: Look, issue_bundle) -> None:
    default, second = issue_bundle(NAME), issue_bundle("second.example.org")
    endpoint = serve(default, "imap", True, second=second)
    assert look(endpoint, default)["problems"] == []
    assert look(endpoint, second, "second.example.org")["problems"] == []
    assert look(endpoint, default, "second.example.org")["matches"] is False
    assert look(endpoint, default, None)["problems"] == []


def test_an_rsa_certificate_beside_another_is_asked_for(
    serve: Serve, look: Look, issue_bundle, theirs
) -> None:
    ecdsa, rsa = issue_bundle(NAME), issue_bundle(NAME, key_type="rsa-3072")
    endpoint = serve(ecdsa, beside=rsa)
    for bundle in (ecdsa, rsa):
        found = look(endpoint, bundle)
        assert (found["problems"], found["chain_valid"]) == ([], True)
        assert found["fingerprint"] == facts.fingerprint_of(bundle.leaf)
    assert look(endpoint, issue_bundle(NAME, key_type="rsa-3072"))["matches"] is False
    strange = issue_bundle(NAME, by=theirs, key_type="rsa-3072")
    assert (
        "what a client would refuse" in look(serve(ecdsa, beside=strange), strange)["problems"][0]
    )


def test_an_rsa_certificate_that_is_not_served_is_told(
    serve: Serve, look: Look, issue_bundle
) -> None:
    endpoint = serve(issue_bundle(NAME))
    found = look(endpoint, issue_bundle(NAME, key_type="rsa-3072"))
    assert not found["reached"]
    assert found["problems"][0].startswith(f"port {endpoint.port} serves no RSA certificate: ")


def test_without_tls_1_2_an_rsa_certificate_beside_another_is_nobodys_knowledge(
    serve: Serve, look: Look, issue_bundle
) -> None:
    ecdsa, rsa = issue_bundle(NAME), issue_bundle(NAME, key_type="rsa-3072")
    endpoint = serve(ecdsa, beside=rsa, oldest=ssl.TLSVersion.TLSv1_3)
    found = look(endpoint, rsa)
    assert (found["reached"], found["matches"], found["chain_valid"]) == (True, None, None)
    assert (found["problems"], "fingerprint" in found) == ([], False)
    assert look(serve(rsa, oldest=ssl.TLSVersion.TLSv1_3), rsa)["matches"] is True


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        (["554 no"], "the server answered '554 no'"),
        ([*SMTP[:4], "454 no TLS"], "the server answered '454 no TLS'"),
        ([], "the connection was closed"),
        (SMTP[:-1], "EOF"),
        ([HANG], "timed out"),
    ],
)
def test_a_server_without_a_handshake_is_a_result(
    serve: Serve, look: Look, issue_bundle, script: Script, problem: str
) -> None:
    endpoint = serve(issue_bundle(NAME), script=script)
    found = look(endpoint, issue_bundle(NAME), patience=0.5)
    assert not found["reached"]
    assert found["problems"][0].startswith(f"port {endpoint.port} serves no certificate: ")
    assert problem in found["problems"][0]


def test_nobody_there_is_a_result(look: Look) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        found = look(Endpoint("smtp", bound.getsockname()[1], False, "127.0.0.1"))
    assert found["problems"] == [f"port {found['port']} serves no certificate: Connection refused"]
