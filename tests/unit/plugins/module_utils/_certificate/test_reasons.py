# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import reasons, signing
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import Bundle

DAY = timedelta(days=1)


def test_nothing_to_say(issue_bundle, request_for, now) -> None:
    bundle = issue_bundle()
    assert list(reasons.defects(bundle, now)) == []
    latest = now + 397 * DAY
    assert list(reasons.departures(bundle, request_for(), now, latest)) == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"names": ("mail.example.org", "imap.example.org")}, "names differ: mail.example.org in"),
        ({"names": ("amail.example.org",)}, "names differ: mail.example.org instead of amail"),
        ({"key_type": "rsa-3072"}, "key type differs: ecdsa-p256 instead of rsa-3072"),
        ({"validity": 90 * DAY}, "valid for 397 days instead of 90"),
    ],
)
def test_a_departure(issue_bundle, request_for, now, changed, reason: str) -> None:
    found = list(reasons.departures(issue_bundle(), request_for(**changed), now, now + 397 * DAY))
    assert len(found) == 1
    assert found[0].startswith(reason)


def test_the_order_of_names_does_not_matter(issue_bundle, request_for, now) -> None:
    bundle = issue_bundle("a.example", "b.example", "192.0.2.1")
    request = request_for("192.0.2.1", "b.example", "a.example")
    assert list(reasons.departures(bundle, request, now, now + 397 * DAY)) == []


@pytest.mark.parametrize(
    ("days", "due"), [(366, False), (366.9, False), (367, True), (367.1, True), (396.9, True)]
)
def test_the_threshold(issue_bundle, request_for, now, days: float, due: bool) -> None:
    later = now + days * DAY
    found = list(reasons.departures(issue_bundle(), request_for(), later, later + 397 * DAY))
    assert [text.startswith("expires in ") for text in found] == ([True] if due else [])


def test_no_renewal_that_wins_nothing(issue_bundle, request_for, now) -> None:
    later = now + 380 * DAY
    bundle = issue_bundle()
    until = signing.not_after(bundle.leaf)
    assert list(reasons.departures(bundle, request_for(), later, until)) == []


def test_defects(issue_bundle, now, intermediate, theirs) -> None:
    bundle = issue_bundle(by=intermediate)
    assert "expired on" in next(iter(reasons.defects(bundle, now + 397 * DAY)))
    assert "not valid before" in next(iter(reasons.defects(bundle, now - DAY)))
    foreign = Bundle(signing.new_key("ecdsa-p256"), bundle.leaf)
    assert list(reasons.defects(foreign, now)) == ["key does not fit the certificate"]
    stray = Bundle(bundle.key, bundle.leaf, theirs.certificates)
    assert "chain is not in order" in next(iter(reasons.defects(stray, now)))


def test_an_issuer_expires_before_its_certificate(issue_bundle, now, ours) -> None:
    bundle = issue_bundle(validity=3649 * DAY)
    with_root = Bundle(bundle.key, bundle.leaf, ours.certificates)
    assert list(reasons.defects(with_root, now + 3648 * DAY)) == []
    long_after = list(reasons.defects(with_root, now + 3651 * DAY))
    assert any(text.startswith("issuer 1 in the chain expired") for text in long_after)
