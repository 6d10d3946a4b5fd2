# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding every problem of an input before telling the first.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import TracebackType

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import KINDS, Kind
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

MAX_TOLD = 1000


class Problems:
    """Collects errors, so that a list with ten mistakes is corrected once and not ten times."""

    def __init__(self) -> None:
        self._first: MailError | None = None
        self._told: list[str] = []
        self._more = 0
        # The kinds of which not all entries are known.
        self.incomplete: set[Kind] = set()

    def __bool__(self) -> bool:
        return self._first is not None

    def add(self, error: MailError, kind: Kind | None = None) -> None:
        """Add an error, which may stand for several, in an entry of a kind or in any of them."""
        self._first = self._first or error
        self.incomplete.update(KINDS if kind is None else (kind,))
        sentences = error.details.get("errors", [str(error)])
        room = MAX_TOLD - len(self._told)
        self._told += sentences[:room]
        self._more += len(sentences[room:])

    def collected(self, kind: Kind | None = None) -> AbstractContextManager[None]:
        """Return a context that adds an error and goes on after its block."""
        return _Collected(self, kind)

    def raise_first(self) -> None:
        """Raise the first problem, with the sentences of all of them in its details."""
        if self._first is not None:
            more = [f"And {self._more} more."] if self._more else []
            self._first.details["errors"] = self._told + more
            raise self._first


def raise_all(errors: Iterable[MailError]) -> t.NoReturn:
    """Raise the first of some errors, with the sentences of all of them in its details."""
    problems = Problems()
    for error in errors:
        problems.add(error)
    problems.raise_first()
    raise RuntimeError("There was no error.")


class _Collected(AbstractContextManager[None]):
    """Entered for each destination of many aliases, which a generator would slow down."""

    __slots__ = ("_kind", "_problems")

    def __init__(self, problems: Problems, kind: Kind | None) -> None:
        self._problems = problems
        self._kind = kind

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind_of_error: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if isinstance(error, MailError):
            self._problems.add(error, self._kind)
            return True
        return False
