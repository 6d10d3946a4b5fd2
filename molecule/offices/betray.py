# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""betray.py COMPANY.json MARK NAME: mail and a login for Lyon, while a stranger answers in its place.

The message has to stay in Paris' queue, with words on why; the user is told that Lyon is away.
"""

import imaplib
import json
import pathlib
import subprocess
import sys

from company import PATIENCE, company, refused, until

OFFICES = company(sys.argv[1])
MARK, NAME = sys.argv[2:]
PARIS, LYON, _BRUSSELS = OFFICES
SENDER, RECIPIENT = PARIS.users[0], LYON.users[1]
SUBJECT = f"{MARK}-{NAME}"

PARIS.send(SENDER, RECIPIENT, SUBJECT)
log = pathlib.Path(f"{sys.argv[1]}.{MARK}")
sent = json.loads(log.read_text(encoding="utf-8")) if log.exists() else []
log.write_text(json.dumps([*sent, (SUBJECT, RECIPIENT)]), encoding="utf-8")


def waiting() -> str:
    queue = subprocess.run(
        ["docker", "exec", "offices-paris", "postqueue", "-j"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    reasons = [
        recipient.get("delay_reason", "")
        for message in map(json.loads, queue.splitlines())
        for recipient in message["recipients"]
        if message["queue_name"] == "deferred"
    ]
    good = len(reasons) >= len(sent) + 1 and all(
        "not verified" in reason or "not trusted" in reason or "TLS is required" in reason
        for reason in reasons
    )
    return "" if good else f"{len(sent) + 1} messages should wait in Paris, these do: {reasons}"


until("mail for a stranger waits", PATIENCE, waiting)
refused(
    f"{RECIPIENT} in Paris, while a stranger is in Lyon's place",
    imaplib.IMAP4.error,
    "UNAVAILABLE|temporar|internal",
    lambda: PARIS.imap(RECIPIENT),
)
