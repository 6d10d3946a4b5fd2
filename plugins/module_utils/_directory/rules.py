# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to hold between the records of a directory.

PRIVATE to the collection. It can have breaking changes at any time.

The rules look at the edits of a plan and at the content that they lead to. A directory that
kept them before therefore keeps them afterwards, and a change of one record costs what its
neighbours cost, however large the directory is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ansible_collections.assurmer.mail.plugins.module_utils._address import Address
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Alias,
    Content,
    Domain,
    Edit,
    Kind,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import Plan
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import Declaration
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError

SHOWN_NAMES = 5


def check(declaration: Declaration, plan: Plan, target: Content) -> None:
    """Refuse a plan that leads to a content which breaks a rule."""
    problems = Problems()
    for error in errors(declaration, plan, target):
        problems.add(error)
    loop = find_loop(target, _starts(plan, target))
    if loop:
        option = declaration.option("aliases", loop[0], "destinations")
        problems.add(InvalidOption(option, " -> ".join(loop), "is a loop, mail would never arrive"))
    problems.raise_first()


def errors(
    declaration: Declaration, plan: Plan, target: Content, all_domains: bool = True
) -> Iterator[MailError]:
    """Yield the problems of each edit, without loops.

    Without `all_domains`, some domains may be missing that an administrator has named.
    """
    for edit in plan.edits:
        yield from _errors_of(edit, declaration, target)
        if all_domains:
            yield from _domain_errors_of(edit, declaration, target)


def _domain_errors_of(edit: Edit, declaration: Declaration, target: Content) -> Iterator[MailError]:
    def option(name: str) -> str:
        return declaration.option(edit.kind, edit.key, name)

    if isinstance(edit.after, Mailbox | Alias):
        yield from _home_errors(edit.after, option("address"), target)
    elif isinstance(edit.after, Domain):
        yield from _domain_errors(edit.after, option("alias_of"), target)
    elif isinstance(edit.before, Domain):
        yield from _removed_domain_errors(edit.before, option("name"), target)


def _errors_of(edit: Edit, declaration: Declaration, target: Content) -> Iterator[MailError]:
    def option(name: str) -> str:
        return declaration.option(edit.kind, edit.key, name)

    if isinstance(edit.after, Mailbox):
        yield from _mailbox_errors(edit.after, option("address"), target)
        if edit.before is None and declaration.mailboxes[edit.key].secret is None:
            yield InvalidOption(
                option("password"), edit.key, "is new and has neither password nor password_hash"
            )
    elif isinstance(edit.after, Alias):
        yield from _alias_errors(edit.after, option("address"), target)
        if not edit.after.destinations:
            yield InvalidOption(
                option("destinations"), edit.key, "is new and names no address to send on to"
            )


def _mailbox_errors(mailbox: Mailbox, option: str, target: Content) -> Iterator[MailError]:
    if mailbox.address in target.aliases:
        yield InvalidOption(
            option, mailbox.address, "is an alias already, and an address is only one of both"
        )


def _alias_errors(alias: Alias, option: str, target: Content) -> Iterator[MailError]:
    if alias.address in target.mailboxes:
        yield InvalidOption(
            option, alias.address, "is a mailbox already, and an address is only one of both"
        )


def _home_errors(record: Mailbox | Alias, option: str, target: Content) -> Iterator[MailError]:
    domain = target.domains.get(record.domain)
    if domain is None:
        yield InvalidOption(
            option, record.address, f"needs the domain {record.domain}, which is not declared"
        )
    elif domain.alias_of is not None:
        yield InvalidOption(
            option,
            record.address,
            f"is in {domain.name}, an alias of the domain {domain.alias_of}; declare it there",
        )


def _domain_errors(domain: Domain, option: str, target: Content) -> Iterator[MailError]:
    if domain.alias_of is None:
        return
    aimed = target.domains.get(domain.alias_of)
    if domain.alias_of == domain.name:
        yield InvalidOption(option, domain.alias_of, "is an alias of itself")
    elif aimed is None:
        yield InvalidOption(option, domain.alias_of, "is not a declared domain")
    elif aimed.alias_of is not None:
        yield InvalidOption(
            option, aimed.name, f"is an alias of {aimed.alias_of} itself; name that domain"
        )
    others = target.alias_domains_of.get(domain.name, [])
    if others and domain.alias_of != domain.name:
        yield InvalidOption(
            option, domain.alias_of, f"can't be taken while {domain.name} has {_names(others)}"
        )
    addresses = target.addresses_in.get(domain.name, [])
    if addresses:
        yield InvalidOption(
            option, domain.alias_of, f"can't be taken while {domain.name} holds {_names(addresses)}"
        )


def _removed_domain_errors(domain: Domain, option: str, target: Content) -> Iterator[MailError]:
    addresses = target.addresses_in.get(domain.name, [])
    if addresses:
        yield InvalidOption(
            option, domain.name, f"can't be removed while it holds {_names(addresses)}"
        )
    others = target.alias_domains_of.get(domain.name, [])
    if others:
        yield InvalidOption(
            option, domain.name, f"can't be removed while it has the alias {_names(others)}"
        )


def _names(keys: list[str]) -> str:
    shown = ", ".join(sorted(keys)[:SHOWN_NAMES])
    return shown if len(keys) <= SHOWN_NAMES else f"{shown} and others"


def _starts(plan: Plan, target: Content) -> Iterable[str]:
    """Return the aliases where a loop that the edits close has to pass."""
    starts: dict[str, None] = {}
    for edit in plan.edits:
        if isinstance(edit.after, Alias):
            starts[edit.after.address] = None
        elif isinstance(edit.after, Domain):
            if edit.after.alias_of is not None:
                return target.aliases
        elif isinstance(edit.before, Mailbox | Alias) and (
            edit.after is None or edit.renamed_from is not None
        ):
            # What is not there any more falls to the catch-all of its domain.
            starts[str(Address("", edit.before.domain))] = None
    return [start for start in starts if start in target.aliases]


def find_loop(content: Content, starts: Iterable[str]) -> list[str] | None:
    """Return the addresses of a loop between aliases, its first address again at the end."""
    finished: set[str] = set()
    for start in starts:
        path: dict[str, Iterator[str]] = {}
        if start not in finished:
            path[start] = _next_aliases(content, start)
        while path:
            current = next(reversed(path))
            following = next(path[current], None)
            if following is None:
                finished.add(current)
                del path[current]
            elif following in path:
                loop = list(path)[list(path).index(following) :]
                return [*loop, following]
            elif following not in finished:
                path[following] = _next_aliases(content, following)
    return None


def _next_aliases(content: Content, address: str) -> Iterator[str]:
    for destination in content.aliases[address].destinations:
        kind, key = arrival(content, destination)
        if kind == "aliases":
            yield key


def arrival(content: Content, destination: str) -> tuple[Kind | None, str]:
    """Return the record that mail to an address comes to, as the daemons look it up.

    The kind is "domains" for an address that nobody has in a domain of this directory, and None
    for one elsewhere.
    """
    address = Address.split(destination)
    domain = content.domains.get(address.domain)
    if domain is None:
        return None, destination
    home = Address(address.local_part, domain.alias_of or domain.name)
    for candidate in (str(home), str(home.without_detail)):
        if candidate in content.aliases:
            return "aliases", candidate
        if candidate in content.mailboxes:
            return "mailboxes", candidate
    catch_all = str(Address("", home.domain))
    return ("aliases", catch_all) if catch_all in content.aliases else ("domains", home.domain)


def warnings(target: Content) -> list[str]:
    """Return a sentence about destinations that nobody has."""
    lost = [
        f"{alias.address} -> {destination}"
        for alias in target.aliases.values()
        for destination in alias.destinations
        if arrival(target, destination)[0] == "domains"
    ]
    if not lost:
        return []
    return [f"Aliases send on to addresses that are no mailbox and no alias here: {_names(lost)}."]
