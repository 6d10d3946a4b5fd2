# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of reading, on one device and on a second one.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import ssl
import time
import typing as t
from collections.abc import Callable

from ansible_collections.assurmer.mail.plugins.module_utils._probe.imap import ImapSession
from ansible_collections.assurmer.mail.plugins.module_utils._probe.journal import (
    AnswerError,
    Journal,
)
from ansible_collections.assurmer.mail.plugins.module_utils._probe.leftovers import (
    FOLDER_PREFIX,
    sweep,
)
from ansible_collections.assurmer.mail.plugins.module_utils._probe.message import Message
from ansible_collections.assurmer.mail.plugins.module_utils._probe.plan import Plan

_POLL_SECONDS = 0.02

T = t.TypeVar("T")


class Reading:
    """Finds one message in a mailbox, does with it what people do, and deletes it."""

    def __init__(
        self, plan: Plan, context: ssl.SSLContext, journal: Journal, message: Message
    ) -> None:
        self._plan = plan
        self._context = context
        self._journal = journal
        self._message = message
        self._device = ImapSession(plan.imap, context, plan.timeout)
        self.arrives_from_uid = 1
        self.uid = ""
        self.folder = FOLDER_PREFIX + message.token
        self.folder_made = False
        self.deleted = False

    def _step(self, name: str, action: Callable[[], str]) -> None:
        with self._journal.step(self._plan.imap, name) as answer:
            answer.text = action()

    def close(self) -> None:
        self._device.close()

    def open(self) -> None:
        device, account = self._device, self._plan.recipient_account
        self._step("connect", device.connect)
        if self._plan.imap.implicit_tls:
            self._step("tls", device.tls)
        self._step("greeting", device.greeting)
        if not self._plan.imap.implicit_tls:
            self._step("starttls", device.starttls)
        self._step("login", lambda: device.login(account.login, account.password))
        self._step("list", self._list)
        self._step("select", self._select)

    def _list(self) -> str:
        folders = self._device.folders()
        if "INBOX" not in folders:
            raise AnswerError(f"INBOX is not among the folders: {', '.join(folders) or 'none'}")
        return f"{len(folders)} folders: {', '.join(folders)}"

    def _select(self) -> str:
        answer = self._device.select("INBOX")
        self.arrives_from_uid = self._device.next_uid()
        sweep(self._device)
        return answer

    def read(self, sent_at: float) -> float:
        """Return how many milliseconds the message took to the mailbox."""
        self._step("delivered", self._await_message)
        delivered_in = round((time.monotonic() - sent_at) * 1000, 1)
        self._step("fetch_envelope", self._fetch_envelope)
        self._step("fetch_body", self._fetch_body)
        self._step("search_from", lambda: self._found_by("FROM", self._message.header_from))
        self._step("search_to", lambda: self._found_by("TO", self._plan.recipient))
        self._step("search_subject", lambda: self._found_by("SUBJECT", self._message.subject))
        return delivered_in

    def _await_message(self) -> str:
        self.uid = poll(self._plan.delivery_timeout, lambda: self._find(self._device))
        if not self.uid:
            raise AnswerError(f"the message did not arrive within {self._plan.delivery_timeout} s")
        return f"UID {self.uid}"

    def _find(self, device: ImapSession) -> str:
        return find(device, self.arrives_from_uid, self._message)

    def _fetch_envelope(self) -> str:
        envelope = self._device.fetch(self.uid, "ENVELOPE").decode("ascii", "replace")
        for part in (self._message.subject, self._message.message_id):
            if part not in envelope:
                raise AnswerError(f"{part} is not in {envelope}")
        return envelope

    def _fetch_body(self) -> str:
        body = self._device.fetch(self.uid, "BODY.PEEK[TEXT]")
        if body.rstrip() != self._message.body.rstrip():
            raise AnswerError("the body is not the one that was sent")
        return f"{len(body)} octets, as sent"

    def _found_by(self, key: str, text: str) -> str:
        found = self._device.search_text(self.arrives_from_uid, key, text)
        if self.uid not in found:
            raise AnswerError(f"SEARCH {key} finds {' '.join(found) or 'nothing'}, not {self.uid}")
        return f"UID {self.uid}"

    def compare_devices(self) -> None:
        second = ImapSession(self._plan.imap, self._context, self._plan.timeout)
        try:
            self._step("second_device", lambda: open_inbox(second, self._plan))
            self._step("store_seen", lambda: self._store("+FLAGS", seen=True))
            self._step("second_seen", lambda: self._sees_flag(second, seen=True))
            self._step("store_unseen", lambda: self._store("-FLAGS", seen=False))
            self._step("second_unseen", lambda: self._sees_flag(second, seen=False))
            self._step("move", self._move)
            self._step("second_moved", lambda: self._sees_move(second))
            self._step("delete", self._delete)
            self._step("second_deleted", lambda: self._sees_deletion(second))
        finally:
            second.close()

    def _store(self, change: str, seen: bool) -> str:
        flags = self._device.store(self.uid, change, r"\Seen")
        if (r"\Seen" in flags) != seen:
            raise AnswerError(f"after STORE {change} (\\Seen) the message has {flags}")
        return flags

    def _sees_flag(self, device: ImapSession, seen: bool) -> str:
        if not poll(self._plan.timeout, lambda: (r"\Seen" in device.flags(self.uid)) == seen):
            raise AnswerError(f"the second connection still sees {device.flags(self.uid)}")
        return device.flags(self.uid)

    def _move(self) -> str:
        self.folder_made = True
        self._device.create(self.folder)
        self._device.move(self.uid, self.folder)
        if self._find(self._device):
            raise AnswerError("the message is still in INBOX after MOVE")
        self._device.select(self.folder)
        moved = find(self._device, 1, self._message)
        if not moved:
            raise AnswerError(f"the message is not in {self.folder} after MOVE")
        self.uid = moved
        return f"UID {moved} in {self.folder}"

    def _sees_move(self, device: ImapSession) -> str:
        if not poll(self._plan.timeout, lambda: not self._find(device)):
            raise AnswerError("the second connection still sees the message in INBOX")
        answer = device.select(self.folder)
        if find(device, 1, self._message) != self.uid:
            raise AnswerError(f"the second connection does not see the message in {self.folder}")
        return answer

    def _delete(self) -> str:
        self._device.expunge(self.uid)
        if find(self._device, 1, self._message):
            raise AnswerError("the message is still there after EXPUNGE")
        self.deleted = True
        return f"UID {self.uid} is gone"

    def _sees_deletion(self, device: ImapSession) -> str:
        if not poll(self._plan.timeout, lambda: not find(device, 1, self._message)):
            raise AnswerError("the second connection still sees the deleted message")
        return device.logout()

    def leave(self) -> None:
        self._step("delete_folder", self._delete_folder)
        self._step("logout", self._device.logout)

    def _delete_folder(self) -> str:
        self._device.select("INBOX")
        answer = self._device.delete_folder(self.folder)
        self.folder_made = False
        return answer


def find(device: ImapSession, from_uid: int, message: Message) -> str:
    """Return the UID of the message in the selected folder, or nothing."""
    found = device.search_text(from_uid, "SUBJECT", message.token)
    return found[0] if found else ""


def open_inbox(device: ImapSession, plan: Plan) -> str:
    """Do in one step what the first device does step by step."""
    device.connect()
    if plan.imap.implicit_tls:
        device.tls()
    device.greeting()
    if not plan.imap.implicit_tls:
        device.starttls()
    device.login(plan.recipient_account.login, plan.recipient_account.password)
    return device.select("INBOX")


def poll(seconds: float, look: Callable[[], T]) -> T:
    """Look until there is something to be seen, or the time is over."""
    deadline = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return seen
