# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The size that a mailbox may grow to.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import functools
import re

from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption

UNLIMITED = 0
# A database's integer, and Dovecot's, is signed and has 64 bits.
MAX_QUOTA = 2**63 - 1

_QUOTA = re.compile(r"(?P<number>[0-9]{1,19})(?P<unit>[KMGT]?)(I?B)?", re.ASCII)
_FACTORS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def parse_quota(text: str, option: str) -> int:
    """Return the octets of `500M`, `5G`, `1073741824`, or 0 for `0`, `none` and `unlimited`."""
    known = _known_quota(text)
    return _parsed_quota(text, option) if known is None else known


@functools.lru_cache(maxsize=1024)
def _known_quota(text: str) -> int | None:
    """Return the octets of a size, if it is one: 100,000 mailboxes share a few."""
    try:
        return _parsed_quota(text, "")
    except InvalidOption:
        return None


def _parsed_quota(text: str, option: str) -> int:
    if text.lower() in ("none", "unlimited"):
        return UNLIMITED
    if text.startswith("-"):
        raise InvalidOption(option, text, "is negative; 0 stands for no limit")
    parts = _QUOTA.fullmatch(text.upper())
    if parts is None:
        raise InvalidOption(
            option, text, "is no size; write octets, or a whole number with K, M, G or T like 5G"
        )
    octets = int(parts["number"]) * _FACTORS[parts["unit"]]
    if octets > MAX_QUOTA:
        raise InvalidOption(option, text, f"is more than {MAX_QUOTA} octets")
    return octets
