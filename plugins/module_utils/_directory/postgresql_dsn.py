# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a PostgreSQL server is reached: libpq's connection URI, made safe.

PRIVATE to the collection. It can have breaking changes at any time.

https://www.postgresql.org/docs/current/libpq-connect.html
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql_hosts import (
    REMOTE_DEFAULTS,
    SAFE_MODES,
    is_local_host,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    InvalidSecret,
    MailError,
)

try:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict
except ImportError:
    HAS_PSYCOPG = False
else:
    HAS_PSYCOPG = True

# What is used where a DSN does not say it.
_DEFAULTS: Mapping[str, str] = {"connect_timeout": "10", "application_name": "assurmer.mail"}


def parse_postgresql(dsn: str) -> dict[str, str]:
    """Return libpq's parameters for a URI.

    The server has to prove who it is, unless it is on this host: hashes of passwords are sent.
    """
    if not HAS_PSYCOPG:
        raise MailError(
            "dsn: PostgreSQL needs the Python library psycopg 3, which Debian has as the package "
            "python3-psycopg."
        )
    try:
        found = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    except ProgrammingError:
        # The words of libpq may hold a part of what should have been a password.
        raise MailError(
            "dsn: This is no URI of PostgreSQL, postgresql://OWNER@HOST/DATABASE; in names, "
            "characters like '@' and '/' are written as %40 and %2F."
        ) from None
    if "password" in found:
        raise InvalidSecret("dsn", "holds a password; write that in dsn_password")
    if "dbname" not in found:
        raise InvalidOption("dsn", dsn, "names no database after the host")
    if not _is_local(found):
        found = {**REMOTE_DEFAULTS, **found}
        if found["sslmode"] not in SAFE_MODES:
            raise InvalidOption(
                "dsn",
                dsn,
                f"would not check who the server is; take sslmode={' or '.join(SAFE_MODES)}",
            )
    return {**_DEFAULTS, **found}


def _is_local(parameters: Mapping[str, str]) -> bool:
    """Tell whether each server is on this host."""
    hosts = parameters.get("hostaddr") or parameters.get("host", "")
    return all(is_local_host(host) for host in hosts.split(","))
