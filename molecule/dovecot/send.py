# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""send.py USER SUBJECT: delivers a message as Postfix does, and prints the answer's code."""

import smtplib
import sys

user, subject = sys.argv[1:]
with smtplib.LMTP("/run/dovecot/lmtp-postfix") as client:
    client.ehlo("postfix.example")
    client.mail("friend@elsewhere.example.com")
    code, _words = client.docmd("RCPT", f"TO:<{user}>")
    if code == 250:
        code, _words = client.data(f"Subject: {subject}\r\n\r\nHello.\r\n")
    print(code)
