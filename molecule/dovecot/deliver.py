# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""deliver.py USER...: what Postfix does, as its user, on Dovecot's sockets. Any failure is a traceback.

Mail for the users given must be refused; without any, everything is tried.
"""

import base64
import smtplib
import socket
import sys

GONE = sys.argv[1:]


def lmtp() -> smtplib.LMTP:
    client = smtplib.LMTP("/run/dovecot/lmtp-postfix")
    client.ehlo("postfix.example")
    return client


def send(recipient: str, subject: str, size: int = 10) -> tuple[int, bytes]:
    with lmtp() as client:
        client.mail("friend@elsewhere.example.com")
        answer = client.docmd("RCPT", f"TO:<{recipient}>")
        if answer[0] != 250:
            return answer
        line = "x" * 70 + "\r\n"
        return client.data(
            f"From: friend@elsewhere.example.com\r\nSubject: {subject}\r\n\r\n{line * (size // 72 + 1)}"
        )


def quota(recipient: str, size: int) -> str:
    """Postfix's question to a policy service."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("/run/dovecot/quota-postfix")
        sock.settimeout(20)
        sock.sendall(
            f"request=smtpd_access_policy\nprotocol_state=RCPT\nsize={size}\nrecipient={recipient}\n\n".encode()
        )
        return sock.recv(1000).decode().strip()


def may_log_in(user: str, password: str) -> bool:
    """Dovecot's protocol for logins, as Postfix speaks it."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("/run/dovecot/auth-postfix")
        sock.settimeout(20)
        response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        sock.sendall(
            f"VERSION\t1\t1\nCPID\t1\nAUTH\t1\tPLAIN\tservice=smtp\tresp={response}\n".encode()
        )
        for line in sock.makefile():
            if line.startswith(("OK\t1", "FAIL\t1")):
                return line.startswith("OK")
    raise AssertionError("Dovecot hung up")


for user in GONE:
    assert send(user, "to nobody")[0] == 550, user
    assert not may_log_in(user, "it's O'Brien"), user
if GONE:
    sys.exit()

assert send("alice@assurmer.example", "plain")[0] == 250
assert send("Alice+shop@Assurmer.example", "detail")[0] == 250
assert send("alice@assurmer.example", "an invoice")[0] == 250
assert send("o'brien@assurmer.example", "apostrophe")[0] == 250
for user in ("nobody@assurmer.example", "former@assurmer.example", "carol@closed.example", "alice"):
    assert send(user, "to nobody")[0] == 550, user

assert may_log_in("o'brien@assurmer.example", "it's O'Brien")
assert not may_log_in("o'brien@assurmer.example", "wrong")
assert not may_log_in("former@assurmer.example", "Former-colleague")

small = "small@assurmer.example"
assert quota(small, 1000) == "action=DUNNO"
assert quota(small, 1000000).startswith("action=552 5.2."), quota(small, 1000000)
assert quota("SMALL+shop@assurmer.example", 1000000).startswith("action=552 5.2.")
assert quota("alice@assurmer.example", 1000000) == "action=DUNNO"
assert quota("nobody@assurmer.example", 1000) == "action=DUNNO"
answers = [send(small, "filling", 30000)[0] for _number in range(5)]
assert (answers[0], answers[-1]) == (250, 552), answers
assert quota(small, 30000).startswith("action=552 5.2.2"), quota(small, 30000)
