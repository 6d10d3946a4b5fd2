# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.place import Place
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError

IS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
OTHER_ID = 12345


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_what_is_missing_is_told_and_created(path: Path, group: str) -> None:
    place = Place(path, group)
    before, after = place.states()
    assert before == {"directory": {}, "file": {}}
    assert after["directory"]["mode"] == "0750"
    assert after["file"]["mode"] == "0640"
    assert not path.parent.exists()
    place.settle()
    assert mode(path.parent) == 0o750
    assert mode(path) == 0o640
    assert place.states() == ({}, {})


@pytest.mark.parametrize(("directory_mode", "file_mode"), [(0o755, 0o644), (0o700, 0o600)])
def test_modes_are_repaired(path: Path, group: str, directory_mode: int, file_mode: int) -> None:
    place = Place(path, group)
    place.settle()
    path.parent.chmod(directory_mode)
    path.chmod(file_mode)
    before, _after = place.states()
    assert before["directory"]["mode"] == f"{directory_mode:04o}"
    assert before["file"]["mode"] == f"{file_mode:04o}"
    place.settle()
    assert place.states() == ({}, {})


@IS_ROOT
def test_owner_and_group_are_repaired(path: Path, group: str) -> None:
    place = Place(path, group)
    place.settle()
    os.chown(path, OTHER_ID, OTHER_ID)
    before, _after = place.states()
    assert before["file"]["owner"] == before["file"]["group"] == str(OTHER_ID)
    place.settle()
    assert place.states() == ({}, {})


@IS_ROOT
def test_a_file_is_never_open_to_the_wrong_group(
    path: Path, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(path, group)
    place.settle()
    os.chown(path, OTHER_ID, OTHER_ID)
    path.chmod(0o600)
    moments: list[tuple[int, int]] = []

    def watched(call: Callable[..., None]) -> Callable[..., None]:
        def watching(*arguments: int) -> None:
            call(*arguments)
            found = path.stat()
            moments.append((found.st_gid, stat.S_IMODE(found.st_mode)))

        return watching

    monkeypatch.setattr(os, "fchmod", watched(os.fchmod))
    monkeypatch.setattr(os, "fchown", watched(os.fchown))
    place.settle()
    assert moments
    assert all(gid != OTHER_ID or not bits & 0o077 for gid, bits in moments)


def test_files_are_private_when_they_are_created(
    path: Path, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fchmod", lambda *_arguments: None)
    mask = os.umask(0)
    try:
        Place(path, group).settle()
    finally:
        os.umask(mask)
    assert mode(path.parent) == 0o700
    assert mode(path) == 0o600


def test_a_directory_with_other_things_in_it_is_not_narrowed(tmp_path: Path, group: str) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "somebody's file").touch()
    with pytest.raises(InvalidOption, match="a folder of its own"):
        Place(tmp_path / "directory.sqlite", group).settle()
    assert mode(tmp_path) == 0o755
    assert not (tmp_path / "directory.sqlite").exists()


def test_a_link_is_not_followed(path: Path, group: str, tmp_path: Path) -> None:
    Place(path, group).settle()
    path.unlink()
    target = tmp_path / "target"
    target.touch(mode=0o600)
    path.symlink_to(target)
    with pytest.raises(MailError, match=r"symbolic links|symbolic link"):
        Place(path, group).settle()
    assert mode(target) == 0o600


def test_a_pipe_is_no_file(path: Path, group: str) -> None:
    path.parent.mkdir(mode=0o750)
    os.mkfifo(path)
    with pytest.raises(MailError, match="no regular file"):
        Place(path, group).settle()


def test_a_missing_group_is_told(path: Path) -> None:
    with pytest.raises(InvalidOption, match="group: 'nobody-has-this' is no group of this host"):
        Place(path, "nobody-has-this").settle()
    assert not path.parent.exists()


def test_a_missing_parent_is_told(tmp_path: Path, group: str) -> None:
    path = tmp_path / "missing" / "directory" / "directory.sqlite"
    with pytest.raises(MailError, match="No such file or directory"):
        Place(path, group).settle()
