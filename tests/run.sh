#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh [STAGE...]: runs the given stages of the tests, or all, goes on after a failure, and sums
# up. What a stage prints goes to .cache/logs/STAGE.log.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$root"
export PATH=$root/.venv/bin:$PATH
export ANSIBLE_COLLECTIONS_PATH=$root/.cache/collections
# The output goes to files: no colours there.
export NO_COLOR=1 ANSIBLE_NOCOLOR=1 ANSIBLE_FORCE_COLOR=0 COLUMNS=120
logs=$root/.cache/logs
mkdir -p "$logs"

scenarios=(directory certificate service_config postfix dovecot scale postgresql renewal default)
all=(lint sanity unit robustness integration "${scenarios[@]/#/molecule-}" acceptance)

stage() {
    case $1 in
        lint) tests/lint/run.sh most ;;
        sanity) tests/lint/sanity.sh ;;
        unit)
            tests/env/apt.sh pebble
            tests/env/with_postgresql.sh pytest --quiet --numprocesses auto tests/unit
            ;;
        robustness) tests/env/with_postgresql.sh pytest --numprocesses 2 -rP tests/robustness ;;
        integration) molecule test --scenario-name integration ;;
        # The acceptance tests ask the hosts that this one leaves running.
        molecule-default) molecule test --scenario-name default --destroy never ;;
        molecule-*) molecule test --scenario-name "${1#molecule-}" ;;
        acceptance)
            running default || molecule converge --scenario-name default
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

running() {
    [[ -n $(docker ps --quiet --filter "label=assurmer.mail.scenario=$1") ]]
}

# The number before a word in pytest's last line: "3 failed, 120 passed in 4.56s".
counted() {
    local number
    number=$(grep -E ' in [0-9.]+s' "$2" | tail -n 1 | sed -nE "s/(^|.* )([0-9]+) $1.*/\2/p")
    echo "${number:-0}"
}

cleanup() {
    ! running default || molecule destroy --scenario-name default >"$logs/destroy.log" 2>&1 || {
        echo 'run.sh: the hosts of the scenario default could not be removed; see .cache/logs/destroy.log'
    }
}

if [[ ${1:-} == --stage ]]; then
    stage "$2"
    exit
fi

stages=("$@")
((${#stages[@]})) || stages=("${all[@]}")
trap cleanup EXIT

passed=0
failed=0
summary=()
begin_all=$SECONDS
for name in "${stages[@]}"; do
    log=$logs/$name.log
    begin=$SECONDS
    printf '%-22s ' "$name"
    # A process of its own, because the shell ignores errors inside a condition.
    if "$0" --stage "$name" >"$log" 2>&1 </dev/null; then
        result=passed
    else
        result=FAILED
    fi
    line=$(printf '%s %5d s' "$result" $((SECONDS - begin)))

    good=0
    bad=0
    if [[ $name == unit || $name == robustness || $name == acceptance ]]; then
        good=$(counted passed "$log")
        bad=$(($(counted failed "$log") + $(counted error "$log")))
    fi
    # A stage without tests to count is one test; so is one that broke before it counted any.
    if ((good + bad == 0)) || [[ $result == FAILED && $bad == 0 ]]; then
        [[ $result == passed ]] && good=1 || bad=$((bad + 1))
    fi
    passed=$((passed + good))
    failed=$((failed + bad))

    echo "$line"
    summary+=("$(printf '%-22s %s  %4d passed %4d failed' "$name" "$line" "$good" "$bad")")
    if [[ $result == FAILED ]]; then
        echo "--- the end of ${log#"$root"/}"
        tail -n 60 "$log"
        echo '---'
    fi
done
cleanup
trap - EXIT

printf '\n%s\n' '=== Summary'
printf '%s\n' "${summary[@]}"
printf '%-22s        %5d s\n\n' total $((SECONDS - begin_all))
echo "$passed passed, $failed failed"
((failed == 0 && passed >= ${#stages[@]}))
