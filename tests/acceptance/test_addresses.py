# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who gets what: aliases, details, upper case, near misses, international names, odd passwords."""

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.tests.acceptance.clients import (
    auth_plain,
    authenticate,
    await_message,
    deliver,
    imap,
    mailbox,
    message,
    ok,
    search,
    submission,
    world,
)

ODD = [
    "o'brien",
    "a_b",
    "axb",
    "info",
    "colon",
    "brace",
    "percent",
    "quote",
    "dollar",
    "space",
    "umlaut",
    "long",
]
ASCII_PASSWORDS = ["colon", "brace", "percent", "quote", "dollar", "space", "long"]


@pytest.mark.parametrize(
    ("recipient", "readers"),
    [
        ("contact@assurmer.example", ["alice", "bob"]),
        ("board@assurmer.example", ["alice", "bob", "carol"]),
        ("anything-at-all@catch-all.example", ["carol"]),
        ("bob@assurmer-group.example", ["bob"]),
        ("contact@assurmer-group.example", ["alice", "bob"]),
        ("bob+bills@assurmer.example", ["bob"]),
        ("contact+bills@assurmer.example", ["alice", "bob"]),
        ("bob+bills@assurmer-group.example", ["bob"]),
        ("BOB@ASSURMER.EXAMPLE", ["bob"]),
        ("Bob+Bills@Assurmer-Group.Example", ["bob"]),
        ("o'brien@assurmer.example", ["o'brien"]),
        ("info@xn--bcher-kva.example", ["info"]),
    ],
)
def test_message_reaches_its_readers(host, trust, people, token, recipient, readers):
    deliver(host, trust, recipient, token)
    for reader in readers:
        with mailbox(host, trust, people[reader]) as inbox:
            await_message(inbox, token)


@pytest.mark.parametrize(("recipient", "other"), [("a_b", "axb"), ("axb", "a_b")])
def test_message_does_not_reach_a_similar_name(host, trust, people, token, recipient, other):
    deliver(host, trust, people[recipient].address, token)
    with mailbox(host, trust, people[recipient]) as inbox:
        await_message(inbox, token)
    # What was on its way to the wrong one would be there before a later message.
    deliver(host, trust, people[other].address, f"later-{token}")
    with mailbox(host, trust, people[other]) as inbox:
        await_message(inbox, f"later-{token}")
        assert search(inbox, "SUBJECT", f'"A letter {token}"') == []


@pytest.mark.parametrize(
    "address",
    [
        "ab@assurmer.example",
        "a.b@assurmer.example",
        "a%b@assurmer.example",
        "alice@catch-all.example.org",
        "nobody@assurmer-group.example",
        "obrien@assurmer.example",
        "alic@assurmer.example",
        "%@assurmer.example",
        "_____@assurmer.example",
        "alice'--@assurmer.example",
        "' OR '1'='1@assurmer.example",
    ],
)
def test_similar_and_hostile_names_are_unknown(host, trust, address):
    with world(host, trust) as client:
        client.mail("friend@example.org")
        code, words = client.docmd("RCPT", f"TO:<{address}>")
    assert 500 <= code < 600, words


@pytest.mark.parametrize("name", ODD)
def test_awkward_people_send_and_read(host, trust, people, token, name):
    person = people[name]
    domain = person.address.rpartition("@")[2].encode("idna").decode()
    address = f"{person.local_part}@{domain}"
    with submission(host, trust) as client:
        assert auth_plain(client, address, person.password)[0] == 235
        client.sendmail(address, address, message(address, address, token))
    with mailbox(host, trust, person) as inbox:
        await_message(inbox, token)


@pytest.mark.parametrize("name", ASCII_PASSWORDS)
def test_awkward_passwords_by_the_command_login(host, trust, people, name):
    with imap(host, trust) as client:
        ok(client.login(people[name].address, people[name].password))


@pytest.mark.parametrize("login", ["ALICE@ASSURMER.EXAMPLE", "Alice@assurmer.example"])
def test_login_in_upper_case(host, trust, people, login):
    with imap(host, trust) as client:
        authenticate(client, login, people["alice"].password)
        ok(client.select("INBOX"))
    with submission(host, trust) as client:
        assert auth_plain(client, login, people["alice"].password)[0] == 235
        assert client.mail(people["alice"].address)[0] == 250
        assert client.rcpt(people["bob"].address)[0] == 250


def test_detail_and_upper_case_of_ones_own_address_may_send(host, trust, people):
    with submission(host, trust) as client:
        client.login(people["alice"].address, people["alice"].password)
        assert client.mail("Alice@Assurmer.Example")[0] == 250
        assert client.rcpt(people["bob"].address)[0] == 250
