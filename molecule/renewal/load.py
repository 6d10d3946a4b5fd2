# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""load.py NAME ADDRESS CA.PEM RECIPIENTS USER...: 200 mail clients wait for mail, and mail comes all the time.

It goes to the addresses in the file RECIPIENTS, to each user's mailbox, until the file is gone. Writes
RECIPIENTS.ready once all clients wait. No session may end, every message has to be taken at once and to
arrive exactly once. A login that a reload cuts off may come again, once, and seldom.
"""

import collections
import concurrent.futures
import email
import imaplib
import itertools
import pathlib
import re
import secrets
import smtplib
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable

NAME, ADDRESS, CA, RECIPIENTS, *USERS = sys.argv[1:]
PASSWORD = "Busy-bees"
SESSIONS = 200
# Seconds: how long a client waits for an answer, and how often a message is sent on each port.
PATIENCE, PACE = 60, 0.3
# How many logins 20 renewals and a new domain may cut off.
SELDOM = 3
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESS if host == NAME else host, *rest, **more
)
trust = ssl.create_default_context(cafile=CA)
# Mail of an earlier run is not ours.
run = secrets.token_hex(4)
enough = threading.Event()
wrong: list[str] = []


def login(user: str) -> imaplib.IMAP4:
    client = imaplib.IMAP4_SSL(NAME, ssl_context=trust, timeout=PATIENCE)
    client.login(user, PASSWORD)
    client.select()
    return client


def answer(client: imaplib.IMAP4, end: bytes) -> list[bytes]:
    """Return the lines up to the one that begins with `end`."""
    lines = []
    while not lines or not lines[-1].startswith(end):
        lines.append(client.readline())
        if not lines[-1]:
            raise imaplib.IMAP4.abort("the server hung up")
    return lines


class Session:
    """A mail client that waits for mail (IDLE, RFC 2177); what it is told is read at the end."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.client = login(user)
        self.client.send(b"wait IDLE\r\n")
        answer(self.client, b"+ ")

    def end(self) -> None:
        """See that the session is still there, and was told of mail while it waited."""
        try:
            self.client.send(b"DONE\r\n")
            told = b"".join(answer(self.client, b"wait OK"))
            self.client.noop()
            self.client.logout()
        except (OSError, imaplib.IMAP4.error) as error:
            wrong.append(f"a session of {self.user}: {error!r}")
            return
        if not re.search(rb"^\* \d+ EXISTS", told, re.MULTILINE):
            wrong.append(f"a session of {self.user} was told of no mail")


class Stream:
    """Messages, one after the other, each with a token of its own and over a connection of its own."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.sent: dict[str, str] = {}
        self.slowest = 0.0
        self.again = 0

    def send(self, port: int) -> None:
        for number in itertools.count():
            if enough.wait(PACE):
                return
            token = f"{run}-{port}-{number}"
            address = self.addresses[number % len(self.addresses)]
            begin = time.monotonic()
            try:
                self._send(port, address, f"Subject: {token}\r\n\r\nBusy.\r\n")
            except (OSError, smtplib.SMTPException) as error:
                wrong.append(f"message {token} to {address}: {error!r}")
                continue
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self.sent[token] = address

    def _send(self, port: int, address: str, message: str) -> None:
        sender = USERS[0] if port == 587 else "friend@example.org"
        with self._user() if port == 587 else self._client(port) as client:
            client.sendmail(sender, address, message)

    def _user(self) -> smtplib.SMTP:
        """Return a client that is logged in.

        Dovecot makes the socket on which Postfix asks it for logins anew at each reload. Who comes in those
        milliseconds is cut off, and comes again.
        """
        try:
            return self._logged_in()
        except (smtplib.SMTPServerDisconnected, ConnectionResetError):
            self.again += 1
            return self._logged_in()

    def _logged_in(self) -> smtplib.SMTP:
        client = self._client(587)
        client.login(USERS[0], PASSWORD)
        return client

    @staticmethod
    def _client(port: int) -> smtplib.SMTP:
        client = smtplib.SMTP(NAME, port, "client.example.org", timeout=PATIENCE)
        client.starttls(context=trust)
        return client

    def has_served_all(self) -> bool:
        return set(self.addresses) <= set(self.sent.values())


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def tokens(user: str) -> list[str]:
    """Return those of this run in a mailbox."""
    client = login(user)
    rows = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
    client.logout()
    subjects = [
        email.message_from_bytes(row[1])["Subject"] for row in rows if isinstance(row, tuple)
    ]
    return [subject for subject in subjects if subject.startswith(f"{run}-")]


def arrived() -> dict[str, list[str]]:
    return {user: tokens(user) for user in USERS}


def judge_arrivals() -> None:
    expected = collections.defaultdict(list)
    for token, address in stream.sent.items():
        expected[address.partition("@")[0]].append(token)
    for user, found in arrived().items():
        due = collections.Counter(expected[user.partition("@")[0]])
        present = collections.Counter(found)
        if due != present:
            wrong.append(f"{user}: lost {due - present}, too many {present - due}")


recipients = pathlib.Path(RECIPIENTS)
stream = Stream()


def read_addresses() -> bool:
    """Return whether the file is gone."""
    try:
        stream.addresses = recipients.read_text("utf-8").split()
    except FileNotFoundError:
        return True
    return False


read_addresses()
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    sessions = list(pool.map(Session, itertools.islice(itertools.cycle(USERS), SESSIONS)))
begin = time.monotonic()
senders = [threading.Thread(target=stream.send, args=(port,)) for port in (25, 587)]
for sender in senders:
    sender.start()
wait_for(stream.has_served_all)
pathlib.Path(f"{RECIPIENTS}.ready").touch()
wait_for(read_addresses, 600)
wait_for(stream.has_served_all)
enough.set()
for sender in senders:
    sender.join()
seconds = time.monotonic() - begin
wait_for(lambda: sum(map(len, arrived().values())) >= len(stream.sent))
judge_arrivals()
if stream.again > SELDOM:
    wrong.append(f"{stream.again} times a login was cut off")
for session in sessions:
    session.end()
print(
    f"{len(sessions)} sessions for {seconds:.0f} s; {len(stream.sent)} messages,"
    f" {len(stream.sent) / seconds:.1f} a second, the slowest {stream.slowest:.1f} s,"
    f" {stream.again} times a login was cut off and came again"
)
sys.exit("\n".join(wrong) or None)
