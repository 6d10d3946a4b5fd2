# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import Outcome
from ansible_collections.assurmer.mail.plugins.module_utils._directory.files import open_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.removals import (
    RemovalLimits,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
)

Apply = t.Callable[..., Outcome]
HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
OPEN = RemovalLimits(1000, 100)


@pytest.fixture
def ten(apply: Apply) -> list[dict[str, t.Any]]:
    """Ten mailboxes, which are in the directory."""
    people = [{"address": f"u{number}@a.example", "password_hash": HASH} for number in range(10)]
    apply(domains=[{"name": "a.example"}], mailboxes=people)
    return people


@pytest.mark.parametrize(
    ("number", "percent", "kept", "option"),
    [
        (5, 100, 5, None),
        (5, 100, 4, "removal_limit: 5 lets 5"),
        (100, 50, 5, None),
        (100, 50, 4, "removal_limit_percent: 50 lets 5"),
        (100, 60, 3, "removal_limit_percent: 60 lets 6"),
        # A handful, whatever the share.
        (100, 19, 5, None),
        (100, 19, 4, "removal_limit_percent: 19 lets 5"),
        (0, 0, 9, None),
        (0, 0, 8, "removal_limit: 0 lets 1"),
        (10, 100, 0, None),
    ],
)
def test_one_run_removes_so_many(
    apply: Apply,
    database: Database,
    ten: list[dict[str, t.Any]],
    number: int,
    percent: int,
    kept: int,
    option: str | None,
) -> None:
    limits = RemovalLimits(number, percent)
    if option is None:
        apply(mailboxes=ten[:kept], purge=["mailboxes"], limits=limits)
        assert len(database.content().mailboxes) == kept
        return
    for check_mode in (True, False):
        with pytest.raises(MailError) as refused:
            apply(mailboxes=ten[:kept], purge=["mailboxes"], limits=limits, check_mode=check_mode)
        assert str(refused.value) == (
            f"purge: {10 - kept} of 10 mailboxes are not declared any more, and {option} of them "
            "be removed at once. Nothing has been changed. If they are to go, raise "
            f"{option.partition(':')[0]} for this run."
        )
        assert refused.value.details["counts"]["mailboxes"]["removed"] == 10 - kept
    assert len(database.content().mailboxes) == 10


@pytest.mark.parametrize("there", [2, 3, 5])
def test_a_handful_does_not_go_whole(
    apply: Apply, database: Database, ten: list[dict[str, t.Any]], there: int
) -> None:
    apply(mailboxes=ten[:there], purge=["mailboxes"], limits=OPEN)
    limits = RemovalLimits(100, 50)
    with pytest.raises(MailError, match=f"{there} of {there} mailboxes .* lets {there - 1} of"):
        apply(mailboxes=[], purge=["mailboxes"], limits=limits)
    apply(mailboxes=ten[:1], purge=["mailboxes"], limits=limits)
    assert len(database.content().mailboxes) == 1


def test_a_file_that_was_cut_off_after_its_header_empties_nothing(
    apply: Apply, database: Database, ten: list[dict[str, t.Any]], tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("address,name,password_hash\n")
    sources = [open_file(str(file), "people.csv")]
    limits = RemovalLimits(100, 50)
    with pytest.raises(MailError, match="10 of 10 mailboxes are not declared any more"):
        apply(sources=sources, purge=["mailboxes"], limits=limits)
    assert len(database.content().mailboxes) == len(ten)
    apply(sources=sources, purge=["mailboxes"], limits=OPEN)
    assert not database.content().mailboxes


@pytest.mark.parametrize(
    ("number", "percent", "sentence"),
    [
        (-1, 50, "removal_limit: '-1' is negative."),
        (1, -1, "removal_limit_percent: '-1' is not within 0 and 100."),
        (1, 101, "removal_limit_percent: '101' is not within 0 and 100."),
    ],
)
def test_limits_are_numbers_that_mean_something(number: int, percent: int, sentence: str) -> None:
    with pytest.raises(MailError) as refused:
        RemovalLimits(number, percent)
    assert str(refused.value) == sentence
