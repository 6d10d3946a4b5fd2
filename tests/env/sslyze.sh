#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# sslyze.sh: the TLS scanner sslyze in .cache/sslyze. Instant when nothing changed.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
mkdir -p .cache/logs
exec 9>.cache/sslyze.lock
flock 9

stamp=$(
    {
        pwd
        python3 --version
        cat tests/env/sslyze.txt
    } | sha256sum
)
[[ ! -x .cache/sslyze/bin/python || $(cat .cache/sslyze/stamp 2>/dev/null) != "$stamp" ]] || exit 0
python3 -c 'import ensurepip, venv' 2>/dev/null || tests/env/apt.sh python3-venv
echo 'sslyze.sh: installing sslyze into .cache/sslyze' >&2
python3 -m venv --clear .cache/sslyze
if ! { .cache/sslyze/bin/pip install --requirement tests/env/sslyze.txt && .cache/sslyze/bin/pip check; } \
    >.cache/logs/sslyze.log 2>&1; then
    tail -n 20 .cache/logs/sslyze.log >&2
    exit 1
fi
printf '%s\n' "$stamp" >.cache/sslyze/stamp
