# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The old home of mailboxes: what it does for their new one.

PRIVATE to the collection. It can have breaking changes at any time.

It answers the one host that it was told of, about the mailboxes that it was told of, and runs
while that host has its session open. What was held is released when the session ends, however it
ended.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import ssl
import threading
import time
import typing as t
from collections.abc import Callable, Collection, Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._directory import sessions
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.moves import moment
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._move import channel, dovecot, queue
from ansible_collections.assurmer.mail.plugins.module_utils._move.homes import Homes

# Seconds: until the other host has come, and until all sessions of mail clients are over.
ARRIVAL_SECONDS = 60.0
KICK_SECONDS = 20.0
# A port that an earlier run still has.
BIND_SECONDS = ARRIVAL_SECONDS + 30.0
# A host that can't be reached any more is noticed after about these.
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)


class Source:
    """What a host does for mailboxes that leave it."""

    def __init__(
        self, host: str, peer: str, mailboxes: Collection[str], homes: Homes, mail: MailStore
    ) -> None:
        self._host = host
        self._peer = peer
        self._mailboxes = frozenset(mailboxes)
        self._homes = homes
        self._mail = mail
        self._held: set[str] = set()
        self.gone: dict[str, str] = {}

    def begin(self) -> None:
        """End the holds that a run has left which was killed here."""
        self._homes.release(self._mailboxes, self._host)

    def answer(self, question: channel.Message) -> t.Any:
        """Answer one question; a MailError is an answer, too."""
        answers: Mapping[str, Callable[[channel.Message], t.Any]] = {
            "homes": self._tell_homes,
            "hold": self._hold,
            "look": self._look,
            "release": self._release,
            "give": self._give,
            "finish": self._finish,
        }
        addresses = question.get("addresses", [])
        strangers = sorted(set(addresses) - self._mailboxes)
        if strangers or question["question"] not in answers:
            raise MailError(f"This was not agreed on: {(strangers or [question])[0]}.")
        return answers[question["question"]](question)

    def may_copy(self, address: str) -> bool:
        home = self._homes.of([address]).get(address)
        return address in self._mailboxes and home is not None and home.host == self._host

    def _tell_homes(self, question: channel.Message) -> t.Any:
        found = self._homes.of(question["addresses"])
        return {address: home.host for address, home in found.items()}

    def _hold(self, question: channel.Message) -> t.Any:
        """Let no mail and no client come to the mailboxes any more, and none be left."""
        addresses, seconds = question["addresses"], question["seconds"]
        until = self._homes.hold(addresses, self._host, seconds)
        self._held.update(addresses)
        try:
            queue.drain(addresses, seconds / 2)
            self._end_sessions(addresses)
        except MailError:
            self.release(addresses)
            raise
        return until

    def _end_sessions(self, addresses: Collection[str]) -> None:
        deadline = time.monotonic() + KICK_SECONDS
        while online := dovecot.online(addresses):
            if time.monotonic() > deadline:
                raise MailError(
                    f"{sorted(online)[0]}: A session is still open, {KICK_SECONDS:.0f} s after it "
                    "was ended."
                )
            sessions.kick(online)
            time.sleep(0.05)

    def _look(self, question: channel.Message) -> t.Any:
        addresses = question["addresses"]
        found = dovecot.copies({address: self._mail.home(address) for address in addresses})
        online = dovecot.online(addresses)
        sessions.kick(online)
        return {
            "copies": {address: copy.as_json() for address, copy in found.items()},
            "online": sorted(online),
        }

    def _release(self, question: channel.Message) -> t.Any:
        self.release(question["addresses"])
        return True

    def release(self, addresses: Collection[str] | None = None) -> None:
        """Let mail and clients come again, to these or to all that are still here."""
        held = self._held & set(self._held if addresses is None else addresses)
        self._held -= held
        if held:
            self._homes.release(held, self._host)
            queue.flush(held)

    def _give(self, question: channel.Message) -> t.Any:
        """From here on mail and clients are sent to the new home. The old copy is kept for a time."""
        self._homes.give(question["addresses"], self._host, self._peer, question["until"])
        self._held -= set(question["addresses"])
        return self._put_away(question["addresses"])

    def _finish(self, question: channel.Message) -> t.Any:
        """End what a run may have left, of mailboxes that have gone to the other host."""
        homes = self._homes.of(question["addresses"])
        gone = [address for address, home in homes.items() if home.host == self._peer]
        self._put_away(gone)
        self._homes.release(gone, self._peer)
        return queue.flush(gone)

    def _put_away(self, addresses: Collection[str]) -> dict[str, str]:
        since = moment()
        kept = {address: self._mail.quarantine(address, since) for address in addresses}
        self.gone.update({address: path for address, path in kept.items() if path is not None})
        return self.gone


class Server:
    """A port that is open for as long as the new home needs it."""

    def __init__(self, source: Source, peer: str, identity: channel.Identity) -> None:
        self._source = source
        self._peer = peer
        self._server = identity.server()
        self._client = identity.client()
        self._ticket = secrets.token_urlsafe()
        # The store's user is the process's, in all threads, while mail is put away.
        self._one_at_a_time = threading.Lock()
        self._here = threading.Event()
        self._ended = threading.Event()

    def run(self, port: int) -> None:
        with _listen(port) as listener:
            self._source.begin()
            listener.settimeout(0.2)
            arrival = time.monotonic() + ARRIVAL_SECONDS
            while not self._ended.is_set() and (self._here.is_set() or time.monotonic() < arrival):
                with contextlib.suppress(TimeoutError):
                    connection, _address = listener.accept()
                    threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
        if not self._here.is_set():
            raise MailError(f"{self._peer} has not come within {ARRIVAL_SECONDS:.0f} s.")

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.closing(plain), contextlib.suppress(OSError, ValueError):
            # Nobody keeps a thread by silence.
            plain.settimeout(channel.CONNECT_SECONDS)
            purpose = plain.recv(1)
            if purpose == channel.SESSION:
                with self._client.wrap_socket(plain, server_hostname=self._peer) as connection:
                    self._attend(connection)
            elif purpose == channel.QUESTION:
                with self._server.wrap_socket(plain, server_side=True) as connection:
                    self._talk(connection)

    def _talk(self, connection: ssl.SSLSocket) -> None:
        question = json.loads(channel.read_line(connection))
        if not isinstance(question, dict) or not self._knows(question.pop("ticket", "")):
            raise ValueError("a stranger")
        if question["question"] == "copy":
            self._offer(question["address"], connection)
            return
        connection.settimeout(channel.ANSWER_SECONDS)
        try:
            with self._one_at_a_time:
                answer = {"answer": self._source.answer(question)}
        except MailError as error:
            answer = {"error": str(error)}
        connection.sendall(json.dumps(answer).encode())

    def _knows(self, ticket: t.Any) -> bool:
        return secrets.compare_digest(str(ticket).encode(), self._ticket.encode())

    def _offer(self, address: str, connection: ssl.SSLSocket) -> None:
        with self._one_at_a_time:
            offer = dovecot.Offer(address) if self._source.may_copy(address) else None
        if offer is not None:
            offer.serve(connection)

    def _attend(self, connection: ssl.SSLSocket) -> None:
        """Be there until the other host ends its session, or is gone."""
        if self._here.is_set():
            raise ValueError("it is here already")
        self._here.set()
        try:
            for option in _KEEPALIVE:
                connection.setsockopt(*option)
            connection.settimeout(None)
            connection.sendall(f"{self._ticket}\n".encode())
            with contextlib.suppress(OSError):
                connection.recv(1)
        finally:
            with self._one_at_a_time, contextlib.suppress(MailError):
                self._source.release()
            self._ended.set()


def _listen(port: int) -> socket.socket:
    deadline = time.monotonic() + BIND_SECONDS
    while True:
        try:
            if socket.has_dualstack_ipv6():
                return socket.create_server(
                    ("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64
                )
            return socket.create_server(("", port), backlog=64)
        except OSError as error:
            if time.monotonic() > deadline:
                raise MailError(f"port: {port} can't be listened on: {error.strerror}.") from None
        time.sleep(0.2)
