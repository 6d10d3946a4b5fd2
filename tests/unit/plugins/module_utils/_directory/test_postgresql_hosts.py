# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql_hosts import (
    is_local_host,
)


@pytest.mark.parametrize(
    "host", ["", "localhost", "/run/postgresql", "@abstract", "127.0.0.1", "127.1.2.3", "::1"]
)
def test_this_host(host: str) -> None:
    assert is_local_host(host)


@pytest.mark.parametrize("host", ["db.example", "192.0.2.1", "2001:db8::1", "localhost.example"])
def test_another_host(host: str) -> None:
    assert not is_local_host(host)
