# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._service_config import postfix
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import Refused


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        (
            "virtual_mailbox_maps = proxy:sqlite:/etc/postfix/sql/a.cf",
            [("proxy:sqlite:/etc/postfix/sql/a.cf", "sqlite", "/etc/postfix/sql/a.cf")],
        ),
        (
            "x = hash:/etc/aliases, regexp:/etc/postfix/r",
            [
                ("hash:/etc/aliases", "hash", "/etc/aliases"),
                ("regexp:/etc/postfix/r", "regexp", "/etc/postfix/r"),
            ],
        ),
        (
            "x = check_sender_access { lmdb:/a/b { x = y } }",
            [("lmdb:/a/b", "lmdb", "/a/b")],
        ),
        ("x = pcre:/a,cidr:/b", [("pcre:/a", "pcre", "/a"), ("cidr:/b", "cidr", "/b")]),
        ("x = inline:{a=b} static:all unix:passwd.byname tcp:127.0.0.1:1", []),
        ("smtpd_sasl_path = /run/dovecot/auth-postfix", []),
    ],
)
def test_the_tables_in_a_setting(setting: str, found: list[tuple[str, str, str]]) -> None:
    matches = postfix._TABLE.finditer(setting)
    assert [(match["table"], match["type"], match["path"]) for match in matches] == found


@pytest.mark.parametrize(
    "words",
    [
        "postconf: warning: /etc/postfix/main.cf: unused parameter: nosuch=1",
        "postfix: fatal: parameter inet_protocols: bad value",
        "a\npostfix/postfix-script: warning: not owned by root: /etc/postfix/./main.cf",
    ],
)
def test_a_warning_is_an_error(words: str) -> None:
    with pytest.raises(Refused):
        postfix._refuse_warnings(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "\n",
        "postfix/postfix-script: warning: symlink leaves directory: /etc/postfix/./makedefs.out",
        "postfix/postfix-script: starting the Postfix mail system",
    ],
)
def test_what_debian_itself_draws_is_none(words: str) -> None:
    postfix._refuse_warnings(words)


def test_each_complaint_is_told_once() -> None:
    with pytest.raises(Refused) as raised:
        postfix._refuse_warnings("a: warning: x\na: warning: x\nb: warning: y")
    assert str(raised.value) == "a: warning: x\nb: warning: y"


def test_it_runs_while_its_master_holds_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postfix.Postfix, "state", (tmp_path,))
    daemon = postfix.Postfix()
    assert not daemon.running()  # It never ran.
    (tmp_path / "pid").mkdir()
    with (tmp_path / "pid/master.pid").open("w", encoding="ascii") as held:
        assert not daemon.running()  # It has died, and left its file.
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert daemon.running()
    assert not daemon.running()
