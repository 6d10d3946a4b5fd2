# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names that a certificate is for: host names as A-labels, wildcards, addresses.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from ansible_collections.assurmer.mail.plugins.module_utils._address import parse_domain
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption

# A host of a private network may have a name of one label, which a mail domain can't have.
_SINGLE_LABEL = re.compile(r"(?=.{1,63}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?")
# What a bundle is called: mostly its first name, but a nickname is as good.
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,245}")


def normalise(option: str, text: str) -> str:
    """Return a name as it stands in a certificate: lower case, A-labels, short IP address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return _normalise_host(option, text)
    if "%" in text:
        raise InvalidOption(option, text, "has a zone, which no certificate can hold")
    return str(address)


def is_address(name: str) -> bool:
    """Tell whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _normalise_host(option: str, text: str) -> str:
    host = text.removeprefix("*.")
    wildcard = "" if host == text else "*."
    lowered = host.lower()
    if _SINGLE_LABEL.fullmatch(lowered) and not (wildcard or lowered.isdigit()):
        return lowered
    return wildcard + parse_domain(host, option)


def normalise_all(option: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names without repetitions, in the order given."""
    return tuple(dict.fromkeys(normalise(option, text) for text in texts))


def file_name(option: str, text: str) -> str:
    """Return the name of a bundle if it can be the name of a file."""
    if ".." in text or not _FILE_NAME.fullmatch(text):
        raise InvalidOption(
            option, text, "can't name a file: use lower-case letters, digits, '.', '_' and '-'"
        )
    return text


def covers(owned: Iterable[str], wanted: str) -> bool:
    """Tell whether a certificate for the names `owned` is good for `wanted` (RFC 9525)."""
    parent = wanted.partition(".")[2]
    return any(name in (wanted, f"*.{parent}") for name in owned)
