# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every provider of certificates can do.

PRIVATE to the collection. It can have breaking changes at any time.

A further provider is one class in a file of its own and one line in `_certificate/issue.py`.
"""

from __future__ import annotations

import abc
import typing as t
from collections.abc import Iterator
from datetime import datetime

if t.TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import Bundle


class Provider(abc.ABC):
    """Where a bundle comes from."""

    @abc.abstractmethod
    def obtain(self, now: datetime) -> Bundle:
        """Return a bundle that meets the request; nothing is written."""

    @abc.abstractmethod
    def objections(self, stored: Bundle, now: datetime) -> Iterator[str]:
        """Tell why the stored bundle, sound in itself, isn't what this provider would give."""

    @abc.abstractmethod
    def anchor(self, bundle: Bundle) -> tuple[x509.Certificate, ...]:
        """Return the certificates that a client has to trust; none if they aren't known."""

    def warnings(self, now: datetime) -> Iterator[str]:
        """Tell what the administrator has to see to before long."""
        yield from ()
