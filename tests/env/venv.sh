#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# venv.sh: the developer's tools in .venv, and the collections in .cache/collections.
# Instant when nothing changed.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
mkdir -p .cache/logs
exec 9>.cache/venv.lock
flock 9

# The path is in the stamp because a virtual environment cannot be moved.
stamp=$(
    {
        pwd
        python3 --version
        cat requirements-dev.txt
    } | sha256sum
)
if [[ ! -x .venv/bin/python || $(cat .venv/stamp 2>/dev/null) != "$stamp" ]]; then
    # Debian ships Python without the part that makes virtual environments.
    python3 -c 'import ensurepip, venv' 2>/dev/null || tests/env/apt.sh python3-venv
    echo 'venv.sh: installing the tools into .venv' >&2
    python3 -m venv --clear .venv
    if ! { .venv/bin/pip install --requirement requirements-dev.txt && .venv/bin/pip check; } \
        >.cache/logs/pip.log 2>&1; then
        tail -n 20 .cache/logs/pip.log >&2
        exit 1
    fi
    printf '%s\n' "$stamp" >.venv/stamp
fi

tests/env/collections.sh
