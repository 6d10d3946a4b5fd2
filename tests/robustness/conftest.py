# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import grp
import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.tests.robustness.process import Zygote
from ansible_collections.assurmer.mail.tests.robustness.targets import (
    PostgresqlTarget,
    SqliteTarget,
    Target,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    SqliteDatabase,
    new_postgresql,
)


@pytest.fixture
def group() -> str:
    return grp.getgrgid(os.getegid()).gr_name


@pytest.fixture
def sqlite(tmp_path: Path, group: str) -> SqliteTarget:
    return SqliteTarget(SqliteDatabase(tmp_path / "directory" / "directory.sqlite", group))


@pytest.fixture
def postgresql() -> t.Iterator[PostgresqlTarget]:
    with new_postgresql() as database, contextlib.closing(PostgresqlTarget(database)) as target:
        yield target


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest) -> Target:
    """Each database that a directory can be in."""
    return t.cast("Target", request.getfixturevalue(request.param))


@pytest.fixture
def zygote(tmp_path: Path) -> t.Iterator[Zygote]:
    with contextlib.closing(Zygote(tmp_path)) as zygote:
        yield zygote
