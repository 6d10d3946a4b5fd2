#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# with_postgresql.sh COMMAND...: runs a command beside a PostgreSQL server of its own, which the command finds by libpq's
# variables (PGHOST, PGPORT, PGUSER, PGPASSWORD) and which ends with it. POSTGRESQL_SETTINGS are further `name=value`s.
# The server says nothing of what a test provokes: pg_virtualenv prints its log after a failure.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
"$root/tests/env/apt.sh" postgresql

options=(-t)
for setting in ${POSTGRESQL_SETTINGS:-fsync=off max_connections=200 log_checkpoints=off log_min_messages=panic}; do
    options+=(-o "$setting")
done
exec pg_virtualenv "${options[@]}" "$@"
