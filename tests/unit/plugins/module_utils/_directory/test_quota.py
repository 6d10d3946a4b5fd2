# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.quota import parse_quota
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("0", 0),
        ("none", 0),
        ("None", 0),
        ("unlimited", 0),
        ("1", 1),
        ("1073741824", 1073741824),
        ("1K", 1024),
        ("500M", 500 * 2**20),
        ("5G", 5 * 2**30),
        ("5g", 5 * 2**30),
        ("5GB", 5 * 2**30),
        ("5GiB", 5 * 2**30),
        ("2T", 2 * 2**40),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_a_size_is_read(text: str, octets: int) -> None:
    assert parse_quota(text, "quota") == octets


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("-1", "is negative"),
        ("-5G", "is negative"),
        ("", "is no size"),
        ("G", "is no size"),
        ("5 G", "is no size"),
        ("1.5G", "is no size"),
        ("5P", "is no size"),
        ("5G\n", "is no size"),
        ("0x10", "is no size"),
        ("\u0665G", "is no size"),
        ("1e3", "is no size"),
        ("9223372036854775808", "is more than"),
        ("99999999999G", "is more than"),
    ],
)
def test_what_is_no_size_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidOption, match=problem) as refused:
        parse_quota(text, "mailboxes[a@b.example].quota")
    assert str(refused.value).startswith("mailboxes[a@b.example].quota: ")
