# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the Python library `cryptography` is there, and new enough.

PRIVATE to the collection. It can have breaking changes at any time.

The other files of this package import `cryptography` and pass over its absence, so that a module
can say in one sentence what is missing. A module calls `missing()` before anything else of them.
"""

from __future__ import annotations

import traceback

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


def missing() -> tuple[str, str | None] | None:
    """Return message and traceback for `fail_json` when the library can't be used."""
    if IMPORT_ERROR is not None:
        return missing_required_lib(f"cryptography >= {MINIMUM}"), IMPORT_ERROR
    if int(VERSION.split(".", maxsplit=1)[0]) < MINIMUM:
        return f"cryptography >= {MINIMUM} is needed, and {VERSION} is installed.", None
    return None
