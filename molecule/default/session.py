# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""session.py NAME ADDRESS CA.PEM FILE: an IMAP session of alice's that lasts until the file is gone."""

import imaplib
import pathlib
import socket
import ssl
import sys
import time

NAME, ADDRESS, CA, FILE = sys.argv[1:]
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESS if host == NAME else host, *rest, **more
)

running = pathlib.Path(FILE)
with imaplib.IMAP4_SSL(
    NAME, ssl_context=ssl.create_default_context(cafile=CA), timeout=30
) as client:
    client.login("alice@assurmer.example", "Alice-likes-3-teas")
    client.select()
    running.touch()
    while running.exists():
        assert client.noop()[0] == "OK"
        time.sleep(0.2)
