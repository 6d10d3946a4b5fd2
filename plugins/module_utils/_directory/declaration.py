# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parsing what is declared of one domain, mailbox or alias.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata
from collections.abc import Callable, Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._address import (
    normal_address,
    parse_alias_address,
    parse_destination,
    parse_domain,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Kind
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import (
    Problems,
    raise_all,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.quota import parse_quota
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import Secret, Wish
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import (
    Scheme,
    check_plain,
    normal_hash,
)

MAX_NAME = 255
_OFFICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")

Options = Mapping[str, t.Any]
# The fields of a wish, with the defaults of those that may be missing.
Fields = dict[str, t.Any]
# From the name of an entry's option to how it is called in a sentence to the administrator.
OptionName = Callable[[str], str]


def parse_object(kind: Kind, options: Options, option: OptionName, scheme: Scheme) -> Wish:
    """Return the wish for one object: what is not given stays as it is."""
    return _PARSERS[kind](options, option, scheme, {})


def parse_entry(kind: Kind, options: Options, option: OptionName, scheme: Scheme) -> Wish:
    """Return the wish of an entry in a list: what is not given goes back to its default."""
    parse = _PARSERS[kind]
    try:
        # What its options are called is of no interest while nothing is wrong with 100,000 entries.
        return parse(options, str, scheme, DEFAULTS[kind].copy())
    except MailError:
        return parse(options, option, scheme, DEFAULTS[kind].copy())


def renamed_alias(options: Options, wish: Wish) -> Wish | None:
    """Return the alias that a renamed mailbox leaves behind, if one was asked for."""
    if wish.rename_from is None or not options.get("rename_alias"):
        return None
    return Wish(wish.rename_from, {"destinations": (wish.key,), "active": True})


def _parse_domain(options: Options, option: OptionName, _scheme: Scheme, fields: Fields) -> Wish:
    name = parse_domain(options["name"], option("name"))
    alias_of = options.get("alias_of")
    if alias_of is not None:
        # An empty text turns an alias domain into one of its own.
        fields["alias_of"] = parse_domain(alias_of, option("alias_of")) if alias_of else None
    return Wish(name, _with_active(fields, options))


def _parse_mailbox(options: Options, option: OptionName, scheme: Scheme, fields: Fields) -> Wish:
    address, secret, rename_from = "", None, None
    errors: list[MailError] = []
    try:
        address = normal_address(options["address"], option("address"))
    except MailError as error:
        errors.append(error)
    try:
        rename_from = _rename_from(options, option, address)
    except MailError as error:
        errors.append(error)
    for name, field, parse in _MAILBOX_FIELDS:
        value = options.get(name)
        if value is not None:
            try:
                fields[field] = parse(value, option(name))
            except MailError as error:
                errors.append(error)
    try:
        secret = _secret(options, option, scheme)
    except MailError as error:
        errors.append(error)
    if errors:
        raise_all(errors)
    restore = bool(options.get("restore"))
    return Wish(address, _with_active(fields, options), secret, True, restore, rename_from)


def _rename_from(options: Options, option: OptionName, address: str) -> str | None:
    if not options.get("rename_from"):
        if options.get("rename_alias"):
            raise InvalidOption(option("rename_alias"), True, "needs rename_from beside it")
        return None
    rename_from = normal_address(options["rename_from"], option("rename_from"))
    if rename_from == address:
        raise InvalidOption(option("rename_from"), rename_from, "is the address itself")
    return rename_from


def _parse_alias(options: Options, option: OptionName, _scheme: Scheme, fields: Fields) -> Wish:
    address = ""
    problems = Problems()
    with problems.collected():
        address = str(parse_alias_address(options["address"], option("address")))
    if options.get("destinations") is not None:
        parsed: dict[str, None] = {}
        for text in options["destinations"]:
            with problems.collected():
                parsed[str(parse_destination(text, option("destinations")))] = None
        fields["destinations"] = tuple(parsed)
        if not options["destinations"]:
            error = InvalidOption(option("destinations"), "[]", "names no address to send on to")
            problems.add(error)
    problems.raise_first()
    return Wish(address, _with_active(fields, options))


def _with_active(fields: Fields, options: Options) -> Fields:
    if options.get("active") is not None:
        fields["active"] = options["active"]
    return fields


def _secret(options: Options, option: OptionName, scheme: Scheme) -> Secret | None:
    if options.get("password") is not None:
        check_plain(options["password"], scheme, option("password"))
        return Secret(plain=options["password"])
    if options.get("password_hash") is not None:
        return Secret(hashed=normal_hash(options["password_hash"], option("password_hash")))
    return None


def _name(text: str, option: str) -> str:
    if not text.isprintable() and any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text
    ):
        raise InvalidOption(option, text, "holds a control character or a line break")
    if len(text) > MAX_NAME:
        raise InvalidOption(option, text, f"is longer than {MAX_NAME} characters")
    return text


def parse_office(text: str, option: str) -> str:
    if text and not _OFFICE.fullmatch(text):
        raise InvalidOption(
            option, text, "is no office; up to 63 letters, digits, '_' and '-' are taken"
        )
    return text


def parse_host(text: str, option: str) -> str:
    """Return the name of a host, in lower case; an empty one is none."""
    return parse_domain(text, option) if text else ""


# The options of a mailbox, the fields that they set, and how.
_MAILBOX_FIELDS: tuple[tuple[str, str, Callable[[str, str], t.Any]], ...] = (
    ("name", "name", _name),
    ("quota", "quota", parse_quota),
    ("office", "office", parse_office),
    ("host", "home", parse_host),
)
_PARSERS: Mapping[Kind, Callable[[Options, OptionName, Scheme, Fields], Wish]] = {
    "domains": _parse_domain,
    "mailboxes": _parse_mailbox,
    "aliases": _parse_alias,
}
DEFAULTS: Mapping[Kind, Fields] = {
    "domains": {"alias_of": None, "active": True},
    "mailboxes": {"name": "", "quota": 0, "office": "", "home": None, "active": True},
    "aliases": {"active": True},
}
