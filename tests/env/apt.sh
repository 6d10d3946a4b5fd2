#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# apt.sh PACKAGE...: installs the Debian packages that are missing.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
as_root=()
((EUID == 0)) || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
options=(-qq -o DPkg::Lock::Timeout=300)

find_missing() {
    local package
    missing=()
    for package in "$@"; do
        [[ $(dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null) == *' installed' ]] \
            || missing+=("$package")
    done
}

# The list of a machine just set up is old or empty, and then nothing can be installed.
# For the lock of the lists apt does not wait, whatever the timeout says, and a machine just
# started may be updating them by itself.
update() {
    local words deadline=$((SECONDS + 300))
    until words=$("${as_root[@]}" apt-get "${options[@]}" update 2>&1); do
        if [[ $words != *'Could not get lock'* ]] || ((SECONDS > deadline)); then
            printf '%s\n' "$words" >&2
            return 1
        fi
        sleep 1
    done
}

find_missing "$@"
((${#missing[@]})) || exit 0

# Another script of ours may be installing the same.
mkdir -p "$root/.cache"
exec 9>"$root/.cache/apt.lock"
flock 9
find_missing "$@"
((${#missing[@]})) || exit 0

echo "apt.sh: installing ${missing[*]}" >&2
update
"${as_root[@]}" env DEBIAN_FRONTEND="$DEBIAN_FRONTEND" \
    apt-get "${options[@]}" install -y --no-install-recommends "${missing[@]}" >&2 9>&-
