#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# rollout.sh [OPTION...]: measures rollouts of ten hosts in containers, which are removed at the end. The options are those
# of rollout.py; KEEP=1 leaves the hosts for the next time.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
export PATH=$root/.venv/bin:$PATH
export ANSIBLE_COLLECTIONS_PATH=$root/.cache/collections PYTHONPATH=$root/.cache/collections
export NO_COLOR=1 ANSIBLE_NOCOLOR=1
# create.yml makes the containers, and marks them; to it this is one more scenario.
export MOLECULE_SCENARIO_NAME=bench-rollout
ours=label=assurmer.mail.scenario=bench-rollout

# The names of the hosts are the same for every run on this machine: they take turns.
exec 9>"/tmp/assurmer-mail-$UID-bench-rollout.lock"
flock 9

sockets=$(mktemp -d)
child=
# shellcheck disable=SC2329 # the trap calls it
cleanup() {
    [[ -z $child ]] || kill -- "-$child" 2>/dev/null || true
    rm -rf -- "$sockets"
    [[ -z ${KEEP:-} ]] || return 0
    local names
    names=$(docker ps --all --filter "$ours" --format '{{.Names}}')
    {
        xargs --no-run-if-empty docker rm --force --volumes <<<"$names"
        docker network ls --quiet --filter "$ours" | xargs --no-run-if-empty docker network rm
        docker volume ls --quiet --filter name=assurmer-mail-bench-rollout- | xargs --no-run-if-empty docker volume rm
    } >.cache/bench/rollout/cleanup.log 2>&1 || echo 'rollout.sh: see .cache/bench/rollout/cleanup.log' >&2
}
mkdir -p .cache/bench/rollout
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

tests/env/apt.sh openssh-client
tests/env/image.sh bookworm trixie >/dev/null
# Short: the path of a socket has 108 characters at most.
export ANSIBLE_SSH_CONTROL_PATH_DIR=$sockets
# In the background, for a trap waits for a command in the foreground; in a session of its own, that it can be ended whole.
setsid .venv/bin/python -m ansible_collections.assurmer.mail.tests.bench.rollout "$@" 9>&- &
child=$!
wait "$child" || code=$?
child=
exit "${code:-0}"
