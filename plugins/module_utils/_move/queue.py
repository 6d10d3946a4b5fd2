# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Postfix's queue on this host: what is on its way to somebody, and what waits for him.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import command

POSTQUEUE = "/usr/sbin/postqueue"
SECONDS = 60


def drain(addresses: Collection[str], seconds: float) -> None:
    """Wait until what was being delivered to them, at the moment of the call, is delivered.

    A message that comes to the active queue later is judged by the directory as it is then.
    """
    wanted = set(addresses)
    under_way = _messages(wanted, "active")
    deadline = time.monotonic() + seconds
    while under_way:
        if time.monotonic() > deadline:
            raise MailError(
                f"Postfix has been delivering {sorted(under_way)[0]} for {seconds:.0f} s, and it "
                "goes to a mailbox that is to move; try again later."
            )
        time.sleep(0.1)
        under_way &= _messages(wanted, "active")


def flush(addresses: Collection[str]) -> int:
    """Have Postfix try again now what waits for them; return how many messages."""
    waiting = _messages(set(addresses), "deferred")
    for message in sorted(waiting):
        _run("-i", message)
    return len(waiting)


def _messages(addresses: set[str], queue: str) -> set[str]:
    if not os.access(POSTQUEUE, os.X_OK):
        return set()
    found = set()
    for line in _run("-j").splitlines():
        entry = json.loads(line)
        if entry["queue_name"] != queue:
            continue
        recipients = {_mailbox(recipient["address"]) for recipient in entry["recipients"]}
        if recipients & addresses:
            found.add(entry["queue_id"])
    return found


def _mailbox(recipient: str) -> str:
    """Return the mailbox that a recipient's mail goes to: one without a detail, in lower case."""
    local_part, _at, domain = recipient.lower().rpartition("@")
    return f"{local_part.partition('+')[0]}@{domain}"


def _run(*arguments: str) -> str:
    done = command(POSTQUEUE, *arguments, seconds=SECONDS)
    if done.code != 0:
        raise MailError(f"postqueue {arguments[0]}: {done.words}")
    return done.output
