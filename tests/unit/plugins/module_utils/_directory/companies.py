# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Companies and hostile texts, as Hypothesis makes them up."""

from __future__ import annotations

import typing as t

from hypothesis import strategies as st

# All characters, also halves of surrogate pairs, which JSON can smuggle in; and often those that
# mean something to CSV, SQL, LIKE, JSON, shells and templates.
CHARACTERS = st.one_of(
    st.sampled_from("\0\t\n\r\x1b\x85\u2028\ud800\ufeff ,;\"'`%_\\{}$()=+-*@#:/|&<>?.~"),
    st.characters(),
    st.sampled_from("aAbB0"),
)
TEXTS = st.text(CHARACTERS, max_size=30)
NAMES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.sampled_from(" ,;\"'=\\{%_"),
    max_size=40,
)

_CRYPT64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE64 = _CRYPT64.replace(".", "+")
HASHES = st.one_of(
    st.builds("{{BLF-CRYPT}}$2y$12${}".format, st.text(_CRYPT64, min_size=53, max_size=53)),
    st.builds(
        "{{SHA512-CRYPT}}$6${}${}".format,
        st.text(_CRYPT64, min_size=1, max_size=16),
        st.text(_CRYPT64, min_size=86, max_size=86),
    ),
    st.builds(
        "{{ARGON2ID}}$argon2id$v=19$m=19456,t=2,p=1${}${}".format,
        st.text(_BASE64, min_size=22, max_size=22),
        st.text(_BASE64, min_size=43, max_size=43),
    ),
)
# Few letters, so that near misses are frequent.
LOCAL_PARTS = st.from_regex(r"[abA0_~'&=]([.]?[abA_'-]){0,4}", fullmatch=True)
DOMAINS = st.sampled_from(
    ["a.example", "A.example", "b.a.example", "bücher.example", "x-a.example"]
)
QUOTAS = st.one_of(
    st.integers(0, 2**63 - 1).map(str),
    st.builds("{}{}".format, st.integers(0, 8191), st.sampled_from(["K", "M", "G", "T", "gib"])),
    st.sampled_from(["none", "Unlimited"]),
)
OFFICES = st.from_regex(r"([A-Za-z0-9][A-Za-z0-9_-]{0,9})?", fullmatch=True)


@st.composite
def companies(draw: st.DrawFn) -> dict[str, list[dict[str, t.Any]]]:
    """Lists that the module takes."""
    domains = draw(st.lists(DOMAINS, unique_by=str.lower, min_size=1))
    homes = st.sampled_from(domains)
    addresses = draw(
        st.lists(st.builds("{}@{}".format, LOCAL_PARTS, homes), unique_by=str.lower, max_size=12)
    )
    half = draw(st.integers(0, len(addresses)))
    outside = st.builds("{}@elsewhere.example".format, LOCAL_PARTS)
    inside = st.sampled_from(addresses[:half]) if half else outside
    catch_alls = [f"@{domain}" for domain in draw(st.lists(homes, unique=True))]
    return {
        "domains": [{"name": name, "active": draw(st.booleans())} for name in domains]
        + [{"name": "alias.example", "alias_of": domains[0]}],
        "mailboxes": [
            {
                "address": address,
                "name": draw(NAMES),
                "password_hash": draw(HASHES),
                "quota": draw(QUOTAS),
                "office": draw(OFFICES),
                "active": draw(st.booleans()),
            }
            for address in addresses[:half]
        ],
        "aliases": [
            {
                "address": address,
                "destinations": draw(st.lists(outside | inside, min_size=1, max_size=4)),
                "active": draw(st.booleans()),
            }
            for address in [*addresses[half:], *catch_alls]
        ],
    }
