# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an administrator declares, parsed from a module's options.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.assurmer.mail.plugins.module_utils._address import (
    parse_address,
    parse_alias_address,
    parse_destination,
    parse_domain,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import KINDS, Kind
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.quota import parse_quota
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption
from ansible_collections.assurmer.mail.plugins.module_utils._password import (
    Scheme,
    check_plain,
    parse_hash,
)

MAX_NAME = 255
_OFFICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")

Options = Mapping[str, t.Any]
OptionName = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Secret:
    """A password as it was given: in plain, or as a `{SCHEME}hash`."""

    plain: str | None = field(default=None, repr=False)
    hashed: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Wish:
    """A record that shall be there, with these fields, or shall not be there.

    A field that is missing stays as it is, and has its default in a new record.
    """

    key: str
    fields: Mapping[str, t.Any] = field(default_factory=dict)
    secret: Secret | None = None
    present: bool = True


@dataclass(frozen=True)
class Declaration:
    """Wishes for records of each kind; `whole` if it came from lists and not from one object."""

    domains: Mapping[str, Wish] = field(default_factory=dict)
    mailboxes: Mapping[str, Wish] = field(default_factory=dict)
    aliases: Mapping[str, Wish] = field(default_factory=dict)
    purge: frozenset[str] = frozenset()
    whole: bool = False

    def of(self, kind: Kind) -> Mapping[str, Wish]:
        return t.cast("Mapping[str, Wish]", getattr(self, kind))

    def option(self, kind: Kind, key: str, name: str) -> str:
        """Return the name of the option that a record's field came from."""
        return f"{kind}[{key}].{name}" if self.whole else name


def declare_one(kind: Kind, options: Options, scheme: Scheme) -> Declaration:
    """Return the declaration of a module for one object."""
    wish = _PARSERS[kind](options, lambda name: name, scheme)
    if options["state"] == "absent":
        wish = Wish(wish.key, present=False)
    wishes: t.Any = {kind: {wish.key: wish}}
    return Declaration(**wishes)


def declare_all(options: Options, scheme: Scheme) -> Declaration:
    """Return the declaration of the module for the whole directory."""
    problems = Problems()
    kinds: t.Any = {
        kind: _declare_list(kind, options[kind] or [], scheme, problems) for kind in KINDS
    }
    for kind in options["purge"]:
        if options[kind] is None:
            # A list that was forgotten must not empty a directory.
            problems.add(
                InvalidOption("purge", kind, f"is named, but the option {kind} is not given")
            )
    problems.raise_first()
    return Declaration(purge=frozenset(options["purge"]), whole=True, **kinds)


def _declare_list(
    kind: Kind, entries: list[Options], scheme: Scheme, problems: Problems
) -> dict[str, Wish]:
    wishes: dict[str, Wish] = {}
    for index, entry in enumerate(entries):
        with problems.collected():
            wish = _declare_entry(kind, index, entry, scheme)
            if wish.key in wishes:
                raise InvalidOption(f"{kind}[{index}].{_KEYS[kind]}", wish.key, "is declared twice")
            wishes[wish.key] = wish
    return wishes


def _declare_entry(kind: Kind, index: int, entry: Options, scheme: Scheme) -> Wish:
    key = entry[_KEYS[kind]]

    def option(name: str) -> str:
        return f"{kind}[{index}].{name}" if name == _KEYS[kind] else f"{kind}[{key}].{name}"

    wish = _PARSERS[kind](entry, option, scheme)
    # The lists are the truth: what an entry does not say goes back to its default.
    return Wish(wish.key, {**_DEFAULTS[kind], **wish.fields}, wish.secret)


def _parse_domain(options: Options, option: OptionName, _scheme: Scheme) -> Wish:
    fields: dict[str, t.Any] = {}
    name = parse_domain(options["name"], option("name"))
    alias_of = options.get("alias_of")
    if alias_of is not None:
        # An empty text turns an alias domain into one of its own.
        fields["alias_of"] = parse_domain(alias_of, option("alias_of")) if alias_of else None
    return Wish(name, _with_active(fields, options))


def _parse_mailbox(options: Options, option: OptionName, scheme: Scheme) -> Wish:
    fields: dict[str, t.Any] = {}
    address = str(parse_address(options["address"], option("address")))
    if options.get("name") is not None:
        fields["name"] = _name(options["name"], option("name"))
    if options.get("quota") is not None:
        fields["quota"] = parse_quota(options["quota"], option("quota"))
    if options.get("office") is not None:
        fields["office"] = _office(options["office"], option("office"))
    return Wish(address, _with_active(fields, options), _secret(options, option, scheme))


def _parse_alias(options: Options, option: OptionName, _scheme: Scheme) -> Wish:
    fields: dict[str, t.Any] = {}
    address = parse_alias_address(options["address"], option("address"))
    destinations = options.get("destinations")
    if destinations is not None:
        if not destinations:
            raise InvalidOption(option("destinations"), "[]", "names no address to send on to")
        parsed = (str(parse_destination(text, option("destinations"))) for text in destinations)
        fields["destinations"] = tuple(dict.fromkeys(parsed))
    return Wish(str(address), _with_active(fields, options))


def _with_active(fields: dict[str, t.Any], options: Options) -> dict[str, t.Any]:
    if options.get("active") is not None:
        fields["active"] = options["active"]
    return fields


def _secret(options: Options, option: OptionName, scheme: Scheme) -> Secret | None:
    if options.get("password") is not None:
        check_plain(options["password"], scheme, option("password"))
        return Secret(plain=options["password"])
    if options.get("password_hash") is not None:
        return Secret(hashed=str(parse_hash(options["password_hash"], option("password_hash"))))
    return None


def _name(text: str, option: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise InvalidOption(option, text, "holds a control character or a line break")
    if len(text) > MAX_NAME:
        raise InvalidOption(option, text, f"is longer than {MAX_NAME} characters")
    return text


def _office(text: str, option: str) -> str:
    if text and not _OFFICE.fullmatch(text):
        raise InvalidOption(
            option, text, "is no office; up to 63 letters, digits, '_' and '-' are taken"
        )
    return text


_KEYS: Mapping[Kind, str] = {"domains": "name", "mailboxes": "address", "aliases": "address"}
_PARSERS: Mapping[Kind, Callable[[Options, OptionName, Scheme], Wish]] = {
    "domains": _parse_domain,
    "mailboxes": _parse_mailbox,
    "aliases": _parse_alias,
}
_DEFAULTS: Mapping[Kind, Mapping[str, t.Any]] = {
    "domains": {"alias_of": None, "active": True},
    "mailboxes": {"name": "", "quota": 0, "office": "", "active": True},
    "aliases": {"active": True},
}
