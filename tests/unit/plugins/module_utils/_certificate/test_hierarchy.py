# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chains of two, three and four, judged by OpenSSL's strict client."""

from __future__ import annotations

import pathlib
from datetime import timedelta

import pytest
from cryptography import x509

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    authority,
    facts,
    hierarchy,
    model,
    signing,
    verification,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption

DAY = timedelta(days=1)
SUBTREES = ("example.org", "192.0.2.0/24")


@pytest.fixture
def judge(tmp_path: pathlib.Path):
    def run(bundle: model.Bundle, *anchors, name: str = "mail.example.org") -> str | None:
        (tmp_path / "bundle.pem").write_bytes(bundle.render())
        (tmp_path / "ca.pem").write_bytes(model.render_certificates(anchors))
        return verification.problem_of(str(tmp_path / "bundle.pem"), name, str(tmp_path / "ca.pem"))

    return run


def test_an_intermediate_signs(judge, issue_bundle, root, successor, now) -> None:
    bundle = issue_bundle(by=hierarchy.intermediate(root, (), now))
    assert judge(bundle, root.certificate) is None
    assert judge(bundle, successor.certificate)


def test_without_the_intermediate_nobody_finds_the_root(judge, issue_bundle, root, now) -> None:
    bundle = issue_bundle(by=hierarchy.intermediate(root, (), now))
    assert judge(model.Bundle(bundle.key, bundle.leaf), root.certificate)


@pytest.mark.parametrize(
    ("name", "subtrees", "taken"),
    [
        ("mail.example.org", SUBTREES, True),
        ("example.org", SUBTREES, True),
        ("192.0.2.7", SUBTREES, True),
        ("192.0.2.7", ("192.0.2.0/24",), True),
        ("2001:db8::7", ("2001:db8::/32",), True),
        ("paris", ("paris",), True),
        ("mail.example.net", SUBTREES, False),
        ("myexample.org", SUBTREES, False),
        ("192.0.3.7", SUBTREES, False),
        ("2001:db8::7", SUBTREES, False),
        ("192.0.2.7", ("example.org",), False),
        ("2001:db8::7", ("example.org",), False),
        ("mail.example.org", ("192.0.2.0/24",), False),
    ],
)
def test_a_client_refuses_names_outside(
    judge, issue_bundle, root, now, name: str, subtrees: tuple[str, ...], taken: bool
) -> None:
    bundle = issue_bundle(name, by=hierarchy.intermediate(root, subtrees, now))
    problem = judge(bundle, root.certificate, name=name)
    assert problem == (None if taken else problem)
    assert taken or "subtree violation" in str(problem)


def test_one_name_outside_among_others(judge, issue_bundle, root, now) -> None:
    bundle = issue_bundle(
        "mail.example.org", "mail.example.net", by=hierarchy.intermediate(root, SUBTREES, now)
    )
    assert "subtree violation" in str(judge(bundle, root.certificate))


def test_a_wildcard_within(judge, issue_bundle, root, now) -> None:
    bundle = issue_bundle("*.example.org", by=hierarchy.intermediate(root, SUBTREES, now))
    assert judge(bundle, root.certificate) is None


@pytest.fixture(params=["first release", "intermediate", "limited intermediate"])
def present(request, ours, root, now) -> authority.Authority:
    if request.param == "first release":
        return ours
    return hierarchy.intermediate(root, SUBTREES if "limited" in request.param else (), now)


@pytest.mark.parametrize("subtrees", [(), SUBTREES])
def test_a_change_of_roots(
    judge, issue_bundle, present, successor, theirs, now, subtrees: tuple[str, ...]
) -> None:
    both = hierarchy.hand_over(present, successor, subtrees, now + 100 * DAY, now)
    bundle = issue_bundle(by=both)
    old, new = both.anchors
    assert judge(bundle, old) is None
    assert judge(bundle, new) is None
    assert judge(bundle, old, new) is None
    assert judge(bundle, new, old) is None
    assert judge(bundle, *theirs.certificates)

    after = issue_bundle(by=hierarchy.intermediate(successor, subtrees, now))
    assert judge(after, new) is None
    assert judge(after, old)


def test_nothing_is_older_than_what_is_above_it(root, present, successor, now) -> None:
    """Where the clock of the workstation was set back."""
    earlier = now - timedelta(minutes=30)
    made = hierarchy.intermediate(root, (), earlier).certificates[0]
    assert signing.not_before(made) == signing.not_before(root.certificate)
    both = hierarchy.hand_over(present, successor, (), now + DAY, earlier)
    assert signing.not_before(both.handover.cross) == signing.not_before(successor.certificate)


def test_the_successors_word_is_limited(judge, issue_bundle, ours, successor, now) -> None:
    both = hierarchy.hand_over(ours, successor, SUBTREES, now + 100 * DAY, now)
    basic = both.handover.cross.extensions.get_extension_for_class(x509.BasicConstraints).value
    # Like the root that it stands for.
    assert basic.path_length == 0
    outside = issue_bundle("mail.example.net", by=both)
    name = "mail.example.net"
    assert "subtree violation" in str(judge(outside, successor.certificate, name=name))
    until = now + 190 * DAY
    assert signing.not_after(both.handover.cross) == until


@pytest.mark.parametrize(
    ("present", "wanted", "next_name"),
    [
        ("Mail CA", "Mail CA", "Mail CA 2"),
        ("Mail CA 2", "Mail CA", "Mail CA 3"),
        ("Mail CA 9", "Mail CA", "Mail CA 10"),
        ("Mail CA", "Other CA", "Other CA"),
        ("Mail CA (x)", "Mail CA", "Mail CA"),
        ("C+ [x]", "C+ [x]", "C+ [x] 2"),
    ],
)
def test_the_next_root_has_another_name(now, present: str, wanted: str, next_name: str) -> None:
    certificate = hierarchy.create_root(present, now).certificate
    assert hierarchy.successor_name(certificate, wanted) == next_name


def test_names_of_authorities(now) -> None:
    longest = "x" * 64
    root = hierarchy.create_root(longest, now)
    one, other = (hierarchy.intermediate(root, (), now) for _time in range(2))
    assert len(facts.common_name_of(one.certificates[0])) == 64
    assert one.certificates[0].subject != other.certificates[0].subject
    for name in ("", "x" * 65):
        with pytest.raises(InvalidOption, match=r"^ownca_common_name: "):
            hierarchy.create_root(name, now)
