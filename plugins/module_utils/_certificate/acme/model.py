# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A CA that speaks ACME, and what it has to know of us, as values.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Server:
    """A CA: its directory's URL, and whom to trust for the connection (none: the system)."""

    url: str
    ca_path: str | None
    # Seconds that an order may take.
    patience: float


@dataclass(frozen=True, slots=True)
class Registration:
    """What a CA may want to know of the holder of an account."""

    terms_agreed: bool = False
    email: str | None = None
    # External account binding (RFC 8555, 7.3.4): the key's identifier, and the key in Base64url.
    eab_kid: str | None = None
    eab_hmac_key: str | None = None
