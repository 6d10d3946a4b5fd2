# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._service_config import dovecot
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import (
    Completed,
    Refused,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Configuration,
    File,
)


@pytest.mark.parametrize(
    "line",
    [
        "query = SELECT '%u'",
        "query = SELECT * WHERE a = '%u' AND b = 1",
        "mail_home = /var/vmail/%d/%n",
        "auth_username_format = %Lu",
        "mail_path = /x/%Ld",
        "home = /var/%h/x",
        "hash = %80d",
        "hash = %2.5Hu",
        "literal = %%%u",
        "service = %s",
    ],
)
def test_a_variable_of_2_3_is_seen(line: str) -> None:
    assert dovecot._OLD_VARIABLE.search(line)


@pytest.mark.parametrize(
    "line",
    [
        "query = SELECT '%{user}'",
        "mail_path = %{home}/Maildir",
        "auth_username_format = %{user | lower}",
        "literal = 100%%",
        "literal = %%u",
        "literal = %%%%u",
        "quota_storage_percentage = 110%",
        "like = '%user'",
        "like = 'a%'",
        "date = %",
    ],
)
def test_what_is_no_variable_of_2_3_passes(line: str) -> None:
    assert not dovecot._OLD_VARIABLE.search(line)


@pytest.mark.parametrize(
    "line", ["x = %{user | lower}", "x = %{user|username}", "x = a%{ user | domain }b"]
)
def test_a_filter_of_2_4_is_seen(line: str) -> None:
    assert dovecot._NEW_VARIABLE.search(line)


@pytest.mark.parametrize("line", ["x = %u", "x = %{user}", "x = %{lower:user}", "x = a || b"])
def test_what_2_3_knows_passes(line: str) -> None:
    assert not dovecot._NEW_VARIABLE.search(line)


def test_the_file_and_the_line_are_named() -> None:
    with pytest.raises(Refused, match=r"a.conf line 3: %u is a variable of another"):
        dovecot._refuse_variables("a.conf", "# %u\n  # %n\nx = '%u'\n", dovecot._OLD_VARIABLE)


def test_a_password_of_libpq_may_look_like_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    def command(*arguments: str) -> Completed:
        return Completed(0, "2.4.1 (7d8c0e5759)" if "--version" in arguments else "", "")

    monkeypatch.setattr(dovecot, "command", command)
    file = File(b"*:*:*:*:%u %n", 0o400, "root", "root")
    dovecot.Dovecot().check(Configuration(files={"directory.pgpass": file}))
    with pytest.raises(Refused, match=r"a\.conf line 1: %u"):
        dovecot.Dovecot().check(Configuration(files={"a.conf": file}))


def test_the_directories_in_which_two_would_meet() -> None:
    assert Path("/run/dovecot") in dovecot.Dovecot.state


@pytest.mark.parametrize(("code", "refused"), [(0, False), (75, True)])
def test_a_daemon_without_anvil_is_no_success(
    monkeypatch: pytest.MonkeyPatch, code: int, refused: bool
) -> None:
    """Login processes of before a reload still greet, and then every login fails."""
    asked: list[tuple[str, ...]] = []

    def command(*arguments: str) -> Completed:
        asked.append(arguments)
        return Completed(code, "", "connect(/run/dovecot/anvil) failed")

    monkeypatch.setattr(dovecot, "command", command)
    nothing = Configuration(files={}, listeners=(), lookups=())
    if refused:
        with pytest.raises(Refused, match="anvil"):
            dovecot.Dovecot().ask(nothing)
    else:
        dovecot.Dovecot().ask(nothing)
    assert asked == [("doveadm", "who")]
