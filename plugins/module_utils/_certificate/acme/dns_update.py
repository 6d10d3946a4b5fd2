# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNS-01 (RFC 8555, 8.4): a TXT record, set by a dynamic update (RFC 2136) of its zone.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import socket
import time
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.challenge import (
    Proof,
    Solver,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidSecret, MailError

with contextlib.suppress(ImportError):  # library.missing() tells
    import dns.exception
    import dns.message
    import dns.name
    import dns.query
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.tsigkeyring
    import dns.update

# The record is of use for a minute; whoever asks for it later shall not get it from a cache.
_TTL = 60
_POLL = 0.5
# Seconds for one question to a server.
_PATIENCE = 10.0
_DNS_PORT = 53


@dataclass(frozen=True, slots=True)
class Key:
    """A key for TSIG (RFC 8945); the secret in Base64."""

    name: str
    secret: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class _Server:
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class DynamicUpdate(Solver):
    """A primary name server that takes updates signed with a key."""

    challenge = "dns-01"

    server: str
    port: int
    key: Key
    # Seconds until all name servers of the zone have the records.
    patience: float

    @contextlib.contextmanager
    def shown(self, proofs: tuple[Proof, ...]) -> Iterator[None]:
        primary = self._primary()
        zones = {proof: self._zone(primary, proof.record_name) for proof in proofs}
        try:
            for proof, zone in zones.items():
                self._update(primary, zone, proof, adding=True)
            for proof, zone in zones.items():
                self._wait(primary, zone, proof)
            yield
        finally:
            for proof, zone in zones.items():
                # What brought us here matters more than a record that stays.
                with contextlib.suppress(MailError):
                    self._update(primary, zone, proof, adding=False)

    def _primary(self) -> _Server:
        try:
            return _Server(_address(self.server, self.port), self.port)
        except OSError as error:
            raise self._problem(error.strerror or str(error)) from error

    def _update(self, primary: _Server, zone: t.Any, proof: Proof, *, adding: bool) -> None:
        key = self.key
        try:
            keyring = dns.tsigkeyring.from_text({key.name: (key.algorithm, key.secret)})
        except ValueError as error:
            raise InvalidSecret("acme_dns_key_secret", "is no Base64") from error
        update = dns.update.UpdateMessage(zone, keyring=keyring)
        name = dns.name.from_text(proof.record_name)
        if adding:
            update.add(name, _TTL, "TXT", _quoted(proof))
        else:
            update.delete(name, "TXT", _quoted(proof))
        code = self._asked(primary, update).rcode()
        if code != dns.rcode.NOERROR:
            raise self._problem(f"the update of {zone} was answered {dns.rcode.to_text(code)}")

    def _zone(self, primary: _Server, record_name: str) -> t.Any:
        """Return the zone of the server that a name is in."""
        name = dns.name.from_text(record_name)
        while name != dns.name.root:
            if self._records(primary, name, dns.rdatatype.SOA):
                return name
            name = name.parent()
        raise self._problem(f"it has no zone that {record_name} is in")

    def _wait(self, primary: _Server, zone: t.Any, proof: Proof) -> None:
        """Return when all name servers of the zone have the record: the CA asks any of them."""
        deadline = time.monotonic() + self.patience
        for server in (primary, *self._secondaries(primary, zone)):
            while not self._has(server, proof):
                if time.monotonic() > deadline:
                    raise self._problem(
                        f"the name server {server.address} of {zone} does not have the record of"
                        f" {proof.record_name} after {self.patience:g} s"
                    )
                time.sleep(_POLL)

    def _secondaries(self, primary: _Server, zone: t.Any) -> set[_Server]:
        found = set()
        for record in self._records(primary, zone, dns.rdatatype.NS):
            # One whose name only the world outside knows can't be asked from here.
            with contextlib.suppress(OSError):
                host = record.target.to_text(omit_final_dot=True)
                found.add(_Server(_address(host, _DNS_PORT), _DNS_PORT))
        return {server for server in found if server.address != primary.address}

    def _has(self, server: _Server, proof: Proof) -> bool:
        try:
            records = self._records(
                server, dns.name.from_text(proof.record_name), dns.rdatatype.TXT
            )
        except MailError:
            return False
        return _quoted(proof) in [record.to_text() for record in records]

    def _records(self, server: _Server, name: t.Any, kind: t.Any) -> list[t.Any]:
        answer = self._asked(server, dns.message.make_query(name, kind))
        return list(answer.get_rrset(answer.answer, name, dns.rdataclass.IN, kind) or ())

    def _asked(self, server: _Server, message: t.Any) -> t.Any:
        try:
            return dns.query.tcp(message, server.address, _PATIENCE, server.port)
        except dns.exception.DNSException as error:
            raise self._problem(str(error) or type(error).__name__) from error
        except OSError as error:
            raise self._problem(error.strerror or str(error)) from error

    def _problem(self, words: str) -> MailError:
        return MailError(f"acme_dns_server: {self.server}: {words}.")


def _quoted(proof: Proof) -> str:
    return f'"{proof.record}"'


def _address(host: str, port: int) -> str:
    return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
