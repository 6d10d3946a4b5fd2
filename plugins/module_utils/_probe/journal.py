# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record that a walk keeps of its steps.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import base64
import imaplib
import smtplib
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._probe.step import Step, one_line
from ansible_collections.assurmer.mail.plugins.module_utils._probe.tls import Server


class AnswerError(Exception):
    """The server answered, and not what the step needs; the text is the server's."""


# A ValueError comes from smtplib and imaplib when a server's bytes can't be understood.
FAILURES = (OSError, imaplib.IMAP4.error, ValueError, AnswerError)


class StepError(MailError):
    """A step of the walk failed: the walk ends here."""

    def __init__(self, server: Server, step: Step) -> None:
        super().__init__(f"{step.protocol} {step.step} failed at {server}: {step.answer}")
        self.step = step
        self.server = server


class Answer:
    """What a step will have to say."""

    def __init__(self) -> None:
        self.text = ""


class Journal:
    """Times steps, keeps them in order, and blanks secrets that a server sends back."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.steps: list[Step] = []
        self._secrets = tuple(form for secret in secrets if secret for form in _forms(secret))

    @contextmanager
    def step(self, server: Server, name: str) -> Iterator[Answer]:
        answer = Answer()
        started = time.monotonic()
        try:
            yield answer
        except FAILURES as error:
            failed = self._add(server, name, False, words(error), started)
            raise StepError(server, failed) from error
        self._add(server, name, True, answer.text, started)

    def _add(self, server: Server, name: str, ok: bool, answer: str, started: float) -> Step:
        milliseconds = round((time.monotonic() - started) * 1000, 1)
        step = Step(server.protocol, name, ok, self._blank(one_line(answer)), milliseconds)
        self.steps.append(step)
        return step

    def _blank(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "********")
        return text


def words(error: BaseException) -> str:
    """Return what there is to say of a failure: the server's own words where it had some."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {one_line(error.smtp_error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"the TLS handshake failed: {error.reason or error}"
    # smtplib calls it a lost connection.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if error.args and isinstance(error.args[0], bytes):
        return one_line(error.args[0])
    return str(error) or type(error).__name__


def _forms(secret: str) -> tuple[str, str]:
    return one_line(secret), base64.b64encode(secret.encode()).decode("ascii")
