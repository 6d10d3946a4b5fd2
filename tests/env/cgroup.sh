#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cgroup.sh: prints the cgroup2 tree of this machine that a container's systemd can live in.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
as_root=()
((EUID == 0)) || as_root=(sudo)

is_cgroup2() {
    [[ $(stat --file-system --format=%T "$1" 2>/dev/null) == cgroup2fs ]]
}

# A machine has cgroups of version 2 alone, or beside version 1, or does not mount them at all.
for tree in /sys/fs/cgroup /sys/fs/cgroup/unified "$root/.cache/cgroup2"; do
    ! is_cgroup2 "$tree" || break
done
if ! is_cgroup2 "$tree"; then
    mkdir -p "$tree"
    "${as_root[@]}" mount -t cgroup2 none "$tree"
fi
echo "$tree"
