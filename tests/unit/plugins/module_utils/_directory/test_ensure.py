# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import threading
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils import _password
from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import (
    Asked,
    Outcome,
    ensure,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Content,
    Domain,
    Kind,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.request import OneObject
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
    SqliteDatabase,
)

Apply = t.Callable[..., Outcome]
PURGE = ["domains", "mailboxes", "aliases"]
HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
OTHER_HASH = "{BLF-CRYPT}$2y$12$" + "b" * 53


def one(kind: Kind, **options: t.Any) -> t.Any:
    return OneObject(kind, {"state": "present", **options}, Scheme.ARGON2ID)


def test_a_company_is_created_and_the_second_time_untouched(
    apply: Apply, database: Database, company: dict[str, t.Any]
) -> None:
    created = apply(**company, purge=PURGE)
    assert {kind: count["created"] for kind, count in created.plan.counts().items()} == {
        "domains": 2,
        "mailboxes": 2,
        "aliases": 2,
    }
    assert created.content == database.content()
    untouched = database.fingerprint()
    again = apply(**company, purge=PURGE)
    assert again.plan.edits == ()
    assert again.store_before == again.store_after == {}
    assert database.fingerprint() == untouched


def test_check_mode_predicts_and_creates_nothing(
    apply: Apply, database: Database, company: dict[str, t.Any]
) -> None:
    predicted = apply(**company, check_mode=True)
    assert not database.has_directory()
    done = apply(**company)
    assert predicted.plan == done.plan
    assert predicted.store_after == done.store_after
    untouched = database.fingerprint()
    assert len(apply(purge=PURGE, check_mode=True, **{kind: [] for kind in PURGE}).plan.edits) == 6
    assert database.fingerprint() == untouched


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_check_mode_repairs_no_mode(
    database: SqliteDatabase, apply: Apply, company: dict[str, t.Any]
) -> None:
    apply(**company)
    database.path.chmod(0o644)
    assert apply(**company, check_mode=True).store_before["file"]["mode"] == "0644"
    assert database.path.stat().st_mode & 0o777 == 0o644


def test_everything_is_purged_together(
    apply: Apply, database: Database, company: dict[str, t.Any]
) -> None:
    apply(**company)
    removed = apply(purge=PURGE, **{kind: [] for kind in PURGE})
    assert removed.plan.counts()["mailboxes"]["removed"] == 2
    assert database.content() == Content()


@pytest.mark.parametrize(
    "lists",
    [
        {"aliases": [{"address": "w@a.example", "destinations": ["w@a.example"]}]},
        {"mailboxes": [{"address": "w@a.example"}]},
        {"domains": [], "purge": ["domains"]},
    ],
)
def test_what_is_refused_writes_nothing(
    apply: Apply, database: Database, company: dict[str, t.Any], lists: t.Any
) -> None:
    with pytest.raises(MailError):
        apply(aliases=[{"address": "w@a.example", "destinations": ["w@a.example"]}])
    assert not database.has_directory()
    apply(**company)
    untouched = database.fingerprint()
    with pytest.raises(MailError):
        apply(**lists)
    assert database.fingerprint() == untouched


def test_a_missing_library_writes_nothing(
    apply: Apply, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_password, "PASSLIB_IMPORT_ERROR", "Traceback")
    lists = {
        "domains": [{"name": "a.example"}],
        "mailboxes": [{"address": "x@a.example", "password": "secret"}],
    }
    apply(**lists, check_mode=True)
    with pytest.raises(_password.MissingLibrary):
        apply(**lists)
    assert not database.has_directory()


def test_one_object_at_a_time(apply: Apply, database: Database, company: dict[str, t.Any]) -> None:
    company["aliases"].pop()
    apply(**company)
    apply(one("mailboxes", address="w@a.example", password_hash=HASH))
    apply(one("mailboxes", address="x@a.example", office="paris"))
    apply(one("mailboxes", address="y@a.example", state="absent"))
    apply(one("aliases", address="z@a.example", active=False))
    apply(one("domains", name="c.example"))
    apply(one("domains", name="b.example", active=False))
    found = database.content()
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
    apply: Apply,
    database: Database,
    company: dict[str, t.Any],
    kind: Kind,
    options: t.Any,
    problem: str,
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
    untouched = database.fingerprint()
    with pytest.raises(MailError, match=problem.replace("+", r"\+")) as refused:
        apply(one(kind, **options))
    assert ": " in str(refused.value)
    assert database.fingerprint() == untouched


def test_a_removed_destination_is_warned_about(apply: Apply, company: dict[str, t.Any]) -> None:
    company["aliases"].pop()
    apply(**company)
    outcome = apply(one("mailboxes", address="y@a.example", state="absent"))
    assert outcome.warnings == (
        "Aliases send on to addresses that are no mailbox and no alias here: "
        "z@a.example -> y@a.example.",
    )


def test_many_writers_at_once_lose_nothing(
    database: Database, apply: Apply, mail_root: Path
) -> None:
    apply(domains=[{"name": "a.example"}])
    failures: list[Exception] = []

    def add(number: int) -> None:
        declaration = one("mailboxes", address=f"x{number}@a.example", password_hash=HASH)
        passwords = Passwords(Scheme.ARGON2ID, update_always=True, predict=False)
        try:
            ensure(
                database.store(),
                Asked(declaration, passwords, MailStore(mail_root)),
            )
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(database.content().mailboxes) == 12


def interrupted(database: Database, mail_root: Path, declaration: t.Any, statement: str) -> Outcome:
    """Let somebody else write between planning and writing, once."""
    store = database.store()
    real = store.transaction
    statements = [statement]

    @contextlib.contextmanager
    def transaction() -> t.Iterator[None]:
        while statements:
            database.execute(statements.pop())
        with real():
            yield

    store.transaction = transaction  # type: ignore[method-assign] # what is tested is around it
    passwords = Passwords(Scheme.ARGON2ID, update_always=True, predict=False)
    return ensure(store, Asked(declaration, passwords, MailStore(mail_root)))


def test_what_others_wrote_meanwhile_is_kept(
    database: Database, apply: Apply, company: dict[str, t.Any], mail_root: Path
) -> None:
    apply(**company)
    declaration = one("mailboxes", address="x@a.example", office="paris", password="secret")
    statement = f"UPDATE mailboxes SET name = 'New', password = '{OTHER_HASH}'"
    outcome = interrupted(database, mail_root, declaration, statement)
    (edit,) = outcome.plan.edits
    assert t.cast("Mailbox", edit.before).password == OTHER_HASH
    mailbox = database.content().mailboxes["x@a.example"]
    assert (mailbox.name, mailbox.office) == ("New", "paris")
    assert _password.verify("secret", _password.parse_hash(mailbox.password, "password_hash"))


def test_what_others_wrote_meanwhile_is_judged_too(
    database: Database, apply: Apply, company: dict[str, t.Any], mail_root: Path
) -> None:
    apply(**company)
    declaration = one("mailboxes", address="w@a.example", password_hash=HASH)
    with pytest.raises(MailError, match="is an alias already"):
        interrupted(
            database,
            mail_root,
            declaration,
            "INSERT INTO aliases VALUES ('w@a.example', 'a.example', 1)",
        )
    assert "w@a.example" not in database.content().mailboxes
