# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which PostgreSQL servers are elsewhere, and what is asked of those.

PRIVATE to the collection. It can have breaking changes at any time.

Without psycopg: the filters of Ansible are loaded for every task that uses one of them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

# What is used for a server that is not on this host, where a DSN does not say it.
REMOTE_DEFAULTS: Mapping[str, str] = {
    "sslmode": "verify-full",
    "sslrootcert": "/etc/ssl/certs/ca-certificates.crt",
}
# The modes in which nobody on the way can read or change what is sent.
SAFE_MODES = ("verify-ca", "verify-full")


def is_local_host(host: str) -> bool:
    """Tell whether a host of a URI is this one: a socket's folder, or a loopback address."""
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
