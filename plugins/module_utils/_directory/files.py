# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of domains, mailboxes and aliases in files: CSV and JSON.

PRIVATE to the collection. It can have breaking changes at any time.

A JSON file (RFC 8259) holds an object with the options `domains`, `mailboxes` and `aliases` of the
module.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._directory.argspec import COLUMNS
from ansible_collections.assurmer.mail.plugins.module_utils._directory.csv_file import CsvFile
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KEYS,
    KINDS,
    Kind,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.shapes import shape
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import (
    Batch,
    Entry,
    Source,
    list_entry,
    unreadable,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError


def open_file(path: str, name: str) -> Source:
    """Return the source of a file, which is called by `name` in sentences."""
    suffix = Path(name).suffix.lower()
    if suffix not in _FORMATS:
        raise InvalidOption("src", name, "must end in .csv, .json, .yml or .yaml")
    return _FORMATS[suffix](Path(path), name)


class JsonFile(Source):
    """An object with the lists `domains`, `mailboxes` and `aliases`, or some of them."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def batches(self, given: set[Kind]) -> Iterator[Batch]:
        lists = self._lists()
        for kind in KINDS:
            values = lists.pop(kind, None)
            if values is not None:
                given.add(kind)
                yield _JsonList(self._name, kind, values)

    def _lists(self) -> dict[str, t.Any]:
        try:
            with open(self._path, encoding="utf-8-sig") as file:
                lists = json.load(file, object_pairs_hook=self._unique)
        except json.JSONDecodeError as error:
            raise MailError(
                f"{self._name}, line {error.lineno}: This is no JSON: {error.msg}."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise unreadable(self._path, self._name, error) from None
        except ValueError:
            # Python refuses to read a number of more than 4300 digits.
            raise MailError(f"{self._name}: The file holds a number that is too long.") from None
        except RecursionError:
            raise MailError(f"{self._name}: The values are nested too deeply.") from None
        if not isinstance(lists, dict):
            raise MailError(f"{self._name}: The file holds no object with {', '.join(KINDS)}.")
        for name, value in lists.items():
            if name not in KINDS:
                raise InvalidOption(
                    self._name, name, f"is no list of a directory; these are: {', '.join(KINDS)}"
                )
            if not isinstance(value, list) and value is not None:
                raise MailError(f"{self._name}, {name}: This is no list.")
        return lists

    def _unique(self, pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _value in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise InvalidOption(self._name, twice, "is named twice in one object")
        return found


class _JsonList(Batch):
    def __init__(self, name: str, kind: Kind, values: list[t.Any]) -> None:
        self.kind = kind
        self._name = name
        self._values = values

    def entries(self, problems: Problems) -> Iterator[Entry]:
        # Entries that have been dealt with make room.
        for index, options in enumerate(_emptied(self._values)):
            with problems.collected(self.kind):
                yield self._entry(index, options, problems)

    def _entry(self, index: int, options: t.Any, problems: Problems) -> Entry:
        kind = self.kind
        place = f"{self._name}, {kind}[{index}]"
        if not isinstance(options, dict):
            raise MailError(f"{place}: This is no object.")
        key = KEYS[kind]
        for name in [name for name in options if name not in COLUMNS[kind]]:
            known = ", ".join(COLUMNS[kind])
            error = InvalidOption(place, name, f"is no option of {kind}; these are: {known}")
            problems.add(error, kind)
            del options[name]
        if not isinstance(options.get(key), str):
            raise MailError(f"{place}.{key}: This is no text.")
        entry = list_entry(f"{self._name}, ", kind, index, options)
        shape(options, [name for name in options if name != key], entry, problems)
        return entry


def _emptied(values: list[t.Any]) -> Iterator[t.Any]:
    values.reverse()
    while values:
        yield values.pop()


_FORMATS: Mapping[str, Callable[[Path, str], Source]] = {
    ".csv": CsvFile,
    ".json": JsonFile,
    # The action plugin has made JSON of them.
    ".yml": JsonFile,
    ".yaml": JsonFile,
}
