# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""people.py NUMBER QUOTA FILE.csv: writes down that many mailboxes, each with a hash of its own."""

import csv
import random
import string
import sys
import typing as t
from collections.abc import Iterator
from pathlib import Path

DOMAIN = "assurmer.example"
COLUMNS = ("address", "name", "password_hash", "quota", "office")
_LETTERS = string.ascii_letters + string.digits + "+/"


class Person(t.NamedTuple):
    """A line of the file, as texts."""

    address: str
    name: str
    password_hash: str
    quota: str
    office: str


def people(number: int, quota: str, seed: int = 1) -> Iterator[Person]:
    """Yield mailboxes that are the same for the same seed."""
    chance = random.Random(seed)

    def text(length: int) -> str:
        return "".join(chance.choices(_LETTERS, k=length))

    for index in range(number):
        hashed = f"{{ARGON2ID}}$argon2id$v=19$m=19456,t=2,p=1${text(22)}${text(43)}"
        address = f"person{index}@{DOMAIN}"
        yield Person(address, f"Person {index}", hashed, quota, "paris")


def write(path: Path, persons: t.Iterable[Person]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows(persons)


if __name__ == "__main__":
    NUMBER, QUOTA, FILE = sys.argv[1:]
    write(Path(FILE), people(int(NUMBER), QUOTA))
