# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""answers.py NAME ADDRESS CA.PEM SECONDS: waits until both daemons find alice, at most that long.

Prints how long each took. Each question is a new connection, as mail servers and clients make it.
"""

import imaplib
import smtplib
import socket
import ssl
import sys
import time

NAME, ADDRESS, CA, SECONDS = sys.argv[1:]
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESS if host == NAME else host, *rest, **more
)
ALICE = "alice@assurmer.example"
# A connection that hangs is given up and made anew, or one alone could use up all the seconds.
PATIENCE = 4
begin = time.monotonic()


def dovecot() -> str:
    trust = ssl.create_default_context(cafile=CA)
    with imaplib.IMAP4_SSL(NAME, ssl_context=trust, timeout=PATIENCE) as client:
        return client.login(ALICE, "Alice-likes-3-teas")[0]


def postfix() -> str:
    with smtplib.SMTP(NAME, 25, "mx.example.org", timeout=PATIENCE) as client:
        client.ehlo()
        client.mail("friend@example.org")
        code, words = client.docmd("RCPT", f"TO:<{ALICE}>")
        return "OK" if code == 250 else words.decode()


for ask in (postfix, dovecot):
    while True:
        try:
            answer = ask()
        except (OSError, imaplib.IMAP4.error, smtplib.SMTPException) as error:
            answer = str(error)
        passed = time.monotonic() - begin
        if answer == "OK":
            print(f"{ask.__name__}: {passed:.1f} s")
            break
        if passed > float(SECONDS):
            sys.exit(f"{ask.__name__} still says after {passed:.1f} s: {answer}")
        time.sleep(0.1)
