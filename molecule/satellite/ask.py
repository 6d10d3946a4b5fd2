# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ask.py PORT: asks mail servers as somebody with a certificate does, and prints what is wrong.

The questions come as JSON on standard input, one object each:
  host         the server
  certificate  a PEM file with key and certificate to show, or nothing
  from, to     the sender and the recipient
  code         the code expected at RCPT TO
"""

import json
import smtplib
import ssl
import sys

PORT = int(sys.argv[1])
wrong = []
for question in json.load(sys.stdin):
    # Whom the server is, is the satellites' question.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if question["certificate"]:
        context.load_cert_chain(question["certificate"])
    with smtplib.SMTP_SSL(
        question["host"], PORT, "x.example", context=context, timeout=20
    ) as client:
        client.ehlo()
        client.mail(question["from"])
        code, words = client.docmd("RCPT", f"TO:<{question['to']}>")
    if code != question["code"]:
        wrong.append(f"{question}: {code} {words.decode()}")
print("\n".join(wrong))
sys.exit(bool(wrong))
