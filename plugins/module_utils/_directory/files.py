# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of domains, mailboxes and aliases in files: CSV and JSON.

PRIVATE to the collection. It can have breaking changes at any time.

A CSV file (RFC 4180) holds one kind, told by its header; an empty cell says nothing, like an
option that is omitted. A JSON file (RFC 8259) holds an object with the options `domains`,
`mailboxes` and `aliases` of the module.
"""

from __future__ import annotations

import csv
import json
import typing as t
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._directory.argspec import COLUMNS
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KEYS,
    KINDS,
    Kind,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.shapes import (
    BOOLEANS,
    shape,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import (
    Entry,
    Source,
    list_entry,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError

# The list of all of a company's addresses in one alias; by default Python takes 128 KiB.
MAX_CELL = 32 * 2**20


def open_file(path: str, name: str) -> Source:
    """Return the source of a file, which is called by `name` in sentences."""
    suffix = Path(name).suffix.lower()
    if suffix not in _FORMATS:
        raise InvalidOption("src", name, "must end in .csv, .json, .yml or .yaml")
    return _FORMATS[suffix](Path(path), name)


class CsvFile(Source):
    """A table with one header line; cells are separated by commas, or by semicolons."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def entries(self, problems: Problems, given: set[Kind]) -> Iterator[Entry]:
        # With a byte order mark or without one.
        try:
            with open(self._path, encoding="utf-8-sig", newline="") as file:
                yield from self._entries(file, problems, given)
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(self._path, self._name, error) from None

    def _entries(self, file: t.TextIO, problems: Problems, given: set[Kind]) -> Iterator[Entry]:
        first = next((line for line in file if line.strip()), "")
        file.seek(0)
        csv.field_size_limit(MAX_CELL)
        reader = csv.reader(file, delimiter=_delimiter(first), strict=True)
        kind: Kind | None = None
        header: list[str] = []
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                # What follows can't be told from what is in quotes.
                raise MailError(
                    f"{self._place(reader.line_num)}: This is no CSV: {error}."
                ) from None
            place = self._place(reader.line_num)
            if not any(cells):
                # Spreadsheets write rows without a word where one was emptied.
                continue
            if kind is None:
                header = [cell.strip().lower() for cell in cells]
                kind = self._kind(header, place)
                given.add(kind)
            else:
                try:
                    entry = self._entry(kind, header, cells, place, problems)
                except MailError as error:
                    problems.add(error, kind)
                else:
                    yield entry
        if kind is None:
            raise MailError(f"{self._name}: The file is empty; its first line names the columns.")

    def _place(self, line: int) -> str:
        return f"{self._name}, line {line}"

    def _kind(self, header: list[str], place: str) -> Kind:
        if "" in header:
            raise MailError(f"{place}: The column {header.index('') + 1} has no name.")
        for column in header:
            if header.count(column) > 1:
                raise InvalidOption(place, column, "is the name of two columns")
        kind: Kind = (
            "aliases"
            if "destinations" in header
            else "mailboxes"
            if "address" in header
            else "domains"
        )
        unknown = [column for column in header if column not in COLUMNS[kind]]
        if unknown:
            known = ", ".join(COLUMNS[kind])
            raise InvalidOption(place, unknown[0], f"is no column of {kind}; these are: {known}")
        if KEYS[kind] not in header:
            raise InvalidOption(place, ", ".join(header), f"lacks the column {KEYS[kind]}")
        return kind

    def _entry(
        self, kind: Kind, header: list[str], cells: list[str], place: str, problems: Problems
    ) -> Entry:
        if len(cells) != len(header):
            # The cells are not told: a password may be among them.
            raise MailError(
                f"{place}: There are {len(cells)} cells for {len(header)} columns; "
                "a cell that holds the separator needs quotes."
            )
        options: dict[str, t.Any] = dict(zip(header, cells, strict=True))
        if "" in cells:
            options = {column: cell for column, cell in options.items() if cell}
        entry = Entry(kind, options, f"{place}, ")
        if KEYS[kind] not in options:
            raise MailError(f"{entry.place}: The cell is empty.")
        if "destinations" in options:
            options["destinations"] = options["destinations"].split()
        texts = BOOLEANS.intersection(options)
        if texts or "password" in options:
            shape(options, texts, entry, problems)
        return entry


class JsonFile(Source):
    """An object with the lists `domains`, `mailboxes` and `aliases`, or some of them."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def entries(self, problems: Problems, given: set[Kind]) -> Iterator[Entry]:
        lists = self._lists()
        for kind in KINDS:
            if lists.get(kind) is not None:
                given.add(kind)
                # Entries that have been dealt with make room.
                for index, options in enumerate(_emptied(lists.pop(kind))):
                    with problems.collected(kind):
                        yield self._entry(kind, index, options, problems)

    def _lists(self) -> dict[str, t.Any]:
        try:
            with open(self._path, encoding="utf-8-sig") as file:
                lists = json.load(file, object_pairs_hook=self._unique)
        except json.JSONDecodeError as error:
            raise MailError(
                f"{self._name}, line {error.lineno}: This is no JSON: {error.msg}."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(self._path, self._name, error) from None
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

    def _entry(self, kind: Kind, index: int, options: t.Any, problems: Problems) -> Entry:
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


def _delimiter(header: str) -> str:
    """Spreadsheets in countries with a decimal comma separate cells with semicolons."""
    return ";" if ";" in header and "," not in header else ","


def _unreadable(path: Path, name: str, error: OSError | UnicodeDecodeError) -> MailError:
    if isinstance(error, UnicodeDecodeError):
        return MailError(f"{name}, line {_undecodable_line(path)}: The text is not valid UTF-8.")
    return MailError(f"{name}: {error.strerror}.")


def _undecodable_line(path: Path) -> int:
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


_FORMATS: Mapping[str, Callable[[Path, str], Source]] = {
    ".csv": CsvFile,
    ".json": JsonFile,
    # The action plugin has made JSON of them.
    ".yml": JsonFile,
    ".yaml": JsonFile,
}
