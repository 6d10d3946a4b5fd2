# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._move.homes import Homes
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._move.conftest import (
    NEW,
    OLD,
    PEOPLE,
)

A, B, C = PEOPLE


def places(homes: Homes) -> list[tuple[str, bool]]:
    found = homes.of(PEOPLE)
    return [(found[address].host, found[address].held_until > time.time()) for address in PEOPLE]


def test_who_does_not_exist_has_no_home(homes: Homes) -> None:
    assert homes.of([A, "nobody@a.example"]).keys() == {A}


def test_a_hold_is_for_all_or_none(homes: Homes) -> None:
    homes.take([C], OLD, NEW)
    with pytest.raises(MailError, match=f"^{C}: The mailbox is no longer at {OLD}"):
        homes.hold(PEOPLE, OLD, 60)
    assert places(homes) == [(OLD, False), (OLD, False), (NEW, False)]
    homes.hold([A, B], OLD, 60)
    assert places(homes) == [(OLD, True), (OLD, True), (NEW, False)]
    homes.release([A, C], OLD)
    assert places(homes) == [(OLD, False), (OLD, True), (NEW, False)]


def test_what_is_given_stays_held_until_it_is_taken(homes: Homes) -> None:
    until = homes.hold([A, B], OLD, 60)
    homes.give([A, B], OLD, NEW, until)
    assert places(homes) == [(NEW, True), (NEW, True), (OLD, False)]
    homes.take([A, B], OLD, NEW)
    assert places(homes) == [(NEW, False), (NEW, False), (OLD, False)]


def test_nothing_is_given_that_another_run_has_held_since(homes: Homes) -> None:
    until = homes.hold([A, B], OLD, 60)
    homes.hold([B], OLD, 90)
    with pytest.raises(MailError, match=f"^{B}: The mailbox was touched by another run"):
        homes.give([A, B], OLD, NEW, until)
    assert places(homes) == [(OLD, True), (OLD, True), (OLD, False)]


def test_nothing_is_given_when_the_hold_is_nearly_over(homes: Homes) -> None:
    until = homes.hold([A], OLD, 3)
    with pytest.raises(MailError, match="The hold has ended"):
        homes.give([A], OLD, NEW, until)
    assert homes.of([A])[A].host == OLD


def test_nothing_is_taken_from_a_third_host(homes: Homes) -> None:
    with pytest.raises(MailError, match=f"^{A}: The mailbox is not at third.example or {NEW}"):
        homes.take([A], "third.example", NEW)
    assert homes.of([A])[A].host == OLD
