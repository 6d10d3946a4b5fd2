#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# demo.sh up|down: two mail hosts in containers, set up by the collection's own playbook, and
# messages that are really sent and read on them and between them.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
export PATH=$root/.venv/bin:$PATH
export ANSIBLE_COLLECTIONS_PATH=$root/.cache/collections
export ANSIBLE_CONFIG=$root/tests/demo/ansible.cfg
export DEMO_STATE=$root/.cache/demo
# The scenarios' playbooks make the containers; to them the demo is one more.
export MOLECULE_SCENARIO_NAME=demo

declare -A hosts=([demo-paris]=bookworm [demo-lyon]=trixie)
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

address_of() {
    docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"
}

up() {
    mkdir -p "$DEMO_STATE"
    local host
    say 'Images of bare Debian 12 and 13' tests/env/image.sh "${hosts[@]}"
    say 'Two bare hosts, demo-paris and demo-lyon' create
    for host in "${!hosts[@]}"; do
        address_of "$host" >"$DEMO_STATE/$host.address"
    done
    say 'site.yml: from bare Debian to a mail service' roll_out
    say 'site.yml again, to see that nothing changes' roll_out
    grep -E '^demo-.* ok=' "$DEMO_STATE/roll_out.log" | sed 's/^/    /; s/unreachable.*//'
    say 'Messages: each user to itself and to the other' send
    printf '\n'
    cat "$DEMO_STATE"/demo-*.report
    connect
}

connect() {
    local paris lyon password
    paris=$(<"$DEMO_STATE/demo-paris.address")
    lyon=$(<"$DEMO_STATE/demo-lyon.address")
    password=$(cut -d ' ' -f 1 <"$DEMO_STATE/password")
    cat <<TEXT
Connect your own mail client, from this machine:

  add to /etc/hosts       $paris mail.paris.example
                          $lyon mail.lyon.example
  authority to trust      ${DEMO_STATE#"$root"/}/ca/ca.pem
  users                   alice@paris.example on mail.paris.example (Debian 12)
                          bob@lyon.example    on mail.lyon.example  (Debian 13)
  password of both        $password
  IMAP                    port 993 (TLS) or 143 (STARTTLS)
  SMTP                    port 465 (TLS) or 587 (STARTTLS), with login
  Sieve filters           port 4190 (STARTTLS)

or without one:

  curl --cacert ${DEMO_STATE#"$root"/}/ca/ca.pem --connect-to ::$paris: \\
    --user alice@paris.example:$password imaps://mail.paris.example/

All of it took $((SECONDS - begin)) s. "make demo-down" removes it.
TEXT
}

down() {
    if docker info >/dev/null 2>&1; then
        ansible-playbook molecule/resources/destroy.yml >/dev/null
        for host in "${!hosts[@]}"; do
            docker volume rm --force "assurmer-mail-$host-archives" >/dev/null
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
