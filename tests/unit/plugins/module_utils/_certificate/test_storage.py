# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import stat
import threading

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import storage
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.access import Access

OURS = Access(0o600, os.geteuid(), os.getegid())


def names_in(directory: pathlib.Path) -> list[str]:
    return sorted(entry.name for entry in directory.iterdir())


def test_write_and_read(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.pem"
    storage.write(str(path), b"one", OURS)
    storage.write(str(path), b"two", Access(0o640, OURS.uid, OURS.gid))
    stored = storage.read(str(path))
    assert stored == storage.Stored(b"two", Access(0o640, OURS.uid, OURS.gid))
    assert names_in(tmp_path) == ["a.pem"]


def test_a_missing_file(tmp_path: pathlib.Path) -> None:
    assert storage.read(str(tmp_path / "a.pem")) is None


def test_a_reader_of_the_old_file_keeps_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.pem"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        storage.write(str(path), b"new", OURS)
        assert reader.read() == b"old"


def test_it_is_never_wider_than_asked_for(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The widest umask, and a look at the new file before it gets its mode and name."""
    seen: list[int] = []
    change_mode = os.fchmod

    def look(descriptor: int, mode: int) -> None:
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        change_mode(descriptor, mode)

    monkeypatch.setattr(os, "fchmod", look)
    before = os.umask(0)
    try:
        storage.write(str(tmp_path / "a.pem"), b"key", Access(0o640, OURS.uid, OURS.gid))
    finally:
        os.umask(before)
    assert seen == [0o600]


@pytest.mark.parametrize("leads_to", ["there.pem", "nowhere.pem"])
def test_a_symbolic_link_is_neither_read_nor_replaced(tmp_path, leads_to: str) -> None:
    (tmp_path / "there.pem").write_bytes(b"there")
    link = tmp_path / "a.pem"
    link.symlink_to(leads_to)
    with pytest.raises(storage.FileError, match="symbolic link"):
        storage.read(str(link))
    with pytest.raises(storage.FileError, match="symbolic link"):
        storage.write(str(link), b"new", OURS)
    assert (tmp_path / "there.pem").read_bytes() == b"there"
    assert names_in(tmp_path) == ["a.pem", "there.pem"]


def test_a_symbolic_link_is_followed_when_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "there.pem").write_bytes(b"there")
    (tmp_path / "a.pem").symlink_to("there.pem")
    stored = storage.read(str(tmp_path / "a.pem"), follow=True)
    assert stored is not None
    assert stored.content == b"there"


def test_other_kinds_of_files(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "a.pem")
    (tmp_path / "b.pem").mkdir()
    for name in ("a.pem", "b.pem"):
        with pytest.raises(storage.FileError, match="not a regular file"):
            storage.read(str(tmp_path / name))
        with pytest.raises(storage.FileError, match="not a regular file"):
            storage.write(str(tmp_path / name), b"new", OURS)


def test_a_huge_file_is_no_certificate(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.pem").write_bytes(b"x" * (storage.LARGEST + 1))
    with pytest.raises(storage.FileError, match="more than"):
        storage.read(str(tmp_path / "a.pem"))


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the worst moment: when the content is forced out."""
    path = tmp_path / "a.pem"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(storage.FileError, match=r"No space left on device\. The file was left"):
        storage.write(str(path), b"new", OURS)
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.pem"]


def test_a_missing_directory(tmp_path: pathlib.Path) -> None:
    with pytest.raises(storage.FileError, match="can't be written"):
        storage.write(str(tmp_path / "no" / "a.pem"), b"new", OURS)


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604, 0o602, 0o666])
def test_a_key_that_others_can_read_or_replace(mode: int) -> None:
    with pytest.raises(storage.FileError, match=f"mode {mode:04o}"):
        storage.refuse_shared("/a.pem", Access(mode, 0, 0))


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640, 0o440])
def test_a_key_for_owner_and_group(mode: int) -> None:
    storage.refuse_shared("/a.pem", Access(mode, 0, 0))


def test_remove(tmp_path: pathlib.Path) -> None:
    (tmp_path / "there.pem").write_bytes(b"there")
    (tmp_path / "a.pem").symlink_to("there.pem")
    storage.remove(str(tmp_path / "a.pem"))
    storage.remove(str(tmp_path / "a.pem"))
    assert names_in(tmp_path) == ["there.pem"]
    (tmp_path / "b.pem").mkdir()
    with pytest.raises(storage.FileError, match="can't be removed"):
        storage.remove(str(tmp_path / "b.pem"))


def test_only_one_at_a_time(tmp_path: pathlib.Path) -> None:
    order: list[str] = []
    with storage.locked(str(tmp_path)):

        def wait() -> None:
            with storage.locked(str(tmp_path)):
                order.append("second")

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]
