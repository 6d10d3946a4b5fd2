# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tls_certificate_info is asked for, as values.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A port of a mail server. With `implicit_tls` the handshake comes before the greeting."""

    protocol: str
    port: int
    implicit_tls: bool
    address: str

    def __str__(self) -> str:
        return f"port {self.port}"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the bundle is to be good for, and where it is to be served."""

    names: tuple[str, ...]
    ca_path: str | None
    renew_before: timedelta
    endpoints: tuple[Endpoint, ...] = ()
    # Seconds for each connection.
    patience: float = 10
