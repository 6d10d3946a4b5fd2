# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What strangers and careless clients must not be able to do."""

from __future__ import annotations

import imaplib
import re
import smtplib
import socket

import pytest

from ansible_collections.assurmer.mail.tests.acceptance.clients import (
    PATIENCE,
    SUBMISSION_PORTS,
    await_message,
    deliver,
    mailbox,
    search,
    submission,
    world,
)


def test_port_587_offers_no_login_before_tls(host, people):
    with smtplib.SMTP(host.name, 587, "client.example", timeout=PATIENCE) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", "PLAIN AGFAYQBi")[0] in (503, 530, 538)
        assert client.docmd("MAIL", f"FROM:<{people['alice'].address}>")[0] == 530


def test_port_25_offers_no_login_before_tls(host):
    with smtplib.SMTP(host.name, 25, "client.example", timeout=PATIENCE) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", "PLAIN AGFAYQBi")[0] in (502, 503)


def test_port_25_offers_no_login_under_tls(host, trust):
    with world(host, trust) as client:
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", "PLAIN AGFAYQBi")[0] in (502, 503)


def test_port_143_takes_no_login_before_tls(host, people):
    with imaplib.IMAP4(host.name, 143, timeout=PATIENCE) as client:
        assert "LOGINDISABLED" in client.capabilities
        assert not [word for word in client.capabilities if word.startswith("AUTH=")]
        with pytest.raises(imaplib.IMAP4.error, match="PRIVACYREQUIRED"):
            client.login(people["alice"].address, people["alice"].password)


def test_no_relay_for_strangers(host, trust):
    with world(host, trust) as client:
        client.mail("friend@example.org")
        for recipient in (
            "somebody@example.com",
            "somebody%example.com@assurmer.example",
            "somebody@example.com@assurmer.example",
            "@assurmer.example:somebody@example.com",
            '"somebody@example.com"',
        ):
            code, words = client.docmd("RCPT", f"TO:<{recipient}>")
            assert code >= 500, (recipient, words)
        assert client.rcpt("somebody@example.com")[0] == 554


def test_no_relay_for_strangers_who_claim_to_be_of_the_company(host, trust, people):
    with world(host, trust) as client:
        client.mail(people["alice"].address)
        assert client.rcpt("somebody@example.com")[0] == 554


@pytest.mark.parametrize("port", SUBMISSION_PORTS)
@pytest.mark.parametrize(
    "sender", ["bob@assurmer.example", "alice@example.org", "nobody@assurmer.example"]
)
def test_sender_of_somebody_else_is_refused(host, trust, people, port, sender):
    with submission(host, trust, port) as client:
        client.login(people["alice"].address, people["alice"].password)
        client.mail(sender)
        code, _words = client.rcpt(people["bob"].address)
    assert code == 553


@pytest.mark.parametrize("port", [110, 995])
def test_pop3_is_closed(host, port):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host.name, port), PATIENCE).close()


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n"], ids=["lf.lf", "lf.crlf", "crlf.lf"]
)
def test_bare_newline_smuggles_no_second_message(host, trust, people, token, end):
    """SMTP smuggling, CVE-2023-51764."""
    carol = people["carol"]
    outer = f"From: <friend@example.org>\r\nSubject: outer {token}\r\n\r\nHello.".encode()
    inner = (
        f"MAIL FROM:<boss@assurmer.example>\r\nRCPT TO:<{carol.address}>\r\nDATA\r\n"
        f"Subject: smuggled {token}\r\n\r\nPay at once."
    ).encode()
    with world(host, trust) as client:
        client.mail("friend@example.org")
        client.rcpt(carol.address)
        assert client.docmd("DATA")[0] == 354
        client.send(outer + end + inner + b"\r\n.\r\n")
        answers = [client.getreply(), client.docmd("QUIT")]
    # It is refused altogether, or it was one message, and then comes the goodbye.
    assert answers[0][0] in (250, 550, 521)
    if answers[0][0] == 250:
        assert answers[1][0] == 221
    deliver(host, trust, carol.address, f"later-{token}")
    with mailbox(host, trust, carol) as inbox:
        await_message(inbox, f"later-{token}")
        assert search(inbox, "SUBJECT", f'"smuggled {token}"') == []


def test_pipelining_before_tls_is_not_taken_into_it(host, trust):
    """Commands sent before the handshake were anybody's (CVE-2011-0411)."""
    client = smtplib.SMTP(host.name, 587, "client.example", timeout=PATIENCE)
    try:
        client.ehlo()
        client.send(b"STARTTLS\r\nNOOP injected\r\n")
        code, _words = client.getreply()
        if code == 220:
            client.sock = trust.wrap_socket(client.sock, server_hostname=host.name)
            client.file = None
            client.sock.sendall(b"EHLO client.example\r\n")
            assert re.match(host.name.encode(), client.getreply()[1])
    except (OSError, smtplib.SMTPException):
        pass  # hanging up is as good an answer
    finally:
        client.close()
