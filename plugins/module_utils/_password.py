# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords and their hashes in Dovecot's notation, `{SCHEME}hash`.

PRIVATE to the collection. It can have breaking changes at any time.

Hashing goes through passlib's interface: Debian's python3-passlib on a managed host, or the
maintained fork libpass on a workstation. All parameters are set here, since the libraries'
defaults differ between versions.
"""

from __future__ import annotations

import enum
import logging
import re
import traceback
import typing as t
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ansible.module_utils.basic import missing_required_lib

from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidSecret, MailError

try:
    from passlib import hash as passlib_hash

    # passlib 1.7.4 logs a traceback about bcrypt's version number and works nonetheless.
    logging.getLogger("passlib").addHandler(logging.NullHandler())
except ImportError:
    PASSLIB_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    PASSLIB_IMPORT_ERROR = None

MAX_OCTETS = 1024
# bcrypt looks at the first 72 octets and ignores the rest.
MAX_BLF_CRYPT_OCTETS = 72

# OWASP's smaller set for Argon2id: a login costs little enough for a whole office to reconnect.
ARGON2_MEMORY_KIB = 19456
ARGON2_TIME = 2
ARGON2_PARALLELISM = 1
BLF_CRYPT_ROUNDS = 12
SHA512_CRYPT_ROUNDS = 100_000
_SHA512_CRYPT_IMPLIED_ROUNDS = 5000

# Dovecot's auth worker may use 256 MiB in all (default_vsz_limit) and refuses the login beyond it.
_ARGON2_MAX_MEMORY_KIB = 224 * 1024


class MissingLibrary(MailError):
    """A library that hashing needs is not on this host."""


class Scheme(enum.Enum):
    """The schemes that are taken; the later, the stronger."""

    SHA512_CRYPT = "SHA512-CRYPT"
    BLF_CRYPT = "BLF-CRYPT"
    ARGON2ID = "ARGON2ID"

    @property
    def strength(self) -> int:
        return list(Scheme).index(self)


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """A hash that Dovecot can verify. `cost` grows with the work for one guess."""

    scheme: Scheme
    cost: int
    digest: str = field(repr=False)

    def __str__(self) -> str:
        return f"{{{self.scheme.value}}}{self.digest}"


_SCHEMES = {scheme.value: scheme for scheme in Scheme}
_ARGON2ID = re.compile(
    r"\$argon2id\$v=19\$m=(?P<m>[1-9]\d{0,8}),t=(?P<t>[1-9]\d{0,8}),p=(?P<p>[1-9]\d{0,2})"
    r"\$(?P<salt>[A-Za-z0-9+/]{11,86})\$(?P<sum>[A-Za-z0-9+/]{16,86})",
    re.ASCII,
)
_BLF_CRYPT = re.compile(r"\$2[aby]\$(?P<rounds>\d\d)\$[./A-Za-z0-9]{53}", re.ASCII)
_SHA512_CRYPT = re.compile(
    r"\$6\$(rounds=(?P<rounds>[1-9]\d{3,8})\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}", re.ASCII
)
# What nearly all hashes look like, as they are stored: a part of what `parse_hash` takes.
_USUAL_HASH = re.compile(
    r"\{ARGON2ID\}\$argon2id\$v=19\$m=[1-9]\d{4},t=[1-9]\d?,p=[1-9]"
    r"\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}"
    r"|\{BLF-CRYPT\}\$2[aby]\$[12]\d\$[./A-Za-z0-9]{53}"
    r"|\{SHA512-CRYPT\}\$6\$(?:rounds=[1-9]\d{3,8}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}",
    re.ASCII,
)


def parse_hash(text: str, option: str) -> PasswordHash:
    """Return the hash of a `{SCHEME}hash`; the text is never told in an error."""
    return PasswordHash(*_parsed_hash(text, option))


def normal_hash(text: str, option: str) -> str:
    """Return a `{SCHEME}hash` as it is stored: what `parse_hash` gives, as a text."""
    scheme, _cost, digest = _parsed_hash(text, option)
    return f"{{{scheme.value}}}{digest}"


def all_normal_hashes(texts: Iterable[str]) -> bool:
    """Tell whether all of these are taken as they stand; if not, `normal_hash` says of which."""
    return all(map(_USUAL_HASH.fullmatch, texts))


def _parsed_hash(text: str, option: str) -> tuple[Scheme, int, str]:
    name, end, digest = text.partition("}")
    if not end or name.rfind("{") != 0:
        raise InvalidSecret(
            option, "is not written as {SCHEME}hash, like {ARGON2ID}$argon2id$v=19$..."
        )
    scheme = _SCHEMES.get(name[1:].upper())
    if scheme is None:
        taken = ", ".join(scheme.value for scheme in reversed(Scheme))
        raise InvalidSecret(option, f"names a scheme that is not taken; {taken} are")
    cost = _COST[scheme](digest, option)
    if cost is None:
        raise InvalidSecret(option, f"is no well-formed {scheme.value} hash")
    return scheme, cost, digest


def _argon2_cost(digest: str, option: str) -> int | None:
    parts = _ARGON2ID.fullmatch(digest)
    if parts is None:
        return None
    memory, time, lanes = int(parts["m"]), int(parts["t"]), int(parts["p"])
    if len(parts["salt"]) % 4 == 1 or len(parts["sum"]) % 4 == 1 or memory < 8 * lanes:
        return None
    if memory > _ARGON2_MAX_MEMORY_KIB:
        raise InvalidSecret(
            option,
            f"takes more than {_ARGON2_MAX_MEMORY_KIB} KiB, with which Dovecot refuses every login",
        )
    return memory * time


def _blf_crypt_cost(digest: str, _option: str) -> int | None:
    parts = _BLF_CRYPT.fullmatch(digest)
    return int(parts["rounds"]) if parts and 4 <= int(parts["rounds"]) <= 31 else None


def _sha512_crypt_cost(digest: str, _option: str) -> int | None:
    parts = _SHA512_CRYPT.fullmatch(digest)
    return int(parts["rounds"] or _SHA512_CRYPT_IMPLIED_ROUNDS) if parts else None


_COST: dict[Scheme, Callable[[str, str], int | None]] = {
    Scheme.ARGON2ID: _argon2_cost,
    Scheme.BLF_CRYPT: _blf_crypt_cost,
    Scheme.SHA512_CRYPT: _sha512_crypt_cost,
}
_ASKED_COST = {
    Scheme.ARGON2ID: ARGON2_MEMORY_KIB * ARGON2_TIME,
    Scheme.BLF_CRYPT: BLF_CRYPT_ROUNDS,
    Scheme.SHA512_CRYPT: SHA512_CRYPT_ROUNDS,
}


def needs_rehash(stored: PasswordHash, asked: Scheme) -> bool:
    """Tell whether a hash is weaker than one that would be made now."""
    if stored.scheme is asked:
        return stored.cost < _ASKED_COST[asked]
    return stored.scheme.strength < asked.strength


def check_plain(plain: str, scheme: Scheme, option: str) -> None:
    """Refuse a plain password that a mail client or a scheme can't carry."""
    if not plain:
        raise InvalidSecret(option, "is empty")
    try:
        octets = len(plain.encode("utf-8"))
    except UnicodeEncodeError:
        raise InvalidSecret(option, "is not valid UTF-8") from None
    if any(unicodedata.category(character) == "Cc" for character in plain):
        raise InvalidSecret(option, "holds a line break, a NUL or another control character")
    if octets > MAX_OCTETS:
        raise InvalidSecret(option, f"is longer than {MAX_OCTETS} octets")
    if scheme is Scheme.BLF_CRYPT and octets > MAX_BLF_CRYPT_OCTETS:
        raise InvalidSecret(
            option,
            f"is longer than the {MAX_BLF_CRYPT_OCTETS} octets that BLF-CRYPT looks at; "
            "shorten it or choose the scheme ARGON2ID",
        )


def make_hash(plain: str, scheme: Scheme) -> PasswordHash:
    """Return a new hash of a plain password, with a salt of its own."""
    return PasswordHash(scheme, _ASKED_COST[scheme], _handler(scheme).hash(plain))


def verify(plain: str, stored: PasswordHash) -> bool:
    """Tell whether a plain password is the one that was hashed."""
    if stored.scheme is Scheme.BLF_CRYPT and len(plain.encode("utf-8")) > MAX_BLF_CRYPT_OCTETS:
        return False
    return bool(_handler(stored.scheme).verify(plain, stored.digest))


def _handler(scheme: Scheme) -> t.Any:
    if PASSLIB_IMPORT_ERROR is not None:
        raise MissingLibrary(
            missing_required_lib("passlib (Debian: python3-passlib)"),
            exception=PASSLIB_IMPORT_ERROR,
        )
    if scheme is Scheme.ARGON2ID:
        return _with_backend(
            passlib_hash.argon2,
            "argon2-cffi (Debian: python3-argon2)",
            type="ID",
            memory_cost=ARGON2_MEMORY_KIB,
            time_cost=ARGON2_TIME,
            parallelism=ARGON2_PARALLELISM,
        )
    if scheme is Scheme.BLF_CRYPT:
        return _with_backend(
            passlib_hash.bcrypt,
            "bcrypt (Debian: python3-bcrypt)",
            ident="2y",
            rounds=BLF_CRYPT_ROUNDS,
        )
    return passlib_hash.sha512_crypt.using(rounds=SHA512_CRYPT_ROUNDS)


def _with_backend(handler: t.Any, library: str, **settings: t.Any) -> t.Any:
    if not handler.has_backend():
        raise MissingLibrary(missing_required_lib(library))
    return handler.using(**settings)


def can_verify(scheme: Scheme) -> bool:
    """Tell whether the libraries for a scheme are on this host."""
    try:
        _handler(scheme)
    except MissingLibrary:
        return False
    return True
