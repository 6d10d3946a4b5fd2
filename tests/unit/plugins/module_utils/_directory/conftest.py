# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import grp
import os
import typing as t
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    Declaration,
    declare_all,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import (
    Outcome,
    ensure,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sqlite import SqliteStore
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme

HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53

Apply = Callable[..., Outcome]


@pytest.fixture
def group() -> str:
    return grp.getgrgid(os.getegid()).gr_name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "directory" / "directory.sqlite"


@pytest.fixture
def apply(path: Path, group: str) -> Apply:
    """Make the directory hold lists, or a declaration, as the modules do."""

    def applied(
        declaration: Declaration | None = None, *, check_mode: bool = False, **lists: t.Any
    ) -> Outcome:
        options = {"domains": None, "mailboxes": None, "aliases": None, "purge": [], **lists}
        passwords = Passwords(Scheme.ARGON2ID, update_always=True, predict=check_mode)
        store = SqliteStore(path, group, read_only=check_mode)
        return ensure(
            store, declaration or declare_all(options, Scheme.ARGON2ID), passwords, check_mode
        )

    return applied


@pytest.fixture
def company() -> dict[str, t.Any]:
    return {
        "domains": [{"name": "a.example"}, {"name": "b.example", "alias_of": "a.example"}],
        "mailboxes": [
            {"address": "x@a.example", "password_hash": HASH, "name": "X", "quota": "5G"},
            {"address": "y@a.example", "password_hash": HASH, "active": False},
        ],
        "aliases": [
            {"address": "z@a.example", "destinations": ["y@a.example", "x@b.example"]},
            {"address": "@a.example", "destinations": ["z@a.example"]},
        ],
    }
