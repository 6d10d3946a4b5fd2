# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change of the directory means for the mail on this host and for who is logged in.

PRIVATE to the collection. It can have breaking changes at any time.

The directory and the mail can't change in one transaction. So the directory says first, in the
same transaction that closes a mailbox, that its mail is to go; a run that is killed before it has
moved it is finished by the next one, and so is a message that was being delivered meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    Departure,
    Domain,
    Edit,
    Mailbox,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sessions import end_sessions
from ansible_collections.assurmer.mail.plugins.module_utils._directory.store import Store

MOMENT = "%Y%m%dT%H%M%SZ"
# A host that has not run for this long does not learn any more who has left.
KEPT_DAYS = 90


@dataclass(frozen=True, slots=True)
class Moved:
    """The mail of an address, and where it went."""

    address: str
    to: str


def unfinished(store: Store, mail: MailStore) -> bool:
    """Tell whether there may be mail of somebody who is gone: a look at one path for each."""
    return any(mail.has(departure.address) for departure in store.departures())


def finish(store: Store, mail: MailStore) -> list[Moved]:
    """Move the mail of all who are gone, and return what was moved."""
    departures = store.departures()
    asked = {departure.address for departure in departures}
    asked |= {departure.renamed_to for departure in departures if departure.renamed_to}
    there = store.mailboxes(asked)
    moved = []
    for departure in departures:
        to = None
        if departure.renamed_to is not None and departure.address in there:
            # It was prepared, and the mailbox has kept its name.
            mail.forget(departure.address, departure.renamed_to)
        elif departure.renamed_to is not None and departure.renamed_to in there:
            united = mail.unite(departure.address, departure.renamed_to, departure.since)
            mail.lead(departure.address, departure.renamed_to)
            to = mail.follow(departure.address, departure.renamed_to) or united
        elif departure.address not in there:
            to = mail.quarantine(departure.address, departure.since)
        if to is not None:
            moved.append(Moved(departure.address, to))
    return moved


def prepare(store: Store, mail: MailStore, edits: Iterable[Edit]) -> None:
    """Do what has to be done to the mail before the directory is written.

    Each step is written down first, so that `finish` can take it back.
    """
    now = moment()
    known = {departure.address for departure in store.departures()}
    renamed = [edit for edit in edits if edit.kind == "mailboxes" and edit.renamed_from]
    restored = [edit.key for edit in edits if edit.kind == "mailboxes" and edit.restore]
    intents = [Departure(edit.renamed_from or "", now, edit.key) for edit in renamed]
    intents += [Departure(address, now) for address in restored if address not in known]
    if intents:
        with store.transaction():
            store.record(intents, [], "")
    for edit in renamed:
        mail.lead(edit.renamed_from or "", edit.key)
    for address in restored:
        mail.restore(address)


def write_down(store: Store, edits: Sequence[Edit]) -> None:
    """Say who is gone and who is back, within the transaction that makes it so."""
    mailboxes = [edit for edit in edits if edit.kind == "mailboxes"]
    now = moment()
    gone = [Departure(edit.key, now) for edit in mailboxes if edit.after is None]
    gone += [Departure(edit.renamed_from, now, edit.key) for edit in mailboxes if edit.renamed_from]
    back = [edit.key for edit in mailboxes if edit.before is None or edit.renamed_from]
    long_ago = moment(ago=KEPT_DAYS * 86400)
    store.record(gone, back, long_ago)


def close_sessions(edits: Iterable[Edit]) -> None:
    """End the sessions of those who are removed, renamed or closed."""
    users: set[str] = set()
    domains: set[str] = set()
    for edit in edits:
        before, after = edit.before, edit.after
        if before is None or not before.active:
            continue
        if after is None or edit.renamed_from is not None or not after.active:
            if isinstance(before, Mailbox):
                users.add(before.address)
            elif isinstance(before, Domain):
                domains.add(before.name)
    end_sessions(users, domains)


def moment(ago: float = 0) -> str:
    """Return the moment so many seconds ago, as the quarantine is named."""
    return time.strftime(MOMENT, time.gmtime(time.time() - ago))
