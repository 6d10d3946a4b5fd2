# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the name of a database to its store.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._directory.sqlite import SqliteStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption


def open_store(dsn: str, group: str | None, read_only: bool) -> Store:
    """Return the store of a DSN, not yet open.

    Without a group nothing is created or repaired.
    """
    scheme, _colon, rest = dsn.partition(":")
    if scheme not in _STORES:
        raise InvalidOption("dsn", dsn, "names no database; write sqlite: and an absolute path")
    return _STORES[scheme](dsn, rest, group, read_only)


def _sqlite(dsn: str, path: str, group: str | None, read_only: bool) -> Store:
    if (
        not path.startswith("/")
        or posixpath.normpath(path) != path
        or not path.isprintable()
        or path == "/"
    ):
        raise InvalidOption(
            "dsn", dsn, "needs an absolute path without '.', '..' or a '/' too many"
        )
    return SqliteStore(Path(path), group, read_only)


_STORES: dict[str, Callable[[str, str, str | None, bool], Store]] = {"sqlite": _sqlite}
