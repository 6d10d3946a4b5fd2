# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ask.py SERVER: asks a mail server on port 25 as another server does, and prints what is wrong.

The questions come as JSON on standard input, one object each:
  to       the recipient
  from     the sender, by default somebody elsewhere
  code     the code expected at RCPT TO
  send     a subject: go on and send the message, expect 250
"""

import json
import smtplib
import sys

server = sys.argv[1]
wrong = []
for question in json.load(sys.stdin):
    with smtplib.SMTP(server, 25, "client.example.com", timeout=20) as client:
        client.ehlo()
        client.mail(question.get("from", "friend@elsewhere.example.com"))
        code, words = client.docmd("RCPT", f"TO:<{question['to']}>")
        if code == 250 and "send" in question:
            code, words = client.data(f"Subject: {question['send']}\r\n\r\nHello.\r\n")
    if code != question["code"]:
        wrong.append(f"{question['to']}: {code} {words.decode()} instead of {question['code']}")
print("\n".join(wrong))
sys.exit(bool(wrong))
