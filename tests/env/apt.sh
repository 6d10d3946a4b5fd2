#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# apt.sh PACKAGE...: installs the Debian packages that are missing.
set -euo pipefail

missing=()
for package in "$@"; do
    [[ $(dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null) == *' installed' ]] \
        || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
((EUID == 0)) || as_root=(sudo)
echo "apt.sh: installing ${missing[*]}" >&2
# The list of a machine just set up is old or empty, and then nothing can be installed.
# Another apt of the same machine may hold the lock for a while.
options=(-qq -o DPkg::Lock::Timeout=300)
"${as_root[@]}" apt-get "${options[@]}" update >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get "${options[@]}" install -y --no-install-recommends "${missing[@]}" >&2
