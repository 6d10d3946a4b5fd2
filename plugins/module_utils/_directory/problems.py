# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding every problem of an input before telling the first.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError


class Problems:
    """Collects errors, so that a list with ten mistakes is corrected once and not ten times."""

    def __init__(self) -> None:
        self._found: list[MailError] = []

    def add(self, error: MailError) -> None:
        self._found.append(error)

    @contextlib.contextmanager
    def collected(self) -> Iterator[None]:
        try:
            yield
        except MailError as error:
            self.add(error)

    def raise_first(self) -> None:
        """Raise the first problem, with the sentences of all of them in its details."""
        if self._found:
            first = self._found[0]
            first.details["errors"] = [str(error) for error in self._found]
            raise first
