# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quota: told to the client, and kept at the door."""

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.tests.acceptance.clients import (
    mailbox,
    message,
    ok,
    search,
    world,
)

KIB = 1024


@pytest.mark.parametrize(("name", "limit"), [("small", KIB), ("bob", KIB * KIB)])
def test_quota_is_told(host, trust, people, name, limit):
    with mailbox(host, trust, people[name]) as inbox:
        _roots, quotas = ok(inbox.getquotaroot("INBOX"))
    text = quotas[0].decode()
    assert f" {limit})" in text, text
    assert "STORAGE" in text


def test_message_larger_than_the_room_left_is_refused(host, trust, people):
    with world(host, trust) as client:
        client.docmd("MAIL", f"FROM:<friend@example.org> SIZE={2 * KIB * KIB}")
        assert client.rcpt(people["small"].address)[0] in (452, 552)
        assert client.rcpt("SMALL+detail@assurmer.example")[0] in (452, 552)
        client.rset()
        client.docmd("MAIL", "FROM:<friend@example.org> SIZE=1000")
        assert client.rcpt(people["small"].address)[0] == 250


@pytest.fixture
def full_mailbox(host, trust, people):
    """A mailbox with no room left, empty again afterwards."""
    with mailbox(host, trust, people["full"]) as inbox:
        ok(
            inbox.append(
                "INBOX",
                None,
                None,
                message("full@assurmer.example", "full@assurmer.example", "mine"),
            )
        )
        size = 512 * KIB
        while size >= 16:
            filling = message(
                "full@assurmer.example", "full@assurmer.example", "filling", "x" * size
            )
            if inbox.append("INBOX", None, None, filling)[0] == "NO":
                size //= 2
        yield inbox
        ok(inbox.select("INBOX"))
        ok(inbox.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)"))
        ok(inbox.expunge())


def test_full_mailbox(host, trust, people, full_mailbox):
    """No more mail comes in; the owner can still read and delete, and then mail comes again."""
    with world(host, trust) as client:
        client.docmd("MAIL", "FROM:<friend@example.org> SIZE=20000")
        assert client.rcpt(people["full"].address)[0] in (452, 552)
    ok(full_mailbox.select("INBOX"))
    assert search(full_mailbox, "SUBJECT", "mine")
    ok(full_mailbox.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)"))
    ok(full_mailbox.expunge())
    with world(host, trust) as client:
        client.docmd("MAIL", "FROM:<friend@example.org> SIZE=20000")
        assert client.rcpt(people["full"].address)[0] == 250
