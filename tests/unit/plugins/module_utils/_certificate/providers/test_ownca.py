# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    authority,
    hierarchy,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.ownca import (
    OwnCa,
)

DAY = timedelta(days=1)


def test_a_fresh_bundle_meets_no_objection(request_for, ours, now) -> None:
    provider = OwnCa(request_for(), ours)
    assert list(provider.objections(provider.obtain(now), now)) == []
    assert list(provider.warnings(now)) == []


def test_each_bundle_has_a_key_of_its_own(request_for, ours, now) -> None:
    provider = OwnCa(request_for(), ours)
    one, other = provider.obtain(now), provider.obtain(now)
    assert not signing.same_key(one.key.public_key(), other.key.public_key())


def test_another_authority_of_the_same_name(issue_bundle, request_for, theirs, now) -> None:
    found = list(OwnCa(request_for(), theirs).objections(issue_bundle(), now))
    assert found == ["issuer differs: not signed by the key of CN=Test CA"]


def test_an_intermediate_is_sent_along_and_the_root_is_not(
    request_for, intermediate, root, now
) -> None:
    provider = OwnCa(request_for(), intermediate)
    bundle = provider.obtain(now)
    assert bundle.chain == intermediate.certificates[:1]
    assert provider.anchor(bundle) == (root.certificate,)
    without_root = authority.Authority(intermediate.key, intermediate.certificates[:1])
    assert OwnCa(request_for(), without_root).obtain(now).chain == bundle.chain


@pytest.fixture
def for_servers_alone(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What our authority signed before there were offices."""
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    monkeypatch.setattr(signing, "_purposes", lambda: purposes)
    return monkeypatch


def test_what_is_for_servers_alone_is_replaced(
    request_for, root, now, for_servers_alone: pytest.MonkeyPatch
) -> None:
    before = hierarchy.intermediate(root, (), now)
    bundle = OwnCa(request_for(), before).obtain(now)
    # As long as the authority could sign nothing else, that would win nothing.
    assert list(OwnCa(request_for(), before).objections(bundle, now)) == []
    for_servers_alone.undo()
    later = hierarchy.intermediate(root, (), now)
    assert list(OwnCa(request_for(), later).objections(bundle, now)) == [
        "is for servers alone, and hosts are each other's clients, too"
    ]
    fresh = OwnCa(request_for(), later).obtain(now)
    assert list(OwnCa(request_for(), later).objections(fresh, now)) == []


def test_what_a_former_intermediate_has_signed_is_kept(
    request_for, intermediate, root, successor, now
) -> None:
    bundle = OwnCa(request_for(), intermediate).obtain(now)
    later = hierarchy.intermediate(root, ("example.org",), now)
    assert list(OwnCa(request_for(), later).objections(bundle, now)) == []
    # The second one has the same name: its directory was begun anew.
    for other_root in (successor, hierarchy.create_root("Test CA", now)):
        foreign = hierarchy.intermediate(other_root, (), now)
        assert list(OwnCa(request_for(), foreign).objections(bundle, now)) == [
            f"issuer differs: not signed by the key of {foreign.signer.name.rfc4514_string()}",
            "chain differs from the authority's",
        ]


@pytest.mark.parametrize("name", ["Department", "Other department"])
@pytest.mark.parametrize("with_root", [False, True])
def test_an_intermediate_that_was_handed_over_is_taken_at_its_word(
    request_for, root, now, name: str, with_root: bool
) -> None:
    """Somebody else makes them, and a new name or a new key may have a reason."""

    def handed_over(text: str, key: signing.PrivateKey) -> authority.Authority:
        subject, limits = signing.common_name(text), signing.Limits(path_length=0)
        made = signing.sign_authority(
            key.public_key(), subject, root.signer, now, now + 900 * DAY, limits
        )
        return authority.Authority(key, (made, root.certificate) if with_root else (made,))

    key = signing.new_key("ecdsa-p256")
    bundle = OwnCa(request_for(), handed_over("Department", key)).obtain(now)
    other_key = key if name == "Other department" else signing.new_key("ecdsa-p256")
    found = OwnCa(request_for(), handed_over(name, other_key)).objections(bundle, now)
    assert "chain differs from the authority's" in list(found)


def test_no_certificate_outlives_its_authority(request_for, ours, now) -> None:
    later = now + 3600 * DAY
    provider = OwnCa(request_for(), ours)
    bundle = provider.obtain(later)
    assert signing.not_after(bundle.leaf) == ours.not_after
    assert list(provider.warnings(later))
    # Below the threshold, and yet it isn't renewed at each run.
    assert list(provider.objections(bundle, ours.not_after - 5 * DAY)) == []


def test_no_certificate_is_older_than_its_authority(request_for, ours, now) -> None:
    bundle = OwnCa(request_for(), ours).obtain(now - timedelta(minutes=30))
    assert signing.not_before(bundle.leaf) >= signing.not_before(ours.certificates[0])


def test_during_a_rollover_clients_trust_both_roots(
    request_for, intermediate, root, successor, now
) -> None:
    both = hierarchy.hand_over(intermediate, successor, (), now + 100 * DAY, now)
    provider = OwnCa(request_for(), both)
    bundle = provider.obtain(now)
    assert bundle.chain == (intermediate.certificates[0], both.handover.cross)
    assert provider.anchor(bundle) == (root.certificate, successor.certificate)
    before = OwnCa(request_for(), intermediate).obtain(now)
    assert list(provider.objections(before, now)) == ["chain differs from the authority's"]
