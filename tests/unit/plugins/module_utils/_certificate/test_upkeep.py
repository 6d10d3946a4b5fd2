# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    authority,
    constraints,
    hierarchy,
    signing,
    upkeep,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption

DAY = timedelta(days=1)
ONE = ("example.org",)


@pytest.fixture
def wanted_for(request_for) -> t.Callable[..., upkeep.Wanted]:
    def make(*names: str, subtrees=(), rollover=None, **changed: t.Any) -> upkeep.Wanted:
        return upkeep.Wanted(request_for(*names, **changed), "Test CA", subtrees, rollover)

    return make


def told(step: upkeep.Step | None) -> tuple[str, bool] | None:
    return None if step is None else (step.kind.name, step.urgent)


@pytest.mark.parametrize(
    ("days", "step"),
    [
        (0, None),
        (697, None),
        (698.1, ("INTERMEDIATE", False)),
        (1064.9, ("INTERMEDIATE", False)),
        (1065, ("INTERMEDIATE", True)),
        (1096, ("INTERMEDIATE", True)),
    ],
)
def test_an_intermediate_is_replaced_before_it_cuts_certificates_short(
    intermediate, wanted_for, now, days: float, step
) -> None:
    later = now + days * DAY
    assert told(upkeep.intermediate_step(intermediate, wanted_for(), later)) == step


@pytest.mark.parametrize("changed", [{"validity": 3650 * DAY}, {"renew_before": 2000 * DAY}])
def test_what_outlasts_an_intermediate_does_not_replace_it_at_each_run(
    intermediate, wanted_for, now, changed
) -> None:
    for days, due in ((2, False), (546, False), (549, True)):
        step = upkeep.intermediate_step(intermediate, wanted_for(**changed), now + days * DAY)
        assert (step is not None) is due


def test_no_intermediate_that_wins_nothing(root, wanted_for, now) -> None:
    late = now + 3300 * DAY
    made = hierarchy.intermediate(root, (), late)
    for days in (1, 320, 349):
        assert upkeep.intermediate_step(made, wanted_for(), late + days * DAY) is None


def test_an_intermediate_for_servers_alone_is_replaced(
    root, wanted_for, now, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        before.setattr(signing, "_purposes", lambda: purposes)
        made = hierarchy.intermediate(root, (), now)
    assert told(upkeep.intermediate_step(made, wanted_for(), now)) == ("INTERMEDIATE", True)


def test_names_that_come(root, wanted_for, now) -> None:
    limited = hierarchy.intermediate(root, ONE, now)
    within = wanted_for("a.example.org", subtrees=(*ONE, "example.net"))
    assert upkeep.intermediate_step(limited, within, now) is None
    step = upkeep.intermediate_step(limited, wanted_for("a.example.net"), now)
    assert told(step) == ("INTERMEDIATE", True)
    assert step.root == root.certificate
    assert step.why == "to sign for a.example.net"


def test_what_other_hosts_need_stays(root, ours, successor, wanted_for, now) -> None:
    limited = hierarchy.intermediate(root, ONE, now)
    wanted = wanted_for(subtrees=("example.net",))
    assert upkeep.subtrees(limited, wanted) == ("example.net", "example.org")
    assert upkeep.subtrees(limited, wanted_for()) == ()
    assert upkeep.subtrees(None, wanted) == ("example.net",)
    both = hierarchy.hand_over(ours, successor, ONE, now + DAY, now)
    assert upkeep.subtrees(both, wanted) == ("example.net", "example.org")


def test_the_first_releases_authority_is_left_alone(ours, wanted_for, now) -> None:
    for days in (0, 3640):
        for wanted in (wanted_for(), wanted_for("example.net", subtrees=("example.net",))):
            assert upkeep.intermediate_step(ours, wanted, now + days * DAY) is None
            assert upkeep.handover_step(ours, wanted, now + days * DAY) is None


def test_a_root_that_signs_for_hosts_has_no_intermediate_whatever_it_permits(
    wanted_for, now
) -> None:
    key, name = signing.new_key("ecdsa-p256"), signing.common_name("Limited root")
    limits = signing.Limits(0, constraints.extension(ONE))
    signer = signing.Signer(name, key)
    root = signing.sign_authority(key.public_key(), name, signer, now, now + 900 * DAY, limits)
    alone = authority.Authority(key, (root,))
    assert upkeep.intermediate_step(alone, wanted_for("a.example.net"), now) is None


def test_an_authority_without_its_root_is_left_alone(root, wanted_for, now) -> None:
    limited = hierarchy.intermediate(root, ONE, now)
    alone = replace(limited, certificates=limited.certificates[:1])
    later = now + 1090 * DAY
    for name in ("a.example.org", "a.example.net"):
        assert upkeep.intermediate_step(alone, wanted_for(name), later) is None
    with pytest.raises(InvalidOption, match=r"^ownca_rollover: .* needs the root's certificate"):
        upkeep.handover_step(alone, wanted_for(rollover=now + DAY), now)


def test_a_rollover_begins_by_a_day_to_come_alone(intermediate, wanted_for, now) -> None:
    for rollover, step in (
        (None, None),
        (now - DAY, None),
        (now, None),
        (now + DAY, ("SUCCESSOR", True)),
    ):
        wanted = wanted_for(rollover=rollover)
        assert told(upkeep.handover_step(intermediate, wanted, now)) == step


@pytest.mark.parametrize("begun", [False, True])
def test_a_day_after_the_end_of_the_root(
    intermediate, successor, wanted_for, now, begun: bool
) -> None:
    if begun:
        intermediate = hierarchy.hand_over(intermediate, successor, (), now + DAY, now)
    with pytest.raises(InvalidOption, match=r"^ownca_rollover: '20..-..-..' is too late"):
        upkeep.handover_step(intermediate, wanted_for(rollover=now + 3651 * DAY), now)
    fitting = wanted_for(rollover=now + 3649 * DAY)
    assert upkeep.handover_step(intermediate, fitting, now)


@pytest.fixture
def both(intermediate, successor, now) -> authority.Authority:
    return hierarchy.hand_over(intermediate, successor, ONE, now + 100 * DAY, now)


@pytest.mark.parametrize(
    ("rollover", "days", "step"),
    [
        (100, 0, None),
        (None, 0, None),
        (None, 99.9, None),
        (None, 100, ("CHANGE", False)),
        (100, 100, ("CHANGE", False)),
        (None, 159.9, ("CHANGE", False)),
        (None, 160, ("CHANGE", True)),
        (None, 200, ("CHANGE", True)),
        (90, 80, ("CROSS", True)),
        (120, 99, ("CROSS", True)),
        (120, 110, ("CROSS", True)),
        (90, 95, ("CHANGE", False)),
        (-5, 0, ("CHANGE", False)),
    ],
)
def test_a_rollover_goes_on(both, wanted_for, now, rollover, days: float, step) -> None:
    until = None if rollover is None else now + rollover * DAY
    found = upkeep.handover_step(both, wanted_for(rollover=until), now + days * DAY)
    assert told(found) == step


def test_the_change_is_urgent_when_the_present_root_ends(ours, successor, wanted_for, now) -> None:
    late = now + 3640 * DAY
    both = hierarchy.hand_over(ours, successor, (), late + 5 * DAY, late)
    assert told(upkeep.handover_step(both, wanted_for(), late + 11 * DAY)) == ("CHANGE", True)


def test_names_that_come_meanwhile(both, successor, wanted_for, now) -> None:
    step = upkeep.handover_step(both, wanted_for("example.net"), now)
    assert told(step) == ("CROSS", True)
    assert step.root == successor.certificate


def test_an_intermediate_is_not_replaced_shortly_before_its_root(both, wanted_for, now) -> None:
    for days, step in ((900, None), (1070, ("INTERMEDIATE", True))):
        found = upkeep.intermediate_step(both, wanted_for(), now + days * DAY)
        assert told(found) == step


def test_notices(intermediate, successor, now) -> None:
    assert list(upkeep.notices(intermediate, now + 2900 * DAY)) == []
    late = now + 3000 * DAY
    assert "ownca_rollover" in next(upkeep.notices(intermediate, late))
    both = hierarchy.hand_over(intermediate, successor, (), late, late)
    assert list(upkeep.notices(both, late)) == []
