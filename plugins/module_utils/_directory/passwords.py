# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the passwords that are declared to the hashes that are stored.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Content
from ansible_collections.assurmer.mail.plugins.module_utils._directory.parallel import spread
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import (
    Declaration,
    Secret,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidSecret
from ansible_collections.assurmer.mail.plugins.module_utils._password import (
    PasswordHash,
    Scheme,
    can_verify,
    make_hash,
    needs_rehash,
    parse_hash,
    verify,
)


class Passwords:
    """Decides the hash of each declared mailbox, and remembers what was costly to find out.

    With `predict`, nothing is hashed: a new password is shown by its scheme alone, and where the
    libraries are missing, as on a host that has never been set up, a stored hash is believed.
    """

    def __init__(self, scheme: Scheme, update_always: bool, predict: bool) -> None:
        self._scheme = scheme
        self._update_always = update_always
        self._predict = predict
        self._decided: dict[tuple[str, str | None], str] = {}

    def resolve(self, declaration: Declaration, content: Content) -> dict[str, str]:
        """Return the hashes to store by address. May take long: call it outside a transaction."""
        undecided = list(self._undecided(declaration, content))
        decide = functools.partial(_decide, self._scheme, self._predict)
        decided = spread(decide, [(plain, stored) for _address, stored, plain in undecided])
        for (address, stored, _plain), hashed in zip(undecided, decided, strict=True):
            self._decided[address, stored] = hashed
        return self.known(declaration, content)

    def known(self, declaration: Declaration, content: Content) -> dict[str, str]:
        """Return the hashes to store by address, without those that are to be found yet."""
        hashes: dict[str, str] = {}
        for address, stored, secret in self._asked(declaration, content):
            if secret.hashed is not None:
                hashes[address] = secret.hashed
            elif (address, stored) in self._decided:
                hashes[address] = self._decided[address, stored]
        return hashes

    def all_known(self, declaration: Declaration, content: Content) -> bool:
        return not any(True for _entry in self._undecided(declaration, content))

    def _undecided(
        self, declaration: Declaration, content: Content
    ) -> Iterator[tuple[str, str | None, str]]:
        for address, stored, secret in self._asked(declaration, content):
            if secret.plain is not None and (address, stored) not in self._decided:
                yield address, stored, secret.plain

    def _asked(
        self, declaration: Declaration, content: Content
    ) -> Iterator[tuple[str, str | None, Secret]]:
        for address, wish in declaration.mailboxes.items():
            mailbox = content.mailboxes.get(address)
            if wish.secret is not None and (mailbox is None or self._update_always):
                yield address, mailbox.password if mailbox else None, wish.secret


def _decide(scheme: Scheme, predict: bool, question: tuple[str, str | None]) -> str:
    """Return the hash to store for a plain password and the hash that is stored."""
    plain, stored = question
    if stored is not None and _still_good(plain, stored, scheme, predict):
        return stored
    if predict:
        return f"{{{scheme.value}}}"
    return str(make_hash(plain, scheme))


def _still_good(plain: str, stored: str, scheme: Scheme, predict: bool) -> bool:
    try:
        parsed: PasswordHash = parse_hash(stored, "password_hash")
    except InvalidSecret:
        return False
    if needs_rehash(parsed, scheme):
        return False
    if predict and not can_verify(parsed.scheme):
        return True
    return verify(plain, parsed)
