# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory import mailstore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

A = "a.b@x.example"
B = "b@y.example"
SINCE = "20261124T060000Z"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "mail"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def mail(root: Path) -> MailStore:
    return MailStore(root)


def give(mail: MailStore, address: str, text: str = "mail") -> Path:
    home = mail.home(address)
    home.mkdir(parents=True)
    (home / "message").write_text(text)
    return home


def message(path: Path) -> str:
    return (path / "message").read_text()


def test_a_home_is_readable_by_a_person(mail: MailStore, root: Path) -> None:
    assert mail.home(A) == root / "x.example" / "a.b"


def test_mail_is_moved_to_the_quarantine_and_back(mail: MailStore, root: Path) -> None:
    home = give(mail, A)
    moved = mail.quarantine(A, SINCE)
    assert moved == str(root / ".quarantine" / f"{SINCE}.{A}")
    assert message(Path(moved)) == "mail"
    assert not home.exists()
    assert (root / ".quarantine").stat().st_mode & 0o777 == 0o700
    assert mail.restore(A) == moved
    assert message(home) == "mail"


def test_two_removals_in_a_second_are_both_kept_and_the_last_comes_back(mail: MailStore) -> None:
    give(mail, A, "first")
    first = mail.quarantine(A, SINCE)
    give(mail, A, "second")
    assert mail.quarantine(A, SINCE) != first
    mail.restore(A)
    assert message(mail.home(A)) == "second"


def test_mail_of_near_misses_is_left_alone(mail: MailStore) -> None:
    for address in ("aa.b@x.example", "a.b@xx.example", "b@x.example", "a@x.example"):
        give(mail, address)
        mail.quarantine(address, SINCE)
    assert mail.restore(A) is None
    assert not mail.home(A).exists()


def test_nothing_is_restored_over_mail_that_is_there(mail: MailStore) -> None:
    give(mail, A, "old")
    mail.quarantine(A, SINCE)
    give(mail, A, "new")
    assert mail.restore(A) is None
    assert message(mail.home(A)) == "new"


def test_what_is_not_there_is_not_moved(mail: MailStore, tmp_path: Path) -> None:
    assert mail.quarantine(A, SINCE) is None
    assert mail.restore(A) is None
    nowhere = MailStore(tmp_path / "nowhere")
    assert nowhere.quarantine(A, SINCE) is None
    assert nowhere.restore(A) is None
    nowhere.lead(A, B)
    assert nowhere.follow(A, B) is None
    with nowhere.locked():
        pass
    assert not (tmp_path / "nowhere").exists()


def test_a_new_name_leads_to_the_mail_until_it_has_it(mail: MailStore) -> None:
    give(mail, A)
    mail.lead(A, B)
    assert message(mail.home(B)) == "mail"
    mail.lead(A, B)
    assert mail.follow(A, B) == str(mail.home(B))
    assert message(mail.home(B)) == "mail"
    assert not mail.home(B).is_symlink()
    assert not mail.has(A)
    assert mail.follow(A, B) is None


def test_a_lead_is_taken_back(mail: MailStore) -> None:
    give(mail, A)
    mail.lead(A, B)
    mail.forget(A, B)
    assert not mail.has(B)
    assert message(mail.home(A)) == "mail"
    give(mail, B, "mine")
    mail.forget(A, B)
    assert message(mail.home(B)) == "mine"


def test_a_run_killed_after_the_exchange_leaves_a_link_that_goes(mail: MailStore) -> None:
    give(mail, B)
    mail.home(A).parent.mkdir()
    mail.home(A).symlink_to(mail.home(A))
    assert mail.follow(A, B) is None
    assert not mail.has(A)
    mail.home(A).symlink_to(mail.home(A))
    assert mail.quarantine(A, SINCE) is None
    assert not mail.has(A)


def test_mail_that_is_there_is_not_replaced_by_a_lead(mail: MailStore) -> None:
    give(mail, A)
    give(mail, B, "mine")
    with pytest.raises(MailError, match=r"rename_from: b@y.example can't take the mail over"):
        mail.lead(A, B)
    assert message(mail.home(B)) == "mine"


@pytest.mark.parametrize(
    ("old_age", "new_age", "kept"), [(" V100", " V200", A), (" V200", " V100", B), (" V1", None, A)]
)
def test_two_homes_become_one_and_no_message_is_lost(
    mail: MailStore, root: Path, old_age: str, new_age: str | None, kept: str
) -> None:
    for address, age in ((A, old_age), (B, new_age)):
        for folder in ("cur", "new", ".Sent/cur"):
            (give(mail, address) if not mail.has(address) else mail.home(address)).joinpath(
                "Maildir", folder
            ).mkdir(parents=True)
            (mail.home(address) / "Maildir" / folder / f"1.{address}").write_text(folder)
        if age is not None:
            (mail.home(address) / "Maildir/dovecot-uidlist").write_text(f"3{age} N2 Gab\n1 :1.x\n")
    assert mail.unite(A, B, SINCE) == str(mail.home(kept))
    other = A if kept == B else B
    assert not mail.has(other)
    assert message(root / ".quarantine" / f"{SINCE}.{other}") == "mail"
    for folder in ("cur", "new", ".Sent/cur"):
        there = sorted(path.name for path in (mail.home(kept) / "Maildir" / folder).iterdir())
        assert there == sorted([f"1.{A}", f"1.{B}"])
    mail.lead(A, B)
    mail.follow(A, B)
    assert not mail.has(A)
    assert (mail.home(B) / "Maildir/cur" / f"1.{A}").exists()


def test_one_home_is_not_united(mail: MailStore) -> None:
    assert mail.unite(A, B, SINCE) is None
    give(mail, A)
    assert mail.unite(A, B, SINCE) is None
    mail.lead(A, B)
    assert mail.unite(A, B, SINCE) is None
    assert message(mail.home(B)) == "mail"


def test_without_exchange_the_mail_is_moved_in_steps(
    mail: MailStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailstore.rename, "exchange", lambda _first, _second: False)
    give(mail, A)
    mail.lead(A, B)
    assert mail.follow(A, B) == str(mail.home(B))
    assert message(mail.home(B)) == "mail"
    assert not mail.has(A)


def test_what_the_system_refuses_is_told(mail: MailStore, root: Path) -> None:
    give(mail, A)
    (root / ".quarantine").write_text("in the way")
    with pytest.raises(MailError, match=r"^store: .*quarantine.*: (File exists|Not a directory)"):
        mail.quarantine(A, SINCE)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_everything_is_done_as_the_owner_of_the_store(
    mail: MailStore, root: Path, tmp_path: Path
) -> None:
    """Who took over the store's user plants a link to something of root's."""
    secret = tmp_path / "root's"
    (secret / "a.b").mkdir(parents=True)
    root.chmod(0o755)
    os.chown(root, 65534, 65534)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to("/tmp/pytest-of-root"):
            folder.chmod(0o755)
    (root / "x.example").symlink_to(secret)
    with pytest.raises(MailError, match="Permission denied"):
        mail.quarantine(A, SINCE)
    assert (secret / "a.b").is_dir()
    assert os.geteuid() == os.getegid() == 0


def test_runs_wait_for_each_other(
    mail: MailStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailstore, "LOCK_SECONDS", 0.1)

    def too() -> None:
        with MailStore(root).locked():
            pass

    with mail.locked(), pytest.raises(MailError, match="store: Another run has kept"):
        too()
    too()


def test_the_lock_ends_with_an_error(mail: MailStore) -> None:
    def fail() -> t.NoReturn:
        with mail.locked():
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    with mail.locked():
        pass
