#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# demo.sh up|down: a company with three offices in containers, set up by the collection's own playbook, messages that are
# really sent and read in every direction, and the report of it.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
export PATH=$root/.venv/bin:$PATH
export ANSIBLE_COLLECTIONS_PATH=$root/.cache/collections
export ANSIBLE_CONFIG=$root/tests/demo/ansible.cfg
export DEMO_STATE=$root/.cache/demo
# The scenarios' playbooks make the containers; to them the demo is one more.
export MOLECULE_SCENARIO_NAME=demo

offices=(paris lyon brussels)
begin=$SECONDS

# say WHAT COMMAND...: one line for a long step, with its time; its output only when it fails.
say() {
    local what=$1 from=$SECONDS log
    shift
    log=$DEMO_STATE/${1##*/}.log
    printf '%-52s ' "$what ..."
    if ! "$@" >"$log" 2>&1 </dev/null; then
        echo 'failed'
        tail -n 60 "$log"
        exit 1
    fi
    printf '%4d s\n' $((SECONDS - from))
}

create() { ansible-playbook molecule/resources/create.yml; }
roll_out() { ansible-playbook assurmer.mail.site; }
send() { ansible-playbook tests/demo/messages.yml; }
report() { ansible-playbook assurmer.mail.report; }

address_of() {
    docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"
}

# The company's CSV file, with a password for everybody that is made here and not known elsewhere.
hire() {
    [[ -s $DEMO_STATE/password ]] || (
        umask 077
        python3 -c 'import secrets; print(secrets.token_urlsafe(12))' >"$DEMO_STATE/password"
    )
    (
        umask 077
        sed "1 s/\$/,password/; 1 ! s/\$/,$(<"$DEMO_STATE/password")/" tests/demo/company/mailboxes.csv \
            >"$DEMO_STATE/mailboxes.csv"
    )
}

up() {
    mkdir -p "$DEMO_STATE"
    local office
    say 'Images of bare Debian 12 and 13' tests/env/image.sh bookworm trixie
    say "Three bare hosts, demo-paris, -lyon and -brussels" create
    for office in "${offices[@]}"; do
        address_of "demo-$office" >"$DEMO_STATE/demo-$office.address"
    done
    hire
    say 'site.yml: from bare Debian to a mail service' roll_out
    say 'site.yml again, to see that nothing changes' roll_out
    grep -E '^demo-.* ok=' "$DEMO_STATE/roll_out.log" | sed 's/^/    /; s/unreachable.*//'
    say 'Messages: from each office to each, read elsewhere' send
    sed 's/^/    /' "$DEMO_STATE/messages.txt"
    say 'report.yml: how all of them are' report
    connect
}

connect() {
    local password office
    declare -A at
    for office in "${offices[@]}"; do
        at[$office]=$(<"$DEMO_STATE/demo-$office.address")
    done
    password=$(<"$DEMO_STATE/password")
    cat <<TEXT

The report, one page for a browser:  $DEMO_STATE/report.html

Connect your own mail client, from this machine:

  add to /etc/hosts       ${at[paris]} mail.paris.example
                          ${at[lyon]} mail.lyon.example
                          ${at[brussels]} mail.brussels.example
  authority to trust      ${DEMO_STATE#"$root"/}/ca/ca.pem
  users                   those in tests/demo/company/mailboxes.csv; at home are
                          alice@company.example in Paris    (Debian 12)
                          hugo@company.example  in Lyon     (Debian 13)
                          emma@company.example  in Brussels (Debian 13)
                          and each can log in to any of the three
  password of all         $password
  IMAP                    port 993 (TLS) or 143 (STARTTLS)
  SMTP                    port 465 (TLS) or 587 (STARTTLS), with login
  Sieve filters           port 4190 (STARTTLS)

or without one, Alice at the host in Lyon:

  curl --cacert ${DEMO_STATE#"$root"/}/ca/ca.pem --connect-to ::${at[lyon]}: \\
    --user alice@company.example:$password imaps://mail.lyon.example/

All of it took $((SECONDS - begin)) s. "make demo-down" removes it.
TEXT
}

down() {
    local office
    if docker info >/dev/null 2>&1; then
        ansible-playbook molecule/resources/destroy.yml >/dev/null
        for office in "${offices[@]}"; do
            docker volume rm --force "assurmer-mail-demo-$office-archives" >/dev/null
        done
    fi
    rm -rf -- "$DEMO_STATE"
}

case ${1:-} in
    up) up ;;
    down) down ;;
    *)
        echo 'usage: demo.sh up|down' >&2
        exit 2
        ;;
esac
