# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""load.py CA.PEM RUNNING CUTS NAME=ADDRESS... USER...: mail comes to both hosts, and clients wait for it.

It goes to each user in turn, until the file RUNNING is gone, which is written once all clients wait. The
last ten users have a client at each host; a client that is cut off logs in again. All mail has to be taken
at once, and to arrive exactly once, in whatever folder. No client may be cut off more often than CUTS
times, or be told that its password is wrong.
"""

import collections
import concurrent.futures
import email
import imaplib
import itertools
import json
import pathlib
import random
import secrets
import smtplib
import socket
import ssl
import sys
import threading
import time

CA, RUNNING, CUTS, *REST = sys.argv[1:]
ADDRESSES = dict(word.split("=") for word in REST if "=" in word)
USERS = [word for word in REST if "=" not in word]
HOSTS = list(ADDRESSES)
PASSWORD = "Busy-bees"
# Seconds: how long an answer may take, between two messages to a host, and until all mail has arrived.
PATIENCE, PACE, ARRIVAL = 60, 0.2, 120
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESSES.get(host, host), *rest, **more
)
trust = ssl.create_default_context(cafile=CA)
running = pathlib.Path(RUNNING)
# Mail of an earlier run is not ours.
run = secrets.token_hex(4)
enough = threading.Event()
wrong: list[str] = []
sent: dict[str, str] = {}
cuts: collections.Counter[str] = collections.Counter()
outages: list[float] = []


def login(host: str, user: str) -> imaplib.IMAP4:
    client = imaplib.IMAP4_SSL(host, ssl_context=trust, timeout=PATIENCE)
    client.login(user, PASSWORD)
    client.select()
    return client


class Client:
    """A mail client that waits for mail (IDLE, RFC 2177), and comes back when it is cut off."""

    def __init__(self, host: str, user: str) -> None:
        self.host, self.user = host, user
        self._come_back()

    def wait(self) -> None:
        while not enough.is_set():
            try:
                self._idle()
            except (OSError, imaplib.IMAP4.error):
                if not enough.is_set():
                    cuts[f"{self.user} at {self.host}"] += 1
                    self._come_back()

    def _idle(self) -> None:
        self.connection.send(b"wait IDLE\r\n")
        self.connection.sock.settimeout(1)
        while not enough.is_set():
            try:
                line = self.connection.sock.recv(4096)
            except TimeoutError:
                continue
            if not line or b"BYE" in line:
                raise imaplib.IMAP4.abort("cut off")

    def _come_back(self) -> None:
        begin = time.monotonic()
        while time.monotonic() - begin < PATIENCE * 3:
            try:
                self.connection = login(self.host, self.user)
            except (OSError, imaplib.IMAP4.error) as error:
                if "AUTHENTICATIONFAILED" in str(error):
                    wrong.append(f"{self.user} at {self.host}: {error}")
                time.sleep(0.2)
            else:
                outages.append(time.monotonic() - begin)
                return
        wrong.append(f"{self.user} could not come back at {self.host}")


def send(host: str) -> None:
    for number in itertools.count():
        if enough.wait(PACE):
            return
        user = USERS[(number * 7) % len(USERS)]
        token = f"<{run}-{number}-{host}>"
        topic = "filed" if number % 2 else "read"
        message = f"Subject: {topic} {number}\r\nMessage-ID: {token}\r\n\r\nBusy.\r\n"
        try:
            with smtplib.SMTP(host, 25, "client.example.org", timeout=PATIENCE) as client:
                client.sendmail("friend@example.org", user, message)
        except (OSError, smtplib.SMTPException) as error:
            wrong.append(f"message {token} to {user}: {error!r}")
            continue
        sent[token] = user


def arrived(user: str) -> list[str]:
    """Return the Message-IDs in all folders of a user, asked at either host."""
    client = login(random.choice(HOSTS), user)
    found = []
    for row in client.list()[1]:
        folder = row.decode().rpartition(' "/" ')[2]
        if client.select(folder, readonly=True)[1] == [b"0"]:
            continue
        rows = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
        found += [
            email.message_from_bytes(row[1])["Message-ID"] for row in rows if isinstance(row, tuple)
        ]
    client.logout()
    return found


def judge() -> str:
    problems = []
    for user in USERS:
        present = collections.Counter(one for one in arrived(user) if one.startswith(f"<{run}-"))
        due = collections.Counter(token for token, to in sent.items() if to == user)
        if present != due:
            problems.append(f"{user}: lost {due - present}, too many {present - due}")
    return "\n".join(problems)


with concurrent.futures.ThreadPoolExecutor(8) as pool:
    clients = list(pool.map(lambda pair: Client(*pair), itertools.product(HOSTS, USERS[-10:])))
outages.clear()
threads = [threading.Thread(target=client.wait, daemon=True) for client in clients]
threads += [threading.Thread(target=send, args=(host,)) for host in HOSTS]
for thread in threads:
    thread.start()
running.touch()
begin = time.monotonic()
while running.exists():
    time.sleep(0.1)
enough.set()
for thread in threads:
    thread.join()
seconds = time.monotonic() - begin
deadline = time.monotonic() + ARRIVAL
while (problems := judge()) and time.monotonic() < deadline:
    time.sleep(1)
if problems:
    wrong.append(problems)
wrong += [f"{who} was cut off {times} times" for who, times in cuts.items() if times > int(CUTS)]
print(
    json.dumps(
        {
            "messages": len(sent),
            "seconds": round(seconds),
            "clients": len(clients),
            "cuts": sum(cuts.values()),
            "longest_outage": round(max(outages, default=0), 1),
        }
    )
)
sys.exit("\n".join(wrong) or None)
