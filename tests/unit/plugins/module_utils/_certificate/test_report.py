# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import pathlib
import socket
import subprocess
from collections.abc import Sequence
from datetime import timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    model,
    report,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.inspection import (
    Endpoint,
    Inspection,
)

THRESHOLD = timedelta(days=30)


@pytest.fixture
def look(tmp_path: pathlib.Path, ours, now):
    (tmp_path / "ca.pem").write_bytes(model.render_certificates(ours.certificates))

    def run(
        content: bytes | None,
        *names: str,
        mode: int = 0o600,
        later: int = 0,
        endpoints: Sequence[Endpoint] = (),
    ):
        path = tmp_path / "bundle.pem"
        if content is not None:
            path.write_bytes(content)
            path.chmod(mode)
        at = now + timedelta(days=later)
        wanted = Inspection(names, str(tmp_path / "ca.pem"), THRESHOLD, tuple(endpoints))
        return report.report(str(path), wanted, at)

    return run


def test_a_missing_file_is_a_result(look) -> None:
    found = look(None)
    assert (found["exists"], found["problems"]) == (False, ["missing"])


def test_all_is_well(look, issue_bundle) -> None:
    found = look(issue_bundle("mail.example.org", "*.example.net").render(), "a.example.net")
    assert found["problems"] == []
    assert found["chain_valid"]
    assert found["days_left"] == 397


def test_a_wildcard_is_judged_by_a_host_of_it(look, issue_bundle) -> None:
    assert look(issue_bundle("*.example.net").render())["chain_valid"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "unusable: it holds 0 private keys"),
        (b"-----BEGIN PRIVATE KEY-----\n", "unusable: it is cut off"),
    ],
)
def test_a_damaged_file_is_a_result(look, content: bytes, problem: str) -> None:
    found = look(content)
    assert (found["exists"], found["readable"]) == (True, False)
    assert found["problems"][0].startswith(problem)


def test_problems(look, issue_bundle, theirs) -> None:
    content = issue_bundle().render()
    assert look(content, "amail.example.org")["problems"][0] == "not for amail.example.org"
    assert look(content, later=380)["problems"] == ["expires in 17 days"]
    assert "expired on" in look(content, later=398)["problems"][0]
    assert look(content, mode=0o644)["problems"] == [
        "key is open to all users of the host (mode 0644)"
    ]
    strange = look(issue_bundle(by=theirs).render())
    assert not strange["chain_valid"]
    assert strange["problems"][0].startswith("a client would refuse it")
    foreign = look(model.Bundle(signing.new_key("ecdsa-p256"), issue_bundle().leaf).render())
    assert not foreign["key_fits"]
    assert foreign["problems"][0] == "key does not fit the certificate"


def test_what_is_served_is_looked_at_for_each_port_and_name(look, issue_bundle) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        places = [Endpoint("smtp", port, False, "127.0.0.1"), Endpoint("imap", port, True, "::1")]
        content = issue_bundle("mail.example.org", "*.example.net").render()
        found = look(content, endpoints=places)
        assert [(each["protocol"], each["name"]) for each in found["served"]] == [
            ("smtp", "mail.example.org"),
            ("smtp", "host.example.net"),
            ("imap", "mail.example.org"),
            ("imap", "host.example.net"),
        ]
        assert found["problems"] == [each["problems"][0] for each in found["served"]]
        asked = look(content, "a.example.net", endpoints=places)
        assert [each["name"] for each in asked["served"]] == ["a.example.net"] * 2


def test_an_rsa_certificate_is_asked_for_as_one(look, issue_bundle) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        endpoint = Endpoint("imap", bound.getsockname()[1], True, "127.0.0.1")
        found = look(issue_bundle(key_type="rsa-3072").render(), endpoints=[endpoint])
    assert "serves no RSA certificate: Connection refused" in found["problems"][0]


def test_without_a_file_the_ports_are_looked_at_all_the_same(look) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        found = look(None, endpoints=[Endpoint("smtp", bound.getsockname()[1], False, "127.0.0.1")])
    assert [each["name"] for each in found["served"]] == [None]
    assert len(found["problems"]) == 2


def test_what_could_not_be_asked_is_a_warning() -> None:
    def answer(port: int, **more: object) -> dict[str, object]:
        return {"port": port, "reached": True, **more}

    seen, unseen = answer(25, fingerprint="x"), [answer(port) for port in (993, 993, 143)]
    nobody = answer(465) | {"reached": False}
    assert list(report.warnings({"path": "/x", "served": [seen, nobody]})) == []
    assert list(report.warnings({"path": "/x"})) == []
    (told,) = report.warnings({"path": "/x", "served": [seen, *unseen]})
    assert told.startswith("Whether /x is served on port 143, 993 is not known: TLS 1.3 alone")


def test_the_key_is_pinned_and_not_the_certificate(issue_bundle) -> None:
    bundle = issue_bundle()
    command = ["openssl", "pkey", "-pubout", "-outform", "DER"]
    key = signing.render_key(bundle.key)
    public = subprocess.run(command, input=key, capture_output=True, check=True).stdout
    assert facts.tlsa_of(bundle.leaf) == f"3 1 1 {hashlib.sha256(public).hexdigest()}"
