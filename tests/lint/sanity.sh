#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# sanity.sh [TEST...]: ansible-test sanity, on a copy, since it refuses a linked collection.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
copy=$root/.cache/sanity/ansible_collections/assurmer/mail
home=$root/.cache/sanity/home

rm -rf -- "$copy"
mkdir -p "$copy"
cd -- "$root"
# A file that is deleted but still in the index is no reason to fail.
git ls-files -z --cached --others --exclude-standard --deduplicate \
    | tar --create --null --ignore-failed-read --files-from=- 2>/dev/null | tar --extract --directory "$copy"

# ansible-test downloads a script that installs pip from a host of its own, which a closed network
# does not reach. Python brings a pip along; the script's place in the cache is all it looks at.
# The home of its own keeps that, and its virtual environments, out of the user's.
mkdir -p "$home/.ansible/test/cache"
for version in 24_2 25_2; do
    printf 'import ensurepip\n\nensurepip.bootstrap(default_pip=True)\n' \
        >"$home/.ansible/test/cache/get_pip_$version.py"
done
# How to reach the package index is in the user's settings.
ln -sfn "$HOME/.config" "$home/.config"

# Else ansible-test finds the checkout's git above, to which nothing in .cache belongs.
git init --quiet "$copy"

tests=()
for name in "$@"; do
    tests+=(--test "$name")
done
cd -- "$copy"
version=$("$root/.venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
# Wrappers like pyenv's find nothing in the bare environment that ansible-test gives its tools.
HOME=$home PATH=$root/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    "$root/.venv/bin/ansible-test" sanity --color no --python "$version" "${tests[@]}" 2>&1 \
    | sed -E '/^(Looking in|Collecting|Processing|Using cached|Installing|Successfully|WARNING: Location| +)/d'
