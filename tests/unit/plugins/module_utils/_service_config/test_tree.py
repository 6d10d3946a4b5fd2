# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import grp
import os
import pwd
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config import tree
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import File

ME = pwd.getpwuid(os.geteuid()).pw_name

MINE = grp.getgrgid(os.getegid()).gr_name


def file(content: str, mode: int = 0o644) -> File:
    return File(content.encode(), mode, ME, MINE)


@pytest.fixture
def live(tmp_path: Path) -> Path:
    directory = tmp_path / "live"
    (directory / "conf.d").mkdir(parents=True)
    (directory / "main.cf").write_text("old")
    (directory / "stale.cf").write_text("stale")
    (directory / "conf.d" / "stale.conf").write_text("stale")
    (directory / "foreign").write_text("of somebody")
    (directory / "foreign").chmod(0o604)
    (directory / "link").symlink_to("/usr/share/doc")
    return directory


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    return tmp_path / "staged"


def test_only_regular_files_are_read(live: Path) -> None:
    os.mkfifo(live / "pipe")
    with socket.socket(socket.AF_UNIX) as local:
        local.bind(str(live / "socket"))
        paths = ["main.cf", "absent", "main.cf/x", "conf.d", "link", "pipe", "socket"]
        assert list(tree.read(live, paths)) == ["main.cf"]


def test_staging_keeps_what_nobody_names(live: Path, staged: Path) -> None:
    os.utime(live / "foreign", (1, 1))
    tree.stage(
        live, staged, {"main.cf": file("new"), "sql/deep/a.cf": file("q", 0o600)}, ["stale.cf"]
    )
    assert (staged / "main.cf").read_text() == "new"
    assert not (staged / "stale.cf").exists()
    foreign = (staged / "foreign").stat()
    assert (foreign.st_mode & 0o7777, foreign.st_mtime) == (0o604, 1)
    assert os.readlink(staged / "link") == "/usr/share/doc"
    assert tree.read(staged, ["sql/deep/a.cf"])["sql/deep/a.cf"] == file("q", 0o600)
    assert (live / "main.cf").read_text() == "old"
    assert (live / "stale.cf").exists()


def test_staged_files_are_as_old_as_the_daemon_wants_them(live: Path, staged: Path) -> None:
    tree.stage(live, staged, {"main.cf": file("new")}, [], age=3.0)
    assert time.time() - 3 - 60 < (staged / "main.cf").stat().st_mtime <= time.time() - 3


def test_directories_are_made_readable_whatever_the_umask(live: Path, staged: Path) -> None:
    before = os.umask(0o077)
    try:
        tree.stage(live, staged, {"sql/a.cf": file("q")}, [])
    finally:
        os.umask(before)
    assert (staged / "sql").stat().st_mode & 0o777 == 0o755
    assert staged.stat().st_mode == live.stat().st_mode


def test_a_directory_that_becomes_empty_goes(live: Path, staged: Path) -> None:
    tree.stage(live, staged, {}, ["conf.d/stale.conf", "never/was.conf"])
    assert not (staged / "conf.d").exists()


def test_what_an_earlier_run_left_is_replaced(live: Path, staged: Path) -> None:
    staged.mkdir()
    (staged / "left.cf").write_text("x")
    tree.stage(live, staged, {}, [])
    assert not (staged / "left.cf").exists()


def test_a_link_in_the_way_is_replaced_not_followed(live: Path, staged: Path) -> None:
    elsewhere = live.parent / "elsewhere"
    elsewhere.write_text("x")
    (live / "main.cf").unlink()
    (live / "main.cf").symlink_to(elsewhere)
    tree.stage(live, staged, {"main.cf": file("new")}, [])
    assert elsewhere.read_text() == "x"
    assert not (staged / "main.cf").is_symlink()


def test_nothing_is_written_or_removed_through_a_linked_directory(live: Path, staged: Path) -> None:
    elsewhere = live.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.cf").write_text("x")
    (live / "sql").symlink_to(elsewhere)
    for files, stale in (({"sql/a.cf": file("new")}, []), ({}, ["sql/a.cf"])):
        with pytest.raises(MailError, match="because sql is a symbolic link"):
            tree.stage(live, staged, files, stale)
    assert (elsewhere / "a.cf").read_text() == "x"


def test_an_account_that_does_not_exist_is_told(live: Path, staged: Path) -> None:
    with pytest.raises(MailError, match=r"files.owner: the user 'nosuch'"):
        tree.stage(live, staged, {"a": File(b"", 0o644, "nosuch", MINE)}, [])
    with pytest.raises(MailError, match=r"files.group: the group 'nosuch'"):
        tree.stage(live, staged, {"a": File(b"", 0o644, ME, "nosuch")}, [])


def test_a_file_in_place_of_a_directory_is_told(live: Path, staged: Path) -> None:
    with pytest.raises(MailError, match=r"can't be staged"):
        tree.stage(live, staged, {"main.cf/a": file("x")}, [])


@pytest.mark.usefixtures("as_root")
def test_owners_are_kept_and_given(live: Path, staged: Path) -> None:
    os.chown(live / "foreign", 4711, 4712)
    os.chown(live / "conf.d", 4711, 4712)
    tree.stage(live, staged, {"main.cf": File(b"x", 0o640, "daemon", "mail")}, [])
    for name in ("foreign", "conf.d"):
        status = (staged / name).stat()
        assert (status.st_uid, status.st_gid) == (4711, 4712)
    assert tree.read(staged, ["main.cf"])["main.cf"] == File(b"x", 0o640, "daemon", "mail")
    assert tree.read(live, ["foreign"])["foreign"].owner == "4711"


def test_a_socket_is_not_copied(live: Path, staged: Path) -> None:
    with socket.socket(socket.AF_UNIX) as local:
        local.bind(str(live / "socket"))
        tree.stage(live, staged, {}, [])
    assert not (staged / "socket").exists()


def swap_by_steps(live: Path, staged: Path) -> None:
    tree._exchange_by_steps(live, staged)


@pytest.mark.parametrize("swap", [tree.exchange, swap_by_steps])
def test_two_directories_change_places(
    live: Path, staged: Path, swap: Callable[[Path, Path], None]
) -> None:
    tree.stage(live, staged, {"main.cf": file("new")}, [])
    old, new = tree.identity(live), tree.identity(staged)
    swap(live, staged)
    assert (live / "main.cf").read_text() == "new"
    assert (staged / "main.cf").read_text() == "old"
    assert (tree.identity(live), tree.identity(staged)) == (new, old)


def test_a_swap_that_is_impossible_is_told(live: Path, staged: Path) -> None:
    with pytest.raises(MailError, match=r"can't be swapped: No such file"):
        tree.exchange(live, staged)


def test_steps_cut_off_after_the_first_are_taken_back(live: Path, staged: Path) -> None:
    tree.stage(live, staged, {"main.cf": file("new")}, [])
    os.rename(live, tree._aside(staged))
    tree.mend(live, staged)
    assert (live / "main.cf").read_text() == "old"
    assert (staged / "main.cf").read_text() == "new"


def test_steps_cut_off_before_the_last_are_taken_to_the_end(live: Path, staged: Path) -> None:
    tree.stage(live, staged, {"main.cf": file("new")}, [])
    os.rename(live, tree._aside(staged))
    os.rename(staged, live)
    tree.mend(live, staged)
    assert (live / "main.cf").read_text() == "new"
    assert (staged / "main.cf").read_text() == "old"


def test_without_steps_there_is_nothing_to_mend(live: Path, staged: Path) -> None:
    tree.mend(live, staged)
    assert (live / "main.cf").read_text() == "old"


def test_a_link_is_discarded_without_what_it_leads_to(live: Path, staged: Path) -> None:
    staged.symlink_to(live)
    tree.discard(staged)
    assert not staged.is_symlink()
    assert (live / "main.cf").exists()
