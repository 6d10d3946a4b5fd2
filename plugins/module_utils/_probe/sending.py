# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of sending.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable

from ansible_collections.assurmer.mail.plugins.module_utils._probe.journal import (
    AnswerError,
    Journal,
)
from ansible_collections.assurmer.mail.plugins.module_utils._probe.message import Message, queue_id
from ansible_collections.assurmer.mail.plugins.module_utils._probe.plan import Plan
from ansible_collections.assurmer.mail.plugins.module_utils._probe.smtp import SmtpSession


class Sending:
    """Hands one message to the server, and knows since when the server may have it."""

    def __init__(
        self, plan: Plan, context: ssl.SSLContext, journal: Journal, message: Message
    ) -> None:
        self._plan = plan
        self._journal = journal
        self._message = message
        self._session = SmtpSession(plan.smtp, context, plan.timeout)
        self.sent_at: float | None = None
        self.queue_id: str | None = None

    def go(self) -> None:
        try:
            self._open()
            self._submit()
        finally:
            self._session.close()

    def _step(self, name: str, action: Callable[[], str]) -> None:
        with self._journal.step(self._plan.smtp, name) as answer:
            answer.text = action()

    def _open(self) -> None:
        session, account = self._session, self._plan.sender_account
        self._step("connect", session.connect)
        if self._plan.smtp.implicit_tls:
            self._step("tls", session.tls)
        self._step("greeting", session.greeting)
        self._step("ehlo", session.ehlo)
        if not self._plan.smtp.implicit_tls:
            self._step("starttls", session.starttls)
            # RFC 3207: what was said before TLS no longer counts.
            self._step("ehlo_after_tls", session.ehlo)
        if account:
            self._step("auth", lambda: session.auth(account.login, account.password))

    def _submit(self) -> None:
        session, refused = self._session, self._plan.refused_recipient
        content = self._message.render()
        self._step("mail_from", lambda: session.mail_from(self._plan.sender, len(content)))
        if refused:
            self._step("rcpt_to_refused", lambda: session.refuse_rcpt_to(refused))
        self._step("rcpt_to", lambda: session.rcpt_to(self._plan.recipient))
        self._step("data", lambda: self._hand_over(content))
        self._step("quit", session.quit)

    def _hand_over(self, content: bytes) -> str:
        try:
            answer = self._session.data(content)
        except OSError:
            # The answer was lost on the way: the server may have taken the message.
            self.sent_at = time.monotonic()
            raise
        self.sent_at = time.monotonic()
        self.queue_id = queue_id(answer)
        if not self.queue_id:
            raise AnswerError(f"{answer} (there is no queue id in this answer)")
        return answer
