# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mail client on the host itself.

client.py hold         logs in and keeps its session; a question to it on a socket makes it use it
client.py ask          asks whether that session is alive and all ports serve the certificate on disk
client.py stay         asks that session for ten seconds; Dovecot ends old ones six after a reload
client.py kill FILE    kills the module once a file of JSON says that a swap is pending
client.py occupy A B   listens on port A; binds port B and does not listen, which nobody can see
"""

import imaplib
import json
import os
import pathlib
import signal
import smtplib
import socket
import ssl
import sys
import time

HELD = "/run/client.held"
CERTIFICATE = "/etc/ssl/mail.pem"
TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TRUST.check_hostname = False
TRUST.verify_mode = ssl.CERT_NONE


def must(true: bool, otherwise: str) -> None:
    if not true:
        sys.exit(otherwise)


def hold() -> None:
    pathlib.Path(HELD).unlink(missing_ok=True)
    session = imaplib.IMAP4_SSL("127.0.0.1", 993, ssl_context=TRUST, timeout=10)
    session.login("alice@assurmer.example", "secret")
    session.select("INBOX")
    server = socket.socket(socket.AF_UNIX)
    server.bind(HELD)
    server.listen()
    while True:
        asker = server.accept()[0]
        asker.sendall(session.noop()[0].encode())
        asker.close()


def use_held() -> None:
    with socket.socket(socket.AF_UNIX) as held:
        held.settimeout(10)
        held.connect(HELD)
        must(held.recv(10) == b"OK", "the session was cut")


def stay() -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        use_held()
        time.sleep(0.5)


def ask() -> None:
    use_held()
    text = pathlib.Path(CERTIFICATE).read_text()
    leaf = ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERTIFICATE-----") :])
    for port in (25, 587):
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
            smtp.starttls(context=TRUST)
            must(smtp.sock.getpeercert(True) == leaf, f"port {port} serves another certificate")
            must(smtp.noop()[0] == 250, f"port {port} does not go on")
    plain = imaplib.IMAP4("127.0.0.1", 143, timeout=10)
    plain.starttls(TRUST)
    for imap in (plain, imaplib.IMAP4_SSL("127.0.0.1", 993, ssl_context=TRUST, timeout=10)):
        must(imap.sock.getpeercert(True) == leaf, f"{imap.port} serves another certificate")
        imap.login("alice@assurmer.example", "secret")
        imap.logout()


def kill(path: str) -> None:
    deadline = time.monotonic() + 60
    while not json.loads(pathlib.Path(path).read_text())["pending"]:
        must(time.monotonic() < deadline, "no swap came")
        time.sleep(0.05)
    victims = [
        int(entry.parent.name)
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline")
        if b"AnsiballZ_service_config" in entry.read_bytes()
    ]
    must(bool(victims), "the module does not run")
    for victim in victims:
        os.kill(victim, signal.SIGKILL)


def occupy(listening: str, bound: str) -> None:
    with socket.create_server(("", int(listening))), socket.socket() as silent:
        silent.bind(("", int(bound)))
        signal.pause()


{"hold": hold, "ask": ask, "stay": stay, "kill": kill, "occupy": occupy}[sys.argv[1]](*sys.argv[2:])
