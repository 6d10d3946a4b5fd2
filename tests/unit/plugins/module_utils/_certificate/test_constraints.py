# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from cryptography import x509

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    constraints,
    hierarchy,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError


@pytest.mark.parametrize(
    ("texts", "subtrees"),
    [
        ([], ()),
        (["Example.ORG", "bücher.example"], ("example.org", "xn--bcher-kva.example")),
        (["mail.example.org", "example.org", "example.org"], ("example.org",)),
        (["myexample.org", "example.org"], ("myexample.org", "example.org")),
        (["paris"], ("paris",)),
        (["192.0.2.1", "2001:DB8::/32"], ("192.0.2.1/32", "2001:db8::/32")),
        (["192.0.2.9", "192.0.2.0/24", "::1"], ("192.0.2.0/24", "::1/128")),
    ],
)
def test_parse(texts: list[str], subtrees: tuple[str, ...]) -> None:
    assert constraints.parse(texts) == subtrees


@pytest.mark.parametrize(
    "text", ["", "*.example.org", ".example.org", "192.0.2.1/24", "a/b", "two words", "::/129"]
)
def test_parse_refuses(text: str) -> None:
    with pytest.raises(InvalidOption, match=r"^ownca_permitted_names: "):
        constraints.parse([text])


def test_a_list_that_each_handshake_would_carry() -> None:
    assert len(constraints.parse([f"a{n}.example" for n in range(100)])) == 100
    with pytest.raises(InvalidOption, match="100 are the most"):
        constraints.parse([f"a{n}.example" for n in range(101)])


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("example.org", True),
        ("a.b.example.org", True),
        ("*.example.org", True),
        ("myexample.org", False),
        ("org", False),
        ("192.0.2.7", True),
        ("192.0.3.7", False),
        ("2001:db8::1", False),
    ],
)
@pytest.mark.parametrize("subtrees", [("example.org", "192.0.2.0/24")])
def test_names_within(root, now, subtrees: tuple[str, ...], name: str, within: bool) -> None:
    certificate = hierarchy.intermediate(root, subtrees, now).certificates[0]
    assert constraints.of(certificate) == subtrees
    assert constraints.allows(certificate, name) is within
    if within:
        constraints.refuse_others(subtrees, ["example.org", name])
        return
    with pytest.raises(MailError, match=r"^ownca_permitted_names: .* is not within") as caught:
        constraints.refuse_others(subtrees, ["example.org", name])
    assert repr(name) in str(caught.value)


def test_no_subtrees_permit_any_name(root, now) -> None:
    constraints.refuse_others((), ["example.org", "192.0.2.1"])
    certificate = hierarchy.intermediate(root, (), now).certificates[0]
    assert constraints.of(certificate) == ()
    assert constraints.allows(certificate, "example.org")


def test_a_kind_of_name_without_a_subtree_is_shut_out(root, now) -> None:
    domains = hierarchy.intermediate(root, ("example.org",), now).certificates[0]
    networks = hierarchy.intermediate(root, ("192.0.2.0/24",), now).certificates[0]
    for address in ("192.0.2.1", "::1"):
        assert not constraints.allows(domains, address)
    for name in ("example.org", "paris"):
        assert not constraints.allows(networks, name)


def test_what_others_exclude_is_not_allowed(root, now, monkeypatch) -> None:
    foreign = x509.NameConstraints(None, [x509.DNSName("example.org"), x509.DNSName(".net")])
    monkeypatch.setattr(constraints, "extension", lambda _subtrees: foreign)
    certificate = hierarchy.intermediate(root, (), now).certificates[0]
    assert constraints.allows(certificate, "example.com")
    assert not constraints.allows(certificate, "mail.example.org")
    assert not constraints.allows(certificate, "mail.example.net")
