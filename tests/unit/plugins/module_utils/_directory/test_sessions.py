# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory import sessions

# What doveadm-who(1) prints with `-f tab -1`: a line for each connection.
WHO = """\
username\tproto\tpid\tip
x@a.example\timap\t11\t192.0.2.1
x@a.example\timap\t12\t192.0.2.2
xx@a.example\timap\t13\t192.0.2.3
y@b.example\tsieve\t14\t192.0.2.4
z@a.b.example\timap\t15\t192.0.2.5
"""


@pytest.fixture
def kicked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Callable[[], list[str]]:
    """Stand a program in for doveadm, which only the scenario `dovecot` has, and read its calls."""
    (tmp_path / "who").write_text(WHO)
    (tmp_path / "calls").touch()
    program = tmp_path / "doveadm"
    program.write_text(
        f"#!/bin/sh\nfor last; do :; done\ncase $* in *who*) cat {tmp_path}/who ;;"
        f'\n*) echo "$*" >>{tmp_path}/calls ;;\nesac\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(sessions, "DOVEADM", str(program))
    return lambda: (tmp_path / "calls").read_text().splitlines()


@pytest.mark.parametrize(
    ("users", "domains", "calls"),
    [
        ([], [], []),
        (["x@a.example"], [], ["kick x@a.example"]),
        (["a@a.example", "X@a.example", "x", "%@a.example"], [], []),
        ([], ["b.example"], ["kick y@b.example"]),
        ([], ["example"], []),
        (
            ["y@b.example"],
            ["a.example"],
            ["kick x@a.example", "kick xx@a.example", "kick y@b.example"],
        ),
    ],
)
def test_those_who_were_closed_are_kicked_once_and_nobody_else(
    kicked: t.Callable[[], list[str]], users: list[str], domains: list[str], calls: list[str]
) -> None:
    sessions.end_sessions(users, domains)
    assert kicked() == calls


def test_without_dovecot_nothing_is_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "DOVEADM", str(tmp_path / "nowhere"))
    sessions.end_sessions(["x@a.example"], [])
    monkeypatch.setattr(sessions, "DOVEADM", "/bin/false")
    sessions.end_sessions(["x@a.example"], [])


def test_who_has_left_meanwhile_needs_no_kick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    program = tmp_path / "doveadm"
    program.write_text(f'#!/bin/sh\necho "$*" >>{calls}\nexit 68\n')
    program.chmod(0o755)
    monkeypatch.setattr(sessions, "DOVEADM", str(program))
    sessions.kick({"y@a.example", "x@a.example"})
    assert calls.read_text().splitlines() == ["kick x@a.example", "kick y@a.example"]
