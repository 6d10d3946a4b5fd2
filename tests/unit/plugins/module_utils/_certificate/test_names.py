# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import names
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("mail.example.org", "mail.example.org"),
        ("Mail.EXAMPLE.org", "mail.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("*.example.org", "*.example.org"),
        ("paris", "paris"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
    ],
)
def test_normalise(text: str, normalised: str) -> None:
    assert names.normalise("names", text) == normalised


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "*.org",
        "a..example",
        "example.org.",
        "mail_1.example.org",
        "two words.example",
        "mail.example.org\n",
        "new\nline.example",
        "*.*.example.org",
        "mail.*.example.org",
        "-a.example",
        "192.0.2.300",
        "256",
        "fe80::1%eth0",
        "a" * 64 + ".example",
        ".".join(["a" * 60] * 5),
        "straße.example",
    ],
)
def test_normalise_refuses(text: str) -> None:
    with pytest.raises(InvalidOption, match=r"^names: "):
        names.normalise("names", text)


def test_normalise_all_drops_repetitions_and_keeps_the_order() -> None:
    assert names.normalise_all("names", ["b.example", "a.example", "B.example"]) == (
        "b.example",
        "a.example",
    )


@pytest.mark.parametrize("text", ["mail.example.org", "mail", "a_b", "1.example"])
def test_file_name(text: str) -> None:
    assert names.file_name("name", text) == text


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "../a", "a..b", ".a", "A", "a b", "a\n"])
def test_file_name_refuses(text: str) -> None:
    with pytest.raises(InvalidOption, match=r"^name: "):
        names.file_name("name", text)


@pytest.mark.parametrize(
    ("owned", "wanted", "good"),
    [
        (["mail.example.org"], "mail.example.org", True),
        (["amail.example.org"], "mail.example.org", False),
        (["*.example.org"], "mail.example.org", True),
        (["*.example.org"], "example.org", False),
        (["*.example.org"], "a.mail.example.org", False),
        (["192.0.2.1"], "192.0.2.1", True),
        ([], "mail.example.org", False),
    ],
)
def test_covers(owned: list[str], wanted: str, good: bool) -> None:
    assert names.covers(owned, wanted) is good
