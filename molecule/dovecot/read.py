# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""read.py NAME ADDRESS CA.PEM: the subjects in alice's folders, as JSON; then empties her mailbox and small's."""

import imaplib
import json
import re
import socket
import ssl
import sys

NAME, ADDRESS, CA = sys.argv[1:]
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESS if host == NAME else host, *rest, **more
)


def empty(user: str, password: str, folders: list[str]) -> dict[str, list[str]]:
    found = {}
    with imaplib.IMAP4_SSL(
        NAME, ssl_context=ssl.create_default_context(cafile=CA), timeout=30
    ) as client:
        client.login(user, password)
        for folder in folders:
            client.select(folder)
            answer = str(client.fetch("1:*", "(BODY[HEADER.FIELDS (SUBJECT)])"))
            found[folder] = sorted(re.findall(r"Subject: ([^\\]*)", answer))
            client.store("1:*", "+FLAGS", r"(\Deleted)")
            client.expunge()
    return found


empty("small@assurmer.example", "Small-mailbox", ["INBOX"])
print(
    json.dumps(
        empty("alice@assurmer.example", 'Alice: {likes} "3" %u teas', ["INBOX", "Work/Invoices"])
    )
)
