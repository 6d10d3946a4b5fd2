# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from cryptography import x509

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    constraints,
    facts,
    model,
    signing,
)


@pytest.mark.parametrize("key_type", signing.KEY_TYPES)
def test_each_key_type_signs_and_is_recognised(issue_bundle, ours, key_type: str) -> None:
    bundle = issue_bundle(key_type=key_type)
    assert signing.key_type_of(bundle.leaf) == key_type
    assert signing.issued_by(bundle.leaf, ours.certificates[0])
    assert bundle.key_fits


def extension(certificate: t.Any, kind: t.Any) -> t.Any:
    return certificate.extensions.get_extension_for_class(kind)


def test_a_leaf_has_what_strict_clients_ask_for(issue_bundle, ours) -> None:
    leaf = issue_bundle("mail.example.org", "192.0.2.1", key_type="rsa-3072").leaf
    constraints = extension(leaf, x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (True, False)
    usage = extension(leaf, x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.key_encipherment
    assert not usage.value.key_cert_sign
    assert [u.dotted_string for u in extension(leaf, x509.ExtendedKeyUsage).value] == [
        "1.3.6.1.5.5.7.3.1",
        "1.3.6.1.5.5.7.3.2",
    ]
    issuer_id = extension(ours.certificates[0], x509.SubjectKeyIdentifier).value.digest
    assert extension(leaf, x509.AuthorityKeyIdentifier).value.key_identifier == issuer_id
    assert extension(leaf, x509.SubjectKeyIdentifier)
    assert facts.names_of(leaf) == ("mail.example.org", "192.0.2.1")


def test_an_intermediate_can_make_no_other(intermediate) -> None:
    certificate, root = intermediate.certificates
    for authority, path_length in ((certificate, 0), (root, None)):
        basic = extension(authority, x509.BasicConstraints)
        assert basic.critical
        assert (basic.value.ca, basic.value.path_length) == (True, path_length)
        usage = extension(authority, x509.KeyUsage)
        assert (usage.critical, usage.value.key_cert_sign) == (True, True)
        assert not usage.value.digital_signature


def test_what_is_below_a_root_is_for_tls_alone(intermediate) -> None:
    certificate, root = intermediate.certificates
    assert [u.dotted_string for u in extension(certificate, x509.ExtendedKeyUsage).value] == [
        "1.3.6.1.5.5.7.3.1",
        "1.3.6.1.5.5.7.3.2",
    ]
    with pytest.raises(x509.ExtensionNotFound):
        extension(root, x509.ExtendedKeyUsage)


def test_the_names_of_an_authority_are_critical(root, now) -> None:
    limits = signing.Limits(0, constraints.extension(("example.org",)))
    made = signing.sign_authority(
        root.key.public_key(), signing.common_name("x"), root.signer, now, now, limits
    )
    assert extension(made, x509.NameConstraints).critical


def test_a_namesake_has_not_signed(issue_bundle, theirs) -> None:
    assert not signing.issued_by(issue_bundle().leaf, theirs.certificates[0])


def test_the_same_key_under_another_name_has_not_signed(issue_bundle, ours, now) -> None:
    end = signing.not_after(ours.certificates[0])
    renamed = signing.sign_root(ours.key, signing.common_name("Other CA"), now, end)
    assert not signing.issued_by(issue_bundle().leaf, renamed)


def test_a_name_too_long_for_the_subject(issue_bundle) -> None:
    long_name = "a" * 60 + ".mail.example.org"
    assert issue_bundle(long_name, "b.example").leaf.subject.rfc4514_string() == "CN=b.example"
    assert issue_bundle(long_name).leaf.subject.rfc4514_string() == "CN=mail server"


@pytest.mark.parametrize("key_type", ["ecdsa-p256", "rsa-3072"])
def test_keys_are_written_as_pkcs8(key_type: str) -> None:
    block = signing.render_key(signing.new_key(key_type))
    assert block.startswith(b"-----BEGIN PRIVATE KEY-----")
    assert model.load_key(block)


def test_an_address_is_not_taken_for_a_host_name(issue_bundle) -> None:
    subject = issue_bundle("192.0.2.1", "b.example").leaf.subject
    assert subject.rfc4514_string() == "CN=server 192.0.2.1"
