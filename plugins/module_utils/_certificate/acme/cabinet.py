# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an ACME client: the account, where each bundle is from, what is to be revoked.

PRIVATE to the collection. It can have breaking changes at any time.

They lie beside the account's key. Nothing but that key is a secret.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import typing as t
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    model,
    signing,
    storage,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.access import Access
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    InvalidSecret,
)

if t.TYPE_CHECKING:
    from cryptography import x509

_ACCOUNT_KEY_TYPE = "ecdsa-p256"
# What the CAs' signature algorithms are for (RFC 7518).
_ACCOUNT_KEY_TYPES = (*signing.KEY_TYPES, "rsa-2048", "ecdsa-p521")
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Cabinet:
    """The directory of the account's key, and the key's file in it."""

    account_path: str

    @property
    def directory(self) -> str:
        return os.path.dirname(self.account_path)

    def account_key(self, given: str | None) -> bytes:
        """Return the account's private key; the one that is given, that is there, or a new one."""
        if given is not None:
            key = _checked_key(given)
            self._write(self.account_path, key)
            return key
        stored = storage.read(self.account_path)
        if stored is not None:
            storage.refuse_shared(self.account_path, stored.access)
            try:
                return _checked(stored.content)
            except model.PemError as error:
                problem = f"can't be used: {error}"
                raise InvalidOption("acme_account_path", self.account_path, problem) from error
        key = signing.render_key(signing.new_key(_ACCOUNT_KEY_TYPE))
        self._write(self.account_path, key)
        return key

    def account_uri(self, url: str, key: bytes) -> str | None:
        """Return the account that this key has at a CA, as far as it is known."""
        found = self._load(self._account_record)
        known = found.get("url") == url and found.get("key") == _identifier(key)
        return t.cast("str", found["uri"]) if known else None

    def keep_account(self, url: str, key: bytes, uri: str) -> None:
        record = {"url": url, "key": _identifier(key), "uri": uri}
        self._save(self._account_record, record)

    def origin(self, bundle_path: str, leaf: x509.Certificate) -> str | None:
        """Return the directory's URL of the CA that a certificate was obtained from."""
        found = self._load(self._origin_path(bundle_path))
        same = facts.fingerprint_of(leaf) in found.get("fingerprints", ())
        return t.cast("str", found["url"]) if same else None

    def keep_origin(self, bundle_path: str, leaf: x509.Certificate, url: str) -> None:
        """Note where a certificate is from that is about to take another one's place."""
        path = self._origin_path(bundle_path)
        found = self._load(path)
        formers = found.get("fingerprints", [])[:4] if found.get("url") == url else []
        # The former ones, too: the one in use stays where a new one can't be written.
        self._save(path, {"url": url, "fingerprints": [facts.fingerprint_of(leaf), *formers]})

    def condemn(self, leaf: x509.Certificate, url: str) -> None:
        """Note a certificate that is to be revoked, so that a run that ends here is made up for."""
        record = {"url": url, "certificate": model.render_certificates((leaf,)).decode()}
        self._save(self._condemned_path(leaf), record)

    def condemned(self, url: str) -> tuple[x509.Certificate, ...]:
        """Return what is still to be revoked at a CA."""
        paths = sorted(glob.glob(os.path.join(glob.escape(self.directory), "revoke", "*.json")))
        texts = [r["certificate"] for r in map(self._load, paths) if r.get("url") == url]
        return tuple(c for text in texts for c in model.parse(text.encode()).certificates)

    def settle(self, leaf: x509.Certificate) -> None:
        storage.remove(self._condemned_path(leaf))

    @property
    def _account_record(self) -> str:
        return f"{os.path.splitext(self.account_path)[0]}.json"

    def _condemned_path(self, leaf: x509.Certificate) -> str:
        return os.path.join(self.directory, "revoke", f"{facts.serial_number_of(leaf)}.json")

    def _origin_path(self, bundle_path: str) -> str:
        """Return a file's path that has room for the bundle's, wherever that is."""
        return os.path.join(self.directory, "issued", bundle_path.strip("/").replace("/", "+"))

    def _load(self, path: str) -> dict[str, t.Any]:
        stored = storage.read(path)
        with contextlib.suppress(ValueError):
            found = json.loads(stored.content) if stored else {}
            return found if isinstance(found, dict) else {}
        return {}

    def _save(self, path: str, record: dict[str, t.Any]) -> None:
        self._write(path, f"{json.dumps(record, indent=1)}\n".encode())

    def _write(self, path: str, content: bytes) -> None:
        access = Access(_PRIVATE, os.geteuid(), os.getegid())
        stored = storage.read(path)
        if stored != storage.Stored(content, access):
            storage.make_directory(os.path.dirname(path))
            storage.write(path, content, access)


def _checked_key(given: str) -> bytes:
    try:
        return _checked(given.encode())
    except model.PemError as error:
        raise InvalidSecret("acme_account_content", f"can't be used: {error}") from error


def _checked(content: bytes) -> bytes:
    pem = model.parse(content)
    if len(pem.keys) != 1:
        raise model.PemError(f"it holds {len(pem.keys)} private keys instead of one")
    key = model.load_key(pem.keys[0])
    if signing.key_type_of_public(key.public_key()) not in _ACCOUNT_KEY_TYPES:
        raise model.PemError("its key is neither RSA nor ECDSA P-256, P-384 or P-521")
    return pem.keys[0] + b"\n"


def _identifier(key: bytes) -> str:
    return signing.key_identifier(model.load_key(key).public_key())
