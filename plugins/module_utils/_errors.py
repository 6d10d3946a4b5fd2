# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors that this collection raises on purpose.

PRIVATE to the collection. It can have breaking changes at any time.

Every layer below a module raises one of these; `_module.run` is the one place that turns them
into `fail_json`. The text of an error is one sentence for an administrator: it names the option,
the file or the server, and where there is one, the way out. It never holds a secret.
"""

from __future__ import annotations

import typing as t


class MailError(Exception):
    """The root of all errors of this collection.

    `details` are returned beside `msg` by a failing module. They must not hold secrets.
    """

    def __init__(self, message: str, **details: t.Any) -> None:
        super().__init__(message)
        self.details: dict[str, t.Any] = details


class InvalidOption(MailError):
    """An option holds a value that can't be used."""

    def __init__(self, option: str, value: object, problem: str) -> None:
        super().__init__(f"{option}: {_printable(value)} {problem}.")
        self.option = option


def refuse_outside(option: str, value: int, least: int, most: int, unit: str = "") -> None:
    """Raise InvalidOption for a number that is not in a range; a unit follows the range."""
    if not least <= value <= most:
        raise InvalidOption(option, value, f"is not between {least} and {most}{unit}")


class InvalidSecret(MailError):
    """An option that holds a secret can't be used; the value is not told."""

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"{option}: the value given {problem}.")
        self.option = option


def _printable(value: object) -> str:
    """Return the value in quotes, with control characters escaped and at most 120 characters."""
    text = repr(str(value))
    return text if len(text) <= 120 else f"{text[:116]}...{text[0]}"
