# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import install, main

PARAMS: dict[str, t.Any] = {
    "calendar": "daily",
    "jitter": 3600,
    "timeout": 10,
    "listeners": [
        {"port": 993, "protocol": "imap", "tls": "implicit", "address": "127.0.0.1"},
        {"port": 25, "protocol": "smtp", "tls": "starttls", "address": "::1"},
    ],
}


def test_the_units() -> None:
    schedule = install.schedule_of(PARAMS)
    assert (
        "ExecStart=/usr/local/sbin/assurmer-mail-certificates --timeout 10"
        " --listener imap:implicit:993:127.0.0.1 --listener smtp:starttls:25:::1\n"
    ) in schedule.service()
    assert "OnCalendar=daily\nRandomizedDelaySec=3600s\nPersistent=true\n" in schedule.timer()


def test_the_program_reads_what_the_unit_says() -> None:
    schedule = install.schedule_of(PARAMS)
    (line,) = (x for x in schedule.service().splitlines() if x.startswith("ExecStart="))
    given = main._parser().parse_args(line.split()[1:])
    assert given.timeout == 10
    assert [(e.protocol, e.port, e.implicit_tls, e.address) for e in given.listener] == [
        ("imap", 993, True, "127.0.0.1"),
        ("smtp", 25, False, "::1"),
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"jitter": -1}, "jitter: '-1' is not between 0 and 86400 seconds"),
        ({"jitter": 86401}, "jitter"),
        ({"timeout": 0}, "timeout: '0' is not between 1 and 300 seconds"),
        ({"listeners": [{**PARAMS["listeners"][0], "port": 0}]}, "listeners.port: '0'"),
    ],
)
def test_what_is_out_of_range(changed: dict[str, t.Any], message: str) -> None:
    with pytest.raises(MailError, match=message):
        install.schedule_of({**PARAMS, **changed})


@pytest.mark.parametrize(
    "text", ["pop3:implicit:995", "imap:none:143", "imap:implicit", "imap:implicit:x"]
)
def test_a_listener_that_is_none(text: str) -> None:
    with pytest.raises(SystemExit):
        main._parser().parse_args(["--listener", text])
