#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# image.sh SUITE...: builds a bare Debian host (bookworm, trixie) as a Docker image where it is
# missing, and prints the image's name. The name is made from what goes into the image.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
mkdir -p "$root/.cache"
as_root=()
((EUID == 0)) || as_root=(sudo)

# What a Debian installation has before anybody configures it, and Ansible's Python.
packages=systemd,systemd-sysv,dbus,python3,ca-certificates,iproute2

# The mirror that this system uses for the packages with the given label.
mirror() {
    # shellcheck disable=SC2016 # apt replaces it, not the shell
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Label: $1" \
        | head -n 1
}

sources() {
    local suite=$1 main security
    main=$(mirror Debian)
    security=$(mirror Debian-Security)
    [[ -n $main ]] || {
        echo "image.sh: apt knows no Debian mirror here; run apt-get update?" >&2
        return 1
    }
    echo "deb $main $suite main"
    echo "deb $main $suite-updates main"
    [[ -z $security ]] || echo "deb $security $suite-security main"
}

build() {
    local name=$1 suite=$2 list=$3 work
    work=$(mktemp -d)
    # shellcheck disable=SC2064 # the directory of now
    trap "rm -rf -- '$work'" EXIT
    "$root/tests/env/apt.sh" mmdebstrap debian-archive-keyring

    local options=(
        --variant=minbase "--include=$packages" --quiet
        # Test hosts live for minutes: nobody needs their writes to be on the disk.
        '--dpkgopt=force-unsafe-io'
        '--aptopt=Acquire::Languages "none"'
    )
    # A mirror behind a private authority: the host needs the authority, too.
    if [[ $list == *https:* && -d /usr/local/share/ca-certificates ]]; then
        # shellcheck disable=SC2016 # the hook's shell expands it
        options+=(
            '--customize-hook=copy-in /usr/local/share/ca-certificates /usr/local/share'
            '--customize-hook=chroot "$1" update-ca-certificates'
        )
    fi
    echo "image.sh: building $name" >&2
    printf '%s\n' "$list" >"$work/sources.list"
    "${as_root[@]}" mmdebstrap "${options[@]}" "$suite" "$work/image.tar" "$work/sources.list"
    docker import \
        --change 'CMD ["/lib/systemd/systemd"]' --change 'ENV container=docker' \
        --change 'LABEL assurmer.mail=image' \
        "$work/image.tar" "$name" >/dev/null
    rm -rf -- "$work"
    trap - EXIT
}

for suite in "$@"; do
    # apt forgets for a moment what it knows while another script of ours has it update its lists.
    exec 8>"$root/.cache/apt.lock"
    flock 8
    list=$(sources "$suite")
    exec 8>&-
    digest=$(cat -- "${BASH_SOURCE[0]}" - <<<"$list" | sha256sum | cut -c 1-12)
    name=assurmer-mail/$suite:$digest
    # Two make targets at once shall not build the same image twice.
    exec 9>"$root/.cache/image-$suite.lock"
    flock 9
    docker image inspect "$name" >/dev/null 2>&1 || build "$name" "$suite" "$list"
    exec 9>&-
    echo "$name"
done
