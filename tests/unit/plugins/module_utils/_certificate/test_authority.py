# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    authority,
    hierarchy,
    model,
    signing,
)

DAY = timedelta(days=1)


@pytest.fixture
def both(intermediate, successor, now) -> authority.Authority:
    return hierarchy.hand_over(intermediate, successor, (), now + 100 * DAY, now)


def again(ours: authority.Authority) -> authority.Authority:
    pem = model.parse(ours.render("secret"))
    return authority.assemble(pem, pem, "secret")


def test_an_authority_survives_its_file(ours, intermediate, both) -> None:
    for one in (ours, intermediate, both):
        read = again(one)
        assert read.certificates == one.certificates
        assert read.handover == one.handover
        assert (read.chain, read.anchors) == (one.chain, one.anchors)


def test_a_root_survives_its_file(root) -> None:
    pem = model.parse(root.render("secret"))
    assert authority.assemble_root(pem, "secret").certificate == root.certificate


def test_what_is_no_root(root, successor, intermediate, now) -> None:
    foreign = authority.Root(successor.key, root.certificate)
    for content, message in (
        (intermediate.render(None), "certificate of one root"),
        (authority.Root(intermediate.key, intermediate.certificates[0]).render(None), "one root"),
        (foreign.render(None), "does not fit"),
        (model.render_certificates((root.certificate,)), "0 private keys"),
    ):
        with pytest.raises(model.PemError, match=message):
            authority.assemble_root(model.parse(content), None)


def test_a_successor_has_to_vouch_for_the_root_below(
    intermediate, both, root, successor, theirs, now
) -> None:
    cross = both.handover.cross
    other = hierarchy.create_root("Other", now)
    stray = hierarchy.hand_over(theirs, successor, (), now + DAY, now).handover.cross
    renamed = signing.sign_authority(
        root.key.public_key(),
        signing.common_name("Renamed"),
        successor.signer,
        now,
        now + DAY,
        signing.Limits(),
    )
    no_root = signing.sign_authority(
        successor.key.public_key(),
        successor.certificate.subject,
        other.signer,
        now,
        now + DAY,
        signing.Limits(),
    )
    for rest in (
        (cross,),
        (cross, no_root),
        (successor.certificate,),
        (cross, other.certificate),
        (stray, successor.certificate),
        (renamed, successor.certificate),
        (cross, successor.certificate, other.certificate),
    ):
        content = signing.render_key(intermediate.key) + model.render_certificates(
            (*intermediate.certificates, *rest)
        )
        pem = model.parse(content)
        with pytest.raises(model.PemError, match="not in order"):
            authority.assemble(pem, pem, None)


def test_the_day_of_the_change_is_known_from_the_file(both, now) -> None:
    assert again(both).handover.until == now + 100 * DAY


def test_nothing_outlives_what_is_above_it(root, now) -> None:
    late = now + 3000 * DAY
    made = hierarchy.intermediate(root, (), late)
    assert signing.not_after(made.certificates[0]) == signing.not_after(root.certificate)
    early = hierarchy.intermediate(root, (), now)
    assert signing.not_after(early.certificates[0]) == now + hierarchy.INTERMEDIATE_LIFETIME
