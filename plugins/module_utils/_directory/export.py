# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory as the texts of files that `mail_directory` takes back.

PRIVATE to the collection. It can have breaking changes at any time.

Records are sorted and one is on each line, so that two exports can be compared by eye and kept
under version control. What is read from the files is what was written, whatever a name holds.
"""

from __future__ import annotations

import csv
import io
import json
import typing as t
from collections.abc import Callable, Iterator, Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KINDS,
    Content,
    Kind,
    Mailbox,
    Record,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import describe

Fields = dict[str, t.Any]


def listed(content: Content, hashes: bool) -> dict[str, list[Fields]]:
    """Return what can be shown of each record, and the hashes if they are asked for."""
    lists: dict[str, list[Fields]] = {}
    for kind in KINDS:
        records = [record for _key, record in sorted(content.of(kind).items())]
        lists[kind] = [describe(record) for record in records]
        if hashes and kind == "mailboxes":
            for entry, record in zip(lists[kind], records, strict=True):
                entry["password_hash"] = t.cast("Mailbox", record).password
    return lists


def as_files(content: Content, form: str, hashes: bool) -> dict[str, str]:
    """Return the text of each file by its name."""
    return _FORMS[form](content, hashes)


def _json(content: Content, hashes: bool) -> dict[str, str]:
    lists = []
    for kind in KINDS:
        entries = [
            json.dumps(entry, ensure_ascii=False) for entry in _entries(kind, content, hashes)
        ]
        lines = "".join(f"\n    {entry}," for entry in entries).rstrip(",")
        lists.append(f'  "{kind}": [{lines}\n  ]' if entries else f'  "{kind}": []')
    return {"directory.json": "{\n" + ",\n".join(lists) + "\n}\n"}


def _csv(content: Content, hashes: bool) -> dict[str, str]:
    return {f"{kind}.csv": _table(kind, content, hashes) for kind in KINDS}


def _table(kind: Kind, content: Content, hashes: bool) -> str:
    text = io.StringIO()
    header = [column for column in _COLUMNS[kind] if hashes or column != "password_hash"]
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    for entry in _entries(kind, content, hashes):
        entry["active"] = "true" if entry["active"] else "false"
        if kind == "aliases":
            entry["destinations"] = " ".join(entry["destinations"])
        writer.writerow(entry)
    return text.getvalue()


def _entries(kind: Kind, content: Content, hashes: bool) -> Iterator[Fields]:
    for _key, record in sorted(content.of(kind).items()):
        yield _entry(kind, record, hashes)


def _entry(kind: Kind, record: Record, hashes: bool) -> Fields:
    """Return a record as an entry that leads to it."""
    fields = describe(record)
    if isinstance(record, Mailbox):
        fields["host"] = record.home
        if hashes:
            fields["password_hash"] = record.password
    return {column: fields[column] for column in _COLUMNS[kind] if column in fields}


_COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    "domains": ("name", "alias_of", "active"),
    "mailboxes": ("address", "name", "password_hash", "quota", "office", "host", "active"),
    "aliases": ("address", "destinations", "active"),
}
_FORMS: Mapping[str, Callable[[Content, bool], dict[str, str]]] = {"json": _json, "csv": _csv}
