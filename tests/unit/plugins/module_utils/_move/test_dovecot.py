# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import shlex
import ssl
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._move import dovecot
from ansible_collections.assurmer.mail.plugins.module_utils._move.model import Folder

A, B = "a@a.example", "b@a.example"


class Doveadm:
    """A doveadm(1) that answers each of its commands with a table."""

    def __init__(self, directory: Path) -> None:
        self.program = directory / "doveadm"
        self._answers: dict[str, tuple[str, int]] = {}

    def answers(self, command: str, *rows: str, code: int = 0, words: str = "") -> None:
        table = "".join(row.replace("|", "\t") + "\n" for row in rows)
        said = f"printf %s {shlex.quote(table)}; printf %s {shlex.quote(words)} >&2"
        self._answers[command] = (said, code)
        cases = "".join(
            f'*" {name} "*) {text}; exit {status};;\n'
            for name, (text, status) in self._answers.items()
        )
        self.program.write_text(f'#!/bin/sh\ncase " $* " in\n{cases}*) exit 99;;\nesac\n')
        self.program.chmod(0o755)


@pytest.fixture
def doveadm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doveadm:
    found = Doveadm(tmp_path)
    monkeypatch.setattr(dovecot, "DOVEADM", str(found.program))
    return found


def test_a_mailbox_is_all_that_moves_with_it(doveadm: Doveadm, tmp_path: Path) -> None:
    home = tmp_path / "a"
    (home / "sieve").mkdir(parents=True)
    (home / "sieve" / "main.sieve").write_text("keep;\n")
    (home / ".dovecot.sieve").symlink_to("sieve/main.sieve")
    doveadm.answers(
        "fetch",
        "Username|mailbox-guid|uid|guid|flags",
        rf"{A}|f1|1|m1|\Seen $Work \Recent",
        f"{A}|f1|4|m2|",
    )
    doveadm.answers("list", "Username|mailbox", f"{A}|INBOX", f'{A}|He said "été"')
    doveadm.answers(
        "status",
        "Username|mailbox|guid|uidvalidity|uidnext|messages",
        f"{A}|INBOX|f1|1700000000|5|2",
        f'{A}|He said "été"|f2|1700000001|1|0',
        f"{B}|INBOX|f3|1700000002|1|0",
    )
    found = dovecot.copies({A: home, B: tmp_path / "b"})
    contents = hashlib.sha256(b"1 m1 $Work \\Seen\n4 m2 \n").hexdigest()
    assert found[A].folders == {
        "INBOX": Folder("f1", 1700000000, 5, 2, contents),
        'He said "été"': Folder("f2", 1700000001, 1, 0, ""),
    }
    assert found[A].subscriptions == ('He said "été"', "INBOX")
    assert found[A].scripts == {"main": hashlib.sha256(b"keep;\n").hexdigest()}
    assert (found[A].active_script, found[A].messages) == ("main", 2)
    assert (found[B].scripts, found[B].active_script, found[B].subscriptions) == ({}, "", ())


def test_flags_that_differ_make_another_mailbox(doveadm: Doveadm, tmp_path: Path) -> None:
    doveadm.answers("list", "Username|mailbox")
    doveadm.answers(
        "status", "Username|mailbox|guid|uidvalidity|uidnext|messages", f"{A}|INBOX|f1|1|2|1"
    )
    seen = []
    for flags in (r"\Seen", r"\Answered \Seen", r"\Seen \Recent"):
        doveadm.answers("fetch", "Username|mailbox-guid|uid|guid|flags", f"{A}|f1|1|m1|{flags}")
        seen.append(dovecot.copies({A: tmp_path})[A])
    assert seen[0] != seen[1]
    assert seen[0] == seen[2]


@pytest.mark.parametrize("column", ["service", "proto"])
def test_a_delivery_is_no_session(doveadm: Doveadm, column: str) -> None:
    doveadm.answers(
        "who", f"username|{column}|pid|ip", f"{A}|imap|7|::1", f"{B}|lmtp|8|", "c@a.example|imap|9|"
    )
    assert dovecot.online({A, B}) == {A}


def test_what_doveadm_complains_of_is_told(doveadm: Doveadm) -> None:
    doveadm.answers(
        "who", code=75, words="doveadm(a): Error: connect(anvil) failed: No such file\n"
    )
    with pytest.raises(MailError, match=r"^doveadm who: connect\(anvil\) failed: No such file$"):
        dovecot.online({A})


@pytest.mark.parametrize("code", [0, dovecot.CHANGED_MEANWHILE])
def test_a_copy_is_taken_as_far_as_it_came(
    doveadm: Doveadm, secured: tuple[ssl.SSLSocket, ssl.SSLSocket], code: int
) -> None:
    doveadm.answers("backup", code=code)
    assert dovecot.fetch(A, secured[0]) == code


def test_a_copy_that_fails_is_told_in_the_words_of_doveadm(
    doveadm: Doveadm, secured: tuple[ssl.SSLSocket, ssl.SSLSocket]
) -> None:
    doveadm.answers("backup", code=75, words="Error: Out of space")
    with pytest.raises(MailError, match=f"^{A}: doveadm backup: .*Out of space"):
        dovecot.fetch(A, secured[0])
