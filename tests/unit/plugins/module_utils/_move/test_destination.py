# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import dataclasses
import io
import time
import typing as t
from collections.abc import Iterator

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._move import dovecot
from ansible_collections.assurmer.mail.plugins.module_utils._move.destination import (
    Destination,
    Pace,
)
from ansible_collections.assurmer.mail.plugins.module_utils._move.homes import Homes
from ansible_collections.assurmer.mail.plugins.module_utils._move.model import Copy, Folder
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._move.conftest import (
    NEW,
    OLD,
    PEOPLE,
)

A, B, C = PEOPLE
LETTERS = Copy({"INBOX": Folder("guid", 7, 12, 11, "hash")})
OTHERS = dataclasses.replace(LETTERS, subscriptions=("Sent",))


class OldHome:
    """An old home that answers, until it is to break: before it does what it is asked for, or after."""

    name = OLD

    def __init__(self) -> None:
        self.homes = dict.fromkeys(PEOPLE, OLD)
        self.online: list[str] = []
        self.asked: list[str] = []
        self.copied: list[str] = []
        self.before = self.after = ""
        self.gone = False

    @contextlib.contextmanager
    def session(self) -> Iterator[None]:
        yield

    def connect(self, _question: str, address: str) -> t.Any:
        self.copied.append(address)
        return io.BytesIO()

    def ask(self, question: str, addresses: t.Sequence[str], **values: t.Any) -> t.Any:
        self.asked.append(question)
        if self.gone or question == self.before:
            self.gone = True
            raise MailError("the line is dead")
        answer = getattr(self, f"_{question}")(addresses)
        if question == self.after:
            raise MailError("the line was dead for a moment")
        return answer

    def _homes(self, addresses: t.Sequence[str]) -> t.Any:
        return {address: self.homes[address] for address in addresses}

    def _hold(self, addresses: t.Sequence[str]) -> t.Any:
        return 1

    def _look(self, addresses: t.Sequence[str]) -> t.Any:
        online, self.online = self.online, []
        return {"copies": {one: LETTERS.as_json() for one in addresses}, "online": online}

    def _release(self, addresses: t.Sequence[str]) -> t.Any:
        return True

    def _give(self, addresses: t.Sequence[str]) -> t.Any:
        self.homes.update(dict.fromkeys(addresses, NEW))

    def _finish(self, addresses: t.Sequence[str]) -> t.Any:
        return 0


@pytest.fixture
def old() -> OldHome:
    return OldHome()


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> dict[str, Copy]:
    """What lies on the new host, by address."""
    found = dict.fromkeys(PEOPLE, LETTERS)
    monkeypatch.setattr(dovecot, "fetch", lambda address, connection: 0)
    monkeypatch.setattr(dovecot, "copies", lambda homes: {one: found[one] for one in homes})
    return found


@pytest.fixture
def new(homes: Homes, mail: MailStore, copies: dict[str, Copy]) -> Destination:
    return Destination(NEW, homes, mail, Pace(batch=2, hold=60, workers=2))


def held(homes: Homes) -> set[str]:
    found = homes.of(PEOPLE)
    return {address for address, home in found.items() if home.held_until > time.time()}


def at_home(homes: Homes) -> set[str]:
    return {address for address, home in homes.of(PEOPLE).items() if home.host == NEW}


def test_everybody_moves_with_the_mail(old: OldHome, new: Destination, homes: Homes) -> None:
    new.move(t.cast("t.Any", old), PEOPLE)
    assert new.report.problems == {}
    assert new.report.moved == dict.fromkeys(PEOPLE, OLD)
    assert new.report.messages == 33
    assert at_home(homes) == set(PEOPLE)
    assert held(homes) == set()
    # Two at once, then one; each while it is used, and when it is held.
    assert sorted(old.copied) == sorted(PEOPLE * 2)
    assert old.asked.count("give") == 2


def test_what_was_given_over_is_not_copied_again(
    old: OldHome, new: Destination, homes: Homes
) -> None:
    old.homes[A] = NEW
    new.move(t.cast("t.Any", old), [A])
    assert old.copied == []
    assert new.report.moved == {A: OLD}
    assert at_home(homes) == {A}


def test_who_is_elsewhere_stays_there(old: OldHome, new: Destination, homes: Homes) -> None:
    old.homes[A] = "third.example"
    new.move(t.cast("t.Any", old), [A, B])
    assert new.report.problems == {A: f"{OLD}: The mailbox is at third.example."}
    assert at_home(homes) == {B}


def test_a_copy_that_differs_is_not_used(
    old: OldHome, new: Destination, homes: Homes, copies: dict[str, Copy]
) -> None:
    copies[A] = OTHERS
    new.move(t.cast("t.Any", old), [A, B])
    assert new.report.problems == {A: f"{A}: The copy differs: subscriptions."}
    assert at_home(homes) == {B}
    assert held(homes) == set()
    assert old.homes[A] == OLD


def test_a_session_that_slipped_in_makes_another_pass(
    old: OldHome, new: Destination, homes: Homes
) -> None:
    old.online = [A]
    new.move(t.cast("t.Any", old), [A, B])
    assert new.report.problems == {}
    assert old.copied.count(A) == 3
    assert old.copied.count(B) == 2
    assert at_home(homes) == {A, B}


def test_a_mailbox_of_its_own_makes_room(
    old: OldHome, new: Destination, mail: MailStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(address: str, _connection: object) -> int:
        if mail.has(address):
            raise MailError(f"{address}: INBOX can't be deleted")
        return 0

    monkeypatch.setattr(dovecot, "fetch", fetch)
    new.move(t.cast("t.Any", old), [A])
    assert new.report.problems == {}
    assert not mail.has(A)


def test_a_line_that_dies_while_it_is_copied_costs_no_copy(
    old: OldHome, new: Destination, mail: MailStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(address: str, _connection: object) -> int:
        old.gone = True
        raise MailError(f"{address}: the connection was lost")

    monkeypatch.setattr(dovecot, "fetch", fetch)
    new.move(t.cast("t.Any", old), [A])
    assert new.report.problems == {A: "the line is dead"}
    assert mail.has(A)


@pytest.mark.parametrize("moment", ["hold", "look", "give"])
def test_a_line_that_dies_before_they_are_given_leaves_them(
    old: OldHome, new: Destination, homes: Homes, moment: str
) -> None:
    old.before = moment
    new.move(t.cast("t.Any", old), [A, B])
    assert new.report.problems == dict.fromkeys([A, B], "the line is dead")
    assert new.report.moved == {}
    assert at_home(homes) == set()
    # They may have been given over: nobody could be asked.
    assert held(homes) == ({A, B} if moment == "give" else set())


@pytest.mark.parametrize("moment", ["hold", "look"])
def test_an_old_home_that_can_not_go_on_has_them_back(
    old: OldHome, new: Destination, homes: Homes, moment: str
) -> None:
    old.after = moment
    new.move(t.cast("t.Any", old), [A, B])
    assert new.report.problems == dict.fromkeys([A, B], "the line was dead for a moment")
    assert held(homes) == set()
    assert old.asked[-1] == "release"


def test_an_answer_that_is_lost_is_asked_for(old: OldHome, new: Destination, homes: Homes) -> None:
    old.after = "give"
    new.move(t.cast("t.Any", old), [A, B])
    assert new.report.problems == {}
    assert at_home(homes) == {A, B}
    assert held(homes) == set()


def test_an_old_home_that_dies_at_the_end_is_told_of(
    old: OldHome, new: Destination, homes: Homes
) -> None:
    old.before = "finish"
    new.move(t.cast("t.Any", old), [A, B])
    assert at_home(homes) == {A, B}
    assert new.report.moved.keys() == {A, B}
