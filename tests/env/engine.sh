#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# engine.sh [start|stop]: makes sure that a Docker engine answers, and starts one where none does.
# `stop` ends only the engine that `start` started.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
log=$root/.cache/logs/dockerd.log
pid_file=$root/.cache/engine.pid
mkdir -p "$root/.cache/logs"

as_root=()
((EUID == 0)) || as_root=(sudo)

answers() {
    docker info >/dev/null 2>&1
}

is_ours() {
    [[ -s $pid_file ]] && [[ $(ps -o comm= -p "$(<"$pid_file")" 2>/dev/null) == dockerd ]]
}

# Polls: true as soon as the command is, false when the seconds are over.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.2
    done
}

start() {
    answers && return
    # Two make targets at once shall not start two engines.
    exec 9>"$root/.cache/engine.lock"
    flock 9
    answers && return

    if ! command -v docker >/dev/null || ! command -v dockerd >/dev/null; then
        "$root/tests/env/apt.sh" docker.io 9>&-
    fi

    if [[ -d /run/systemd/system ]]; then
        "${as_root[@]}" systemctl start docker 9>&-
    else
        # A session of its own: the engine outlives the terminal and the make that called us.
        # The group lets the caller use the socket without being root.
        # The program in the middle leaves the pid of what really runs, also behind sudo.
        # shellcheck disable=SC2016 # the inner shell expands it
        "${as_root[@]}" setsid --fork bash -c 'echo $$ >"$1"; exec dockerd --group "$2"' \
            engine "$pid_file" "$(id -g)" </dev/null >>"$log" 2>&1 9>&-
    fi
    within 60 answers && return
    echo "engine.sh: no Docker engine answers after 60 s; see $log, or is $(id -un) missing in the group docker?" >&2
    tail -n 20 "$log" >&2 || true
    exit 1
}

stop() {
    if is_ours; then
        "${as_root[@]}" kill "$(<"$pid_file")"
        within 60 eval '! is_ours'
    fi
    rm -f -- "$pid_file"
}

case ${1:-start} in
    start) start ;;
    stop) stop ;;
    *)
        echo "usage: engine.sh [start|stop]" >&2
        exit 2
        ;;
esac
