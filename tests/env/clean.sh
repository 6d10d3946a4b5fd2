#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# clean.sh: removes whatever the tests and the demo put on this machine, but for Debian packages.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

# remove COMMAND...: calls the command with the names on its standard input, if there are any.
remove() {
    xargs --no-run-if-empty "$@" >/dev/null
}

if docker info >/dev/null 2>&1; then
    docker ps --all --quiet --filter label=assurmer.mail | remove docker rm --force --volumes
    docker network ls --quiet --filter label=assurmer.mail | remove docker network rm
    docker volume ls --quiet --filter name=^assurmer-mail- | remove docker volume rm
    docker images --quiet --filter 'reference=assurmer-mail/*' | remove docker rmi --force
    "$root/tests/env/engine.sh" stop
fi

# Where cgroup.sh had to mount it.
if mountpoint --quiet "$root/.cache/cgroup2"; then
    as_root=()
    ((EUID == 0)) || as_root=(sudo)
    "${as_root[@]}" umount "$root/.cache/cgroup2"
fi
rm -rf -- "$root/.cache" "$root/.venv" "$root/.ansible" "$root/tests/output"
