# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what stands in a file to the types of a module's options, as Ansible does it.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable, Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import Entry
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    InvalidSecret,
    MailError,
)

# What does not come as it shall be from a table of texts.
BOOLEANS = frozenset(("active", "restore", "rename_alias"))

_TRUE = frozenset(("true", "yes", "1", "on", "y", "t"))
_FALSE = frozenset(("false", "no", "0", "off", "n", "f"))


def shape(
    options: dict[str, t.Any], names: Iterable[str], entry: Entry, problems: Problems
) -> None:
    """Give those of an entry's options their types that may have others.

    What can't be given one is left out and told, so that the others are judged in the same run.
    """
    for name in names:
        value = options[name]
        try:
            options[name] = None if value is None else _SHAPES[name](value, entry.option(name))
        except MailError as error:
            del options[name]
            problems.add(error, entry.kind)
    if options.get("password") is not None and options.get("password_hash") is not None:
        sentence = "stands beside a password_hash; one of both is taken"
        problems.add(InvalidSecret(entry.option("password"), sentence), entry.kind)


def _text(value: t.Any, option: str) -> str:
    if isinstance(value, str):
        return value
    # The value is not told: it may be a secret.
    raise MailError(f"{option}: The value is no text.")


def _size(value: t.Any, option: str) -> str:
    # A truth value is an integer to Python.
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else _text(value, option)


def parse_boolean(value: t.Any, option: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in _TRUE:
        return True
    if str(value).lower() in _FALSE:
        return False
    raise InvalidOption(option, value, "is neither yes nor no")


def _texts(value: t.Any, option: str) -> list[str]:
    if not isinstance(value, list):
        raise MailError(f"{option}: The value is no list.")
    return [_text(element, option) for element in value]


_SHAPES: Mapping[str, Callable[[t.Any, str], t.Any]] = {
    "name": _text,
    "alias_of": _text,
    "password": _text,
    "password_hash": _text,
    "quota": _size,
    "office": _text,
    "host": _text,
    "destinations": _texts,
    "active": parse_boolean,
    "restore": parse_boolean,
    "rename_from": _text,
    "rename_alias": parse_boolean,
}
