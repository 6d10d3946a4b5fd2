# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.assurmer.mail.plugins.module_utils._address import (
    Address,
    all_normal_addresses,
    normal_address,
    parse_address,
    parse_alias_address,
    parse_destination,
    parse_domain,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("alice@assurmer.example", "alice@assurmer.example"),
        ("Alice.Martin@ASSURMER.Example", "alice.martin@assurmer.example"),
        ("o'brien@assurmer.example", "o'brien@assurmer.example"),
        ("a_b@assurmer.example", "a_b@assurmer.example"),
        ("a&b=c~d-e@assurmer.example", "a&b=c~d-e@assurmer.example"),
        ("0@0.example", "0@0.example"),
        (f"{'a' * 64}@assurmer.example", f"{'a' * 64}@assurmer.example"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("info@BÜCHER.example", "info@xn--bcher-kva.example"),
        ("info@bu\u0308cher.example", "info@xn--bcher-kva.example"),
        ("info@xn--bcher-kva.example", "info@xn--bcher-kva.example"),
        ("info@XN--BCHER-KVA.example", "info@xn--bcher-kva.example"),
        # IDNA 2008's name for straße; IDNA 2003 would have made strasse of the U-label.
        ("info@xn--strae-oqa.example", "info@xn--strae-oqa.example"),
        ("info@例え.テスト", "info@xn--r8jz45g.xn--zckzah"),
    ],
)
def test_a_valid_address_is_normalised(text: str, address: str) -> None:
    assert str(parse_address(text, "address")) == address
    assert normal_address(text, "address") == address


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no domain"),
        ("alice", "has no domain"),
        ("alice@", "has no domain"),
        ("@assurmer.example", "has nothing before the '@'"),
        ("a@b@assurmer.example", "more than one '@'"),
        ("a b@assurmer.example", "holds a space"),
        (" alice@assurmer.example", "holds a space"),
        ("alice@assurmer.example ", "holds a space"),
        ("alice@assurmer.example\n", "line break"),
        ("alice\u00a0@assurmer.example", "holds a space"),
        ("a\0b@assurmer.example", "control character"),
        ("a\x1bb@assurmer.example", "control character"),
        ("a\x7fb@assurmer.example", "control character"),
        ("a\ud800b@assurmer.example", "control character"),
        ("a;b@assurmer.example", "holds ';'"),
        ("a%b@assurmer.example", "holds '%'"),
        ("a,b@assurmer.example", "holds ','"),
        ('"a"@assurmer.example', "holds '\"'"),
        ("a\\b@assurmer.example", r"holds '\\'"),
        ("a$b@assurmer.example", "holds '$'"),
        ("a*b@assurmer.example", "holds '*'"),
        ("a{b}@assurmer.example", "holds '{'"),
        ("a|b@assurmer.example", "holds '|'"),
        ("../a@assurmer.example", "dot at the start"),
        ("a/b@assurmer.example", "holds '/'"),
        ("a!b@assurmer.example", "holds '!'"),
        ("alice+x@assurmer.example", "separates the detail"),
        ("a..b@assurmer.example", "two in a row"),
        (".a@assurmer.example", "dot at the start"),
        ("a.@assurmer.example", "dot at the start or the end"),
        ("-a@assurmer.example", "starts with '-'"),
        (f"{'a' * 65}@assurmer.example", "more than 64 characters"),
        ("jürgen@assurmer.example", "SMTPUTF8"),
        # The Kelvin sign: lower() would make a plain k of it.
        ("\u212aarl@assurmer.example", "SMTPUTF8"),
        (f"a@{'.'.join(['b' * 63] * 3)}.{'c' * 58}.example", "more than 253"),
        (f"{'a' * 64}@{'.'.join(['b' * 63] * 3)}", "longer than 254"),
    ],
)
def test_an_invalid_address_is_refused_in_one_sentence(text: str, problem: str) -> None:
    with pytest.raises(InvalidOption) as refused:
        parse_address(text, "mailboxes[3].address")
    sentence = str(refused.value)
    assert sentence.startswith("mailboxes[3].address: ")
    assert problem in sentence
    assert "\n" not in sentence
    with pytest.raises(InvalidOption, match=re.escape(sentence)):
        normal_address(text, "mailboxes[3].address")
    assert repr(text)[1:20] in sentence


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no domain"),
        ("example", "of one label"),
        (".example.org", "dot at the start"),
        ("example.org.", "dot at the start or the end"),
        ("a..example", "two in a row"),
        ("-a.example", "letters, digits and inner hyphens"),
        ("a-.example", "letters, digits and inner hyphens"),
        ("a_b.example", "letters, digits and inner hyphens"),
        ("a/b.example", "letters, digits and inner hyphens"),
        ("℀.example", "letters, digits and inner hyphens"),
        ("[192.0.2.1]", "letters, digits and inner hyphens"),
        ("192.0.2.1", "ends in a number"),
        (f"{'a' * 64}.example", "more than 63"),
        ("straße.example", "A-label"),
        ("STRAẞE.example", "A-label"),
        ("βόλος.example", "A-label"),
        ("exam\u200dple.example", "A-label"),
        ("exam\u00adple.example", "A-label"),
        ("例え\u3002example", "A-label"),
        ("a\uff0eexample.org", "A-label"),
        # Nameprep refuses a label that reads in both directions.
        ("a\u05d0.example", "IDNA 2003"),
        ("xn--a.example", "no A-label"),
        ("xn--abc-.example", "inner hyphens"),
        ("xn--99999999.example", "no A-label"),
        ("a b.example", "a space"),
    ],
)
def test_an_invalid_domain_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidOption) as refused:
        parse_domain(text, "name")
    assert problem in str(refused.value)


def test_only_an_alias_may_be_a_catch_all() -> None:
    address = parse_alias_address("@Bücher.example", "address")
    assert str(address) == "@xn--bcher-kva.example"
    assert address.is_catch_all
    assert not parse_alias_address("a@b.example", "address").is_catch_all
    with pytest.raises(InvalidOption):
        parse_alias_address("@@b.example", "address")
    with pytest.raises(InvalidOption):
        parse_destination("@b.example", "destinations")


def test_only_a_destination_may_have_a_detail() -> None:
    assert str(parse_destination("Bob+Lists@b.example", "destinations")) == "bob+lists@b.example"
    assert Address("bob+lists", "b.example").without_detail == Address("bob", "b.example")
    with pytest.raises(InvalidOption):
        parse_alias_address("bob+lists@b.example", "address")


PIECES = st.text("abAB09._'&=~+-%;@\u00fc\u00df \n", max_size=12)


@given(st.one_of(st.text(max_size=80), st.builds("{}@{}.example".format, PIECES, PIECES)))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = str(parse_destination(text, "address"))
    except InvalidOption:
        return
    assert str(parse_destination(address, "address")) == address
    assert address.isascii()
    assert address == address.lower()


@given(
    text=st.from_regex(
        r"[abA0._~'&=+-]{0,4}(a{60})?@[aA0.-]{0,4}(a{60}[.]){0,4}[.]?example\n?", fullmatch=True
    )
)
def test_what_is_normal_at_first_sight_is_stored_as_it_stands(text: str) -> None:
    if all_normal_addresses(["x@a.example", text]):
        assert normal_address(text, "option") == text


def test_what_most_addresses_look_like_is_normal() -> None:
    assert all_normal_addresses([])
    assert all_normal_addresses(["alice@assurmer.example", "j.-p.o'neil_2@xn--bcher-kva.example"])
