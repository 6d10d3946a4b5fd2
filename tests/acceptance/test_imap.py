# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IMAP, step by step: list, select, fetch, seen and unseen, move, delete, search, two devices."""

from __future__ import annotations

import imaplib

import pytest

from ansible_collections.assurmer.mail.tests.acceptance.clients import (
    IMAP_PORTS,
    PATIENCE,
    authenticate,
    await_message,
    deliver,
    fetch,
    flags,
    imap,
    mailbox,
    message,
    ok,
    search,
    submission,
    wait_for,
)


@pytest.fixture
def inbox(host, trust, people):
    """Alice's INBOX."""
    with mailbox(host, trust, people["alice"]) as client:
        yield client


@pytest.fixture
def second_device(host, trust, people):
    with mailbox(host, trust, people["alice"]) as client:
        yield client


@pytest.fixture
def uid(host, trust, people, inbox, token):
    """The UID of a message that has just come to Alice."""
    deliver(host, trust, people["alice"].address, token)
    return await_message(inbox, token)


@pytest.fixture
def folder(inbox, token):
    """A folder of this test's own."""
    ok(inbox.create(token))
    yield token
    ok(inbox.select("INBOX"))
    ok(inbox.delete(token))


def test_greeting(host):
    with imaplib.IMAP4(host.name, 143, timeout=PATIENCE) as client:
        assert client.welcome.startswith(b"* OK")


def test_greeting_under_tls(host, trust):
    with imap(host, trust) as client:
        assert client.welcome.startswith(b"* OK")


@pytest.mark.parametrize("port", IMAP_PORTS)
def test_login(host, trust, people, port):
    with imap(host, trust, port) as client:
        ok(client.login(people["alice"].address, people["alice"].password))
        ok(client.select("INBOX"))


@pytest.mark.parametrize("port", IMAP_PORTS)
@pytest.mark.parametrize(
    ("login", "password_of"), [("alice", "bob"), ("former", "former"), ("nobody", "alice")]
)
def test_login_is_refused(host, trust, people, port, login, password_of):
    with (
        imap(host, trust, port) as client,
        pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"),
    ):
        authenticate(client, f"{login}@assurmer.example", people[password_of].password)


def test_folders_have_their_special_use(inbox):
    listed = [row.decode() for row in ok(inbox.list())]
    for use, name in [
        ("Drafts",) * 2,
        ("Sent",) * 2,
        ("Trash",) * 2,
        ("Junk",) * 2,
        ("Archive",) * 2,
    ]:
        assert any(f"\\{use}" in row and row.rstrip('"').endswith(name) for row in listed), (
            use,
            listed,
        )


def test_select_counts_the_messages(inbox, uid, folder):
    assert ok(inbox.select(folder)) == [b"0"]
    ok(inbox.select("INBOX"))
    ok(inbox.uid("COPY", uid, folder))
    assert ok(inbox.select(folder)) == [b"1"]


def test_select_of_a_folder_that_is_not_there_is_refused(inbox):
    assert inbox.select("No-such-folder")[0] == "NO"


def test_fetch_one(inbox, uid, token):
    assert f"A letter {token}".encode() in fetch(inbox, uid, "ENVELOPE")
    assert fetch(inbox, uid, "BODY.PEEK[TEXT]") == b"Good morning.\r\n"


def test_fetch_a_group(host, trust, people, inbox, token):
    for number in range(3):
        deliver(host, trust, people["alice"].address, f"{token}-{number}")
    uids = wait_for(lambda: len(found := search(inbox, "SUBJECT", token)) == 3 and found)
    assert uids
    rows = ok(inbox.uid("FETCH", ",".join(uids), "(ENVELOPE)"))
    text = b" ".join(row for row in rows if isinstance(row, bytes)).decode()
    assert all(f"A letter {token}-{number}" in text for number in range(3))


def test_seen_and_unseen(inbox, uid):
    assert r"\Seen" not in flags(inbox, uid)
    ok(inbox.uid("STORE", uid, "+FLAGS", r"(\Seen)"))
    assert r"\Seen" in flags(inbox, uid)
    ok(inbox.uid("STORE", uid, "-FLAGS", r"(\Seen)"))
    assert r"\Seen" not in flags(inbox, uid)


def test_reading_the_body_marks_it_seen(inbox, uid):
    fetch(inbox, uid, "BODY[TEXT]")
    assert r"\Seen" in flags(inbox, uid)


def test_move(inbox, uid, token, folder):
    ok(inbox.uid("MOVE", uid, folder))
    assert search(inbox, "SUBJECT", token) == []
    ok(inbox.select(folder))
    assert len(search(inbox, "SUBJECT", token)) == 1


def test_delete(inbox, uid, token):
    ok(inbox.uid("STORE", uid, "+FLAGS", r"(\Deleted)"))
    ok(inbox.uid("EXPUNGE", uid))
    assert search(inbox, "SUBJECT", token) == []


def test_search(host, trust, people, inbox, token):
    """By sender, recipient and subject: each finds the one message and not the other."""
    alice, bob = people["alice"], people["bob"]
    deliver(host, trust, alice.address, token)
    with submission(host, trust) as client:
        client.login(bob.address, bob.password)
        recipient = f"alice+{token}@assurmer.example"
        client.sendmail(
            bob.address, alice.address, message(bob.address, recipient, f"second {token}")
        )
    both = wait_for(lambda: len(found := search(inbox, "SUBJECT", token)) == 2 and found)
    assert both
    from_bob = await_message(inbox, f'"second {token}"')
    from_friend = next(uid for uid in both if uid != from_bob)
    by_sender = search(inbox, "FROM", '"friend@example.org"')
    assert from_friend in by_sender
    assert from_bob not in by_sender
    assert search(inbox, "TO", f'"{recipient}"') == [from_bob]
    assert search(inbox, "SUBJECT", f'"letter {token}"') == [from_friend]


def test_two_devices_see_the_same(inbox, second_device, uid, token, folder):
    assert await_message(second_device, token) == uid
    ok(inbox.uid("STORE", uid, "+FLAGS", r"(\Seen \Flagged)"))
    assert wait_for(lambda: r"\Seen" in flags(second_device, uid))
    ok(second_device.uid("STORE", uid, "-FLAGS", r"(\Seen)"))
    assert wait_for(lambda: r"\Seen" not in flags(inbox, uid))
    assert r"\Flagged" in flags(inbox, uid)
    ok(inbox.uid("MOVE", uid, folder))
    assert wait_for(lambda: not search(second_device, "SUBJECT", token))
    ok(second_device.select(folder))
    assert await_message(second_device, token)
    ok(second_device.select("INBOX"))


def test_message_and_flags_survive_logout(host, trust, people, inbox, uid, token):
    ok(inbox.uid("STORE", uid, "+FLAGS", r"(\Seen)"))
    assert inbox.logout()[0] == "BYE"
    with mailbox(host, trust, people["alice"]) as again:
        assert await_message(again, token) == uid
        assert r"\Seen" in flags(again, uid)


def test_append_and_copy(inbox, token, folder):
    """A client keeps what it has sent."""
    ok(
        inbox.append(
            "Sent", r"(\Seen)", None, message("alice@assurmer.example", "bob@example.org", token)
        )
    )
    ok(inbox.select("Sent"))
    uid = await_message(inbox, token)
    ok(inbox.uid("COPY", uid, folder))
    ok(inbox.select(folder))
    assert await_message(inbox, token)
