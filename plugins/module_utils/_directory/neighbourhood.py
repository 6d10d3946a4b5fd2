# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what a declaration is judged by, and no more.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ansible_collections.assurmer.mail.plugins.module_utils._address import Address
from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    Declaration,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.rules import SHOWN_NAMES
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store


def load(store: Store, declaration: Declaration) -> Content:
    """Return the records that the declaration's rules ask about."""
    if declaration.whole:
        return store.read_all()
    search = _Search(store)
    for name, wish in declaration.domains.items():
        search.visit_domain(name)
        alias_of = wish.fields.get("alias_of")
        if alias_of is not None:
            search.visit_domain(alias_of)
            search.visit_addresses(store.aliases_into(name))
        for alias_domain in store.alias_domains_of(name):
            search.visit_domain(alias_domain)
        search.visit_addresses(store.addresses_in(name, SHOWN_NAMES + 1))
    for kind in (declaration.mailboxes, declaration.aliases):
        for address, wish in kind.items():
            search.visit_addresses([address, *wish.fields.get("destinations", ())])
            if not wish.present:
                search.visit_addresses(store.aliases_to(address))
    return search.content()


class _Search:
    """Follows addresses to everything that mail for them can come by."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: set[Address] = set()
        self._domains: dict[str, Domain | None] = {}
        self._mailboxes: dict[str, Mailbox] = {}
        self._aliases: dict[str, Alias] = {}

    def content(self) -> Content:
        domains = {name: domain for name, domain in self._domains.items() if domain is not None}
        return Content(domains, self._mailboxes, self._aliases)

    def visit_domain(self, name: str) -> Domain | None:
        if name not in self._domains:
            domain = self._domains[name] = self._store.domain(name)
            if domain is not None and domain.alias_of is not None:
                self.visit_domain(domain.alias_of)
        return self._domains[name]

    def visit_addresses(self, addresses: Iterable[str]) -> None:
        waiting = [Address.split(address) for address in addresses]
        while waiting:
            address = waiting.pop()
            if address not in self._seen:
                self._seen.add(address)
                waiting += self._visit(address)

    def _visit(self, address: Address) -> Iterator[Address]:
        """Read what has this address, and return the addresses that its mail can go on to."""
        mailbox = self._store.mailbox(str(address))
        if mailbox is not None:
            self._mailboxes[mailbox.address] = mailbox
        alias = self._store.alias(str(address))
        if alias is not None:
            self._aliases[alias.address] = alias
            yield from map(Address.split, alias.destinations)
        yield address.without_detail
        domain = self.visit_domain(address.domain)
        if domain is not None:
            yield Address("", domain.name)
            if domain.alias_of is not None:
                yield Address(address.local_part, domain.alias_of)
