# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import (
    MAX_TOLD,
    Problems,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError


def told(problems: Problems) -> list[str]:
    with pytest.raises(MailError) as refused:
        problems.raise_first()
    errors: list[str] = refused.value.details["errors"]
    assert str(refused.value) == errors[0]
    return errors


def test_without_a_problem_nothing_is_raised() -> None:
    problems = Problems()
    problems.raise_first()
    assert not problems
    assert problems.incomplete == set()


def test_all_are_told_and_other_errors_are_not_ours() -> None:
    problems = Problems()
    with problems.collected("domains"):
        raise MailError("One.")
    with problems.collected("mailboxes"):
        raise MailError("Two.", errors=["Two.", "Three."])
    assert problems
    assert problems.incomplete == {"domains", "mailboxes"}
    assert told(problems) == ["One.", "Two.", "Three."]
    with pytest.raises(KeyError), problems.collected():
        raise KeyError


def test_an_error_in_no_entry_may_hide_entries_of_all_kinds() -> None:
    problems = Problems()
    problems.add(MailError("The file is missing."))
    assert problems.incomplete == {"domains", "mailboxes", "aliases"}


def test_a_thousand_are_told_and_the_others_counted() -> None:
    problems = Problems()
    problems.add(MailError("0", errors=[str(number) for number in range(MAX_TOLD - 1)]))
    problems.add(MailError("a", errors=["a", "b", "c"]))
    problems.add(MailError("d"))
    errors = told(problems)
    assert errors[-2:] == ["a", "And 3 more."]
    assert len(errors) == MAX_TOLD + 1
