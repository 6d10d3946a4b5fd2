# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the entries of lists come from: a module's options, and files.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import re
import typing as t
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KEYS,
    KINDS,
    Kind,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

_NAME = re.compile(r"[!-~]{1,254}")


class Entry(t.NamedTuple):
    """One entry of a list, its options in the types of the module's options."""

    kind: Kind
    options: Mapping[str, t.Any]
    # What comes before the name of one of its options: "people.csv, line 7, ".
    prefix: str
    # Where its key stands, if that is called otherwise.
    key_place: str | None = None

    @property
    def place(self) -> str:
        """Where the entry stands, as an administrator finds it: "people.csv, line 7, address"."""
        return self.key_place or f"{self.prefix}{KEYS[self.kind]}"

    def option(self, name: str) -> str:
        return self.place if name == KEYS[self.kind] else f"{self.prefix}{name}"


# The texts of a table's lines by the names of its columns. An empty text says nothing.
Cells = Mapping[str, Sequence[str]]


class Batch(ABC):
    """Entries of one kind, in their order, which are read once."""

    kind: Kind

    @abstractmethod
    def entries(self, problems: Problems) -> Iterator[Entry]:
        """Yield the entries, and add those that are none to `problems`."""

    def cells(self) -> Cells | None:
        """Return the entries as cells, where they are lines of a table, and all of them whole."""
        return None

    def parts(self) -> Iterable[Batch]:
        """Return the same as smaller batches, or none where it is small."""
        return ()


class Source(ABC):
    """Lists of entries. They can be read more than once."""

    @abstractmethod
    def batches(self, given: set[Kind]) -> Iterator[Batch]:
        """Yield the entries, and add the kinds to `given`.

        A kind is given by its list, even if that is empty.
        """


class OptionLists(Source):
    """The lists among a module's options."""

    def __init__(self, options: Mapping[str, t.Any]) -> None:
        self._lists: dict[Kind, t.Any] = {kind: options.get(kind) for kind in KINDS}

    def batches(self, given: set[Kind]) -> Iterator[Batch]:
        for kind, entries in self._lists.items():
            if entries is not None:
                given.add(kind)
                yield _OptionList(kind, entries)


class _OptionList(Batch):
    def __init__(self, kind: Kind, options: Sequence[Mapping[str, t.Any]]) -> None:
        self.kind = kind
        self._options = options

    def entries(self, problems: Problems) -> Iterator[Entry]:
        for index, options in enumerate(self._options):
            yield list_entry("", self.kind, index, options)


def list_entry(prefix: str, kind: Kind, index: int, options: Mapping[str, t.Any]) -> Entry:
    """Return an entry of a list, which is called by its address once it is known to have one."""
    key = KEYS[kind]
    place = f"{prefix}{kind}[{index}].{key}"
    # What was never an address or a domain may hold anything, and as much as it likes.
    name = options[key] if _NAME.fullmatch(options[key]) else index
    return Entry(kind, options, f"{prefix}{kind}[{name}].", place)


def unreadable(path: Path, name: str, error: OSError | UnicodeDecodeError) -> MailError:
    """Return what is wrong with a file that can't be read, or not as text."""
    if isinstance(error, UnicodeDecodeError):
        return MailError(f"{name}, line {_undecodable_line(path)}: The text is not valid UTF-8.")
    return MailError(f"{name}: {error.strerror}.")


def _undecodable_line(path: Path) -> int:
    # Lines end here where they end for the reader of a table, old ones with a carriage return.
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.encode()
            except UnicodeEncodeError:
                return number
    return 1
