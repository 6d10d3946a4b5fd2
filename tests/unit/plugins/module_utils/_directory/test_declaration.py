# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Content
from ansible_collections.assurmer.mail.plugins.module_utils._directory.request import OneObject
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import (
    Declaration,
    Secret,
    Wish,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.asking import (
    differing,
    store_of,
)

HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53


def whole(**lists: t.Any) -> Declaration:
    return differing(Content(), **lists)


def one(kind: t.Any, **options: t.Any) -> Declaration:
    request = OneObject(kind, {"state": "present", **options}, Scheme.ARGON2ID)
    with store_of(Content()) as store:
        request.declare(store).raise_first()
        return request.declaration(store)


def test_one_object_has_the_fields_that_are_given() -> None:
    declaration = one(
        "mailboxes", address="Alice@A.example", name="Alice", quota="5G", office=None, password="x"
    )
    assert declaration.mailboxes == {
        "alice@a.example": Wish(
            "alice@a.example", {"name": "Alice", "quota": 5 * 2**30}, Secret(plain="x")
        )
    }
    assert not declaration.domains
    assert not declaration.aliases
    assert declaration.option("mailboxes", "alice@a.example", "quota") == "quota"


def test_an_entry_of_a_list_has_all_fields() -> None:
    declaration = whole(mailboxes=[{"address": "a@a.example", "password_hash": HASH}])
    (wish,) = declaration.mailboxes.values()
    assert wish.fields == {"name": "", "quota": 0, "office": "", "home": "", "active": True}
    assert wish.secret == Secret(hashed=HASH)
    option = declaration.option("mailboxes", "a@a.example", "quota")
    assert option == "mailboxes[a@a.example].quota"


def test_an_absent_object_has_no_fields() -> None:
    declaration = one("domains", name="A.example", alias_of="b.example", state="absent")
    assert declaration.domains == {"a.example": Wish("a.example", present=False)}


def test_an_alias_domain_is_told_from_one_of_its_own() -> None:
    assert one("domains", name="a.example", alias_of=None).domains["a.example"].fields == {}
    assert one("domains", name="a.example", alias_of="").domains["a.example"].fields == {
        "alias_of": None
    }
    assert one("domains", name="a.example", alias_of="B.example").domains["a.example"].fields == {
        "alias_of": "b.example"
    }


def test_destinations_are_normalised_and_kept_in_order() -> None:
    destinations = ["B@x.example", "a+d@x.example", "b@X.example"]
    (wish,) = one("aliases", address="@a.example", destinations=destinations).aliases.values()
    assert wish.key == "@a.example"
    assert wish.fields["destinations"] == ("b@x.example", "a+d@x.example")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"mailboxes": [{"address": "alice"}]},
            "mailboxes[0].address: 'alice' has no domain, "
            "an address is written like alice@example.org.",
        ),
        (
            {"mailboxes": [{"address": "a@a.example", "quota": "-5"}]},
            "mailboxes[a@a.example].quota: '-5' is negative; 0 stands for no limit.",
        ),
        (
            {"mailboxes": [{"address": "a@a.example", "password": ""}]},
            "mailboxes[a@a.example].password: the value given is empty.",
        ),
        (
            {"mailboxes": [{"address": "a@a.example", "office": "../x"}]},
            "mailboxes[a@a.example].office: '../x' is no office; "
            "up to 63 letters, digits, '_' and '-' are taken.",
        ),
        (
            {"mailboxes": [{"address": "a@a.example", "name": "A\nB"}]},
            r"mailboxes[a@a.example].name: 'A\nB' holds a control character or a line break.",
        ),
        (
            {"mailboxes": [{"address": "a@a.example"}, {"address": "A@a.example"}]},
            "mailboxes[1].address: 'a@a.example' is declared twice.",
        ),
        (
            {"aliases": [{"address": "a@a.example", "destinations": []}]},
            "aliases[a@a.example].destinations: '[]' names no address to send on to.",
        ),
        (
            {"aliases": [{"address": "a@a.example", "destinations": ["b"]}]},
            "aliases[a@a.example].destinations: 'b' has no domain, "
            "an address is written like alice@example.org.",
        ),
        (
            {"domains": [{"name": "a"}]},
            "domains[0].name: 'a' has a domain of one label; a domain is written like example.org.",
        ),
        (
            {"purge": ["mailboxes"]},
            "purge: 'mailboxes' is named, but the option mailboxes is not given.",
        ),
    ],
)
def test_a_mistake_is_told_with_its_option_and_value(options: t.Any, sentence: str) -> None:
    with pytest.raises(MailError) as refused:
        whole(**options)
    assert str(refused.value) == sentence


def test_all_mistakes_are_told_together() -> None:
    with pytest.raises(InvalidOption) as refused:
        whole(
            domains=[{"name": "a"}],
            mailboxes=[{"address": "b"}, {"address": "a@a.example"}, {"address": "c"}],
        )
    errors = refused.value.details["errors"]
    assert [sentence.partition(":")[0] for sentence in errors] == [
        "domains[0].name",
        "mailboxes[0].address",
        "mailboxes[2].address",
    ]
    assert str(refused.value) == errors[0]


def test_no_secret_is_in_a_representation() -> None:
    declaration = one("mailboxes", address="a@a.example", password="hunter2")
    assert "hunter2" not in repr(declaration)
