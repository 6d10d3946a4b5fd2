# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.plugin_utils._report.words import (
    counted,
    duration,
    escaped,
    octets,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1536, "1.5 KiB"),
        (60 * 2**30, "60 GiB"),
        (5 * 2**40, "5.0 TiB"),
        (3000 * 2**50, "3000 PiB"),
    ],
)
def test_octets(number: int, text: str) -> None:
    assert octets(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7260, "2 h"), (172800, "2 d"), (172799, "47 h")],
)
def test_duration(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_counted() -> None:
    assert counted(1, "host") == "1 host"
    assert counted(2, "host") == "2 hosts"
    assert counted(0, "mailbox", "mailboxes") == "0 mailboxes"


def test_every_text_is_escaped_however_deep_it_lies() -> None:
    evil = """<a href="x" onclick='y'>&"""
    good = "&lt;a href=&quot;x&quot; onclick=&#x27;y&#x27;&gt;&amp;"
    given = {"a": [evil, {"b": (evil, 1, None, True)}]}
    assert escaped(given) == {"a": [good, {"b": [good, 1, None, True]}]}
