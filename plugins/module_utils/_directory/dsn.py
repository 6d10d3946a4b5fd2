# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the name of a database to its store.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._directory.sqlite import SqliteStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    InvalidSecret,
    MailError,
)

POSTGRESQL_SCHEMES = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Access:
    """Who a store is opened for: its readers' group, the owner's password, and what may be done.

    Without a group no file is created or repaired.
    """

    group: str | None = None
    password: str = field(default="", repr=False)
    read_only: bool = False


def open_store(dsn: str, access: Access) -> Store:
    """Return the store of a DSN, not yet open."""
    scheme = dsn.partition(":")[0]
    if scheme not in _STORES:
        # It may hold a password.
        raise MailError(
            "dsn: This names no database; write sqlite: and an absolute path, or "
            "postgresql://OWNER@HOST/DATABASE."
        )
    return _STORES[scheme](dsn, access)


def is_shared(dsn: str) -> bool:
    """Tell whether all hosts use the one directory that a DSN names, and not each its own."""
    return dsn.partition(":")[0] in POSTGRESQL_SCHEMES


def _postgresql(dsn: str, access: Access) -> Store:
    from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql import (  # noqa: PLC0415 - its library takes 0.1 s to load, which a file need not wait for
        PostgresqlStore,
    )

    return PostgresqlStore(dsn, access.password, access.read_only)


def _sqlite(dsn: str, access: Access) -> Store:
    path = dsn.partition(":")[2]
    if access.password:
        raise InvalidSecret("dsn_password", "is of no use to a file; leave it out")
    if (
        not path.startswith("/")
        or posixpath.normpath(path) != path
        or not path.isprintable()
        or path == "/"
    ):
        raise InvalidOption(
            "dsn", dsn, "needs an absolute path without '.', '..' or a '/' too many"
        )
    return SqliteStore(Path(path), access.group, access.read_only)


_STORES: Mapping[str, Callable[[str, Access], Store]] = {
    "sqlite": _sqlite,
    **dict.fromkeys(POSTGRESQL_SCHEMES, _postgresql),
}
