# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""session.py NAME ADDRESS CA.PEM FILE USER PASSWORD: an IMAP session that must be ended by the server.

Writes FILE once it is open. Ends well when the server hangs up, within 30 s after that.
"""

import imaplib
import pathlib
import socket
import ssl
import sys
import time

NAME, ADDRESS, CA, FILE, USER, PASSWORD = sys.argv[1:]
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask_system(
    ADDRESS if host == NAME else host, *rest, **more
)
trust = ssl.create_default_context(cafile=CA)
client = imaplib.IMAP4_SSL(NAME, ssl_context=trust, timeout=30)
client.login(USER, PASSWORD)
client.select()
pathlib.Path(FILE).touch()
begin = time.monotonic()
while time.monotonic() - begin < 30:
    try:
        client.noop()
    except (imaplib.IMAP4.abort, OSError):
        sys.exit()
    time.sleep(0.1)
sys.exit("The session is still open.")
