# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import signal

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.parallel import (
    FEWEST,
    spread,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

CORES = len(os.sched_getaffinity(0))
PARENT = os.getpid()
MANY = 10 * FEWEST

needs_cores = pytest.mark.skipif(CORES < 2, reason="one core has nothing to spread")


def process_of(_value: int) -> int:
    return os.getpid()


def negated(value: int) -> int:
    return -value


def refused(value: int) -> int:
    if value == MANY - 1:
        raise MailError("No.", errors=["No."])
    return value


def killed(_value: int) -> int:
    if os.getpid() != PARENT:
        os.kill(os.getpid(), signal.SIGKILL)
    return 0


@pytest.mark.parametrize("number", [0, 1, FEWEST, 2 * FEWEST, MANY + 1])
def test_answers_come_in_the_order_of_the_values(number: int) -> None:
    assert list(spread(negated, range(number))) == [-value for value in range(number)]


@needs_cores
def test_many_values_are_spread_over_the_cores_and_few_are_not() -> None:
    assert set(spread(process_of, range(2 * FEWEST - 1))) == {os.getpid()}
    processes = set(spread(process_of, range(100 * FEWEST)))
    assert os.getpid() not in processes
    assert 1 <= len(processes) <= CORES


@needs_cores
def test_an_error_of_ours_comes_back_as_itself() -> None:
    with pytest.raises(MailError, match=r"^No\.$"):
        list(spread(refused, range(MANY)))


@needs_cores
def test_a_helper_that_is_killed_is_told() -> None:
    with pytest.raises(MailError, match="was ended from outside; is there enough memory"):
        list(spread(killed, range(MANY)))
