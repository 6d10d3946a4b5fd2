# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._rename import exchange


def test_two_names_are_swapped(tmp_path: Path) -> None:
    first, second = tmp_path / "first é", tmp_path / "second"
    first.mkdir()
    (first / "file").touch()
    second.symlink_to("nowhere")
    assert exchange(first, second)
    assert (second / "file").exists()
    assert str(first.readlink()) == "nowhere"


def test_a_name_that_is_missing_is_refused(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.touch()
    with pytest.raises(FileNotFoundError):
        exchange(first, tmp_path / "second")
    assert first.exists()
