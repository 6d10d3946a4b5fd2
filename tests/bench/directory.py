# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""directory.py: measures the directory, prints a table, and fails where a bar is missed.

Writes .cache/bench/directory.json. tests/bench/README.md says what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import time
from pathlib import Path

from ansible_collections.assurmer.mail.tests.bench import measure, peers, report
from ansible_collections.assurmer.mail.tests.bench.stores import STORES
from ansible_collections.assurmer.mail.tests.modules.running import ROOT

SIZES = (100, 1_000, 10_000, 100_000)
BENCH = ROOT / ".cache" / "bench"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stores", nargs="+", choices=STORES, default=list(STORES))
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    asked = parser.parse_args()
    folder = BENCH / "work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    print(f"{_machine()}, {time.strftime('%Y-%m-%d', time.gmtime())}")
    print("Measured: the modules' processes, as their hosts run them, without Ansible itself.\n")
    sizes = sorted({*asked.sizes, report.LOOP_AT})
    measure.lists(folder, sizes)
    measured, whole = {}, {}
    for store in asked.stores:
        places = {size: STORES[store](folder, f"{store}-{size}") for size in sorted(asked.sizes)}
        measured[store] = measure.measure(folder, places)
        empty = STORES[store](folder, f"{store}-playbook")
        whole[store] = peers.ours(folder, report.LOOP_AT, empty)
    loop = peers.looped(folder)

    found = list(report.bars(measured, asked.sizes, loop, whole))
    print(*report.table(measured, sorted(asked.sizes), loop, whole), sep="\n")
    print("\nBars", *found, sep="\n")
    _write(measured, loop, whole, found)
    shutil.rmtree(folder)
    return 0 if all(each.passed for each in found) else 1


def _machine() -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )


def _write(
    measured: dict[str, measure.Measured],
    loop: float,
    whole: dict[str, float],
    bars: list[report.Bar],
) -> None:
    answer = {
        "machine": _machine(),
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "stores": {
            store: {
                case: {size: each._asdict() for size, each in by_size.items()}
                for case, by_size in cases.items()
            }
            for store, cases in measured.items()
        },
        "playbook": {"looped": {peers.LOOPED: loop}, "mail_directory": {report.LOOP_AT: whole}},
        "bars": [{**each._asdict(), "passed": each.passed} for each in bars],
    }
    Path(BENCH / "directory.json").write_text(json.dumps(answer, indent=2) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
