# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SMTP, step by step: greeting, login, recipients, queue id, success and error answers."""

from __future__ import annotations

import re
import smtplib
import ssl
import typing as t

import pytest

from ansible_collections.assurmer.mail.tests.acceptance.clients import (
    PATIENCE,
    SUBMISSION_PORTS,
    auth_plain,
    await_message,
    mailbox,
    message,
    submission,
    world,
)

QUEUED = re.compile(rb"2\.0\.0 Ok: queued as [0-9A-Za-z]+")


def connect(host: t.Any, trust: ssl.SSLContext, port: int) -> smtplib.SMTP:
    return world(host, trust) if port == 25 else submission(host, trust, port)


@pytest.mark.parametrize("port", [25, 587])
def test_greeting(host, port):
    with smtplib.SMTP(timeout=PATIENCE) as client:
        code, words = client.connect(host.name, port)
    assert code == 220
    assert words.decode().startswith(f"{host.name} ESMTP")


def test_greeting_under_tls(host, trust):
    with smtplib.SMTP_SSL(timeout=PATIENCE, context=trust) as client:
        client._host = host.name
        code, words = client.connect(host.name, 465)
    assert code == 220
    assert words.decode().startswith(f"{host.name} ESMTP")


@pytest.mark.parametrize("port", [25, 465, 587])
def test_ehlo_offers_what_clients_use(host, trust, port):
    with connect(host, trust, port) as client:
        client.ehlo()
        assert {"pipelining", "size", "8bitmime", "enhancedstatuscodes"} <= set(
            client.esmtp_features
        )


@pytest.mark.parametrize("port", SUBMISSION_PORTS)
def test_login(host, trust, people, port):
    with submission(host, trust, port) as client:
        code, words = client.login(people["alice"].address, people["alice"].password)
    assert (code, words[:5]) == (235, b"2.7.0")


@pytest.mark.parametrize("port", SUBMISSION_PORTS)
def test_login_with_wrong_password_is_refused(host, trust, people, port):
    with (
        submission(host, trust, port) as client,
        pytest.raises(smtplib.SMTPAuthenticationError) as refusal,
    ):
        client.login(people["bob"].address, people["alice"].password)
    assert refusal.value.smtp_code == 535


@pytest.mark.parametrize("port", SUBMISSION_PORTS)
def test_sending_without_login_is_refused(host, trust, people, port):
    with submission(host, trust, port) as client:
        client.ehlo()
        client.mail(people["alice"].address)
        code, _words = client.rcpt(people["bob"].address)
    assert code in (530, 553, 554)


@pytest.mark.parametrize("port", [25, 465, 587])
def test_known_recipient_is_taken_and_unknown_one_refused(host, trust, people, port):
    with connect(host, trust, port) as client:
        sender = "friend@example.org"
        if port != 25:
            sender = people["alice"].address
            client.login(sender, people["alice"].password)
        client.ehlo_or_helo_if_needed()
        assert client.mail(sender)[0] == 250
        assert client.rcpt("nobody@assurmer.example")[0] == 550
        assert client.rcpt(people["bob"].address)[0] == 250


def test_message_from_the_world_gets_a_queue_id_and_arrives(host, trust, people, token):
    bob = people["bob"]
    with world(host, trust) as client:
        client.mail("friend@example.org")
        client.rcpt(bob.address)
        code, words = client.data(message("friend@example.org", bob.address, token))
        assert code == 250
        assert QUEUED.fullmatch(words)
        assert client.quit()[0] == 221
    with mailbox(host, trust, bob) as inbox:
        await_message(inbox, token)


@pytest.mark.parametrize("port", SUBMISSION_PORTS)
def test_submitted_message_gets_a_queue_id_and_arrives(host, trust, people, token, port):
    alice, bob = people["alice"], people["bob"]
    with submission(host, trust, port) as client:
        client.login(alice.address, alice.password)
        client.mail(alice.address)
        client.rcpt(bob.address)
        code, words = client.data(message(alice.address, bob.address, token))
    assert code == 250
    assert QUEUED.fullmatch(words)
    with mailbox(host, trust, bob) as inbox:
        await_message(inbox, token)


def test_commands_out_of_order_are_refused(host, trust):
    with world(host, trust) as client:
        assert client.docmd("RCPT", "TO:<alice@assurmer.example>")[0] == 503
        assert client.docmd("MAIL", "FROM:<friend@example.org>")[0] == 250
        assert client.docmd("DATA")[0] in (503, 554)
        assert client.docmd("NONSENSE")[0] in (500, 502)


def test_message_above_the_limit_is_refused(host, trust, people):
    with world(host, trust) as client:
        limit = int(client.esmtp_features["size"])
        assert limit > 0
        assert client.docmd("MAIL", f"FROM:<friend@example.org> SIZE={limit + 1}")[0] == 552


def test_null_sender_is_taken(host, trust, people):
    with world(host, trust) as client:
        assert client.docmd("MAIL", "FROM:<>")[0] == 250
        assert client.docmd("RCPT", f"TO:<{people['alice'].address}>")[0] == 250


@pytest.mark.parametrize(
    "address", ["postmaster@assurmer.example", "postmaster@catch-all.example", "postmaster"]
)
def test_postmaster_can_be_reached(host, trust, address):
    """RFC 5321 section 4.5.1: every domain has one, and so has the host itself."""
    with world(host, trust) as client:
        client.mail("friend@example.org")
        assert client.rcpt(address)[0] == 250


@pytest.mark.parametrize("port", SUBMISSION_PORTS)
def test_former_colleague_can_not_log_in(host, trust, people, port):
    with submission(host, trust, port) as client:
        assert auth_plain(client, people["former"].address, people["former"].password)[0] == 535


@pytest.mark.parametrize("address", ["former@assurmer.example", "retired@assurmer.example"])
def test_inactive_address_is_refused(host, trust, address):
    with world(host, trust) as client:
        client.mail("friend@example.org")
        assert client.rcpt(address)[0] == 550
