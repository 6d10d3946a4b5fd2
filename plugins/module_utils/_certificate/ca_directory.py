# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the company's authority: authority.pem, and each root in a file of its own.

PRIVATE to the collection. It can have breaking changes at any time.

A root is recognised by what is in its file, not by the file's name: so its file can be away, and
come back under the same name, whatever has happened meanwhile.
"""

from __future__ import annotations

import os
import re
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    access,
    authority,
    facts,
    model,
    signing,
    storage,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

if t.TYPE_CHECKING:
    from cryptography import x509

_ROOT_FILE = re.compile(r"root(-[0-9a-f]{8})?\.pem")
# An authority's key is for those who sign, however the bundle may be shared.
_ACCESS = access.WantedAccess(0o600, None, None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an authority is, and what its keys are encrypted with."""

    path: str
    passphrase: str | None

    @property
    def directory(self) -> str:
        return os.path.dirname(self.path)

    def read(self) -> authority.Authority | None:
        stored = _read_key(self.path)
        if stored is None:
            return None
        try:
            pem = model.parse(stored.content)
            return authority.assemble(pem, pem, self.passphrase)
        except model.PemError as error:
            raise MailError(f"ownca_path: {self.path} can't be used: {error}.") from error

    def write(self, ours: authority.Authority) -> None:
        stored = storage.read(self.path)
        wanted = _ACCESS.resolve(stored.access if stored else None)
        storage.write(self.path, ours.render(self.passphrase), wanted)

    def root_path(self, root: authority.Root, *, first: bool) -> str:
        """Return the file of a new root; those after the first are told apart by their keys."""
        number = signing.key_identifier(root.key.public_key())
        return os.path.join(self.directory, "root.pem" if first else f"root-{number}.pem")

    def write_root(self, path: str, root: authority.Root) -> None:
        storage.write(path, root.render(self.passphrase), _ACCESS.resolve(None))

    def only_root(self) -> authority.Root | None:
        """Return the root that is there without an authority; none if there is none."""
        paths = [path for path, _pem in self._roots()]
        if len(paths) > 1:
            raise MailError(
                f"ownca_path: {self.path} is not there, and there are several roots to make a new"
                f" one from: {', '.join(paths)}; move all but one away."
            )
        return self._open(*next(self._roots())) if paths else None

    def root_of(self, certificate: x509.Certificate) -> authority.Root | None:
        """Return a root with its key; none if its file is elsewhere."""
        for path, pem in self._roots():
            if certificate in pem.certificates:
                return self._open(path, pem)
        return None

    def unfinished_successor(self, present: x509.Certificate) -> authority.Root | None:
        """Return a root that an interrupted run has made to take the present one's place."""
        for path, pem in self._roots():
            # An older one is that whose place the present root has taken.
            newest = max((signing.not_before(c) for c in pem.certificates), default=None)
            if newest is not None and newest > signing.not_before(present):
                return self._open(path, pem)
        return None

    def refuse_lost(self, anchors_path: str | None) -> None:
        """Refuse a new root where clients trust another one already."""
        if anchors_path is None or _directory(anchors_path) != _directory(self.path):
            return
        if os.path.lexists(anchors_path):
            raise MailError(
                f"ownca_path: {self.path} is not there, and neither is root.pem beside it, but"
                f" {anchors_path} is what clients trust; bring one of them back, or remove the last"
                " to begin with a new root that no client knows."
            )

    def refuse_as_root(self) -> None:
        """Refuse a path that is a root's: the two would overwrite each other."""
        if _ROOT_FILE.fullmatch(os.path.basename(self.path)):
            raise MailError(
                f"ownca_path: {self.path} is a name for the file of a root; call it authority.pem."
            )

    def _roots(self) -> Iterator[tuple[str, model.Pem]]:
        names = sorted(os.listdir(self.directory)) if os.path.isdir(self.directory) else []
        for name in names:
            path = os.path.join(self.directory, name)
            if not _ROOT_FILE.fullmatch(name) or path == self.path:
                continue
            stored = _read_key(path)
            if stored is not None:
                yield path, _parsed(path, stored)

    def _open(self, path: str, pem: model.Pem) -> authority.Root:
        try:
            return authority.assemble_root(pem, self.passphrase)
        except model.PemError as error:
            raise _unusable(path, error) from error


def description(path: str, ours: authority.Authority) -> dict[str, t.Any]:
    """Return what the diff shows of an authority."""
    return {
        "path": path,
        "subject": ours.signer.name.rfc4514_string(),
        "chain": [facts.line_of(certificate) for certificate in ours.chain],
        "roots": [facts.line_of(certificate) for certificate in ours.anchors],
        "rollover": facts.written(ours.handover.until) if ours.handover else None,
    }


def _directory(path: str) -> str:
    return os.path.dirname(os.path.realpath(path))


def _read_key(path: str) -> storage.Stored | None:
    try:
        stored = storage.read(path)
    except storage.SymbolicLink as error:
        raise MailError(f"ownca_path: {path} is a symbolic link.") from error
    if stored is not None and b"PRIVATE KEY-----" in stored.content:
        storage.refuse_shared(path, stored.access)
    return stored


def _parsed(path: str, stored: storage.Stored) -> model.Pem:
    try:
        return model.parse(stored.content)
    except model.PemError as error:
        raise _unusable(path, error) from error


def _unusable(path: str, error: model.PemError) -> MailError:
    return MailError(f"{path}, the file of a root, can't be used: {error}.")
