# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory import (
    ensure as ensure_module,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory import moves
from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import Outcome
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Kind
from ansible_collections.assurmer.mail.plugins.module_utils._directory.request import OneObject
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
)

Apply = t.Callable[..., Outcome]
HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
X = "x@a.example"
NEW = "new@a.example"


class Killed(BaseException):
    """The process ends here; nothing of it runs any more."""


def one(kind: Kind, **options: t.Any) -> OneObject:
    return OneObject(kind, {"state": "present", **options}, Scheme.ARGON2ID)


@pytest.fixture
def mail(mail_root: Path, company: dict[str, t.Any], apply: Apply) -> MailStore:
    """The company's mail: a message for x."""
    mail_root.mkdir(mode=0o700)
    company["aliases"] = []
    apply(**company)
    store = MailStore(mail_root)
    deliver(store, X, "first life")
    return store


def deliver(mail: MailStore, address: str, text: str) -> None:
    """Do what Dovecot does: the home is made where there is none."""
    mail.home(address).mkdir(parents=True, exist_ok=True)
    (mail.home(address) / "message").write_text(text)


def message(mail: MailStore, address: str) -> str | None:
    with contextlib.suppress(FileNotFoundError):
        return (mail.home(address) / "message").read_text()
    return None


def departures(database: Database) -> list[t.Any]:
    return database.execute("SELECT address, renamed_to FROM departures")


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], list[str]]]:
    """Who was logged out, as users and as domains."""
    calls: list[tuple[list[str], list[str]]] = []
    monkeypatch.setattr(
        moves, "end_sessions", lambda users, domains: calls.append((sorted(users), sorted(domains)))
    )
    return calls


def test_a_removed_mailbox_leaves_for_the_quarantine(
    apply: Apply, mail: MailStore, online: t.Any
) -> None:
    outcome = apply(one("mailboxes", address=X, state="absent"))
    (moved,) = outcome.moved
    assert moved.address == X
    assert (Path(moved.to) / "message").read_text() == "first life"
    assert not mail.has(X)
    assert online == [([X], [])]


def test_what_comes_back_is_empty_or_as_it_was(apply: Apply, mail: MailStore) -> None:
    apply(one("mailboxes", address=X, state="absent"))
    apply(one("mailboxes", address=X, password_hash=HASH))
    assert message(mail, X) is None
    deliver(mail, X, "second life")
    apply(one("mailboxes", address=X, state="absent"))
    apply(one("mailboxes", address=X, password_hash=HASH, restore=True))
    assert message(mail, X) == "second life"
    assert apply(one("mailboxes", address=X, restore=True)).plan.edits == ()
    assert message(mail, X) == "second life"


def test_a_purged_list_and_an_entry_that_restores(
    apply: Apply, mail: MailStore, company: dict[str, t.Any]
) -> None:
    entry = company["mailboxes"].pop(0)
    assert len(apply(**company, purge=["mailboxes"]).moved) == 1
    company["mailboxes"].append({**entry, "restore": True})
    apply(**company, purge=["mailboxes"])
    assert message(mail, X) == "first life"


def test_mail_that_was_there_before_the_directory_is_kept(
    apply: Apply, mail: MailStore, database: Database, company: dict[str, t.Any]
) -> None:
    """The directory was lost, and is made again from the inventory."""
    database.lose()
    assert apply(**company).moved == ()
    assert message(mail, X) == "first life"


def test_a_renamed_mailbox_keeps_everything(
    apply: Apply, mail: MailStore, database: Database, online: t.Any
) -> None:
    outcome = apply(one("mailboxes", address=NEW, rename_from=X, rename_alias=True))
    assert message(mail, NEW) == "first life"
    assert not mail.has(X)
    assert not mail.home(NEW).is_symlink()
    assert online == [([X], [])]
    edit = next(edit for edit in outcome.plan.edits if edit.kind == "mailboxes")
    assert (edit.before, edit.renamed_from) != (None, None)
    content = database.content()
    assert X not in content.mailboxes
    assert content.mailboxes[NEW].name == "X"
    assert content.mailboxes[NEW].password == HASH
    assert content.aliases[X].destinations == (NEW,)
    assert apply(one("mailboxes", address=NEW, rename_from=X, rename_alias=True)).plan.edits == ()


def test_renaming_in_a_list_is_no_removal(
    apply: Apply, mail: MailStore, company: dict[str, t.Any]
) -> None:
    entry = company["mailboxes"].pop(0)
    company["mailboxes"].append({**entry, "address": NEW, "rename_from": X, "rename_alias": True})
    for changed in (1, 0):
        outcome = apply(**company, purge=["mailboxes", "aliases"])
        counts = outcome.plan.counts()
        assert counts["mailboxes"] == {
            "created": 0,
            "changed": changed,
            "removed": 0,
            "unchanged": 2 - changed,
        }
        assert counts["aliases"]["removed"] == 0
    assert message(mail, NEW) == "first life"


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        (
            [{"address": NEW, "rename_from": X}, {"address": X}],
            "mailboxes[new@a.example].rename_from: 'x@a.example' is declared as a mailbox itself.",
        ),
        (
            [{"address": NEW, "rename_from": X}, {"address": "n2@a.example", "rename_from": X}],
            "mailboxes[n2@a.example].rename_from: 'x@a.example' is renamed twice.",
        ),
        (
            [{"address": NEW, "rename_from": NEW}],
            "mailboxes[new@a.example].rename_from: 'new@a.example' is the address itself.",
        ),
        (
            [{"address": NEW, "rename_alias": True}],
            "mailboxes[new@a.example].rename_alias: 'True' needs rename_from beside it.",
        ),
    ],
)
def test_a_renaming_that_makes_no_sense_is_refused(
    apply: Apply, mail: MailStore, entries: t.Any, sentence: str
) -> None:
    with pytest.raises(MailError) as refused:
        apply(mailboxes=entries)
    assert str(refused.value) == sentence


def test_a_message_that_was_being_delivered_follows(apply: Apply, mail: MailStore) -> None:
    apply(one("mailboxes", address=X, state="absent"))
    deliver(mail, X, "late")
    assert len(apply(one("domains", name="a.example")).moved) == 1
    assert not mail.has(X)


@pytest.mark.parametrize("address", [X, NEW])
def test_mail_that_came_on_the_way_of_a_renaming_is_kept(
    apply: Apply, mail: MailStore, address: str
) -> None:
    """For the old address; or for the new one, on a host that another one's run was ahead of."""
    letter = mail.home(X) / "Maildir/new"
    letter.mkdir(parents=True)
    (letter / "1.first").touch()
    if address == NEW:
        (mail.home(NEW) / "Maildir/new").mkdir(parents=True)
        (mail.home(NEW) / "Maildir/new/2.late").touch()
        with pytest.raises(MailError, match="can't take the mail over"):
            apply(one("mailboxes", address=NEW, rename_from=X))
        elsewhere = MailStore(mail.home(NEW) / "no")
        apply(one("mailboxes", address=NEW, rename_from=X), mail=elsewhere)
    else:
        apply(one("mailboxes", address=NEW, rename_from=X))
        letter.mkdir(parents=True)
        (letter / "2.late").touch()
    apply(one("domains", name="a.example"))
    assert not mail.has(X)
    there = sorted(path.name for path in (mail.home(NEW) / "Maildir/new").iterdir())
    assert there == ["1.first", "2.late"]


def test_check_mode_moves_nothing(apply: Apply, mail: MailStore) -> None:
    apply(one("mailboxes", address=X, state="absent"), check_mode=True)
    apply(one("mailboxes", address=NEW, rename_from=X), check_mode=True)
    assert message(mail, X) == "first life"
    assert not mail.has(NEW)


def test_closing_ends_sessions_and_other_changes_do_not(
    apply: Apply, mail: MailStore, online: t.Any
) -> None:
    apply(one("mailboxes", address=X, name="Other", quota="1G"))
    apply(one("mailboxes", address=X, active=False))
    apply(one("mailboxes", address=X, active=True))
    apply(one("domains", name="a.example", active=False))
    assert online == [([], []), ([X], []), ([], []), ([], ["a.example"])]
    assert message(mail, X) == "first life"


REMOVE = {"address": X, "state": "absent"}
RENAME = {"address": NEW, "rename_from": X}
RENAME_BACK = {"address": X, "rename_from": NEW}
RESTORE = {"address": X, "password_hash": HASH, "restore": True}


@pytest.mark.parametrize("step", ["prepare", "_write", "close_sessions", "finish"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    "options",
    [REMOVE, RENAME, RENAME_BACK, RESTORE],
    ids=["remove", "rename", "rename-back", "restore"],
)
def test_a_run_that_was_killed_is_finished_by_the_next(
    apply: Apply,
    mail: MailStore,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    after: bool,
    options: dict[str, t.Any],
) -> None:
    """Killed before or after each step, the mail is where the directory says that it is."""
    if options is RESTORE:
        apply(one("mailboxes", address=X, state="absent"))
    if options is RENAME_BACK:
        apply(one("mailboxes", **RENAME))
    place: t.Any = ensure_module if step == "_write" else moves
    real = getattr(place, step)

    def killed(*arguments: t.Any) -> t.Any:
        if after:
            real(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(place, step, killed)
        with pytest.raises(Killed):
            apply(one("mailboxes", **options))
    # Any run of any module.
    apply(one("domains", name="a.example"))
    there = database.content().mailboxes.keys() & {X, NEW}
    assert mail.has(X) == (X in there)
    assert mail.has(NEW) == (NEW in there)
    for address in there:
        assert message(mail, address) == "first life"
        assert not mail.home(address).is_symlink()
    # And the same again comes to its end.
    apply(one("mailboxes", **options))
    if options is RENAME:
        assert message(mail, NEW) == "first life"
    elif options in (RENAME_BACK, RESTORE):
        assert message(mail, X) == "first life"
    else:
        assert not mail.has(X)


def test_who_left_long_ago_is_forgotten(
    apply: Apply, mail: MailStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(one("mailboxes", address=X, state="absent"))
    assert departures(database) == [(X, None)]
    monkeypatch.setattr(moves, "KEPT_DAYS", -1)
    apply(one("mailboxes", address="y@a.example", state="absent"))
    assert (X, None) not in departures(database)
