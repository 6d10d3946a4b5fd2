#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh [OPTION...]: measures the directory beside a PostgreSQL server that writes to the disk as
# a company's does. The options are those of directory.py.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
mkdir -p .cache/bench
# The server's files lie where those of SQLite do, on the disk: /tmp may be memory.
export TMPDIR=$root/.cache/bench PYTHONPATH=$root/.cache/collections
export POSTGRESQL_SETTINGS='fsync=on log_checkpoints=off'
exec tests/env/with_postgresql.sh \
    .venv/bin/python -m ansible_collections.assurmer.mail.tests.bench.directory "$@"
