# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.lock import exclusive


def test_the_room_is_made_and_removed_if_empty(tmp_path: Path) -> None:
    room = tmp_path / "room"
    with exclusive(room, seconds=0):
        assert room.stat().st_mode & 0o777 == 0o700
    assert not room.exists()


def test_a_room_with_something_in_it_stays(tmp_path: Path) -> None:
    with exclusive(tmp_path / "room", seconds=0):
        (tmp_path / "room" / "x").touch()
    assert (tmp_path / "room" / "x").exists()


@pytest.mark.parametrize("left", [[], ["x"]])
def test_a_second_run_waits_for_the_first(tmp_path: Path, left: list[str]) -> None:
    """Also where the first one removes the empty room while the second one waits for it."""
    order: list[str] = []
    inside = threading.Event()

    def first() -> None:
        with exclusive(tmp_path / "room", seconds=0):
            for name in left:
                (tmp_path / "room" / name).touch()
            inside.set()
            time.sleep(0.3)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait()
    with exclusive(tmp_path / "room", seconds=5):
        order.append("second")
        assert os.path.isdir(tmp_path / "room")
    thread.join()
    assert order == ["first", "second"]


def test_a_room_that_its_holder_removed_is_not_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The holder removes it between our opening and our locking."""
    room = tmp_path / "room"
    lock = fcntl.flock
    calls = []

    def remove_and_lock(descriptor: int, operation: int) -> None:
        if not calls:
            room.rmdir()
        calls.append(operation)
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", remove_and_lock)
    with exclusive(room, seconds=5):
        assert room.is_dir()
    assert len(calls) == 2


def test_waiting_has_an_end(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path / "room", seconds=0),
        pytest.raises(MailError, match="Another run"),
        exclusive(tmp_path / "room", seconds=0.2),
    ):
        pytest.fail("both are inside")


def test_a_room_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(MailError, match=r"can't be used: Not a directory"),
        exclusive(tmp_path / "file" / "room", seconds=0),
    ):
        pytest.fail("it was made")
