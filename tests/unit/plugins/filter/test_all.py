# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all filters have in common."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.filter import company

FILTERS = sorted(path.stem for path in Path(company.__file__).parent.glob("[!_]*.py"))


def test_loading_all_filters_loads_no_slow_library() -> None:
    # Ansible loads the files of all filters for each task that uses one, in a process of its own.
    package = company.__name__.rpartition(".")[0]
    program = (
        f"import importlib, sys; [importlib.import_module(f'{package}.{{name}}') for name in {FILTERS}];"
        " print(*{'cryptography', 'psycopg'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(FILTERS) > 10
    assert done.stdout.strip() == ""
