# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parsing a table of mailboxes by its columns.

PRIVATE to the collection. It can have breaking changes at any time.

Nearly all lines of a large table are in order and say what is usual. For them, a column is judged
at once: that takes a fraction of parsing each line. What is not so plain is left to be parsed line
by line, which alone knows what to say of a mistake.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence

from ansible_collections.assurmer.mail.plugins.module_utils._address import all_normal_addresses
from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    DEFAULTS,
    MAX_NAME,
    parse_office,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.homes import (
    NO_OFFICES,
    Homes,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.quota import parse_quota
from ansible_collections.assurmer.mail.plugins.module_utils._directory.shapes import parse_boolean
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import Cells
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import MailboxColumns
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import all_normal_hashes

_USUAL = frozenset(("address", "name", "quota", "office", "active", "password_hash"))
_DEFAULTS = DEFAULTS["mailboxes"]


def parse_columns(cells: Cells, homes: Homes = NO_OFFICES) -> MailboxColumns | None:
    """Return the wishes of lines, or None where one of them needs to be parsed by itself."""
    if any(any(texts) for column, texts in cells.items() if column not in _USUAL):
        return None
    addresses = cells["address"]
    nothing = ("",) * len(addresses)
    names = cells.get("name", nothing)
    hashes = cells.get("password_hash", nothing)
    if not (_all_plain(names) and all_normal_addresses(addresses)):
        return None
    if not all_normal_hashes(filter(None, hashes)):
        return None
    try:
        offices = _parsed(cells.get("office", nothing), parse_office, _DEFAULTS["office"])
        at_home = homes.of_columns(addresses, offices)
        if at_home is None:
            return None
        return MailboxColumns(
            addresses,
            names,
            _parsed(cells.get("quota", nothing), parse_quota, _DEFAULTS["quota"]),
            offices,
            at_home,
            _parsed(cells.get("active", nothing), parse_boolean, _DEFAULTS["active"]),
            [text or None for text in hashes],
        )
    except MailError:
        return None


def _all_plain(names: Sequence[str]) -> bool:
    return max(map(len, names), default=0) <= MAX_NAME and "".join(names).isprintable()


def _parsed(
    texts: Sequence[str], parse: Callable[[str, str], t.Any], default: t.Any
) -> Sequence[t.Any]:
    """Return the values of a column in which few texts stand again and again."""
    values = {text: parse(text, "") if text else default for text in set(texts)}
    return [values[text] for text in texts]
