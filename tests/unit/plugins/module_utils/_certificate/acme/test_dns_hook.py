# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.challenge import Proof
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.dns_hook import Hook
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

PROOFS = tuple(
    Proof(name, "", "", f"record-of-{name}", None) for name in ("a.example", "b.example")
)


@pytest.fixture
def log(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "log"


def hook(log: pathlib.Path, more: str = "", patience: float = 10) -> Hook:
    program = log.with_name("hook")
    program.write_text(f'#!/bin/sh\necho "$@" >>{log}\n{more}\n')
    program.chmod(0o755)
    return Hook(str(program), patience)


def test_records_are_set_and_taken_away(log: pathlib.Path) -> None:
    with hook(log).shown(PROOFS):
        assert log.read_text().splitlines() == [
            "present _acme-challenge.a.example. record-of-a.example",
            "present _acme-challenge.b.example. record-of-b.example",
        ]
    assert [line.split()[0] for line in log.read_text().splitlines()[2:]] == ["cleanup", "cleanup"]


def test_what_was_set_is_taken_away_after_an_error(log: pathlib.Path) -> None:
    failing = hook(log, 'case "$*" in *present*b.example*) echo no zone; exit 3 ;; esac')
    message = r"acme_dns_hook: .* present _acme-challenge\.b\.example ended with 3: no zone"
    with pytest.raises(MailError, match=message), failing.shown(PROOFS):
        pass
    assert [line.split()[0] for line in log.read_text().splitlines()] == [
        *("present", "present"),
        *("cleanup", "cleanup"),
    ]


def test_a_record_that_stays_is_no_error(log: pathlib.Path) -> None:
    with hook(log, 'test "$1" = present').shown(PROOFS):
        pass


def test_a_program_that_hangs(log: pathlib.Path) -> None:
    hanging = hook(log, "exec sleep 60", patience=0.2)
    with (
        pytest.raises(MailError, match=r"present did not end within 0\.2 s"),
        hanging.shown(PROOFS[:1]),
    ):
        pass


@pytest.mark.parametrize("mode", [0o644, None])
def test_a_program_that_is_none(log: pathlib.Path, mode: int | None) -> None:
    made = hook(log)
    program = pathlib.Path(made.program)
    if mode is None:
        program.unlink()
    else:
        program.chmod(mode)
    with pytest.raises(MailError, match=r"acme_dns_hook: .* can't be run"), made.shown(PROOFS):
        pass
