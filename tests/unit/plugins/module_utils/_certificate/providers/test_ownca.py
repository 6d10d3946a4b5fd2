# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import authority, signing
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
    request_for, intermediate, ours, now
) -> None:
    provider = OwnCa(request_for(), intermediate)
    bundle = provider.obtain(now)
    assert bundle.chain == intermediate.certificates[:1]
    assert provider.anchor(bundle) == ours.certificates
    without_root = authority.Authority(intermediate.key, intermediate.certificates[:1])
    assert OwnCa(request_for(), without_root).obtain(now).chain == bundle.chain


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
