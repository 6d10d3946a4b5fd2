# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The strict client is OpenSSL's, so these tests judge the certificates as well."""

from __future__ import annotations

import pathlib
from datetime import timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    model,
    signing,
    verification,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers import selfsigned


@pytest.fixture
def judge(tmp_path: pathlib.Path):
    def run(bundle: model.Bundle, anchor, name: str = "mail.example.org") -> str | None:
        (tmp_path / "bundle.pem").write_bytes(bundle.render())
        (tmp_path / "ca.pem").write_bytes(model.render_certificates(tuple(anchor)))
        return verification.problem_of(str(tmp_path / "bundle.pem"), name, str(tmp_path / "ca.pem"))

    return run


@pytest.mark.parametrize("key_type", signing.KEY_TYPES)
def test_what_we_issue_is_taken(judge, issue_bundle, ours, key_type: str) -> None:
    bundle = issue_bundle("mail.example.org", "192.0.2.1", "::1", key_type=key_type)
    for name in ("mail.example.org", "192.0.2.1", "::1"):
        assert judge(bundle, ours.certificates, name) is None


@pytest.mark.parametrize("key_type", signing.KEY_TYPES)
def test_what_signs_itself_is_taken(judge, request_for, now, key_type: str) -> None:
    bundle = selfsigned.SelfSigned(request_for(key_type=key_type)).obtain(now)
    assert judge(bundle, [bundle.leaf]) is None


def test_a_wildcard_and_a_long_name(judge, issue_bundle, ours) -> None:
    bundle = issue_bundle("*.example.org", "a" * 60 + ".mail.example.org")
    assert judge(bundle, ours.certificates, "mail.example.org") is None
    assert judge(bundle, ours.certificates, "a" * 60 + ".mail.example.org") is None


def test_another_authority_of_the_same_name(judge, issue_bundle, theirs) -> None:
    assert judge(issue_bundle(), theirs.certificates)


def test_another_name(judge, issue_bundle, ours) -> None:
    assert "Hostname mismatch" in str(judge(issue_bundle(), ours.certificates, "amail.example.org"))


def test_it_has_expired(judge, request_for, now) -> None:
    request = request_for(validity=timedelta(days=4))
    bundle = selfsigned.SelfSigned(request).obtain(now - timedelta(days=5))
    assert judge(bundle, [bundle.leaf]) == "certificate has expired"


def test_a_missing_intermediate(judge, issue_bundle, theirs, now) -> None:
    bundle = issue_bundle(by=theirs)
    assert judge(model.Bundle(bundle.key, bundle.leaf), [])


def test_a_foreign_key(judge, issue_bundle, ours) -> None:
    bundle = model.Bundle(signing.new_key("ecdsa-p256"), issue_bundle().leaf)
    assert "can't load it" in str(judge(bundle, ours.certificates))
