# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""read.py NAME ADDRESS CA.PEM USER PASSWORD: the messages in an INBOX, as JSON."""

import email
import email.policy
import imaplib
import json
import socket
import ssl
import sys

NAME, ADDRESS, CA, USER, PASSWORD = sys.argv[1:]
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESS if host == NAME else host, *rest, **more
)
found = []
trust = ssl.create_default_context(cafile=CA)
with imaplib.IMAP4_SSL(NAME, ssl_context=trust, timeout=30) as client:
    client.login(USER, PASSWORD)
    client.select()
    for row in client.fetch("1:*", "(RFC822)")[1]:
        if isinstance(row, tuple):
            message = email.message_from_bytes(row[1], policy=email.policy.default)
            found.append(
                {
                    "subject": str(message["Subject"]),
                    "sender": message["Return-Path"].strip("<>"),
                    "from": str(message["From"]),
                    "path": [" ".join(str(each).split()) for each in message.get_all("Received")],
                }
            )
print(json.dumps(found))
