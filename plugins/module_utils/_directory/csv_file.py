# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of domains, mailboxes or aliases in tables: CSV (RFC 4180).

PRIVATE to the collection. It can have breaking changes at any time.

A file holds one kind, told by its header; an empty cell says nothing, like an option that is
omitted.
"""

from __future__ import annotations

import csv
import typing as t
from collections.abc import Iterator, Sequence
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._directory.argspec import COLUMNS
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import KEYS, Kind
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.shapes import (
    BOOLEANS,
    shape,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import (
    Batch,
    Cells,
    Entry,
    Source,
    unreadable,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError

# The list of all of a company's addresses in one alias; by default Python takes 128 KiB.
MAX_CELL = 32 * 2**20
# So many lines are dealt with at once. Where one of them stands in the way they are cut into parts,
# until there are so few that they are dealt with one by one.
BATCH = 2000
PARTS = 10
FEW = 20


class CsvFile(Source):
    """A table with one header line; cells are separated by commas, or by semicolons."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def batches(self, given: set[Kind]) -> Iterator[Batch]:
        table: _Table | None = None
        lines: list[_Line] = []
        broken: MailError | None = None
        try:
            # With a byte order mark or without one.
            with open(self._path, encoding="utf-8-sig", newline="") as file:
                reader = _reader(file)
                for cells in reader:
                    if table is None:
                        if any(cells):
                            table = self._table(cells, self._place(reader.line_num))
                            given.add(table.kind)
                        continue
                    lines.append(_Line(reader.line_num, cells))
                    if len(lines) == BATCH:
                        yield _Lines(table, lines)
                        lines = []
        except csv.Error as error:
            # What follows can't be told from what is in quotes.
            broken = MailError(f"{self._place(reader.line_num)}: This is no CSV: {error}.")
        except (OSError, UnicodeDecodeError) as error:
            broken = unreadable(self._path, self._name, error)
        if lines and table is not None:
            yield _Lines(table, lines)
        if broken is not None:
            raise broken
        if table is None:
            raise MailError(f"{self._name}: The file is empty; its first line names the columns.")

    def _table(self, cells: list[str], place: str) -> _Table:
        header = [cell.strip().lower() for cell in cells]
        return _Table(self._name, self._kind(header, place), header)

    def _place(self, line: int) -> str:
        return f"{self._name}, line {line}"

    def _kind(self, header: list[str], place: str) -> Kind:
        if not any(column in names for column in header for names in COLUMNS.values()):
            # The cells are not told: without a header, a password may be among them.
            raise MailError(
                f"{place}: No cell is the name of a column; the first line names the columns, "
                "with commas or semicolons between them."
            )
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


class _Table(t.NamedTuple):
    """What the lines of a table have in common."""

    name: str
    kind: Kind
    header: list[str]


class _Line(t.NamedTuple):
    """A line of a table; the number is that of its end in the file."""

    number: int
    cells: list[str]


class _Lines(Batch):
    """Lines of a table, with those that are no entries."""

    def __init__(self, table: _Table, lines: Sequence[_Line]) -> None:
        self.kind = table.kind
        self._table = table
        self._lines = lines

    def cells(self) -> Cells | None:
        header = self._table.header
        if any(len(line.cells) != len(header) for line in self._lines):
            return None
        return dict(
            zip(header, zip(*(line.cells for line in self._lines), strict=True), strict=True)
        )

    def parts(self) -> Iterator[Batch]:
        if len(self._lines) > FEW:
            size = -(-len(self._lines) // PARTS)
            for start in range(0, len(self._lines), size):
                yield _Lines(self._table, self._lines[start : start + size])

    def entries(self, problems: Problems) -> Iterator[Entry]:
        for number, cells in self._lines:
            # Spreadsheets write rows without a word where one was emptied.
            if any(cells):
                with problems.collected(self.kind):
                    yield self._entry(cells, f"{self._table.name}, line {number}", problems)

    def _entry(self, cells: list[str], place: str, problems: Problems) -> Entry:
        header = self._table.header
        if len(cells) != len(header):
            # The cells are not told: a password may be among them.
            raise MailError(
                f"{place}: There are {len(cells)} cells for {len(header)} columns; "
                "a cell that holds the separator needs quotes."
            )
        options: dict[str, t.Any] = dict(zip(header, cells, strict=True))
        if "" in cells:
            options = {column: cell for column, cell in options.items() if cell}
        entry = Entry(self.kind, options, f"{place}, ")
        if KEYS[self.kind] not in options:
            raise MailError(f"{entry.place}: The cell is empty.")
        if "destinations" in options:
            options["destinations"] = options["destinations"].split()
        texts = BOOLEANS.intersection(options)
        if texts or "password" in options:
            shape(options, texts, entry, problems)
        return entry


def _reader(file: t.TextIO) -> t.Any:
    first = next((line for line in file if line.strip()), "")
    file.seek(0)
    csv.field_size_limit(MAX_CELL)
    return csv.reader(file, delimiter=_delimiter(first), strict=True)


def _delimiter(header: str) -> str:
    """Spreadsheets in countries with a decimal comma separate cells with semicolons."""
    return ";" if ";" in header and "," not in header else ","
