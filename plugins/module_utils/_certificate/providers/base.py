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

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

if t.TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import Bundle


class Unavailable(MailError):
    """There is no certificate to be had now; there may be one later."""


class Provider(abc.ABC):
    """Where a bundle comes from."""

    @abc.abstractmethod
    def obtain(self, now: datetime) -> Bundle:
        """Return a new bundle that meets the request."""

    def foretell(self, now: datetime) -> Bundle | None:
        """Return what `obtain` would, for a dry run; nothing where that can't be known."""
        return self.obtain(now)

    @abc.abstractmethod
    def objections(self, stored: Bundle, now: datetime) -> Iterator[str]:
        """Tell why the stored bundle, sound in itself, isn't what this provider would give."""

    def tolerates(self, stored: Bundle, now: datetime) -> bool:
        """Tell whether the stored bundle, sound in itself, does until there is a better one."""
        return False

    @abc.abstractmethod
    def anchor(self, bundle: Bundle) -> tuple[x509.Certificate, ...]:
        """Return the certificates that a client has to trust; none if they aren't known."""

    def condemn(self, stored: Bundle) -> None:
        """Note that a bundle's key is in wrong hands, before another bundle takes its place."""
        # Only an authority that tells others can do more than not to use it any more.
        del stored

    def settle(self) -> None:
        """Revoke what was condemned, now or in an earlier run."""
        return

    def warnings(self, now: datetime) -> Iterator[str]:
        """Tell what the administrator has to see to before long."""
        yield from ()
