# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""look.py USER...: what clients know of the mailboxes on this host, without the mail that still comes in, as JSON."""

import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

USERS = sys.argv[1:]


def doveadm(*arguments: str) -> dict[str, list[list[str]]]:
    """Return the rows of each user."""
    done = subprocess.run(
        ["doveadm", "-f", "tab", *arguments], capture_output=True, text=True, check=True
    )
    found: dict[str, list[list[str]]] = {user: [] for user in USERS}
    for line in done.stdout.splitlines()[1:]:
        user, *row = line.split("\t")
        found[user].append(row)
    return found


def scripts(user: str) -> list[str]:
    local_part, _at, domain = user.partition("@")
    home = pathlib.Path("/var/vmail", domain, local_part)
    active = home / ".dovecot.sieve"
    texts = [f"{path.name}: {path.read_text()}" for path in (home / "sieve").glob("*.sieve")]
    return sorted([*texts, os.readlink(active) if active.is_symlink() else ""])


with tempfile.NamedTemporaryFile("w") as file:
    file.write("\n".join(USERS) + "\n")
    file.flush()
    fields = "mailbox uid guid flags date.received hdr.message-id"
    letters = doveadm("fetch", "-F", file.name, fields, "HEADER", "Message-ID", "seed-")
    folders = doveadm("mailbox", "status", "-F", file.name, "guid uidvalidity", "*")
    subscriptions = doveadm("mailbox", "list", "-s", "-F", file.name)
for letter in itertools.chain(*letters.values()):
    letter[3] = " ".join(sorted(set(letter[3].split()) - {"\\Recent"}))
known = {
    user: [
        sorted(letters[user]),
        sorted(folders[user]),
        sorted(subscriptions[user]),
        scripts(user),
    ]
    for user in USERS
}
print(json.dumps(known, indent=1))
