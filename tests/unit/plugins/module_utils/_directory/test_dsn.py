# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.dsn import open_store
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sqlite import SqliteStore
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption


def test_sqlite_is_chosen_by_its_scheme() -> None:
    assert isinstance(open_store("sqlite:/a/b.sqlite", "root", read_only=True), SqliteStore)


@pytest.mark.parametrize(
    "dsn",
    [
        "",
        "/a/b.sqlite",
        "mysql://host/name",
        "sqlite:",
        "sqlite:/",
        "sqlite:b.sqlite",
        "sqlite:../b.sqlite",
        "sqlite:/a/../b.sqlite",
        "sqlite:/a//b.sqlite",
        "sqlite:/a/b.sqlite/",
        "sqlite:/a/b\n.sqlite",
    ],
)
def test_another_name_is_refused(dsn: str) -> None:
    with pytest.raises(InvalidOption) as refused:
        open_store(dsn, "root", read_only=True)
    assert str(refused.value).startswith(f"dsn: {dsn!r} ")
