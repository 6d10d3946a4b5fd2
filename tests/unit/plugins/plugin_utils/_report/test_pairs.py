# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import collections

import pytest

from ansible_collections.assurmer.mail.plugins.plugin_utils._report.pairs import peers_of

NAMES = [f"mail-{number}" for number in range(10)]


def test_with_enough_peers_everybody_probes_everybody() -> None:
    for most in (9, 10, 1000):
        assert set(peers_of("mail-3", NAMES, most)) == set(NAMES)


def test_a_host_is_always_probed_by_itself_and_first() -> None:
    for most in range(10):
        assert peers_of("mail-3", NAMES, most)[0] == "mail-3"
    assert peers_of("mail-3", NAMES, 0) == ["mail-3"]
    assert peers_of("alone", ["alone"], 9) == ["alone"]


@pytest.mark.parametrize("size", [2, 3, 10, 57])
@pytest.mark.parametrize("most", [1, 2, 3, 9])
def test_each_sends_to_and_is_read_by_as_many(size: int, most: int) -> None:
    names = [str(number) for number in range(size)]
    read = collections.Counter(peer for name in names for peer in peers_of(name, names, most))
    expected = 1 + min(most, size - 1)
    assert set(read.values()) == {expected}
    assert all(len(set(peers_of(name, names, most))) == expected for name in names)


def test_the_peers_are_spread_over_all_hosts() -> None:
    assert peers_of("mail-0", NAMES, 3) == ["mail-0", "mail-1", "mail-4", "mail-7"]
