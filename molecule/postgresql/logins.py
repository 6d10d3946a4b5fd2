# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""logins.py NAME ADDRESS CA.PEM: logs in as mail clients do, by IMAP and SMTP, and prints what is wrong.

The logins come as JSON on standard input, a list of [user, password, expected]. Expected is "in", "refused", or
"later": a failure that a client takes for temporary.
"""

import imaplib
import json
import smtplib
import socket
import ssl
import sys

NAME, ADDRESS, CA = sys.argv[1:]
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESS if host == NAME else host, *rest, **more
)
trust = ssl.create_default_context(cafile=CA)


def imap(user: str, password: str) -> str:
    with imaplib.IMAP4_SSL(NAME, ssl_context=trust, timeout=10) as client:
        try:
            return {"OK": "in"}[client.login(user, password)[0]]
        except imaplib.IMAP4.error as error:
            codes = {"[AUTHENTICATIONFAILED]": "refused", "[UNAVAILABLE]": "later"}
            return next((codes[code] for code in codes if code in str(error)), str(error))


def smtp(user: str, password: str) -> str:
    with smtplib.SMTP_SSL(NAME, 465, "client.example.com", context=trust, timeout=10) as client:
        code, words = client.ehlo()
        if code == 250:
            client.user, client.password = user, password
            code, words = client.auth("plain", client.auth_plain)
        return {235: "in", 535: "refused", 454: "later", 421: "later"}.get(code, words.decode())


wrong = []
for user, password, expected in json.load(sys.stdin):
    for ask in (imap, smtp):
        try:
            answer = ask(user, password)
        except smtplib.SMTPAuthenticationError as error:
            answer = "refused" if error.smtp_code == 535 else f"{error}"
        except (smtplib.SMTPServerDisconnected, TimeoutError):
            answer = "later"
        if answer != expected:
            wrong.append(f"{ask.__name__}, {user}: {answer} instead of {expected}")
print("\n".join(wrong))
sys.exit(bool(wrong))
