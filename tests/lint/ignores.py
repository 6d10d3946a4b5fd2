# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever silences a checker says why, on the same line."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
CODES = r"(?:[\w\[\]-]+(?:\s*,\s*[\w\[\]-]+)*)"
MARKERS = re.compile(
    rf"""
    \#\s*noqa(?::\s*{CODES})?
    | \#\s*type:\s*ignore(?:\[[^\]]*\])?
    | \#\s*pylint:\s*disable(?:-next)?={CODES}
    | \#\s*shellcheck\s+disable={CODES}
    | \#\s*yamllint\s+disable(?:-line|-file)?(?:\s+rule:[\w-]+)*
    | \bskip_ansible_lint\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Each line of such a file silences a checker.
LISTS = re.compile(r"(?:tests/sanity/ignore-.*\.txt|\.ansible-lint-ignore)$")
REASON = re.compile(r"\w{2,}\W+\w{2,}")


def tracked() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [name for name in listing.stdout.split("\0") if name]


def without_reason(name: str, line: str) -> bool:
    if LISTS.search(name):
        return bool(line.strip()) and not REASON.search(line.partition("#")[2])
    marker = MARKERS.search(line)
    return marker is not None and not REASON.search(line[marker.end() :])


def main() -> int:
    found = []
    for name in tracked():
        path = ROOT / name
        # This file is the one that names the markers without using them.
        if not path.is_file() or path == pathlib.Path(__file__).resolve():
            continue
        lines = path.read_text(errors="replace").splitlines()
        found += [
            f"{name}:{number}: no reason given: {line.strip()}"
            for number, line in enumerate(lines, 1)
            if without_reason(name, line)
        ]
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
