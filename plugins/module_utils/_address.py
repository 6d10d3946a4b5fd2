# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mail addresses and domain names, as values.

PRIVATE to the collection. It can have breaking changes at any time.

An address is stored the way the daemons ask for it: all lower case, the domain as A-labels.
A local part is narrower than RFC 5321 allows: what a mail server may give a meaning of its own
(`%`, `!`, `|`, `/`, `{`, `}`, `$`, `*` and so on) is refused, and `+` separates the detail, so it
belongs to no mailbox's name.

U-labels are turned into A-labels by the standard library, which knows IDNA 2003 (RFC 3490,
Unicode 3.2) alone. Where IDNA 2008 gives another name for the same text (`ß`, `ς` and the
joiners), or the library does not know a character, the text is refused and the administrator
gives the A-label, which is taken as it is.
"""

from __future__ import annotations

import functools
import re
import stringprep
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from encodings import idna

from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption

DETAIL_SEPARATOR = "+"

# RFC 5321, 4.5.3.1, in octets; a forward path of 256 octets has room for 254 between its brackets.
MAX_LOCAL_PART = 64
MAX_DOMAIN = 253
MAX_LABEL = 63
MAX_ADDRESS = 254

_LOCAL_PART = re.compile(r"[a-z0-9._'&=~-]+")
_LOCAL_PART_WITH_DETAIL = re.compile(r"[a-z0-9._'&=~+-]+")
# What nearly all local parts look like: dots stand alone, and between other characters.
_USUAL_LOCAL_PART = re.compile(r"(?!-)[a-z0-9_'&=~-]+(\.[a-z0-9_'&=~-]+)*")
# With its domain, which is looked at by itself.
_USUAL_ADDRESS = re.compile(
    rf"(?=[^@]{{1,{MAX_LOCAL_PART}}}@){_USUAL_LOCAL_PART.pattern}@[a-z0-9.-]+"
)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_DEVIATIONS = frozenset("ßẞς")
_OTHER_DOTS = frozenset("\u3002\uff0e\uff61")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A mail address; an empty local part stands for every address of the domain."""

    local_part: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local_part}@{self.domain}"

    @property
    def is_catch_all(self) -> bool:
        return not self.local_part

    @property
    def without_detail(self) -> Address:
        return Address(self.local_part.partition(DETAIL_SEPARATOR)[0], self.domain)

    @classmethod
    def split(cls, text: str) -> Address:
        """Return the address of a text that has been parsed before."""
        local_part, _at, domain = text.rpartition("@")
        return cls(local_part, domain)


def parse_domain(text: str, option: str) -> str:
    """Return the domain in lower case and as A-labels."""
    _refuse_blanks(text, option)
    return _domain(text, text, option)


def parse_address(text: str, option: str) -> Address:
    """Return the address of a mailbox or an alias."""
    local_part, domain = _split(text, option)
    if DETAIL_SEPARATOR in local_part:
        raise InvalidOption(
            option, text, "holds a '+', which separates the detail and belongs to no name"
        )
    return _address(local_part, domain, text, option, _LOCAL_PART)


def normal_address(text: str, option: str) -> str:
    """Return the address as it is stored: what `parse_address` gives, as a text."""
    return _usual_address(text) or str(parse_address(text, option))


def all_normal_addresses(texts: Collection[str]) -> bool:
    """Tell whether all of these are taken as they stand; if not, `normal_address` says of which."""
    domains = {text.rpartition("@")[2] for text in texts}
    return (
        all(_known_domain(domain) == domain for domain in domains)
        and all(map(_USUAL_ADDRESS.fullmatch, texts))
        and max(map(len, texts), default=0) <= MAX_ADDRESS
    )


def parse_alias_address(text: str, option: str) -> Address:
    """Return the address of an alias, or the catch-all of a domain, which is written `@domain`."""
    if text.startswith("@") and text.count("@") == 1:
        return Address("", parse_domain(text[1:], option))
    return parse_address(text, option)


def parse_destination(text: str, option: str) -> Address:
    """Return an address that mail is sent on to; it may carry a detail."""
    local_part, domain = _split(text, option)
    return _address(local_part, domain, text, option, _LOCAL_PART_WITH_DETAIL)


def _usual_address(text: str) -> str | None:
    """Return the address if it is in order at first sight: so 100,000 cost a third."""
    local_part, _at, given = text.rpartition("@")
    domain = _known_domain(given)
    if (
        domain is None
        or not _USUAL_LOCAL_PART.fullmatch(local_part)
        or len(local_part) > MAX_LOCAL_PART
        or len(local_part) + 1 + len(domain) > MAX_ADDRESS
    ):
        return None
    return f"{local_part}@{domain}"


def _split(text: str, option: str) -> tuple[str, str]:
    _refuse_blanks(text, option)
    if "@" not in text:
        raise InvalidOption(
            option, text, "has no domain, an address is written like alice@example.org"
        )
    if text.count("@") > 1:
        raise InvalidOption(option, text, "has more than one '@'")
    local_part, _at, domain = text.partition("@")
    return local_part, domain


def _address(
    local_part: str, domain: str, text: str, option: str, allowed: re.Pattern[str]
) -> Address:
    _refuse_local_part(local_part, text, option)
    local_part = local_part.lower()
    if not allowed.fullmatch(local_part):
        wrong = next(character for character in local_part if not allowed.fullmatch(character))
        raise InvalidOption(
            option,
            text,
            f"holds {wrong!r} before the '@'; letters a-z, digits and . _ ' & = ~ - are taken",
        )
    address = Address(local_part, _domain(domain, text, option))
    if len(str(address)) > MAX_ADDRESS:
        raise InvalidOption(option, text, f"is longer than {MAX_ADDRESS} characters (RFC 5321)")
    return address


def _refuse_local_part(local_part: str, text: str, option: str) -> None:
    if not local_part:
        raise InvalidOption(option, text, "has nothing before the '@'")
    if not local_part.isascii():
        raise InvalidOption(
            option, text, "has a character beyond ASCII before the '@', which needs SMTPUTF8"
        )
    if len(local_part) > MAX_LOCAL_PART:
        raise InvalidOption(
            option, text, f"has more than {MAX_LOCAL_PART} characters before the '@' (RFC 5321)"
        )
    if local_part.startswith(".") or local_part.endswith(".") or ".." in local_part:
        raise InvalidOption(
            option, text, "has a dot at the start or the end of its name, or two in a row"
        )
    if local_part.startswith("-"):
        raise InvalidOption(option, text, "starts with '-', which programs take for an option")


def _refuse_blanks(text: str, option: str) -> None:
    if text.isascii() and text.isprintable() and " " not in text:
        return
    for character in text:
        if character.isspace():
            raise InvalidOption(option, text, "holds a space or a line break")
        if unicodedata.category(character) in ("Cc", "Cs"):
            raise InvalidOption(option, text, "holds a control character")


def _domain(domain: str, text: str, option: str) -> str:
    """Return the domain as it is stored; `text` is what the sentence of an error shows."""
    return _known_domain(domain) or _parsed_domain(domain, text, option)


@functools.lru_cache(maxsize=1024)
def _known_domain(domain: str) -> str | None:
    """Return the domain as it is stored, if it is one: 100,000 addresses share a few."""
    try:
        return _parsed_domain(domain, domain, "")
    except InvalidOption:
        return None


def _parsed_domain(domain: str, text: str, option: str) -> str:
    if not domain:
        raise InvalidOption(option, text, "has no domain")
    labels = domain.split(".")
    if "" in labels:
        raise InvalidOption(
            option, text, "has a dot at the start or the end of its domain, or two in a row"
        )
    ascii_labels = [_label(label, text, option) for label in labels]
    if len(ascii_labels) < 2:
        raise InvalidOption(
            option, text, "has a domain of one label; a domain is written like example.org"
        )
    if ascii_labels[-1].isdigit():
        raise InvalidOption(option, text, "has a domain that ends in a number, like an IP address")
    name = ".".join(ascii_labels)
    if len(name) > MAX_DOMAIN:
        raise InvalidOption(
            option, text, f"has a domain of more than {MAX_DOMAIN} characters (RFC 1035)"
        )
    return name


def _label(label: str, text: str, option: str) -> str:
    ascii_label = label.lower() if label.isascii() else _a_label(label, text, option)
    if len(ascii_label) > MAX_LABEL:
        raise InvalidOption(
            option,
            text,
            f"has a label of more than {MAX_LABEL} characters in its domain (RFC 1035)",
        )
    if not _LABEL.fullmatch(ascii_label):
        raise InvalidOption(
            option, text, "has a domain label that is not made of letters, digits and inner hyphens"
        )
    if ascii_label.startswith("xn--"):
        _refuse_broken_a_label(ascii_label, text, option)
    return ascii_label


def _a_label(label: str, text: str, option: str) -> str:
    for character in label:
        # Nameprep drops the characters of table B.1, so that two names that differ would be one.
        if (
            character in _DEVIATIONS
            or character in _OTHER_DOTS
            or stringprep.in_table_b1(character)
        ):
            raise InvalidOption(
                option,
                text,
                f"holds {character!a} in its domain; give this label as its A-label (xn--...)",
            )
    try:
        return idna.ToASCII(label).decode("ascii").lower()
    except UnicodeError:
        raise InvalidOption(
            option,
            text,
            "has a domain label that IDNA 2003 does not know; give it as its A-label (xn--...)",
        ) from None


def _refuse_broken_a_label(label: str, text: str, option: str) -> None:
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
        intact = decoded.encode("punycode").decode("ascii").lower() == label[4:]
    except (UnicodeError, ValueError, OverflowError):
        raise InvalidOption(option, text, f"has the label {label!r}, which is no A-label") from None
    if not intact or decoded.isascii() or not decoded.isprintable():
        raise InvalidOption(option, text, f"has the label {label!r}, which is no A-label")
