#!/usr/bin/env bash
# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# collections.sh: .cache/collections, the path on which the tests' Ansible finds this checkout as
# assurmer.mail (a link: edits are live) and the collections that the tests need.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
target=.cache/collections
wanted=(community/docker community/library_inventory_filtering_v1)

mkdir -p "$target/ansible_collections/assurmer"
ln -sfn "$root" "$target/ansible_collections/assurmer/mail"

stamp=$(cat tests/env/requirements.yml tests/env/bundle.txt .venv/stamp | sha256sum)
[[ $(cat "$target/stamp" 2>/dev/null) != "$stamp" ]] || exit 0
rm -rf "$target/ansible_collections/community"

from_galaxy() {
    timeout 60 .venv/bin/ansible-galaxy collection install --timeout 10 \
        --requirements-file tests/env/requirements.yml --collections-path "$target"
}

from_bundle() {
    local work
    work=$(mktemp -d)
    .venv/bin/pip download --quiet --no-deps --dest "$work" --requirement tests/env/bundle.txt \
        2>>.cache/logs/galaxy.log
    .venv/bin/python - "$work" "$target" "${wanted[@]}" <<'PYTHON'
import pathlib
import sys
import zipfile

work, target, *wanted = sys.argv[1:]
(wheel,) = pathlib.Path(work).glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    prefixes = tuple(f"ansible_collections/{name}/" for name in wanted)
    archive.extractall(target, [n for n in archive.namelist() if n.startswith(prefixes)])
PYTHON
    rm -rf -- "$work"
}

mkdir -p .cache/logs
echo 'collections.sh: installing the collections of the tests' >&2
from_galaxy >.cache/logs/galaxy.log 2>&1 || {
    echo 'collections.sh: no Galaxy server answered, taking them out of the package "ansible"' >&2
    from_bundle
}
printf '%s\n' "$stamp" >"$target/stamp"
