#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# axe.sh: .cache/axe/axe.min.js, Deque's checker of the accessibility of web pages, out of a package that brings it.
# Instant when nothing changed.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
package=axe-playwright-python==0.1.8
[[ $(cat .cache/axe/stamp 2>/dev/null) != "$package" ]] || exit 0

echo 'axe.sh: fetching axe into .cache/axe' >&2
mkdir -p .cache/axe .cache/logs
# Only the file in it is wanted, not the browsers that the package drives.
.venv/bin/pip download --no-deps --dest .cache/axe "$package" >.cache/logs/axe.log 2>&1 || {
    tail -n 20 .cache/logs/axe.log >&2
    exit 1
}
.venv/bin/python -m zipfile --extract .cache/axe/*.whl .cache/axe
ln -sf axe_playwright_python/axe.min.js .cache/axe/axe.min.js
printf '%s\n' "$package" >.cache/axe/stamp
