# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what a declaration is judged by, and no more.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from ansible_collections.assurmer.mail.plugins.module_utils._address import (
    DETAIL_SEPARATOR,
    Address,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.rules import SHOWN_NAMES
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import Declaration


def load(store: Store, declaration: Declaration) -> Content:
    """Return the records that the declaration's rules ask about."""
    search = _Search(store)
    leaving = _leaving(declaration) if declaration.domains else Counter()
    for name, wish in declaration.domains.items():
        alias_of = wish.fields.get("alias_of")
        if alias_of is not None:
            search.visit_domains([alias_of])
            search.visit_addresses(store.aliases_into(name))
        # Beside those that leave it in the same run.
        search.visit_addresses(store.addresses_in(name, SHOWN_NAMES + 1 + leaving[name]))
    search.visit_domains(declaration.domains)
    search.visit_domains(store.alias_domains_of(declaration.domains))
    for wishes in (declaration.mailboxes, declaration.aliases):
        search.visit_addresses(wishes)
        search.visit_addresses(
            destination
            for wish in wishes.values()
            for destination in wish.fields.get("destinations", ())
        )
        renamed = [wish.rename_from for wish in wishes.values() if wish.rename_from is not None]
        search.visit_addresses(renamed)
        gone = [address for address, wish in wishes.items() if not wish.present] + renamed
        search.visit_addresses(store.aliases_to(gone))
    return search.content()


def _leaving(declaration: Declaration) -> Counter[str]:
    """Return how many addresses are removed, by domain."""
    return Counter(
        Address.split(wish.key).domain
        for wishes in (declaration.mailboxes, declaration.aliases)
        for wish in wishes.values()
        if not wish.present
    )


class _Search:
    """Follows addresses to everything that mail for them can come by, a step for all at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: set[str] = set()
        self._seen_domains: set[str] = set()
        self._domains: dict[str, Domain] = {}
        self._mailboxes: dict[str, Mailbox] = {}
        self._aliases: dict[str, Alias] = {}

    def content(self) -> Content:
        return Content(self._domains, self._mailboxes, self._aliases)

    def visit_domains(self, names: Iterable[str]) -> None:
        wave = set(names) - self._seen_domains
        while wave:
            self._seen_domains |= wave
            found = self._store.domains(wave)
            self._domains.update(found)
            aimed = {domain.alias_of for domain in found.values() if domain.alias_of is not None}
            wave = aimed - self._seen_domains

    def visit_addresses(self, addresses: Iterable[str]) -> None:
        wave = set(addresses) - self._seen
        while wave:
            self._seen |= wave
            wave = set(self._visit(wave)) - self._seen

    def _visit(self, wave: Collection[str]) -> Iterator[str]:
        """Read what has these addresses, and yield the addresses that their mail can go on to."""
        self._mailboxes.update(self._store.mailboxes(wave))
        aliases = self._store.aliases(wave)
        self._aliases.update(aliases)
        for alias in aliases.values():
            yield from alias.destinations
        split = [Address.split(address) for address in wave]
        domains = {address.domain for address in split}
        self.visit_domains(domains)
        for name in domains & self._domains.keys():
            yield str(Address("", name))
        for address in split:
            if DETAIL_SEPARATOR in address.local_part:
                yield str(address.without_detail)
            domain = self._domains.get(address.domain)
            if domain is not None and domain.alias_of is not None:
                yield str(Address(address.local_part, domain.alias_of))
