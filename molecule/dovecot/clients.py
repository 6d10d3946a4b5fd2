# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What mail clients see from the workstation. clients.py NAME ADDRESS CA.PEM; any failure is a traceback."""

import base64
import imaplib
import socket
import ssl
import sys

NAME, ADDRESS, CA = sys.argv[1:]
ALICE = ("alice@assurmer.example", 'Alice: {likes} "3" %u teas')
BRIEN = ("o'brien@assurmer.example", "it's O'Brien")
REFUSED = [
    ("former@assurmer.example", "Former-colleague"),
    ("carol@closed.example", "Carol-likes-1-water"),
    ("alice@assurmer.example", "wrong"),
]
SCRIPT = b'require ["fileinto"];\nif header :contains "subject" "invoice" { fileinto "Work/Invoices"; }\n'

ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESS if host == NAME else host, *rest, **more
)
trust = ssl.create_default_context(cafile=CA)


def login(client: imaplib.IMAP4, user: str, password: str) -> str:
    try:
        return client.login(user, password)[0]
    except imaplib.IMAP4.error as error:
        return str(error)


def starttls(port: int = 143) -> imaplib.IMAP4:
    client = imaplib.IMAP4(NAME, port, timeout=30)
    assert "LOGINDISABLED" in client.capabilities, client.capabilities
    assert not [word for word in client.capabilities if word.startswith("AUTH=")], (
        client.capabilities
    )
    client.starttls(trust)
    return client


def imaps() -> imaplib.IMAP4:
    return imaplib.IMAP4_SSL(NAME, 993, ssl_context=trust, timeout=30)


plain = imaplib.IMAP4(NAME, 143, timeout=30)
assert "PRIVACYREQUIRED" in login(plain, *ALICE)

for connect in (starttls, imaps):
    for refused, welcome in zip(REFUSED, (ALICE, BRIEN, (ALICE[0].upper(), ALICE[1])), strict=True):
        with connect() as client:
            assert "AUTHENTICATIONFAILED" in login(client, *refused), refused
        # At once, because Dovecot makes an address that only guesses wait longer and longer.
        with connect() as client:
            assert login(client, *welcome) == "OK", welcome

with imaps() as client:
    assert login(client, *ALICE) == "OK"
    folders = b"\n".join(client.list()[1]).decode()
    for use in ("Drafts", "Sent", "Junk", "Trash", "Archive"):
        assert f'\\{use}) "/" {use}' in folders, folders
    words = client.capability()[1][0].decode().split()
    missing = {"IDLE", "MOVE", "SPECIAL-USE", "QUOTA", "CONDSTORE", "UIDPLUS", "NAMESPACE"} - set(
        words
    )
    assert not missing, missing
    assert b"2097152" in client.getquotaroot("INBOX")[1][1][0]
with imaps() as client:
    assert login(client, "small@assurmer.example", "Small-mailbox") == "OK"
    assert b" 100)" in client.getquotaroot("INBOX")[1][1][0]

for port in (110, 995):
    try:
        socket.create_connection((ADDRESS, port), 10)
    except ConnectionRefusedError:
        continue
    raise AssertionError(f"port {port} is open")


class Sieve:
    """ManageSieve, RFC 5804."""

    def __init__(self) -> None:
        self.sock = socket.create_connection((ADDRESS, 4190), 30)
        self.file = self.sock.makefile("rb")

    def answer(self) -> bytes:
        lines = b""
        while not lines.splitlines(True)[-1:] or not lines.splitlines()[-1].startswith(
            (b"OK", b"NO", b"BYE")
        ):
            lines += self.file.readline()
        return lines

    def ask(self, command: bytes) -> bytes:
        self.sock.sendall(command + b"\r\n")
        return self.answer()

    def starttls(self) -> bytes:
        assert self.ask(b"STARTTLS").startswith(b"OK")
        self.sock = trust.wrap_socket(self.sock, server_hostname=NAME)
        self.file = self.sock.makefile("rb")
        return self.answer()


password = base64.b64encode("\0".join(("", *ALICE)).encode())
sieve = Sieve()
assert b'"SASL" ""' in sieve.answer()
assert b"ENCRYPT-NEEDED" in sieve.ask(b'AUTHENTICATE "PLAIN" "%s"' % password)
sieve = Sieve()
sieve.answer()
assert b'"SASL" "PLAIN' in sieve.starttls()
assert sieve.ask(b'AUTHENTICATE "PLAIN" "%s"' % password).startswith(b"OK")
assert sieve.ask(b'PUTSCRIPT "work" {%d+}\r\n%s' % (len(SCRIPT), SCRIPT)).startswith(b"OK")
assert sieve.ask(b'SETACTIVE "work"').startswith(b"OK")
