# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""inbox.py NAME ADDRESS CA.PEM USER PASSWORD: prints the subjects in an INBOX, or that the login is refused."""

import email
import imaplib
import socket
import ssl
import sys

NAME, ADDRESS, CA, USER, PASSWORD = sys.argv[1:]
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESS if host == NAME else host, *rest, **more
)
trust = ssl.create_default_context(cafile=CA)
with imaplib.IMAP4_SSL(NAME, ssl_context=trust, timeout=30) as client:
    try:
        client.login(USER, PASSWORD)
    except imaplib.IMAP4.error as error:
        print("refused" if "AUTHENTICATIONFAILED" in str(error) else error)
        sys.exit()
    client.select()
    for row in client.fetch("1:*", "(RFC822.HEADER)")[1]:
        if isinstance(row, tuple):
            print(email.message_from_bytes(row[1])["Subject"])
