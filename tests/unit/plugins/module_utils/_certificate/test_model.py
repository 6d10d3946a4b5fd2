# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import model, signing


def test_a_bundle_survives_its_file(issue_bundle, intermediate) -> None:
    bundle = issue_bundle("mail.example.org", by=intermediate)
    again = model.parse_bundle(bundle.render())
    assert again.leaf == bundle.leaf
    assert again.chain == intermediate.certificates[:1]
    assert again.key_fits
    assert again.chain_in_order


def test_the_key_comes_first(issue_bundle) -> None:
    assert issue_bundle().render().startswith(b"-----BEGIN PRIVATE KEY-----\n")


def test_the_public_part_has_no_key(issue_bundle, intermediate) -> None:
    public = issue_bundle(by=intermediate).render_public()
    assert b"PRIVATE" not in public
    assert public.count(b"BEGIN CERTIFICATE") == 2


def test_texts_between_the_blocks_and_crlf_do_not_matter(issue_bundle) -> None:
    bundle = issue_bundle()
    content = b"subject=x\r\n" + bundle.render().replace(b"\n", b"\r\n") + b"\r\nthe end"
    assert model.parse_bundle(content).leaf == bundle.leaf


@pytest.mark.parametrize("size", [0, 10, 100, 230, 241, 300, 500, -40, -10])
def test_a_truncated_bundle_is_refused(issue_bundle, size: int) -> None:
    with pytest.raises(model.PemError):
        model.parse_bundle(issue_bundle().render()[:size])


def test_a_chain_that_is_cut_off_is_refused(issue_bundle, intermediate) -> None:
    content = issue_bundle(by=intermediate).render()
    with pytest.raises(model.PemError, match="cut off"):
        model.parse_bundle(content[:-60])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"BEGIN CERTIFICATE-----\nMII", b"BEGIN CERTIFICATE-----\nAAA"),
        (b"BEGIN PRIVATE KEY-----\nMIG", b"BEGIN PRIVATE KEY-----\nAAA"),
        (b"CERTIFICATE", b"CERTIFICATE REQUEST"),
    ],
)
def test_a_damaged_bundle_is_refused(issue_bundle, old: bytes, new: bytes) -> None:
    content = issue_bundle().render()
    assert old in content
    with pytest.raises(model.PemError):
        model.parse_bundle(content.replace(old, new))


def test_a_certificate_with_a_key_of_an_unknown_kind_is_refused(issue_bundle) -> None:
    curve = bytes.fromhex("06082a8648ce3d030107")
    der = issue_bundle().leaf.public_bytes(serialization.Encoding.DER)
    assert der.count(curve) == 1
    strange = x509.load_der_x509_certificate(der.replace(curve, curve[:-1] + b"\x63"))
    with pytest.raises(model.PemError, match="certificate that can't be read"):
        model.parse(strange.public_bytes(serialization.Encoding.PEM))


def test_two_keys_are_refused(issue_bundle) -> None:
    content = issue_bundle().render() + signing.render_key(signing.new_key("ecdsa-p256"))
    with pytest.raises(model.PemError, match="2 private keys"):
        model.parse_bundle(content)


def test_a_foreign_key_does_not_fit(issue_bundle) -> None:
    bundle = model.Bundle(signing.new_key("ecdsa-p256"), issue_bundle().leaf)
    assert not bundle.key_fits


def test_a_chain_in_the_wrong_order(issue_bundle, intermediate) -> None:
    bundle = issue_bundle(by=intermediate)
    below, root = intermediate.certificates
    assert model.Bundle(bundle.key, bundle.leaf, (below, root)).chain_in_order
    assert not model.Bundle(bundle.key, bundle.leaf, (root, below)).chain_in_order


def test_an_encrypted_key_needs_its_passphrase() -> None:
    key = signing.new_key("ecdsa-p256")
    block = signing.render_key(key, 'a:{%} "ü')
    assert signing.same_key(model.load_key(block, 'a:{%} "ü').public_key(), key.public_key())
    for passphrase in (None, "", "wrong"):
        with pytest.raises(model.KeyLocked):
            model.load_key(block, passphrase)
    with pytest.raises(model.KeyLocked, match="isn't encrypted"):
        model.load_key(signing.render_key(key), "passphrase")
