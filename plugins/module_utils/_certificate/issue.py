# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options to the provider: read what it needs, make the authority where that is asked.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import math
import time
import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    argspec,
    authority,
    ca_directory,
    constraints,
    model,
    own_authority,
    storage,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme import options
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers import (
    acme,
    files,
    ownca,
    selfsigned,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.base import (
    Provider,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError

Params = Mapping[str, t.Any]


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of a run. A dry run writes nothing."""

    now: datetime
    dry: bool
    _began: float = field(default_factory=time.monotonic)

    def by_now(self) -> datetime:
        """Return the present, to the next second, of a run that began at `now`."""
        return self.now + timedelta(seconds=math.ceil(time.monotonic() - self._began))


@dataclass(frozen=True, slots=True)
class Issue:
    """A provider that is ready, or none where a dry run can't know the source yet."""

    provider: Provider | None
    # What was made besides the bundle: the authority, as the diff shows it.
    before: Mapping[str, t.Any]
    after: Mapping[str, t.Any]
    warnings: tuple[str, ...] = ()


def prepare(params: Params, request: model.CertificateRequest, context: Context) -> Issue:
    if params["provider"] != "files" and not request.names:
        raise InvalidOption("names", "", "is empty, and a certificate needs a name")
    return _PREPARE[params["provider"]](params, request, context)


def _prepare_selfsigned(
    params: Params, request: model.CertificateRequest, context: Context
) -> Issue:
    return Issue(selfsigned.SelfSigned(request), {}, {})


def _prepare_ownca(params: Params, request: model.CertificateRequest, context: Context) -> Issue:
    if params["ownca_create"]:
        return _prepare_created_ownca(params, request, context)
    if params["ownca_rollover"]:
        raise InvalidOption("ownca_rollover", params["ownca_rollover"], "needs ownca_create")
    pem = _read_pem(params, "ownca")
    if pem is None:
        raise InvalidOption(
            "ownca_path",
            params["ownca_path"] or "",
            "is not there; give the authority's certificate, or set ownca_create to make one",
        )
    ours = _load_authority(params, pem, request, context)
    constraints.refuse_others(argspec.wanted_of(params, request).subtrees, request.names)
    return Issue(ownca.OwnCa(request, ours), {}, {})


def _prepare_created_ownca(
    params: Params, request: model.CertificateRequest, context: Context
) -> Issue:
    path = params["ownca_path"]
    if not path or params["ownca_key_path"] or params["ownca_key_content"]:
        raise InvalidOption(
            "ownca_create",
            True,
            "makes one file with key and certificate: it needs ownca_path and no ownca_key_path"
            " or ownca_key_content",
        )
    place = ca_directory.Place(path, params["ownca_key_passphrase"])
    wanted = argspec.wanted_of(params, request)
    keeper = own_authority.Keeper(place, wanted, params["ca_path"], context.now, context.dry)
    if context.dry:
        return _kept(keeper, request)
    storage.make_directory(place.directory)
    # Of several hosts that are set up at once the first one makes the authority.
    with storage.locked(place.directory):
        return _kept(keeper, request)


def _kept(keeper: own_authority.Keeper, request: model.CertificateRequest) -> Issue:
    kept = keeper.keep()
    provider = ownca.OwnCa(request, kept.authority)
    return Issue(provider, {"authority": kept.before}, {"authority": kept.after}, kept.warnings)


def _load_authority(
    params: Params, pem: model.Pem, request: model.CertificateRequest, context: Context
) -> authority.Authority:
    key_pem = _read_pem(params, "ownca_key") or pem
    try:
        ours = authority.assemble(pem, key_pem, params["ownca_key_passphrase"])
    except model.PemError as error:
        raise _unusable("ownca", params, error) from error
    authority.refuse_expired(ours, context.now)
    authority.refuse_others(ours, request.names)
    return ours


def _prepare_acme(params: Params, request: model.CertificateRequest, context: Context) -> Issue:
    terms = options.terms_of(params, request.names)
    # A CA that is not in the clients' own lists is named in the same options as with files.
    authorities = _read_pem(params, "source_ca") or model.Pem((), ())
    path = argspec.path_of(params)
    return Issue(acme.Acme(path, request, terms, authorities.certificates), {}, {})


def _prepare_files(params: Params, request: model.CertificateRequest, context: Context) -> Issue:
    empty = model.Pem((), ())
    parts = {part: _read_pem(params, f"source{part}") for part in ("", "_chain", "_key", "_ca")}
    lacking = [f"source{part}" for part in parts if parts[part] is None and _given(params, part)]
    if parts[""] is None and "source" not in lacking:
        lacking.append("source")
    if lacking:
        # In a dry run an earlier task has only said that it would bring the source.
        if context.dry:
            return Issue(None, {}, {})
        raise MailError(
            f"The provider files needs {lacking[0]}_path or {lacking[0]}_content, and there is"
            f" nothing at {params[f'{lacking[0]}_path']!r}."
        )
    pems = {part: pem or empty for part, pem in parts.items()}
    try:
        source = files.assemble(pems[""], pems["_chain"], pems["_key"])
    except model.KeyLocked as error:
        raise _unusable("source_key" if pems["_key"].keys else "source", params, error) from error
    except model.PemError as error:
        raise _unusable("source", params, error) from error
    provider = files.Files(source, request.names, request.renew_before, pems["_ca"].certificates)
    return Issue(provider, {}, {})


def _given(params: Params, part: str) -> bool:
    return params[f"source{part}_path"] is not None or params[f"source{part}_content"] is not None


def _read_pem(params: Params, option: str) -> model.Pem | None:
    """Return what an option or the file that it names holds; None if there is nothing."""
    content = params[f"{option}_content"]
    path = params[f"{option}_path"]
    if content:
        data: bytes | None = content.encode()
    elif path:
        data = _read_source(params, option, path)
    else:
        data = None
    if data is None:
        return None
    try:
        return model.parse(data)
    except model.PemError as error:
        raise _unusable(option, params, error) from error


def _read_source(params: Params, option: str, path: str) -> bytes | None:
    is_source = option.startswith("source")
    try:
        stored = storage.read(path, follow=is_source and params["source_follow"])
    except storage.SymbolicLink as error:
        way_out = "; set source_follow to read what it leads to" if is_source else ""
        raise InvalidOption(f"{option}_path", path, f"is a symbolic link{way_out}") from error
    if stored is None:
        return None
    if b"PRIVATE KEY-----" in stored.content:
        storage.refuse_shared(path, stored.access)
    return stored.content


def _unusable(option: str, params: Params, error: model.PemError) -> MailError:
    """Say where the PEM text is; the text itself may be a key."""
    path = params[f"{option}_path"]
    where = f"{option}_path: {path}" if path else f"{option}_content"
    return MailError(f"{where} can't be used: {error}.")


_PREPARE: dict[str, Callable[[Params, model.CertificateRequest, Context], Issue]] = {
    "selfsigned": _prepare_selfsigned,
    "ownca": _prepare_ownca,
    "acme": _prepare_acme,
    "files": _prepare_files,
}
