# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import time
import typing as t
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._service_config.log import (
    Syslog,
    complaints,
    grave,
    journal,
)


@pytest.fixture
def heard(tmp_path: Path) -> t.Iterator[Callable[[str], Syslog]]:
    log = Syslog(tmp_path / "log")
    log.listen()
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect(str(tmp_path / "log"))

    def say(line: str) -> Syslog:
        sender.send(line.encode())
        deadline = time.monotonic() + 5
        while not log._lines and time.monotonic() < deadline:
            time.sleep(0.01)
        return log

    yield say
    sender.close()
    log.close()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (
            "<18>Nov 23 09:40:30 postfix/smtpd[12]: fatal: bad string",
            "postfix/smtpd[12]: fatal: bad string",
        ),
        ("<19>Nov  3 09:40:30 dovecot: imap-login: Error: x\n\0", "dovecot: imap-login: Error: x"),
        ("<18>postfix[1]: panic: x", "postfix[1]: panic: x"),
    ],
)
def test_the_header_of_a_message_is_cut_off(
    heard: Callable[[str], Syslog], sent: str, kept: str
) -> None:
    assert heard(sent).grave() == [kept]


@pytest.mark.parametrize(
    ("line", "is_grave", "is_deadly"),
    [
        ("postfix/smtpd[1]: fatal: unsupported TLS level", True, True),
        ("dovecot: master: Fatal: no port", True, True),
        ("postfix/master[1]: panic: x", True, True),
        ("dovecot: auth: Error: sqlite: no such table", True, False),
        ("postfix/proxymap[1]: error: query", True, False),
        ("postfix/smtpd[1]: warning: hostname x", False, False),
        ("postfix/smtpd[1]: TLS library problem: error:0A000126:SSL", False, False),
        ("dovecot: master: Dovecot v2.4.1 starting up", False, False),
        ("postfix/smtpd[1]: NOQUEUE: reject: nonfatal: x", False, False),
    ],
)
def test_what_is_grave(
    heard: Callable[[str], Syslog], line: str, is_grave: bool, is_deadly: bool
) -> None:
    log = heard(line)
    assert log.grave() == ([line] if is_grave else [])
    assert log.deadly() is is_deadly


def test_the_same_words_are_told_once() -> None:
    assert grave(["a: fatal: x", "b: fatal: y", "a: fatal: x"]) == ["a: fatal: x", "b: fatal: y"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["a: connect", "a: warning: x", "a: fatal: y"], ["a: fatal: y"]),
        (["a: connect", "a: warning: x", "a: Warning: y"], ["a: warning: x", "a: Warning: y"]),
        (["a: connect"], []),
    ],
)
def test_warnings_explain_what_no_error_does(lines: list[str], told: list[str]) -> None:
    assert complaints(lines) == told


def test_the_socket_of_a_run_that_was_killed_is_no_hindrance(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    left.bind(str(tmp_path / "log"))
    left.close()
    log = Syslog(tmp_path / "log")
    log.close()
    assert not (tmp_path / "log").exists()


def test_a_unit_without_a_journal_has_nothing_to_tell() -> None:
    assert journal(("no-such-unit-of-ours.service",), time.time()) == []
