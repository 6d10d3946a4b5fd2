# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""traffic.py NAME ADDRESS CA.PEM RUNNING NUMBER: logs in and delivers, again and again.

Goes on until the file RUNNING, which it writes once both work, is gone, and each was done NUMBER
times. Every login must be let in, and every message be taken and arrive. Each is a new connection.
"""

import imaplib
import pathlib
import smtplib
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable

NAME, ADDRESS, CA, RUNNING, NUMBER = sys.argv[1:]
BUSY, PASSWORD = "busy@assurmer.example", "Busy-bees"
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESS if host == NAME else host, *rest, **more
)
trust = ssl.create_default_context(cafile=CA)
running = pathlib.Path(RUNNING)
taken: dict[str, list[float]] = {"login": [], "delivery": []}
refused: list[str] = []


def login() -> None:
    with imaplib.IMAP4_SSL(NAME, ssl_context=trust, timeout=60) as client:
        client.login(BUSY, PASSWORD)


def delivery() -> None:
    with smtplib.SMTP(NAME, 25, "mx.example.org", timeout=60) as client:
        client.sendmail("friend@example.org", BUSY, "Subject: Busy\r\n\r\nBusy.\r\n")


def arrived() -> int:
    with imaplib.IMAP4_SSL(NAME, ssl_context=trust, timeout=60) as client:
        client.login(BUSY, PASSWORD)
        return int(client.select()[1][0] or 0)


def again_and_again(act: Callable[[], None], times: list[float]) -> None:
    while len(times) < int(NUMBER) or running.exists():
        begin = time.monotonic()
        try:
            act()
        except (OSError, imaplib.IMAP4.error, smtplib.SMTPException) as error:
            refused.append(f"{act.__name__} {len(times)}: {error!r}")
            return
        times.append(time.monotonic() - begin)


before = arrived()
running.touch()
threads = [
    threading.Thread(target=again_and_again, args=(act, taken[act.__name__]))
    for act in (login, delivery) * 3
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
deadline = time.monotonic() + 120
while arrived() - before < len(taken["delivery"]) and time.monotonic() < deadline:
    time.sleep(0.2)
if arrived() - before != len(taken["delivery"]):
    refused.append(f"{arrived() - before} messages arrived of {len(taken['delivery'])}")
for name, times in taken.items():
    print(f"{name}: {len(times)} times, the slowest {max(times, default=0):.2f} s")
sys.exit("\n".join(refused) or None)
