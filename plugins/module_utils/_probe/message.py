# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message that a probe sends.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

SUBJECT = "assurmer.mail probe"

# Postfix: "250 2.0.0 Ok: queued as 4XyZ1234"; filters in front of it put words before that.
_QUEUED_AS = re.compile(r"\bqueued as ([0-9A-Za-z]+)\b")


@dataclass(frozen=True, slots=True)
class Message:
    """A message that can be told from every other one by its token."""

    token: str
    sender: str
    recipient: str
    date: datetime

    @property
    def message_id(self) -> str:
        return f"<{self.token}@{self.recipient.rpartition('@')[2]}>"

    @property
    def subject(self) -> str:
        return f"{SUBJECT} {self.token}"

    @property
    def header_from(self) -> str:
        # The null sender of an envelope can't stand in a header.
        return self.sender or self.recipient

    @property
    def body(self) -> bytes:
        # The dots show that nobody on the way took a line for the end of the message.
        lines = (
            "Sent by the module mail_probe to see whether mail arrives.",
            f"Token: {self.token}",
            ".",
            "..",
            "",
        )
        return "\r\n".join(lines).encode("ascii")

    def render(self) -> bytes:
        headers = (
            f"From: <{self.header_from}>",
            f"To: <{self.recipient}>",
            f"Subject: {self.subject}",
            f"Message-ID: {self.message_id}",
            f"Date: {format_datetime(self.date)}",
            # RFC 3834: no vacation answer, no answering machine.
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=us-ascii",
        )
        return "\r\n".join((*headers, "", "")).encode("ascii") + self.body


def new_token() -> str:
    return secrets.token_hex(12)


def queue_id(answer: str) -> str | None:
    """Return the name that the server gave the message in its queue."""
    found = _QUEUED_AS.search(answer)
    return found[1] if found else None
