# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from passlib import hash as passlib_hash

from ansible_collections.assurmer.mail.plugins.module_utils import _password
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidSecret
from ansible_collections.assurmer.mail.plugins.module_utils._password import (
    Scheme,
    all_normal_hashes,
    can_verify,
    check_plain,
    make_hash,
    needs_rehash,
    parse_hash,
    verify,
)

ARGON2ID = "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$" + "A" * 22
BLF_CRYPT = "{BLF-CRYPT}$2y$12$" + "a" * 53
SHA512_CRYPT = "{SHA512-CRYPT}$6$rounds=100000$saltsalt$" + "a" * 86

AWKWARD = [
    "a",
    "with space",
    " leading and trailing ",
    "a:b",
    "{PLAIN}x",
    "100%",
    '"quoted"',
    "'single'",
    "$HOME`id`$(id)",
    "back\\slash",
    "ümlaut-Größe-€-😀",
    "x" * 200,
]


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("plain", AWKWARD)
def test_a_password_verifies_against_its_own_hash_alone(plain: str, scheme: Scheme) -> None:
    if scheme is Scheme.BLF_CRYPT and len(plain.encode()) > 72:
        pytest.skip("refused by check_plain")
    check_plain(plain, scheme, "password")
    stored = parse_hash(str(make_hash(plain, scheme)), "password_hash")
    assert stored.scheme is scheme
    assert verify(plain, stored)
    assert not verify(plain + "x", stored)
    assert not needs_rehash(stored, scheme)


def test_parameters_do_not_depend_on_the_library() -> None:
    assert str(make_hash("x", Scheme.ARGON2ID)).startswith(
        "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$"
    )
    assert str(make_hash("x", Scheme.BLF_CRYPT)).startswith("{BLF-CRYPT}$2y$12$")
    assert str(make_hash("x", Scheme.SHA512_CRYPT)).startswith("{SHA512-CRYPT}$6$rounds=100000$")


def test_a_hash_has_a_salt_of_its_own() -> None:
    assert make_hash("x", Scheme.ARGON2ID) != make_hash("x", Scheme.ARGON2ID)


@pytest.mark.parametrize(
    "text",
    [
        ARGON2ID,
        ARGON2ID.replace("m=19456,t=2,p=1", "m=65536,t=3,p=4"),
        BLF_CRYPT,
        BLF_CRYPT.replace("$2y$", "$2a$"),
        BLF_CRYPT.replace("$2y$", "$2b$"),
        SHA512_CRYPT,
        SHA512_CRYPT.replace("rounds=100000$", ""),
    ],
)
def test_a_hash_as_dovecot_writes_it_is_taken(text: str) -> None:
    assert str(parse_hash(text, "password_hash")) == text
    assert (
        str(
            parse_hash(
                text.replace("{", "{").lower().partition("}")[0] + text[text.index("}") :], "x"
            )
        )
        == text
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not written as"),
        ("hunter2hunter2", "is not written as"),
        ("$argon2id$v=19$m=19456,t=2,p=1$abc$def", "is not written as"),
        ("{}x", "names a scheme that is not taken"),
        ("{PLAIN}hunter2hunter2", "names a scheme that is not taken"),
        ("{MD5-CRYPT}$1$abc$def", "names a scheme that is not taken"),
        ("{ARGON2I}" + ARGON2ID[10:], "names a scheme that is not taken"),
        ("{SHA512-CRYPT.HEX}" + SHA512_CRYPT[14:], "names a scheme that is not taken"),
        ("{ARGON2ID}", "no well-formed ARGON2ID hash"),
        ("{ARGON2ID}" + BLF_CRYPT[11:], "no well-formed ARGON2ID hash"),
        # A digit that is none to Dovecot.
        (ARGON2ID.replace("19456", "1945\u0666"), "no well-formed ARGON2ID hash"),
        (BLF_CRYPT.replace("$12$", "$1\u0662$"), "no well-formed BLF-CRYPT hash"),
        (SHA512_CRYPT.replace("100000", "10000\u0660"), "no well-formed SHA512-CRYPT hash"),
        (ARGON2ID.replace("v=19", "v=16"), "no well-formed ARGON2ID hash"),
        (ARGON2ID.replace("m=19456", "m=0"), "no well-formed ARGON2ID hash"),
        (ARGON2ID.replace("m=19456", "m=8").replace("p=1", "p=2"), "no well-formed ARGON2ID hash"),
        (ARGON2ID + "\n", "no well-formed ARGON2ID hash"),
        (ARGON2ID[:-1], "no well-formed ARGON2ID hash"),
        (ARGON2ID + " ", "no well-formed ARGON2ID hash"),
        (ARGON2ID.replace("m=19456", "m=262144"), "takes more than 229376 KiB"),
        (BLF_CRYPT[:-1], "no well-formed BLF-CRYPT hash"),
        (BLF_CRYPT.replace("$12$", "$03$"), "no well-formed BLF-CRYPT hash"),
        (BLF_CRYPT.replace("$12$", "$32$"), "no well-formed BLF-CRYPT hash"),
        (SHA512_CRYPT[:-1], "no well-formed SHA512-CRYPT hash"),
        (SHA512_CRYPT.replace("saltsalt", "s" * 17), "no well-formed SHA512-CRYPT hash"),
        (SHA512_CRYPT.replace("$6$", "$5$"), "no well-formed SHA512-CRYPT hash"),
    ],
)
def test_a_malformed_hash_is_refused_without_telling_it(text: str, problem: str) -> None:
    with pytest.raises(InvalidSecret) as refused:
        parse_hash(text, "password_hash")
    sentence = str(refused.value)
    assert sentence.startswith("password_hash: ")
    assert problem in sentence
    assert "hunter2" not in sentence
    assert text[15:60] not in sentence or len(text) < 16


@pytest.mark.parametrize(
    ("plain", "scheme", "problem"),
    [
        ("", Scheme.ARGON2ID, "is empty"),
        ("hunter\0", Scheme.ARGON2ID, "control character"),
        ("hunter\n", Scheme.ARGON2ID, "line break"),
        ("hunter\r", Scheme.ARGON2ID, "line break"),
        ("hunter\x7f", Scheme.ARGON2ID, "control character"),
        ("hunter\x85", Scheme.ARGON2ID, "control character"),
        ("hunter\udcff", Scheme.ARGON2ID, "UTF-8"),
        ("hunter" * 200, Scheme.ARGON2ID, "longer than 1024 octets"),
        ("ü" * 513, Scheme.SHA512_CRYPT, "longer than 1024 octets"),
        ("h" * 73, Scheme.BLF_CRYPT, "72 octets"),
        ("ü" * 37, Scheme.BLF_CRYPT, "72 octets"),
    ],
)
def test_a_password_that_can_not_work_is_refused_without_telling_it(
    plain: str, scheme: Scheme, problem: str
) -> None:
    with pytest.raises(InvalidSecret) as refused:
        check_plain(plain, scheme, "password")
    sentence = str(refused.value)
    assert sentence.startswith("password: ")
    assert problem in sentence
    assert "hunter" not in sentence


@pytest.mark.parametrize(
    ("plain", "scheme"),
    [("h" * 1024, Scheme.ARGON2ID), ("ü" * 512, Scheme.ARGON2ID), ("h" * 72, Scheme.BLF_CRYPT)],
)
def test_a_password_at_the_limit_is_taken(plain: str, scheme: Scheme) -> None:
    check_plain(plain, scheme, "password")


def test_what_bcrypt_would_ignore_is_not_verified() -> None:
    stored = make_hash("h" * 72, Scheme.BLF_CRYPT)
    assert verify("h" * 72, stored)
    assert not verify("h" * 73, stored)


@pytest.mark.parametrize(
    ("stored", "asked", "weaker"),
    [
        (ARGON2ID, Scheme.ARGON2ID, False),
        (ARGON2ID.replace("m=19456", "m=65536"), Scheme.ARGON2ID, False),
        (ARGON2ID.replace("m=19456", "m=19455"), Scheme.ARGON2ID, True),
        (ARGON2ID.replace("t=2", "t=1"), Scheme.ARGON2ID, True),
        (ARGON2ID, Scheme.BLF_CRYPT, False),
        (ARGON2ID, Scheme.SHA512_CRYPT, False),
        (BLF_CRYPT, Scheme.ARGON2ID, True),
        (BLF_CRYPT, Scheme.BLF_CRYPT, False),
        (BLF_CRYPT.replace("$12$", "$11$"), Scheme.BLF_CRYPT, True),
        (BLF_CRYPT.replace("$12$", "$05$"), Scheme.SHA512_CRYPT, False),
        (SHA512_CRYPT, Scheme.BLF_CRYPT, True),
        (SHA512_CRYPT, Scheme.SHA512_CRYPT, False),
        (SHA512_CRYPT.replace("rounds=100000$", ""), Scheme.SHA512_CRYPT, True),
    ],
)
def test_a_weaker_hash_is_seen(stored: str, asked: Scheme, weaker: bool) -> None:
    assert needs_rehash(parse_hash(stored, "password_hash"), asked) is weaker


def test_hashes_of_other_programs_verify() -> None:
    for scheme, digest in (
        ("ARGON2ID", passlib_hash.argon2.using(type="ID", memory_cost=65536, rounds=3).hash("x")),
        ("BLF-CRYPT", passlib_hash.bcrypt.using(rounds=5, ident="2b").hash("x")),
        ("SHA512-CRYPT", passlib_hash.sha512_crypt.using(rounds=5000).hash("x")),
    ):
        assert verify("x", parse_hash(f"{{{scheme}}}{digest}", "password_hash"))


def test_no_hash_is_in_a_representation() -> None:
    assert "argon2id" not in repr(make_hash("x", Scheme.ARGON2ID))


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_password, "PASSLIB_IMPORT_ERROR", "Traceback")
    assert not can_verify(Scheme.ARGON2ID)
    with pytest.raises(_password.MissingLibrary, match="python3-passlib") as missing:
        make_hash("x", Scheme.ARGON2ID)
    assert missing.value.details == {"exception": "Traceback"}


@pytest.mark.parametrize("scheme", list(Scheme))
def test_what_we_hash_ourselves_is_normal_at_first_sight(scheme: Scheme) -> None:
    hashed = str(make_hash("x", scheme))
    assert all_normal_hashes([hashed, hashed])
    assert not all_normal_hashes([hashed, hashed.lower()])
