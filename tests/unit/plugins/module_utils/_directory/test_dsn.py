# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.dsn import (
    Access,
    open_store,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql import (
    PostgresqlStore,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sqlite import SqliteStore
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError


def test_a_store_is_chosen_by_its_scheme() -> None:
    assert isinstance(open_store("postgresql:///mail", Access()), PostgresqlStore)
    assert isinstance(open_store("sqlite:/a/b.sqlite", Access("root")), SqliteStore)


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
    with pytest.raises(MailError) as refused:
        open_store(dsn, Access("root"))
    assert str(refused.value).startswith("dsn: ")


def test_a_password_for_a_file_is_refused() -> None:
    with pytest.raises(MailError, match=r"^dsn_password: the value given is of no use"):
        open_store("sqlite:/a/b.sqlite", Access(password="secret"))
