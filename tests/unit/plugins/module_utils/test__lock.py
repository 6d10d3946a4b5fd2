# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils import _lock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_one_has_it_and_another_gives_up(path: Path) -> None:
    with path.open("w") as first, path.open("w") as second:
        assert _lock.wait_for(first.fileno(), 0)
        assert not _lock.wait_for(second.fileno(), 0.1)


def test_who_waits_gets_it_when_its_holder_ends(path: Path) -> None:
    with path.open("w") as second:
        first = path.open("w")
        assert _lock.wait_for(first.fileno(), 0)
        ending = threading.Timer(0.1, first.close)
        ending.start()
        assert _lock.wait_for(second.fileno(), 10)
        ending.join()
