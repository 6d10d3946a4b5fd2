# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import typing as t
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ansible_collections.assurmer.mail.plugins.filter.satellite_access import (
    FilterModule,
    satellite_access,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate import signing

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def issue(directory: Path, name: str) -> str:
    """Write what the authority writes; return the fingerprint of the key as OpenSSL shows it."""
    key = signing.new_key("ecdsa-p256")
    signer = signing.Signer(signing.common_name("CA"), signing.new_key("ecdsa-p256"))
    certificate = signing.sign_leaf(key, (name,), signer, NOW, NOW + timedelta(days=1))
    (directory / "issued").mkdir(exist_ok=True)
    (directory / "issued" / f"{name}.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
        + signing.sign_root(signer.key, signer.name, NOW, NOW + timedelta(days=1)).public_bytes(
            Encoding.PEM
        )
    )
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).digest().hex(":").upper()


def access(directory: Path, *satellites: dict[str, t.Any]) -> dict[str, t.Any]:
    return satellite_access(satellites, "it@example.org", str(directory))


def test_a_satellite_has_the_key_that_the_authority_signed(tmp_path: Path) -> None:
    first, second = (issue(tmp_path, name) for name in ("app1.example.org", "app2.example.org"))
    found = access(tmp_path, {"name": "App1.example.org"}, {"name": "app2.example.org"})
    assert found["fingerprints"] == {first: 0, second: 1}


def test_it_sends_as_itself_and_as_what_is_listed(tmp_path: Path) -> None:
    found = access(
        tmp_path,
        {"name": "app1.example.org", "senders": ["Shop@example.org", "@news.example.org"]},
        {"name": "app2.example.org"},
    )
    assert found["senders"] == [
        [
            "it+app1.example.org@example.org",
            "app1.example.org",
            "shop@example.org",
            "news.example.org",
        ],
        ["it+app2.example.org@example.org", "app2.example.org"],
    ]


def test_one_without_a_certificate_has_no_key_yet(tmp_path: Path) -> None:
    assert access(tmp_path, {"name": "app1.example.org"})["fingerprints"] == {}


@pytest.mark.parametrize("text", ["ab" * 32, "AB" * 32, ":".join(["ab"] * 32)])
def test_fingerprints_are_taken_as_programs_write_them(tmp_path: Path, text: str) -> None:
    issue(tmp_path, "app1.example.org")
    found = access(tmp_path, {"name": "app1.example.org", "fingerprints": [text]})
    assert found["fingerprints"] == {":".join(["AB"] * 32): 0}


@pytest.mark.parametrize(
    ("satellite", "words"),
    [
        ({}, "'' is not the full name of a host"),
        ({"name": "app1"}, "'app1' is not the full name of a host"),
        ({"name": "../ca.example"}, "'../ca.example' is not the full name of a host"),
        ({"name": "-a.example.org"}, "'-a.example.org' is not the full name of a host"),
        (
            {"name": "app1.example.org", "fingerprints": ["ab"]},
            "fingerprints of app1.example.org: 'ab' is not a SHA-256, 64 hexadecimal digits",
        ),
        *(
            (
                {"name": "app1.example.org", "senders": [sender]},
                f"senders of app1.example.org: '{sender}' is neither an address nor a domain",
            )
            for sender in ("", "shop", "a@b", "a b@example.org", "a}@example.org", "$a@example.org")
        ),
    ],
)
def test_what_is_no_satellite_is_refused(
    tmp_path: Path, satellite: dict[str, t.Any], words: str
) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^postfix_satellites: ") as refused:
        access(tmp_path, satellite)
    assert words in str(refused.value)


def test_a_key_is_one_satellite_s(tmp_path: Path) -> None:
    key = "ab" * 32
    with pytest.raises(AnsibleFilterError, match=r"app2\.example\.org has a key that another"):
        access(
            tmp_path,
            {"name": "app1.example.org", "fingerprints": [key]},
            {"name": "app2.example.org", "fingerprints": [key.upper()]},
        )


def test_a_file_without_a_certificate_is_no_satellite_s(tmp_path: Path) -> None:
    issue(tmp_path, "app1.example.org")
    (tmp_path / "issued" / "app1.example.org.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(AnsibleFilterError, match=r"app1\.example\.org\.pem holds no certificate"):
        access(tmp_path, {"name": "app1.example.org"})


@pytest.mark.parametrize("postmaster", ["root@localhost", "root", "a $b@example.org", ""])
def test_the_postmaster_is_somebody_elsewhere(postmaster: str) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^postfix_postmaster: "):
        satellite_access([{"name": "app1.example.org"}], postmaster, "/nowhere")


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"satellite_access": satellite_access}
