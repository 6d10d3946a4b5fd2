# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import threading
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils import _password
from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    declare_one,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import (
    Outcome,
    ensure,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Content,
    Domain,
    Kind,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sqlite import SqliteStore
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme

Apply = t.Callable[..., Outcome]
PURGE = ["domains", "mailboxes", "aliases"]
HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
OTHER_HASH = "{BLF-CRYPT}$2y$12$" + "b" * 53


def one(kind: Kind, **options: t.Any) -> t.Any:
    return declare_one(kind, {"state": "present", **options}, Scheme.ARGON2ID)


def fingerprint(path: Path) -> tuple[str, int]:
    return hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns


def content(path: Path) -> Content:
    with contextlib.closing(SqliteStore(path, None, read_only=True)) as store:
        store.open()
        return store.read_all()


def test_a_company_is_created_and_the_second_time_untouched(
    apply: Apply, path: Path, company: dict[str, t.Any]
) -> None:
    created = apply(**company, purge=PURGE)
    assert {kind: count["created"] for kind, count in created.plan.counts().items()} == {
        "domains": 2,
        "mailboxes": 2,
        "aliases": 2,
    }
    assert created.content == content(path)
    untouched = fingerprint(path)
    again = apply(**company, purge=PURGE)
    assert again.plan.edits == ()
    assert again.store_before == again.store_after == {}
    assert fingerprint(path) == untouched


def test_check_mode_predicts_and_creates_nothing(
    apply: Apply, path: Path, company: dict[str, t.Any]
) -> None:
    predicted = apply(**company, check_mode=True)
    assert not path.parent.exists()
    done = apply(**company)
    assert predicted.plan == done.plan
    assert predicted.store_after == done.store_after
    untouched = fingerprint(path)
    assert len(apply(purge=PURGE, check_mode=True, **{kind: [] for kind in PURGE}).plan.edits) == 6
    path.chmod(0o644)
    assert apply(**company, check_mode=True).store_before["file"]["mode"] == "0644"
    assert path.stat().st_mode & 0o777 == 0o644
    assert fingerprint(path) == untouched


def test_everything_is_purged_together(apply: Apply, path: Path, company: dict[str, t.Any]) -> None:
    apply(**company)
    removed = apply(purge=PURGE, **{kind: [] for kind in PURGE})
    assert removed.plan.counts()["mailboxes"]["removed"] == 2
    assert content(path) == Content()


@pytest.mark.parametrize(
    "lists",
    [
        {"aliases": [{"address": "w@a.example", "destinations": ["w@a.example"]}]},
        {"mailboxes": [{"address": "w@a.example"}]},
        {"domains": [], "purge": ["domains"]},
    ],
)
def test_what_is_refused_writes_nothing(
    apply: Apply, path: Path, company: dict[str, t.Any], lists: t.Any
) -> None:
    with pytest.raises(MailError):
        apply(aliases=[{"address": "w@a.example", "destinations": ["w@a.example"]}])
    assert not path.parent.exists()
    apply(**company)
    untouched = fingerprint(path)
    with pytest.raises(MailError):
        apply(**lists)
    assert fingerprint(path) == untouched


def test_a_missing_library_writes_nothing(
    apply: Apply, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_password, "PASSLIB_IMPORT_ERROR", "Traceback")
    lists = {
        "domains": [{"name": "a.example"}],
        "mailboxes": [{"address": "x@a.example", "password": "secret"}],
    }
    apply(**lists, check_mode=True)
    with pytest.raises(_password.MissingLibrary):
        apply(**lists)
    assert not path.parent.exists()


def test_one_object_at_a_time(apply: Apply, path: Path, company: dict[str, t.Any]) -> None:
    company["aliases"].pop()
    apply(**company)
    apply(one("mailboxes", address="w@a.example", password_hash=HASH))
    apply(one("mailboxes", address="x@a.example", office="paris"))
    apply(one("mailboxes", address="y@a.example", state="absent"))
    apply(one("aliases", address="z@a.example", active=False))
    apply(one("domains", name="c.example"))
    apply(one("domains", name="b.example", active=False))
    found = content(path)
    assert found.domains["b.example"] == Domain("b.example", "a.example", active=False)
    assert sorted(found.domains) == ["a.example", "b.example", "c.example"]
    assert sorted(found.mailboxes) == ["w@a.example", "x@a.example"]
    assert found.mailboxes["x@a.example"] == Mailbox("x@a.example", "X", HASH, 5 * 2**30, "paris")
    assert not found.aliases["z@a.example"].active
    assert len(found.aliases["z@a.example"].destinations) == 2


@pytest.mark.parametrize(
    ("kind", "options", "problem"),
    [
        (
            "domains",
            {"name": "a.example", "state": "absent"},
            "while it holds @a.example, u@a.example, v2@a.example, v@a",
        ),
        (
            "domains",
            {"name": "a.example", "alias_of": "d.example"},
            "while a.example has b.example",
        ),
        ("domains", {"name": "c.example", "alias_of": "b.example"}, "an alias of a.example itself"),
        ("domains", {"name": "c.example", "alias_of": "a.example"}, "is a loop"),
        ("mailboxes", {"address": "z@a.example", "password_hash": HASH}, "is an alias already"),
        ("mailboxes", {"address": "w@b.example", "password_hash": HASH}, "declare it there"),
        ("mailboxes", {"address": "w@c.example", "password_hash": HASH}, "not declared"),
        ("mailboxes", {"address": "w@a.example"}, "has neither password"),
        ("mailboxes", {"address": "v@a.example", "state": "absent"}, "is a loop"),
        ("aliases", {"address": "x@a.example", "destinations": ["w@c.example"]}, "is a mailbox"),
        ("aliases", {"address": "y+d@a.example", "destinations": ["w@c.example"]}, "'+'"),
        ("aliases", {"address": "z@a.example", "destinations": ["nobody@b.example"]}, "is a loop"),
        ("aliases", {"address": "v2@a.example", "state": "absent"}, "is a loop"),
    ],
)
def test_one_object_is_judged_by_its_neighbours(
    apply: Apply, path: Path, company: dict[str, t.Any], kind: Kind, options: t.Any, problem: str
) -> None:
    company["domains"] += [{"name": "d.example"}]
    company["mailboxes"] += [{"address": "v@a.example", "password_hash": HASH}]
    company["aliases"] = [
        {"address": "z@a.example", "destinations": ["v+d@b.example", "v2@a.example"]},
        {"address": "v2@a.example", "destinations": ["x@a.example"]},
        {"address": "u@a.example", "destinations": ["u@c.example"]},
        {"address": "@a.example", "destinations": ["z@a.example"]},
    ]
    apply(**company)
    untouched = fingerprint(path)
    with pytest.raises(MailError, match=problem.replace("+", r"\+")) as refused:
        apply(one(kind, **options))
    assert ": " in str(refused.value)
    assert fingerprint(path) == untouched


def test_a_removed_destination_is_warned_about(apply: Apply, company: dict[str, t.Any]) -> None:
    company["aliases"].pop()
    apply(**company)
    outcome = apply(one("mailboxes", address="y@a.example", state="absent"))
    assert outcome.warnings == (
        "Aliases send on to addresses that are no mailbox and no alias here: "
        "z@a.example -> y@a.example.",
    )


def test_many_writers_at_once_lose_nothing(path: Path, apply: Apply, group: str) -> None:
    apply(domains=[{"name": "a.example"}])
    failures: list[Exception] = []

    def add(number: int) -> None:
        declaration = one("mailboxes", address=f"x{number}@a.example", password_hash=HASH)
        passwords = Passwords(Scheme.ARGON2ID, update_always=True, predict=False)
        try:
            ensure(SqliteStore(path, group, read_only=False), declaration, passwords, False)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(content(path).mailboxes) == 12


class Interrupted(SqliteStore):
    """Lets somebody else write between planning and writing, once."""

    def __init__(self, path: Path, group: str, statement: str) -> None:
        super().__init__(path, group, read_only=False)
        self._statement: str | None = statement

    @contextlib.contextmanager
    def transaction(self) -> t.Iterator[None]:
        if self._statement:
            with contextlib.closing(sqlite3.connect(self._path)) as other:
                other.execute(self._statement)
                other.commit()
            self._statement = None
        with super().transaction():
            yield


def interrupted(path: Path, group: str, declaration: t.Any, statement: str) -> Outcome:
    passwords = Passwords(Scheme.ARGON2ID, update_always=True, predict=False)
    return ensure(Interrupted(path, group, statement), declaration, passwords, False)


def test_what_others_wrote_meanwhile_is_kept(
    path: Path, apply: Apply, company: dict[str, t.Any], group: str
) -> None:
    apply(**company)
    declaration = one("mailboxes", address="x@a.example", office="paris", password="secret")
    statement = f"UPDATE mailboxes SET name = 'New', password = '{OTHER_HASH}'"
    outcome = interrupted(path, group, declaration, statement)
    (edit,) = outcome.plan.edits
    assert t.cast("Mailbox", edit.before).password == OTHER_HASH
    mailbox = content(path).mailboxes["x@a.example"]
    assert (mailbox.name, mailbox.office) == ("New", "paris")
    assert _password.verify("secret", _password.parse_hash(mailbox.password, "password_hash"))


def test_what_others_wrote_meanwhile_is_judged_too(
    path: Path, apply: Apply, company: dict[str, t.Any], group: str
) -> None:
    apply(**company)
    declaration = one("mailboxes", address="w@a.example", password_hash=HASH)
    with pytest.raises(MailError, match="is an alias already"):
        interrupted(
            path, group, declaration, "INSERT INTO aliases VALUES ('w@a.example', 'a.example', 1)"
        )
    assert "w@a.example" not in content(path).mailboxes
