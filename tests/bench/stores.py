# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The databases that are measured, each empty at first."""

from __future__ import annotations

import grp
import os
import subprocess
import typing as t
from collections.abc import Callable, Mapping
from pathlib import Path

GROUP = grp.getgrgid(os.getegid()).gr_name


class Place(t.NamedTuple):
    """A directory to be measured, as the options of a module say where it is."""

    dsn: str
    dsn_password: str | None

    def options(self, folder: Path) -> dict[str, t.Any]:
        return {**self._asdict(), "group": GROUP, "store": str(folder / "vmail")}


def _sqlite(folder: Path, name: str) -> Place:
    return Place(f"sqlite:{folder / name}.directory/directory.sqlite", None)


def _postgresql(_folder: Path, name: str) -> Place:
    if "PGHOST" not in os.environ:
        raise SystemExit("Run this by `make bench-directory`, which starts a PostgreSQL server.")
    database = f"bench_{name}"
    subprocess.run(["createdb", database], check=True)
    user, host, port = (os.environ[f"PG{part}"] for part in ("USER", "HOST", "PORT"))
    return Place(f"postgresql://{user}@{host}:{port}/{database}", os.environ["PGPASSWORD"])


STORES: Mapping[str, Callable[[Path, str], Place]] = {
    "SQLite": _sqlite,
    "PostgreSQL": _postgresql,
}
