# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._host import look


def test_the_disk_is_that_of_the_store_and_adds_up(tmp_path: pathlib.Path) -> None:
    found = look.disk(str(tmp_path))
    system = os.statvfs(tmp_path)
    assert found["path"] == str(tmp_path)
    assert 0 < found["size"] <= system.f_blocks * system.f_frsize
    assert 0 <= found["free"] <= found["size"]
    assert 0 <= found["used_percent"] <= 100
    assert 0 <= found["files_used_percent"] <= 100


def test_a_store_that_is_not_there_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(MailError, match=r"^store: .*/nowhere can't be looked at: No such file"):
        look.disk(str(tmp_path / "nowhere"))


def test_what_can_not_be_found_out_is_a_problem_and_the_rest_is_told(
    tmp_path: pathlib.Path,
) -> None:
    # Nothing is installed here, and there is no directory.
    found = look.look(
        str(tmp_path / "nowhere"), f"sqlite:{tmp_path}/none/directory.sqlite", dsn_password=""
    )
    assert found["disk"] is None
    assert any(words.startswith("store: ") for words in found["problems"])
    assert found["versions"]["debian"]
    assert found["mailboxes"] == {}
