# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import model, signing
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import (
    Bundle,
    Pem,
    PemError,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers import files
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

DAY = timedelta(days=1)
EMPTY = Pem((), ())


def provider_of(source: Bundle, *names: str) -> files.Files:
    return files.Files(source, names, 30 * DAY, ())


def test_it_hands_on_what_it_has(issue_bundle, now) -> None:
    source = issue_bundle("*.example.org", "example.org")
    provider = provider_of(source, "mail.example.org")
    assert provider.obtain(now) is source
    assert list(provider.objections(source, now)) == []
    assert list(provider.objections(issue_bundle(), now)) == ["another certificate was handed over"]
    without_chain = Bundle(source.key, source.leaf, (source.leaf,))
    assert list(provider.objections(without_chain, now)) == ["another chain was handed over"]


def test_it_warns_of_the_end(issue_bundle, now) -> None:
    provider = provider_of(issue_bundle())
    assert list(provider.warnings(now)) == []
    assert "expires on" in next(iter(provider.warnings(now + 380 * DAY)))


@pytest.mark.parametrize(
    ("days", "names", "message"),
    [
        (398, [], "expired on"),
        (-2, [], "not valid before"),
        (0, ["other.example.org"], "not for other.example.org, only for mail.example.org"),
    ],
)
def test_it_refuses_what_is_of_no_use(issue_bundle, now, days, names, message: str) -> None:
    provider = provider_of(issue_bundle(), *names)
    with pytest.raises(MailError, match=message):
        provider.obtain(now + days * DAY)
    with pytest.raises(MailError, match=message):
        list(provider.objections(issue_bundle(), now + days * DAY))


def test_it_refuses_a_foreign_key(issue_bundle, now) -> None:
    source = Bundle(signing.new_key("ecdsa-p256"), issue_bundle().leaf)
    with pytest.raises(MailError, match="key does not fit"):
        provider_of(source).obtain(now)


def test_the_root_is_left_out(issue_bundle, intermediate) -> None:
    bundle = issue_bundle(by=intermediate)
    key_pem = Pem((signing.render_key(bundle.key),), ())
    leaf_pem = Pem((), (bundle.leaf,))
    chain_pem = Pem((), intermediate.certificates)
    assert files.assemble(leaf_pem, chain_pem, key_pem).chain == intermediate.certificates[:1]
    whole = model.parse(bundle.render())
    assert files.assemble(whole, EMPTY, EMPTY).chain == intermediate.certificates[:1]


def test_what_signs_itself_stays(ours) -> None:
    whole = model.parse(ours.render(None))
    assert files.assemble(whole, EMPTY, EMPTY).leaf == ours.certificates[0]


def test_an_encrypted_or_missing_key(issue_bundle) -> None:
    bundle = issue_bundle()
    leaf_pem = Pem((), (bundle.leaf,))
    with pytest.raises(PemError, match="encrypted"):
        files.assemble(leaf_pem, EMPTY, Pem((signing.render_key(bundle.key, "secret"),), ()))
    with pytest.raises(PemError, match="0 private keys"):
        files.assemble(leaf_pem, EMPTY, EMPTY)
