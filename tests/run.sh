#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh [STAGE...]: runs the given stages of the tests, or all, two at a time (LANES=1: one), goes on
# after a failure, and sums up. What a stage prints goes to .cache/logs/STAGE.log.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$root"
export PATH=$root/.venv/bin:$PATH
export ANSIBLE_COLLECTIONS_PATH=$root/.cache/collections
# The output goes to files: no colours there.
export NO_COLOR=1 ANSIBLE_NOCOLOR=1 ANSIBLE_FORCE_COLOR=0 COLUMNS=120
logs=$root/.cache/logs
mkdir -p "$logs"

# Those that take long begin early, the first of all being the one whose hosts the acceptance tests ask.
scenarios=(
    default
    offices
    certificate
    rollout
    move
    satellite
    service_config
    postgresql
    dovecot
    postfix
    directory
    scale
    renewal
)
all=(lint sanity unit report robustness integration "${scenarios[@]/#/molecule-}" acceptance)
# They measure seconds, or use all cores by themselves: nothing runs beside them, and they run last.
alone=' robustness molecule-scale molecule-renewal '

stage() {
    case $1 in
        lint) tests/lint/run.sh most ;;
        sanity) tests/lint/sanity.sh ;;
        unit)
            tests/env/apt.sh pebble
            tests/env/with_postgresql.sh pytest --quiet --numprocesses auto tests/unit
            ;;
        report)
            tests/env/apt.sh chromium tidy openssh-client
            tests/env/axe.sh
            pytest --verbose tests/report
            ;;
        robustness) tests/env/with_postgresql.sh pytest --numprocesses 2 -rP tests/robustness ;;
        integration) scenario integration test ;;
        # The acceptance tests ask the hosts that this one leaves running.
        molecule-default) scenario default test --destroy never ;;
        molecule-*) scenario "${1#molecule-}" test ;;
        acceptance)
            running default || scenario default converge
            tests/env/apt.sh swaks libnet-ssleay-perl sslscan
            tests/env/sslyze.sh
            pytest --verbose tests/acceptance
            ;;
        *)
            echo "run.sh: there is no stage $1; there are: ${all[*]}"
            return 2
            ;;
    esac
}

# scenario NAME COMMAND...: the hosts' names are the same for every run on this machine, so that runs take turns.
scenario() {
    flock --close "/tmp/assurmer-mail-$UID-$1.lock" molecule "$2" --scenario-name "$1" "${@:3}"
}

running() {
    [[ -n $(docker ps --quiet --filter "label=assurmer.mail.scenario=$1") ]]
}

# The number before a word in pytest's last line: "3 failed, 120 passed in 4.56s".
counted() {
    local number
    number=$(grep -E ' in [0-9.]+s' "$2" | tail -n 1 | sed -nE "s/(^|.* )([0-9]+) $1.*/\2/p")
    echo "${number:-0}"
}

# Ends what is still running, and removes the hosts that this run has made, and no others.
cleanup() {
    local name
    for name in "${!pids[@]}"; do
        kill -- "-${pids[$name]}" 2>/dev/null || true
    done
    wait
    docker info >/dev/null 2>&1 || return 0
    local scenarios_left
    scenarios_left=$(docker ps --all --filter "$ours" --format '{{.Label "assurmer.mail.scenario"}}' | sort --unique)
    {
        docker ps --all --quiet --filter "$ours" | xargs --no-run-if-empty docker rm --force --volumes
        docker network ls --quiet --filter "$ours" | xargs --no-run-if-empty docker network rm
        for name in $scenarios_left; do
            # Else Molecule would believe that they are there.
            molecule reset --scenario-name "$name"
        done
    } >"$logs/cleanup.log" 2>&1 || echo 'run.sh: hosts could not be removed; see .cache/logs/cleanup.log'
}

if [[ ${1:-} == --stage ]]; then
    stage "$2"
    exit
fi

stages=()
for name in "$@"; do
    # All scenarios have one name.
    [[ $name == molecule ]] && stages+=("${scenarios[@]/#/molecule-}") || stages+=("$name")
done
((${#stages[@]})) || stages=("${all[@]}")
# create.yml marks the hosts with it.
ASSURMER_MAIL_RUN=$(date +%s)-$$
export ASSURMER_MAIL_RUN
ours="label=assurmer.mail.run=$ASSURMER_MAIL_RUN"
declare -A pids=() begins=() lines=()
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

passed=0
failed=0

# begin STAGE: in a session of its own, that it can be ended whole.
begin() {
    begins[$1]=$SECONDS
    setsid --wait "$0" --stage "$1" >"$logs/$1.log" 2>&1 </dev/null &
    pids[$1]=$!
}

# end STAGE CODE: says how it went, in one piece.
end() {
    local name=$1 log=$logs/$1.log result=passed good=0 bad=0 line
    (($2 == 0)) || result=FAILED
    line=$(printf '%s %5d s' "$result" $((SECONDS - begins[$name])))
    if [[ $name == unit || $name == report || $name == robustness || $name == acceptance ]]; then
        good=$(counted passed "$log")
        bad=$(($(counted failed "$log") + $(counted error "$log")))
    fi
    # A stage without tests to count is one test; so is one that broke before it counted any.
    if ((good + bad == 0)) || [[ $result == FAILED && $bad == 0 ]]; then
        [[ $result == passed ]] && good=1 || bad=$((bad + 1))
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    lines[$name]=$(printf '%-24s %s  %4d passed %4d failed' "$name" "$line" "$good" "$bad")
    printf '%-24s %s\n' "$name" "$line"
    if [[ $result == FAILED ]]; then
        printf -- '--- the end of %s\n%s\n---\n' "${log#"$root"/}" "$(tail -n 60 "$log")"
    fi
    unset "pids[$name]"
}

# why STAGE: what ended it, in a few lines of what it printed: the last failure of Ansible, since those before it
# were rescued, and those of pytest and Molecule.
why() {
    echo "--- $1"
    awk '
        /^(TASK|RUNNING HANDLER) / { task = $0 }
        /^(fatal|failed): / { fault = task; inside = 15 }
        !NF { inside = 0 }
        inside-- > 0 { fault = fault "\n" $0 }
        /^(E   |FAILED |CRITICAL |\* )/ { lines[++count] = $0 }
        END {
            if (fault) print fault
            for (i = count > 6 ? count - 5 : 1; i <= count; i++) print lines[i]
        }' "$logs/$1.log" | cut --characters=-400
}

# Waits until one of the stages that run has ended.
wait_for_one() {
    local name pid code=0
    wait -n -p pid "${pids[@]}" || code=$?
    for name in "${!pids[@]}"; do
        [[ ${pids[$name]} != "$pid" ]] || end "$name" "$code"
    done
}

in_lanes=()
by_itself=()
for name in "${stages[@]}"; do
    [[ $alone == *" $name "* ]] && by_itself+=("$name") || in_lanes+=("$name")
done
for name in "${in_lanes[@]}"; do
    while ((${#pids[@]} >= ${LANES:-2})) || [[ $name == acceptance && -v pids[molecule-default] ]]; do
        wait_for_one
    done
    begin "$name"
done
for name in "${by_itself[@]}"; do
    while ((${#pids[@]})); do
        wait_for_one
    done
    begin "$name"
done
while ((${#pids[@]})); do
    wait_for_one
done
cleanup
trap - EXIT

printf '\n%s\n' '=== Summary'
for name in "${stages[@]}"; do
    echo "${lines[$name]}"
done
printf '%-24s        %5d s\n\n' total "$SECONDS"
# Again, and last: of a long output often the end alone is kept.
for name in "${stages[@]}"; do
    [[ ${lines[$name]} != *' FAILED '* ]] || why "$name"
done
echo "$passed passed, $failed failed"
((failed == 0 && passed >= ${#stages[@]}))
