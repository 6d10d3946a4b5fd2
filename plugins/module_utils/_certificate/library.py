# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the Python libraries are there, and new enough.

PRIVATE to the collection. It can have breaking changes at any time.

The other files of this package import the libraries and pass over their absence, so that a module
can say in one sentence what is missing. A module calls `missing()` before anything else of them.
"""

from __future__ import annotations

import importlib
import traceback
import typing as t
from collections.abc import Mapping

from ansible.module_utils.basic import missing_required_lib

# Debian 12 has 38.0.4. Older ones lack parts that are used here.
MINIMUM = 38

IMPORT_ERROR: str | None = None
VERSION = ""
try:
    import cryptography

    VERSION = cryptography.__version__
except ImportError:
    IMPORT_ERROR = traceback.format_exc()

Missing = t.Optional[tuple[str, t.Optional[str]]]  # noqa: UP045 - sanity reads "|" here as arithmetic


def missing(params: Mapping[str, t.Any] | None = None) -> Missing:
    """Return message and traceback for `fail_json` when a library can't be used.

    `params` are the options of tls_certificate, of which some take further libraries.
    """
    if IMPORT_ERROR is not None:
        return missing_required_lib(f"cryptography >= {MINIMUM}"), IMPORT_ERROR
    if int(VERSION.split(".", maxsplit=1)[0]) < MINIMUM:
        return f"cryptography >= {MINIMUM} is needed, and {VERSION} is installed.", None
    wanted = params or {}
    if wanted.get("provider") == "acme":
        return _missing_module("acme.client", "acme") or (
            _missing_module("dns.update", "dnspython") if wanted.get("acme_dns_server") else None
        )
    return None


def _missing_module(name: str, library: str) -> Missing:
    try:
        importlib.import_module(name)
    except ImportError:
        return missing_required_lib(library), traceback.format_exc()
    return None
