# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import fcntl
import types
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError
from ansible_collections.assurmer.mail.plugins.module_utils._move import bodies
from ansible_collections.assurmer.mail.plugins.module_utils._move.destination import Report
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._move.conftest import (
    NEW,
    OLD,
    Company,
)

OPTIONS: dict[str, t.Any] = {
    "dsn": "sqlite:/nonexistent/directory.sqlite",
    "dsn_password": None,
    "host": NEW,
    "peer": NEW,
    "store": "/nonexistent",
    "ca_path": "/nonexistent/ca.pem",
    "certificate": "/nonexistent/host.pem",
    "port": 10026,
    "batch": 20,
    "hold": 120,
    "workers": 4,
    "addresses": {},
}
ENTRY = {"address": "A@a.example", "home": OLD.upper()}


@pytest.fixture(autouse=True)
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bodies, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(bodies, "LOCK_SECONDS", 0.1)
    return tmp_path / "lock"


def module(check_mode: bool = False, **options: t.Any) -> t.Any:
    return types.SimpleNamespace(params={**OPTIONS, **options}, check_mode=check_mode)


@pytest.mark.parametrize(
    ("option", "value"), [("port", 0), ("batch", 1001), ("hold", 19), ("workers", 33)]
)
def test_a_number_out_of_its_range_names_the_option(option: str, value: int) -> None:
    with pytest.raises(InvalidOption, match=f"{option}: '?{value}'? is not between"):
        bodies.move(module(mailboxes=[ENTRY], **{option: value}))


def test_nothing_moves_to_where_it_is() -> None:
    with pytest.raises(InvalidOption, match="is this host itself"):
        bodies.move(module(mailboxes=[{"address": "a@a.example", "home": NEW}]))


@pytest.mark.parametrize("body", [bodies.move, bodies.serve])
def test_what_is_no_address_is_named(body: t.Any) -> None:
    wrong = [{"address": "nobody", "home": OLD}] if body is bodies.move else ["nobody"]
    with pytest.raises(InvalidOption, match="mailboxes"):
        body(module(mailboxes=wrong))


def test_a_dry_run_tells_what_would_move() -> None:
    result = bodies.move(module(check_mode=True, mailboxes=[ENTRY]))
    assert (result.before, result.after) == ({"a@a.example": OLD}, {"a@a.example": NEW})
    assert result.values["moved"] == ["a@a.example"]
    assert bodies.serve(module(check_mode=True, mailboxes=["a@a.example"])).values == {"gone": {}}


def test_a_certificate_that_is_not_there_is_named() -> None:
    with pytest.raises(
        MailError, match=r"certificate: /nonexistent/host\.pem can't be used: No such"
    ):
        bodies.move(module(mailboxes=[ENTRY]))


def test_two_moves_to_a_host_do_not_run_at_once(lock: Path) -> None:
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(MailError, match=r"Another move to this host is still running\."):
            bodies.move(module(mailboxes=[ENTRY]))


def test_what_moved_is_told_by_a_failure_too(
    ours: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved(self: t.Any, _old: t.Any, addresses: list[str]) -> None:
        first, second = addresses
        self.report = Report({first: OLD}, 7, 1.25, {second: "The line is dead."})

    monkeypatch.setattr(bodies.Destination, "move", moved)
    identity = ours.identity(NEW)
    entries = [{"address": f"{name}@a.example", "home": OLD} for name in "ba"]
    with pytest.raises(MailError, match=r"1 of 2 .*: b@a\.example: The line is dead\.") as caught:
        bodies.move(
            module(
                mailboxes=entries,
                certificate=str(identity.certificate),
                ca_path=str(identity.ca_path),
            )
        )
    assert caught.value.details["moved"] == ["a@a.example"]
    assert caught.value.details["changed"] is True
