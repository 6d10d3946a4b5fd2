# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""seed.py NUMBER USER...: gives each mailbox on this host so many messages, half of them read.

The first five get folders, keywords, another subscription and Sieve scripts, too.
"""

import os
import pathlib
import pwd
import subprocess
import sys

NUMBER, USERS = int(sys.argv[1]), sys.argv[2:]
SCRIPT = 'require "fileinto"; if header :contains "subject" "filed" { fileinto "Projects"; }'


def messages(user: str) -> None:
    local_part, _at, domain = user.partition("@")
    inbox = pathlib.Path("/var/vmail", domain, local_part, "Maildir")
    for folder in ("cur", "new", "tmp"):
        (inbox / folder).mkdir(0o700, parents=True)
    for number in range(NUMBER):
        flags = "".join(("F" * (number % 5 == 0), "R" * (number % 3 == 0), "S" * (number % 2)))
        path = inbox / "cur" / f"{1700000000 + number}.M{number}P1.seed:2,{flags}"
        path.write_text(
            f"From: friend@example.org\nTo: {user}\nSubject: Letter {number}\n"
            f"Message-ID: <seed-{number}-{user}>\n\n{'A line of a letter. ' * 20}\n"
        )
        os.utime(path, (1600000000 + number, 1600000000 + number))


def doveadm(*arguments: str, said: str = "") -> None:
    subprocess.run(["doveadm", *arguments], input=said, text=True, check=True)


if os.fork() == 0:
    owner = pwd.getpwnam("vmail")
    os.setgroups([])
    os.setgid(owner.pw_gid)
    os.setuid(owner.pw_uid)
    for user in USERS:
        messages(user)
    os._exit(0)
if os.wait()[1] != 0:
    sys.exit("No messages could be written.")
for user in USERS[:5]:
    doveadm("mailbox", "create", "-u", user, "-s", "Projects", "Projects/été 2026")
    doveadm("copy", "-u", user, "Projects", "mailbox", "INBOX", "1:20")
    doveadm("expunge", "-u", user, "mailbox", "INBOX", "5:9")
    doveadm("flags", "add", "-u", user, "$Important colour-red", "mailbox", "INBOX", "10:30")
    doveadm("mailbox", "unsubscribe", "-u", user, "Junk")
    doveadm("sieve", "put", "-u", user, "holiday", said="keep;\n")
    doveadm("sieve", "put", "-u", user, "-a", "main", said=SCRIPT)
