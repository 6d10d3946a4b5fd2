#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh [TOOL...]: lints with the given tools, or all, several at once; one line a tool.
# `most` stands for all but sanity, which takes longest.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
export PATH=$root/.venv/bin:$PATH
export ANSIBLE_COLLECTIONS_PATH=$root/.cache/collections
export NO_COLOR=1
logs=$root/.cache/logs
mkdir -p "$logs"

most=(
    ansible-lint antsibull-docs mypy argument-specs ignores
    ruff ruff-format yamllint antsibull-changelog shellcheck
)

check() {
    case $1 in
        ansible-lint) ansible-lint --profile production --offline --strict ;;
        antsibull-changelog) antsibull-changelog lint ;;
        antsibull-docs) antsibull-docs lint-collection-docs . --plugin-docs ;;
        argument-specs) python tests/lint/argument_specs.py ;;
        ignores) python tests/lint/ignores.py ;;
        mypy)
            # Modules import each other by the collection's full name, so that is the root.
            cd .cache/collections
            mypy --config-file "$root/mypy.ini" --cache-dir "$root/.cache/mypy" \
                ansible_collections/assurmer/mail/plugins
            ;;
        ruff) ruff check --cache-dir .cache/ruff ;;
        ruff-format) ruff format --check --diff --cache-dir .cache/ruff ;;
        sanity) tests/lint/sanity.sh ;;
        shellcheck)
            git ls-files -z --cached --others --exclude-standard -- '*.sh' .ci/run \
                | xargs -0 shellcheck --external-sources
            ;;
        yamllint) yamllint --strict . ;;
        *)
            echo "run.sh: there is no tool $1" >&2
            exit 2
            ;;
    esac
}

if [[ ${1:-} == --check ]]; then
    check "$2"
    exit
fi

if [[ ${1:-} == --line ]]; then
    begin=$SECONDS
    if "$0" --check "$2" >"$logs/lint-$2.log" 2>&1; then
        printf 'lint  %-20s passed %4d s\n' "$2" $((SECONDS - begin))
        exit
    fi
    # In one piece: another tool may be printing, too.
    printf 'lint  %-20s FAILED %4d s, the end of %s:\n%s\n' "$2" $((SECONDS - begin)) \
        ".cache/logs/lint-$2.log" "$(tail -n 40 "$logs/lint-$2.log")"
    exit 1
fi

case ${1:-all} in
    all) tools=(sanity "${most[@]}") ;;
    most) tools=("${most[@]}") ;;
    *) tools=("$@") ;;
esac
if ! printf '%s\n' "${tools[@]}" \
    | xargs --max-procs="$(nproc)" --replace=TOOL "$0" --line TOOL | tee "$logs/lint-lines.log"; then
    printf '\nFailed, each with its log in .cache/logs/:\n'
    grep '^lint .* FAILED' "$logs/lint-lines.log"
    exit 1
fi
