# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of the walk: open the mailbox, send, read, and leave nothing behind.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime

from ansible_collections.assurmer.mail.plugins.module_utils._probe.imap import ImapSession
from ansible_collections.assurmer.mail.plugins.module_utils._probe.journal import (
    FAILURES,
    Journal,
    words,
)
from ansible_collections.assurmer.mail.plugins.module_utils._probe.leftovers import remove_folder
from ansible_collections.assurmer.mail.plugins.module_utils._probe.message import Message, new_token
from ansible_collections.assurmer.mail.plugins.module_utils._probe.plan import Plan
from ansible_collections.assurmer.mail.plugins.module_utils._probe.reading import (
    Reading,
    find,
    open_inbox,
    poll,
)
from ansible_collections.assurmer.mail.plugins.module_utils._probe.sending import Sending


class Walk:
    """One probe. The first step that fails ends it; what it made on the server is removed."""

    def __init__(self, plan: Plan, context: ssl.SSLContext) -> None:
        self._plan = plan
        self._context = context
        self._message = Message(new_token(), plan.sender, plan.recipient, datetime.now(UTC))
        self.journal = Journal(plan.secrets)
        self._sending = Sending(plan, context, self.journal, self._message)
        self._reading = Reading(plan, context, self.journal, self._message)
        self.delivered_in: float | None = None
        self.left_behind = ""

    @property
    def queue_id(self) -> str | None:
        return self._sending.queue_id

    def go(self) -> None:
        try:
            # First the mailbox: what nobody could delete again is not sent.
            self._reading.open()
            self._sending.go()
            self.delivered_in = self._reading.read(self._sending.sent_at or time.monotonic())
            self._reading.compare_devices()
            self._reading.leave()
        finally:
            self._reading.close()
            self._clean_up()

    def _clean_up(self) -> None:
        """Remove what a walk that broke off has left: its own connection may be what failed."""
        sent_at = None if self._reading.deleted else self._sending.sent_at
        if sent_at is None and not self._reading.folder_made:
            return
        device = ImapSession(self._plan.imap, self._context, self._plan.timeout)
        try:
            open_inbox(device, self._plan)
            if self._reading.folder_made:
                remove_folder(device, self._reading.folder)
            if sent_at is not None and not self._remove_message(device, sent_at):
                self.left_behind = (
                    f"the message {self._message.subject!r} may still arrive;"
                    " a probe of this mailbox removes it when it is an hour old"
                )
        except FAILURES as error:
            self.left_behind = (
                f"the message {self._message.subject!r} or the folder {self._reading.folder}"
                f" can't be removed: {words(error)}"
            )
        finally:
            device.close()

    def _remove_message(self, device: ImapSession, sent_at: float) -> bool:
        """Return whether the message is gone for sure."""
        # Once it was seen it is in INBOX, or went with the folder; before that it may still come.
        rest = sent_at + self._plan.delivery_timeout - time.monotonic()
        patience = 0.0 if self._reading.uid else max(0.0, rest)
        uid = poll(patience, lambda: find(device, self._reading.arrives_from_uid, self._message))
        if uid:
            device.expunge(uid)
        return bool(uid or self._reading.uid)
