# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The company's users as mail clients: who is at home where, how they log in, send and read."""

import concurrent.futures
import email
import imaplib
import json
import re
import secrets
import smtplib
import socket
import ssl
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import EmailMessage

PASSWORD = "Three-offices"
# Seconds: how long a client waits for an answer.
PATIENCE = 40


def address_of(user: str) -> str:
    return f"{user}@company.example"


@dataclass(frozen=True)
class Office:
    """A mail host: its name, its address, the authority that it is verified against, its users."""

    name: str
    host: str
    address: str
    ca: str
    users: tuple[str, ...]

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca)

    def imap(self, user: str, password: str = PASSWORD) -> imaplib.IMAP4:
        client = imaplib.IMAP4_SSL(self.host, ssl_context=self.trust, timeout=PATIENCE)
        client.login(address_of(user), password)
        return client

    def submission(self, user: str) -> smtplib.SMTP:
        client = smtplib.SMTP(self.host, 587, timeout=PATIENCE)
        client.starttls(context=self.trust)
        client.login(address_of(user), PASSWORD)
        return client

    def send(self, sender: str, recipient: str, subject: str) -> None:
        message = EmailMessage()
        message["From"], message["To"] = address_of(sender), address_of(recipient)
        message["Subject"] = subject
        message["Message-ID"] = f"<{subject}@company.example>"
        message.set_content(f"{sender} to {recipient}\n")
        with self.submission(sender) as client:
            client.send_message(message)

    def subjects(self, user: str, mark: str) -> Counter[str]:
        """Return the subjects with a mark in a user's INBOX, and how often each is there."""
        client = self.imap(user)
        try:
            client.select(readonly=True)
            found = client.search(None, "SUBJECT", mark)[1][0].decode().replace(" ", ",")
            if not found:
                return Counter()
            parts = client.fetch(found, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
            texts = [part[1] for part in parts if isinstance(part, tuple)]
            return Counter(email.message_from_bytes(text)["Subject"] for text in texts)
        finally:
            client.logout()


def company(path: str) -> list[Office]:
    """Return the offices of a file, whose hosts' names lead to their addresses from now on."""
    with open(path, encoding="utf-8") as stream:
        offices = [Office(**{**each, "users": tuple(each["users"])}) for each in json.load(stream)]
    known = {office.host: office.address for office in offices}
    ask_system = socket.getaddrinfo
    socket.getaddrinfo = lambda host, *rest, **more: ask_system(
        known.get(host, host), *rest, **more
    )
    return offices


def until(what: str, seconds: float, done: Callable[[], str]) -> None:
    """Wait until `done` returns nothing; else end with what it said last."""
    deadline = time.monotonic() + seconds
    while words := done():
        if time.monotonic() > deadline:
            sys.exit(f"{what}: {words}")
        time.sleep(0.5)


def at_once(jobs: Iterable[Callable[[], object]], workers: int = 6) -> None:
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for future in [pool.submit(job) for job in jobs]:
            future.result()


def refused(what: str, error: type[Exception], words: str, attempt: Callable[[], object]) -> None:
    """See that an attempt fails with an answer that has these words (a regular expression)."""
    try:
        attempt()
    except error as found:
        if not re.search(words, str(found)):
            sys.exit(f"{what}: the answer was {found}")
        return
    sys.exit(f"{what}: it was not refused")


def new_mark() -> str:
    return secrets.token_hex(6)
