# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import KEYS
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import (
    OptionLists,
    list_entry,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.asking import (
    entries_of,
)


def test_lists_are_read_as_often_as_needed_and_empty_ones_are_given() -> None:
    source = OptionLists({"mailboxes": [{"address": "x@a.example"}], "aliases": [], "dsn": "x"})
    for _time in range(2):
        given: set[t.Any] = set()
        (entry,) = entries_of(source, Problems(), given)
        assert (entry.kind, entry.options) == ("mailboxes", {"address": "x@a.example"})
        assert given == {"mailboxes", "aliases"}


@pytest.mark.parametrize(
    ("kind", "key", "option"),
    [
        ("domains", "a.example", "f, domains[a.example].active"),
        ("aliases", "@a.example", "f, aliases[@a.example].active"),
        # Neither what disturbs a terminal nor a whole file is repeated.
        ("mailboxes", "x@a.example\x1b[2J", "f, mailboxes[7].active"),
        ("mailboxes", "x" * 1000, "f, mailboxes[7].active"),
        ("mailboxes", "", "f, mailboxes[7].active"),
    ],
)
def test_an_option_is_called_by_the_entry_it_is_in(kind: t.Any, key: str, option: str) -> None:
    entry = list_entry("f, ", kind, 7, {KEYS[kind]: key})
    assert entry.option("active") == option
    assert entry.option(KEYS[kind]) == f"f, {kind}[7].{KEYS[kind]}"
