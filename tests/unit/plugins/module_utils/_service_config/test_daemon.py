# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import (
    Completed,
    command,
)


def test_a_program_is_run_with_a_plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_CONFIG", "/elsewhere")
    done = command("sh", "-c", "cat; echo out; echo err >&2; env; exit 3")
    assert (done.code, done.errors) == (3, "err\n")
    assert done.output.startswith("out\n")
    assert "MAIL_CONFIG" not in done.output


def test_a_daemon_left_behind_does_not_hold_us() -> None:
    assert command("sh", "-c", "sleep 5 & echo started", seconds=3).output == "started\n"


def test_a_program_that_is_not_there_is_told() -> None:
    with pytest.raises(MailError, match="no-such-program is not installed"):
        command("no-such-program")


def test_what_is_no_program_is_told() -> None:
    with pytest.raises(MailError, match=r"/etc/passwd can't be run: Permission denied"):
        command("/etc/passwd")


def test_a_program_that_hangs_is_ended() -> None:
    begin = time.monotonic()
    with pytest.raises(MailError, match="sleep 9 did not end within"):
        command("sleep", "9", seconds=0.2)
    assert time.monotonic() - begin < 5


def test_an_end_is_noticed_at_once() -> None:
    seconds = []
    for _turn in range(5):
        begin = time.monotonic()
        command("sleep", "0.07")  # A wait that polls looks after 64 ms, then after 114.
        seconds.append(time.monotonic() - begin)
    assert min(seconds) < 0.1


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (Completed(1, "o", " e \n"), "e"),
        (Completed(1, "o\n", " "), "o"),
        (Completed(7, "", ""), "exit status 7"),
    ],
)
def test_there_are_always_words(done: Completed, words: str) -> None:
    assert done.words == words
