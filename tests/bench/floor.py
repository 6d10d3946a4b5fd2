# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""floor.py FILE.csv DSN: what no run without changes can do without, as a program of its own.

It reads the file, validates each field with the functions that the module uses too, and then
passes once over the mailboxes in the order of their index and compares them with what it has read.
"""

import contextlib
import csv
import json
import sqlite3
import sys
import typing as t
from collections.abc import Iterator

from ansible_collections.assurmer.mail.plugins.module_utils._address import normal_address
from ansible_collections.assurmer.mail.plugins.module_utils._directory.quota import parse_quota
from ansible_collections.assurmer.mail.plugins.module_utils._password import normal_hash

Row = tuple[t.Any, ...]
QUERY = "SELECT address, name, password, quota, office FROM mailboxes ORDER BY address"


def read(path: str) -> dict[str, Row]:
    found: dict[str, Row] = {}
    with open(path, encoding="utf-8-sig", newline="") as file:
        table = csv.reader(file, strict=True)
        header = next(table)
        if header != ["address", "name", "password_hash", "quota", "office"]:
            raise SystemExit(f"floor.py: this is another table: {header}")
        for address, name, hashed, quota, office in table:
            key = normal_address(address, "address")
            password = normal_hash(hashed, "password_hash")
            if key in found or not name.isprintable() or not office.isalnum():
                raise SystemExit(f"floor.py: {address} is not as it should be")
            found[key] = (key, name, password, parse_quota(quota, "quota"), office)
    return found


@contextlib.contextmanager
def rows(dsn: str) -> Iterator[t.Iterable[Row]]:
    if dsn.startswith("sqlite:"):
        path = dsn.removeprefix("sqlite:")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            yield connection.execute(QUERY)
    else:
        import psycopg  # noqa: PLC0415 - costs time, which SQLite does not need

        with psycopg.connect(dsn) as server, server.cursor(name="floor") as cursor:
            cursor.itersize = 10_000
            cursor.execute(QUERY)
            yield cursor


def main(path: str, dsn: str) -> None:
    declared = read(path)
    with rows(dsn) as found:
        differing = sum(declared.get(row[0]) != tuple(row) for row in found)
    print(json.dumps({"differing": differing}))


if __name__ == "__main__":
    main(*sys.argv[1:])
