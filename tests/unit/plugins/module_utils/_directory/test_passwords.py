# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils import _password
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Content, Mailbox
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import (
    Declaration,
    Secret,
    Wish,
)
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme, make_hash

X = "x@a.example"
STRONG = str(make_hash("right", Scheme.ARGON2ID))
WEAK = str(make_hash("right", Scheme.SHA512_CRYPT))
OTHER = "{BLF-CRYPT}$2y$12$" + "a" * 53


def wanted(plain: str | None = None, hashed: str | None = None) -> Declaration:
    return Declaration(mailboxes={X: Wish(X, {}, Secret(plain, hashed))})


def stored(password: str | None) -> Content:
    return Content(mailboxes={X: Mailbox(X, password=password)} if password else {})


def resolve(
    declaration: Declaration,
    content: Content,
    scheme: Scheme = Scheme.ARGON2ID,
    update_always: bool = True,
    predict: bool = False,
) -> str | None:
    return Passwords(scheme, update_always, predict).resolve(declaration, content).get(X)


def test_a_matching_hash_is_kept() -> None:
    assert resolve(wanted("right"), stored(STRONG)) == STRONG
    assert resolve(wanted("right"), stored(STRONG), Scheme.SHA512_CRYPT) == STRONG
    assert resolve(wanted("right"), stored(WEAK), Scheme.SHA512_CRYPT) == WEAK


@pytest.mark.parametrize(
    ("plain", "password"),
    [("wrong", STRONG), ("right", WEAK), ("right", None), ("right", "{MD5}x"), ("right", "right")],
)
def test_another_one_is_hashed_as_asked(plain: str, password: str | None) -> None:
    hashed = resolve(wanted(plain), stored(password))
    assert hashed != password
    assert _password.verify(plain, _password.parse_hash(hashed or "", "password_hash"))
    assert str(hashed).startswith("{ARGON2ID}")


def test_a_hash_is_taken_as_it_is() -> None:
    assert resolve(wanted(hashed=OTHER), stored(STRONG)) == OTHER
    assert resolve(wanted(hashed=OTHER), stored(None), predict=True) == OTHER


def test_on_create_leaves_what_exists() -> None:
    assert resolve(wanted("wrong"), stored(STRONG), update_always=False) is None
    assert resolve(wanted(hashed=OTHER), stored(STRONG), update_always=False) is None
    assert resolve(wanted(hashed=OTHER), stored(None), update_always=False) == OTHER


def test_a_prediction_hashes_nothing() -> None:
    assert resolve(wanted("right"), stored(None), predict=True) == "{ARGON2ID}"
    assert resolve(wanted("wrong"), stored(STRONG), predict=True) == "{ARGON2ID}"
    assert resolve(wanted("right"), stored(STRONG), predict=True) == STRONG


def test_a_prediction_does_without_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_password, "PASSLIB_IMPORT_ERROR", "Traceback")
    assert resolve(wanted("right"), stored(None), predict=True) == "{ARGON2ID}"
    assert resolve(wanted("wrong"), stored(STRONG), predict=True) == STRONG
    with pytest.raises(_password.MissingLibrary):
        resolve(wanted("right"), stored(STRONG))
    assert resolve(wanted(hashed=OTHER), stored(STRONG)) == OTHER


def test_a_mailbox_without_a_password_is_left() -> None:
    declaration = Declaration(mailboxes={X: Wish(X)})
    assert resolve(declaration, stored(STRONG)) is None


def test_what_is_known_is_not_hashed_again() -> None:
    passwords = Passwords(Scheme.ARGON2ID, update_always=True, predict=False)
    assert not passwords.all_known(wanted("right"), stored(None))
    first = passwords.resolve(wanted("right"), stored(None))
    assert passwords.all_known(wanted("right"), stored(None))
    assert passwords.known(wanted("right"), stored(None)) == first
    assert passwords.resolve(wanted("right"), stored(None)) == first
    # Somebody else has created the mailbox meanwhile.
    assert not passwords.all_known(wanted("right"), stored(STRONG))
    assert passwords.known(wanted("right"), stored(STRONG)) == {}
