# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host knows of a bundle that it renews itself: the options, and what came of it last.

PRIVATE to the collection. It can have breaking changes at any time.

Beside the bundle NAME.pem there are renewal/NAME.json with the options of `tls_certificate`, which
may hold a key for the DNS and so is root's alone, and renewal/NAME.last.json with the outcome of
the host's last run.
"""

from __future__ import annotations

import contextlib
import json
import os
import typing as t
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import facts, storage
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.access import Access
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

Params = Mapping[str, t.Any]

_PRIVATE, _PUBLIC = 0o600, 0o644
_OPTIONS, _LAST = ".json", ".last.json"
# The host can't do without these, and everything else that is a secret is left out.
_SECRETS = ("acme_dns_key_secret",)
_LEFT_OUT = (
    "state",
    "unattended",
    "acme_account_content",
    "acme_eab_kid",
    "acme_eab_hmac_key",
    "source_content",
    "source_key_content",
)
# A timer that runs twice a day, and a host that was off over a long weekend.
_SILENCE = timedelta(days=4)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A bundle that the host looks after; one is not another, whatever they say."""

    path: str
    params: Params

    @property
    def name(self) -> str:
        return os.path.basename(self.path).removesuffix(".pem")

    @property
    def is_renewable(self) -> bool:
        """Whether the host has all that it takes; what the workstation signs it only watches."""
        return self.params["provider"] in ("selfsigned", "acme") or "source_path" in self.params


@dataclass(frozen=True, slots=True)
class Last:
    """What came of the host's last run."""

    at: datetime
    problems: tuple[str, ...]

    def facts(self) -> dict[str, t.Any]:
        return {"at": facts.written(self.at), "problems": list(self.problems)}

    def worries(self, now: datetime) -> Iterator[str]:
        """Tell what of it somebody should know."""
        for problem in self.problems:
            yield f"the host's own renewal on {facts.written(self.at)}: {problem}"
        if now - self.at > _SILENCE:
            yield f"the host's own renewal has not run since {facts.written(self.at)}"


def settle(
    bundle_path: str, params: Params | None, *, dry: bool
) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Keep the options of a bundle for the host, or forget them; return both states for the diff."""
    path = _path(bundle_path, _OPTIONS)
    stored = storage.read(path)
    if params is None:
        return _forget(bundle_path, path, stored, dry=dry)
    wanted = {key: value for key, value in params.items() if _is_kept(key, value)}
    if params["source_key_content"] is not None:
        # A certificate that the host finds would not fit a key from elsewhere.
        wanted.pop("source_path", None)
    content = f"{json.dumps(wanted, indent=1, sort_keys=True)}\n".encode()
    file = storage.Stored(content, Access(_PRIVATE, os.geteuid(), os.getegid()))
    after = _shown(wanted)
    if stored == file:
        return {path: after}, {path: after}
    if not dry:
        storage.make_directory(os.path.dirname(path))
        storage.write(path, file.content, file.access)
    before = None if stored is None else _shown(_parsed(path, stored.content))
    if before == after:
        # It is the secret that differs, or who may read it.
        before = {**after, "acme_dns_key_secret": "(another one, or open to others)"}
    return {path: before}, {path: after}


def _forget(
    bundle_path: str, path: str, stored: storage.Stored | None, *, dry: bool
) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    if stored is None:
        return {}, {}
    if not dry:
        storage.remove(path)
        storage.remove(_path(bundle_path, _LAST))
    return {path: {}}, {path: None}


def jobs(directory: str) -> Iterator[Job]:
    """Return what a host looks after in a directory of bundles."""
    kept = os.path.join(directory, "renewal")
    names = sorted(os.listdir(kept)) if os.path.isdir(kept) else []
    for name in names:
        if name.endswith(_OPTIONS) and not name.endswith(_LAST):
            path = os.path.join(kept, name)
            stored = storage.read(path)
            if stored is not None:
                storage.refuse_shared(path, stored.access)
                bundle = os.path.join(directory, f"{name.removesuffix(_OPTIONS)}.pem")
                yield Job(bundle, _parsed(path, stored.content))


def note(bundle_path: str, last: Last) -> None:
    access = Access(_PUBLIC, os.geteuid(), os.getegid())
    storage.write(
        _path(bundle_path, _LAST), f"{json.dumps(last.facts(), indent=1)}\n".encode(), access
    )


def last(bundle_path: str) -> Last | None:
    """Return what came of the host's last run; nothing if there was none."""
    stored = storage.read(_path(bundle_path, _LAST))
    with contextlib.suppress(ValueError, KeyError, TypeError):
        record = json.loads(stored.content) if stored else {}
        at = datetime.strptime(record["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return Last(at, tuple(map(str, record["problems"])))
    return None


def _path(bundle_path: str, ending: str) -> str:
    directory, name = os.path.split(bundle_path)
    return os.path.join(directory, "renewal", name.removesuffix(".pem") + ending)


def _is_kept(key: str, value: t.Any) -> bool:
    return key not in _LEFT_OUT and not key.startswith(("ownca_", "_")) and value is not None


def _shown(params: Params) -> dict[str, t.Any]:
    return {key: "(not shown)" if key in _SECRETS else value for key, value in params.items()}


def _parsed(path: str, content: bytes) -> Params:
    with contextlib.suppress(ValueError):
        found = json.loads(content)
        if isinstance(found, dict):
            return found
    raise MailError(f"{path} can't be read; run the playbook again.")
