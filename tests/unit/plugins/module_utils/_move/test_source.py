# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
import typing as t
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._move import dovecot, source
from ansible_collections.assurmer.mail.plugins.module_utils._move.channel import Identity, Peer
from ansible_collections.assurmer.mail.plugins.module_utils._move.homes import Homes
from ansible_collections.assurmer.mail.plugins.module_utils._move.source import Server, Source
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._move.conftest import (
    NEW,
    OLD,
    PEOPLE,
    Company,
)

A, B, C = PEOPLE
Serve = Callable[..., Peer]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def free_port() -> int:
    with socket.create_server(("", 0)) as one:
        return int(one.getsockname()[1])


@pytest.fixture
def serve(
    homes: Homes, mail: MailStore, ours: Company, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Serve]:
    """Let a host serve two of its mailboxes; return how another one reaches it."""
    # Dovecot does not run here: nobody is logged in.
    monkeypatch.setattr(dovecot, "online", lambda addresses: set())
    monkeypatch.setattr(source, "ARRIVAL_SECONDS", 3.0)
    threads = []

    def started(server: Identity | None = None, client: Identity | None = None) -> Peer:
        port = free_port()
        served = Source(OLD, NEW, [A, B], homes, mail)
        running = Server(served, NEW, server or ours.identity(OLD))

        def run() -> None:
            # A stranger has come, and then nobody.
            with contextlib.suppress(MailError):
                running.run(port)

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return Peer(OLD, "127.0.0.1", port, client or ours.identity(NEW))

    yield started
    for thread in threads:
        thread.join()


def held(homes: Homes, address: str) -> bool:
    return homes.of([address])[address].held_until > time.time()


def test_the_new_home_is_told_where_mailboxes_are(serve: Serve) -> None:
    peer = serve()
    with peer.session():
        assert peer.ask("homes", addresses=[A, B]) == {A: OLD, B: OLD}


def test_a_host_with_another_name_is_told_nothing(serve: Serve, ours: Company) -> None:
    peer = serve(client=ours.identity("third.example"))
    with pytest.raises(MailError, match=f"^{OLD}: The connection"), peer.session():
        pass


def test_a_host_with_a_foreign_certificate_is_told_nothing(
    serve: Serve, ours: Company, theirs: Company
) -> None:
    peer = serve(client=theirs.identity(NEW, trusts=ours))
    with pytest.raises(MailError, match=f"^{OLD}: The connection"), peer.session():
        pass


def test_one_new_home_at_a_time(serve: Serve) -> None:
    peer = serve()
    with peer.session():
        another = Peer(OLD, *peer._place, peer._identity)
        with pytest.raises(MailError, match=f"^{OLD}: "), another.session():
            pass
        assert peer.ask("homes", addresses=[A]) == {A: OLD}


@pytest.mark.parametrize("ticket", ["", "guessed", "é", None, 1])
def test_nobody_asks_without_a_ticket(serve: Serve, homes: Homes, ticket: t.Any) -> None:
    peer = serve()
    with peer.session():
        stranger = Peer(OLD, *peer._place, peer._identity)
        stranger._ticket = ticket
        with pytest.raises(MailError, match="It has ended the move"):
            stranger.ask("hold", addresses=[A], seconds=60)
    assert not held(homes, A)


def test_an_old_home_with_a_foreign_certificate_is_not_believed(
    serve: Serve, ours: Company, theirs: Company
) -> None:
    peer = serve(server=theirs.identity(OLD, trusts=ours))
    with peer.session(), pytest.raises(MailError, match=f"^{OLD}: Its certificate is not accepted"):
        peer.ask("homes", addresses=[A])


def test_an_old_tls_is_refused(serve: Serve) -> None:
    peer = serve()
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with peer.session(), socket.create_connection(peer._place) as plain:
        plain.sendall(b"Q")
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(plain)


@pytest.mark.parametrize("question", ["homes", "hold", "look", "release", "give", "finish"])
def test_only_what_was_agreed_on_moves(serve: Serve, homes: Homes, question: str) -> None:
    peer = serve()
    with peer.session(), pytest.raises(MailError, match=f"This was not agreed on: {C}"):
        peer.ask(question, addresses=[A, C], seconds=60, until=0)
    assert homes.of([A, C])[C].host == OLD


def test_what_is_held_is_released_when_the_new_home_is_gone(serve: Serve, homes: Homes) -> None:
    peer = serve()
    with peer.session():
        peer.ask("hold", addresses=[A, B], seconds=60)
        assert held(homes, A)
        peer.ask("release", addresses=[B])
        assert not held(homes, B)
    wait_for(lambda: not held(homes, A))


def test_what_was_being_delivered_is_waited_for(
    serve: Serve, homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drain(addresses: list[str], seconds: float) -> None:
        assert held(homes, A)
        raise MailError(f"Postfix has been delivering to {addresses} for {seconds:.0f} s.")

    monkeypatch.setattr(source.queue, "drain", drain)
    peer = serve()
    with peer.session():
        with pytest.raises(MailError, match=rf"delivering to \['{A}'\] for 30 s"):
            peer.ask("hold", addresses=[A], seconds=60)
        assert not held(homes, A)


def test_a_session_that_does_not_end_keeps_a_mailbox_where_it_is(
    serve: Serve, homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    kicked: list[str] = []
    peer = serve()
    monkeypatch.setattr(dovecot, "online", lambda addresses: {A})
    monkeypatch.setattr(source.sessions, "kick", kicked.extend)
    monkeypatch.setattr(source, "KICK_SECONDS", 0.2)
    with peer.session():
        with pytest.raises(MailError, match=f"{A}: A session is still open"):
            peer.ask("hold", addresses=[A], seconds=60)
        assert not held(homes, A)
    assert kicked


def test_only_what_has_gone_to_the_new_home_is_finished(
    serve: Serve, homes: Homes, mail_root: Path
) -> None:
    homes.take([B], OLD, NEW)
    peer = serve()
    with peer.session():
        peer.ask("finish", addresses=[A, B])
    assert (mail_root / "a.example" / "a").is_dir()
    assert not (mail_root / "a.example" / "b").exists()


def test_a_hold_that_a_killed_run_has_left_is_ended(serve: Serve, homes: Homes) -> None:
    homes.hold([A, C], OLD, 60)
    peer = serve()
    with peer.session():
        assert not held(homes, A)
        # Of this one nothing was said.
        assert held(homes, C)


def test_what_is_given_lies_in_the_quarantine(serve: Serve, homes: Homes, mail_root: Path) -> None:
    (mail_root / "a.example" / "a" / "letter").touch()
    peer = serve()
    with peer.session():
        until = peer.ask("hold", addresses=[A], seconds=60)
        kept = peer.ask("give", addresses=[A], until=until)
        assert Path(kept[A], "letter").exists()
        assert kept[A].startswith(f"{mail_root}/.quarantine/")
    # The new home alone ends this hold: before it knows, mail would go to and fro.
    assert homes.of([A])[A].host == NEW
    assert held(homes, A)


def test_what_is_not_held_is_not_given(serve: Serve, homes: Homes, mail_root: Path) -> None:
    peer = serve()
    with peer.session(), pytest.raises(MailError, match="was touched by another run"):
        peer.ask("give", addresses=[A], until=int(time.time()) + 60)
    assert homes.of([A])[A].host == OLD
    assert (mail_root / "a.example" / "a").is_dir()


def test_only_what_is_at_home_is_copied(homes: Homes, mail: MailStore) -> None:
    served = Source(OLD, NEW, [A, B], homes, mail)
    homes.take([B], OLD, NEW)
    assert [address for address in PEOPLE if served.may_copy(address)] == [A]


def test_a_host_that_nobody_comes_to_gives_up(
    ours: Company, homes: Homes, mail: MailStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "ARRIVAL_SECONDS", 0.1)
    server = Server(Source(OLD, NEW, [A], homes, mail), NEW, ours.identity(OLD))
    with pytest.raises(MailError, match=f"^{NEW} has not come"):
        server.run(free_port())


def test_a_port_that_is_taken_is_named(
    ours: Company, homes: Homes, mail: MailStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "BIND_SECONDS", 0.1)
    server = Server(Source(OLD, NEW, [A], homes, mail), NEW, ours.identity(OLD))
    with socket.create_server(("", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(MailError, match=f"^port: {port} can't be listened on"):
            server.run(port)
