# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sockets.py USER...: asks Dovecot as Postfix does, while the database is gone. Any failure is a traceback.

Dovecot may keep the first question for two minutes. No answer is as good as a temporary failure, and Postfix, too,
waits for so long only.
"""

import contextlib
import smtplib
import socket
import sys

SECONDS = 10
TEMPORARY = "451", "action=DEFER_IF_PERMIT"


def deliver(user: str) -> str:
    with smtplib.LMTP("/run/dovecot/lmtp-postfix", timeout=SECONDS) as client:
        client.ehlo("postfix.example")
        client.mail("friend@elsewhere.example.com")
        code, words = client.docmd("RCPT", f"TO:<{user}>")
        return f"{code} {words.decode()}"


def quota(user: str) -> str:
    with socket.socket(socket.AF_UNIX) as policy:
        policy.settimeout(SECONDS)
        policy.connect("/run/dovecot/quota-postfix")
        policy.sendall(
            f"request=smtpd_access_policy\nprotocol_state=RCPT\nsize=1000\nrecipient={user}\n\n".encode()
        )
        return policy.recv(1000).decode()


for user in sys.argv[1:]:
    for ask in (deliver, quota):
        with contextlib.suppress(TimeoutError, smtplib.SMTPServerDisconnected):
            answer = ask(user)
            assert answer.startswith(TEMPORARY), (ask.__name__, user, answer)
