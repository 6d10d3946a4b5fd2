# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import access
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption


@pytest.mark.parametrize("mode", ["0400", "0440", "0600", "0640", "640"])
def test_modes(mode: str) -> None:
    assert access.parse(None, None, mode).mode == int(mode, 8)


@pytest.mark.parametrize(
    "mode", ["0644", "0604", "0660", "0700", "0000", "0200", "384", "u=rw", "", "01600", "0x180"]
)
def test_modes_that_open_a_key_or_are_none(mode: str) -> None:
    with pytest.raises(InvalidOption, match=r"^mode: "):
        access.parse(None, None, mode)


def test_names_and_numbers() -> None:
    assert access.parse("root", "0", "0600") == access.WantedAccess(0o600, 0, 0)
    for owner, group in (("no such user", None), (None, "no such group")):
        with pytest.raises(InvalidOption, match="not known on this host"):
            access.parse(owner, group, "0600")


def test_what_was_not_asked_for_stays() -> None:
    wanted = access.parse(None, None, "0600")
    assert wanted.resolve(access.Access(0o644, 7, 8)) == access.Access(0o600, 7, 8)
    assert wanted.resolve(None) == access.Access(0o600, os.geteuid(), os.getegid())
