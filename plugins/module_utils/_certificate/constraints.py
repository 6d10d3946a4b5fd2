# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names that an authority may sign for (RFC 5280, 4.2.1.10), as texts and as an extension.

PRIVATE to the collection. It can have breaking changes at any time.

A subtree is a domain, which stands for all names below it, too, or a network such as
192.0.2.0/24. No subtrees at all mean that any name is permitted.
"""

from __future__ import annotations

import contextlib
import ipaddress
import typing as t
from collections.abc import Iterable

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import names
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError

with contextlib.suppress(ImportError):  # library.missing() tells
    from cryptography import x509

OPTION = "ownca_permitted_names"
# Each handshake carries them: a hundred domains are two kilobytes.
MOST = 100
_EVERY_ADDRESS = ("0.0.0.0/0", "::/0")


def parse(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the subtrees that an option names, without those that are in another one."""
    subtrees = joined(_subtree(text) for text in texts)
    if len(subtrees) > MOST:
        raise InvalidOption(
            OPTION,
            f"a list of {len(subtrees)}",
            f"is too long, for each handshake carries it: {MOST} are the most, and an empty list"
            " permits all names",
        )
    return subtrees


def joined(subtrees: Iterable[str]) -> tuple[str, ...]:
    """Return the same names in as few subtrees as possible, in the order given."""
    every = tuple(dict.fromkeys(subtrees))
    return tuple(s for s in every if not any(_within(s, other) for other in every if other != s))


def refuse_others(subtrees: tuple[str, ...], wanted: Iterable[str]) -> None:
    """Refuse names that are outside of the subtrees."""
    for name in wanted:
        if subtrees and not any(_within(name, subtree) for subtree in subtrees):
            raise MailError(
                f"{OPTION}: {name!r} is not within {', '.join(subtrees)}, and the authority signs"
                " for nothing else; add its domain or network, or take the name away."
            )


def extension(subtrees: tuple[str, ...]) -> x509.NameConstraints | None:
    """Return the extension for these subtrees; a kind of name that has none is shut out."""
    if not subtrees:
        return None
    domains = [x509.DNSName(s) for s in subtrees if "/" not in s]
    networks = [x509.IPAddress(ipaddress.ip_network(s)) for s in subtrees if "/" in s]
    # A kind without a permitted subtree would not be limited at all.
    every = [x509.IPAddress(ipaddress.ip_network(network)) for network in _EVERY_ADDRESS]
    excluded = [*([] if domains else [x509.DNSName("")]), *([] if networks else every)]
    return x509.NameConstraints([*domains, *networks], excluded or None)


def of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the subtrees that a certificate permits; none if it permits any name."""
    permitted, _excluded = _lists(certificate)
    return tuple(permitted)


def allows(certificate: x509.Certificate, name: str) -> bool:
    """Tell whether an authority with this certificate may sign for a name."""
    permitted, excluded = _lists(certificate)
    is_address = names.is_address(name)
    same_kind = [subtree for subtree in permitted if ("/" in subtree) == is_address]
    return not any(_within(name, subtree) for subtree in excluded) and (
        not same_kind or any(_within(name, subtree) for subtree in same_kind)
    )


def _lists(certificate: x509.Certificate) -> tuple[list[str], list[str]]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return [], []
    both = (found.permitted_subtrees or (), found.excluded_subtrees or ())
    kinds = (x509.DNSName, x509.IPAddress)
    permitted, excluded = ([str(b.value) for b in bs if isinstance(b, kinds)] for bs in both)
    return permitted, excluded


def _subtree(text: str) -> str:
    if "/" in text or names.is_address(text):
        try:
            return str(ipaddress.ip_network(text))
        except ValueError as error:
            raise InvalidOption(
                OPTION, text, "is no network, which is written like 192.0.2.0/24"
            ) from error
    if text.startswith(("*", ".")):
        raise InvalidOption(
            OPTION, text, "has a wildcard; a domain stands for all names below it anyway"
        )
    return names.normalise(OPTION, text)


def _within(name: str, subtree: str) -> bool:
    """Tell whether a name, or another subtree, is within a subtree."""
    if names.is_address(name) or "/" in name:
        if "/" not in subtree:
            return False
        inner: t.Any = ipaddress.ip_network(name)
        outer: t.Any = ipaddress.ip_network(subtree)
        return inner.version == outer.version and bool(inner.subnet_of(outer))
    return subtree in ("", name) or name.endswith(f".{subtree.removeprefix('.')}")
