# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._probe.plan import (
    ARGUMENT_SPEC,
    Account,
    Plan,
    plans,
)
from ansible_collections.assurmer.mail.plugins.module_utils._probe.tls import client_context

ALICE = {"smtp_host": "mail.example", "sender": "alice@assurmer.example", "password": "tea"}


def plan(**given: t.Any) -> Plan:
    options = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    return Plan.from_options({**options, **ALICE, **given})


@pytest.mark.parametrize(
    ("given", "smtp", "imap"),
    [
        ({}, 587, 143),
        ({"smtp_tls": "implicit"}, 465, 143),
        ({"imap_tls": "implicit"}, 587, 993),
        ({"smtp_auth": False, "recipient_password": "x"}, 25, 143),
        ({"smtp_port": 2525, "imap_port": 1143}, 2525, 1143),
    ],
)
def test_ports(given: dict[str, t.Any], smtp: int, imap: int) -> None:
    probe = plan(**given)
    assert (probe.smtp.port, probe.imap.port) == (smtp, imap)


@pytest.mark.parametrize(
    ("given", "smtp", "imap"),
    [
        ({}, ("mail.example", "mail.example"), ("mail.example", "mail.example")),
        ({"smtp_tls_name": "a"}, ("mail.example", "a"), ("mail.example", "a")),
        ({"smtp_tls_name": "a", "imap_host": "i"}, ("mail.example", "a"), ("i", "i")),
        (
            {"smtp_tls_name": "a", "imap_tls_name": "b"},
            ("mail.example", "a"),
            ("mail.example", "b"),
        ),
    ],
)
def test_names(given: dict[str, t.Any], smtp: tuple[str, str], imap: tuple[str, str]) -> None:
    probe = plan(**given)
    assert (probe.smtp.host, probe.smtp.tls_name) == smtp
    assert (probe.imap.host, probe.imap.tls_name) == imap


@pytest.mark.parametrize(
    ("given", "sender", "reader"),
    [
        ({}, Account("alice@assurmer.example", "tea"), Account("alice@assurmer.example", "tea")),
        ({"login": "alice"}, Account("alice", "tea"), Account("alice", "tea")),
        (
            {"recipient": "bob@assurmer.example", "recipient_password": "coffee"},
            Account("alice@assurmer.example", "tea"),
            Account("bob@assurmer.example", "coffee"),
        ),
        (
            {
                "recipient": "contact@assurmer.example",
                "recipient_login": "bob@assurmer.example",
                "recipient_password": "coffee",
            },
            Account("alice@assurmer.example", "tea"),
            Account("bob@assurmer.example", "coffee"),
        ),
        (
            {"smtp_auth": False, "recipient_password": "coffee"},
            None,
            Account("alice@assurmer.example", "coffee"),
        ),
    ],
)
def test_accounts(given: dict[str, t.Any], sender: Account | None, reader: Account) -> None:
    probe = plan(**given)
    assert (probe.sender_account, probe.recipient_account) == (sender, reader)


def test_international_domains_become_a_labels() -> None:
    probe = plan(recipient="O'Brien+x@Bücher.example", recipient_password="x")
    assert probe.recipient == "O'Brien+x@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"password": None}, "password: it is needed"),
        ({"password": "with\0nul"}, "password: the value given holds a NUL"),
        ({"recipient": "bob@assurmer.example"}, "recipient_password: it is needed"),
        ({"sender": ""}, "sender: '' is not an address"),
        ({"sender": "", "smtp_auth": False}, "recipient: it is needed"),
        ({"sender": "alice"}, "sender: 'alice' is not an address"),
        ({"sender": "a@b@c.example"}, "is not an address"),
        ({"sender": "a@c.example>\r\nRCPT TO:<b@c.example"}, "is not an address"),
        ({"sender": "jürgen@c.example"}, "is not an address"),
        ({"sender": "a@c..example"}, "domain"),
        ({"refused_recipient": "nobody"}, "refused_recipient: 'nobody' is not an address"),
        ({"smtp_port": 0}, "smtp_port: '0' is not a port"),
        ({"imap_port": 65536}, "imap_port: '65536' is not a port"),
        ({"timeout": 0}, "timeout: '0' is not a number of seconds from 1"),
        ({"delivery_timeout": 3601}, "delivery_timeout: '3601'"),
    ],
)
def test_bad_options(given: dict[str, t.Any], problem: str) -> None:
    with pytest.raises(MailError) as error:
        plan(**given)
    assert problem in str(error.value)
    assert "tea" not in str(error.value)


def routes(*entries: dict[str, t.Any], **given: t.Any) -> list[Plan]:
    """Return the plans of entries as Ansible gives them: with each option that they may have."""
    options = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    nothing = dict.fromkeys(ARGUMENT_SPEC["routes"]["options"])
    return plans({**options, **ALICE, **given, "routes": [{**nothing, **each} for each in entries]})


def test_a_probe_without_routes() -> None:
    options = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    assert plans({**options, **ALICE}) == [plan()]


def test_a_route_takes_from_the_options_what_it_does_not_say() -> None:
    world = {"name": "world", "smtp_auth": False, "sender": "", "imap_tls": "implicit"}
    bob = {"recipient": "bob@assurmer.example", "recipient_password": "coffee"}
    usual, other, from_world = routes({}, {"smtp_host": "other.example"}, world, **bob)
    assert usual == plan(**bob)
    assert other == plan(smtp_host="other.example", **bob)
    assert from_world == plan(**world, **bob)
    assert (usual.name, from_world.name) == ("", "world")
    assert (usual.smtp.port, from_world.smtp.port) == (587, 25)


def test_no_routes() -> None:
    assert routes() == []


def test_options_of_a_route_are_hidden_as_those_beside_it() -> None:
    entry = ARGUMENT_SPEC["routes"]["options"]
    assert {name for name in entry if entry[name].get("no_log")} == {
        name for name, spec in ARGUMENT_SPEC.items() if spec.get("no_log")
    }


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"smtp_port": 0}, "routes, entry 2: smtp_port: '0' is not a port"),
        ({"name": "a to b", "sender": "b"}, "routes, a to b: sender: 'b' is not an address"),
        ({"recipient": "bob@c.example"}, "routes, entry 2: recipient_password: it is needed"),
    ],
)
def test_a_bad_route(entry: dict[str, t.Any], problem: str) -> None:
    with pytest.raises(MailError) as error:
        routes({}, entry)
    assert problem in str(error.value)
    assert "tea" not in str(error.value)


def test_passwords_do_not_show() -> None:
    assert "tea" not in repr(plan())


@pytest.mark.parametrize(
    ("option", "value"),
    [("ca_path", "/nonexistent/ca.pem"), ("ca_path", "/dev/null"), ("ca_content", "x")],
)
def test_bad_authority(option: str, value: str) -> None:
    with pytest.raises(MailError, match=option):
        client_context(**{option: value})
