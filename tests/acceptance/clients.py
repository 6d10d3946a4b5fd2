# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people do with a mail client, in Python's own smtplib and imaplib."""

from __future__ import annotations

import base64
import imaplib
import re
import smtplib
import ssl
import time
import typing as t
from collections.abc import Callable

PATIENCE = 30.0  # seconds; Dovecot makes a client wait after wrong passwords

SUBMISSION_PORTS = (465, 587)
IMAP_PORTS = (143, 993)

T = t.TypeVar("T")


def world(host: t.Any, trust: ssl.SSLContext) -> smtplib.SMTP:
    """Connect as another mail server does."""
    client = smtplib.SMTP(host.name, 25, local_hostname="mx.example.org", timeout=PATIENCE)
    client.starttls(context=trust)
    client.ehlo()
    return client


def submission(host: t.Any, trust: ssl.SSLContext, port: int = 587) -> smtplib.SMTP:
    """Connect as a mail client does, before it logs in."""
    if port == 465:
        return smtplib.SMTP_SSL(host.name, port, "client.example", timeout=PATIENCE, context=trust)
    client = smtplib.SMTP(host.name, port, "client.example", timeout=PATIENCE)
    client.starttls(context=trust)
    client.ehlo()
    return client


def auth_plain(client: smtplib.SMTP, login: str, password: str) -> tuple[int, bytes]:
    """Log in with a password of any characters; smtplib's own login() takes ASCII alone."""
    client.ehlo_or_helo_if_needed()
    return client.docmd("AUTH", "PLAIN " + base64.b64encode(_plain(login, password)).decode())


def imap(host: t.Any, trust: ssl.SSLContext, port: int = 993) -> imaplib.IMAP4:
    """Connect as a mail client does, before it logs in."""
    if port == 993:
        return imaplib.IMAP4_SSL(host.name, port, ssl_context=trust, timeout=PATIENCE)
    client = imaplib.IMAP4(host.name, port, timeout=PATIENCE)
    client.starttls(trust)
    return client


def mailbox(
    host: t.Any, trust: ssl.SSLContext, person: t.Any, folder: str = "INBOX"
) -> imaplib.IMAP4:
    """Connect, log in and open a folder."""
    client = imap(host, trust)
    authenticate(client, person.address, person.password)
    ok(client.select(folder))
    return client


def authenticate(client: imaplib.IMAP4, login: str, password: str) -> None:
    ok(client.authenticate("PLAIN", lambda _challenge: _plain(login, password)))


def _plain(login: str, password: str) -> bytes:
    """RFC 4616; the domain as A-labels, as a client sends it."""
    local_part, _at, domain = login.rpartition("@")
    return f"\0{local_part}@{domain.encode('idna').decode()}\0{password}".encode()


def ok(answer: tuple[str, list[t.Any]]) -> list[t.Any]:
    status, data = answer
    assert status == "OK", data
    return data


def message(
    sender: str, recipient: str, token: str, body: str = "Good morning.", more: str = ""
) -> bytes:
    return (
        f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: A letter {token}\r\n"
        f"Message-ID: <{token}@client.example>\r\n{more}\r\n{body}\r\n"
    ).encode()


def deliver(host: t.Any, trust: ssl.SSLContext, recipient: str, token: str, more: str = "") -> None:
    """Send a message from the world to a recipient, who is in the header, too."""
    with world(host, trust) as client:
        content = message("friend@example.org", recipient, token, more=more)
        client.sendmail("friend@example.org", recipient, content)


def search(client: imaplib.IMAP4, *criteria: str) -> list[str]:
    ok(client.noop())
    return [
        uid.decode() for row in ok(client.uid("SEARCH", *criteria)) if row for uid in row.split()
    ]


def await_message(client: imaplib.IMAP4, token: str) -> str:
    """Wait for the message with the token in the open folder, and return its UID."""
    found = wait_for(lambda: search(client, "SUBJECT", token))
    assert found, f"no message with {token} after {PATIENCE} s"
    assert len(found) == 1, f"{len(found)} messages with {token}"
    return found[0]


def flags(client: imaplib.IMAP4, uid: str) -> str:
    ok(client.noop())
    return fetch(client, uid, "FLAGS").decode()


def fetch(client: imaplib.IMAP4, uid: str, item: str) -> bytes:
    """Return what the server says of one message; it may speak of others, too."""
    for row in ok(client.uid("FETCH", uid, f"({item})")):
        line, content = row if isinstance(row, tuple) else (row, row)
        if re.search(rb"\bUID %d\b" % int(uid), line):
            return bytes(content)
    raise AssertionError(f"nothing about UID {uid}")


def wait_for(look: Callable[[], T], patience: float = PATIENCE) -> T:
    """Look until there is something to be seen, or the time is over."""
    deadline = time.monotonic() + patience
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen
