# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A disk that is full and a connection that is lost leave the state before, and are told."""

from __future__ import annotations

import os
import subprocess
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.tests.robustness.change import TREES, Company
from ansible_collections.assurmer.mail.tests.robustness.process import Zygote
from ansible_collections.assurmer.mail.tests.robustness.targets import (
    PostgresqlTarget,
    SqliteTarget,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    SqliteDatabase,
)

MAILBOXES = 2_000
DISK = 4 * 2**20


@pytest.fixture
def small_disk(tmp_path: Path) -> t.Iterator[Path]:
    """A file system of its own, for the directory alone."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", disk], check=True)
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file system")
def test_a_full_disk(small_disk: Path, zygote: Zygote, tmp_path: Path, group: str) -> None:
    path = small_disk / "directory" / "directory.sqlite"
    target = SqliteTarget(SqliteDatabase(path, group))
    company = Company(tmp_path, MAILBOXES)
    zygote.succeed(company.arguments(0, target.options))
    before = target.database.content()
    # Room for some of the journal, and not for all of it.
    filler = small_disk / "filler"
    room = DISK - sum(file.stat().st_size for file in path.parent.iterdir())
    filler.write_bytes(b"x" * (room - path.stat().st_size // 3))

    code, said, _seconds = zygote.start(company.arguments(1, target.options)).end()
    assert code == 1
    assert said["msg"] == f"{path}: The directory can't be used: database or disk is full."
    assert target.database.content() == before
    assert company.lost_mail(0) == []

    filler.unlink()
    zygote.succeed(company.arguments(1, target.options))
    assert company.tree() == TREES[1]


def test_a_lost_connection(postgresql: PostgresqlTarget, zygote: Zygote, tmp_path: Path) -> None:
    company = Company(tmp_path, MAILBOXES)
    zygote.succeed(company.arguments(0, postgresql.options))
    before = postgresql.database.content()
    process = zygote.start(company.arguments(1, postgresql.options))
    process.wait_for(lambda: postgresql.writing() and postgresql.disconnect_writers() > 0)
    code, said, _seconds = process.end()
    assert code == 1
    assert "is changed whole, or not at all" in said["msg"] or "terminating" in said["msg"]
    faults, content = postgresql.inspect()
    assert (faults, content) == ([], before)
    assert company.lost_mail(0) == []
    zygote.succeed(company.arguments(1, postgresql.options))
    assert company.tree() == TREES[1]
