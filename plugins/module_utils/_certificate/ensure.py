# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring the files of a certificate into the wanted state.

PRIVATE to the collection. It can have breaking changes at any time.

A dry run takes the same path and leaves out the writing alone.
"""

from __future__ import annotations

import glob
import os
import typing as t
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    issue,
    model,
    names,
    reasons,
    signing,
    storage,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.access import (
    WantedAccess,
    public,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.argspec import Target
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.base import (
    Provider,
    Unavailable,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

if t.TYPE_CHECKING:
    from cryptography import x509

Description = t.Optional[Mapping[str, t.Any]]  # noqa: UP045 - sanity reads "|" here as arithmetic


@dataclass(frozen=True, slots=True)
class Outcome:
    """What stood there, what stands there now, and what else there is to say."""

    before: Mapping[str, t.Any]
    after: Mapping[str, t.Any]
    values: Mapping[str, t.Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    # What should have been done, can wait, and is tried again by the next run.
    postponed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """The file of the bundle as it is, why it can't stay so, and whether it could for a while."""

    stored: storage.Stored | None
    bundle: model.Bundle | None
    reasons: tuple[str, ...]
    compromised: bool = False
    tolerable: bool = False

    def description(self) -> Description:
        if self.stored is None:
            return None
        known = _described(self.bundle) if self.bundle else {}
        return {**known, **self.stored.access.facts(), "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class _Choice:
    """The bundle that is to be there; none where a dry run can't know it."""

    bundle: model.Bundle | None
    postponed: tuple[str, ...] = ()


def present(
    target: Target,
    wanted: WantedAccess,
    request: model.CertificateRequest,
    issued: issue.Issue,
    context: issue.Context,
) -> Outcome:
    provider = issued.provider
    if provider is None:
        return predict_unknown(target)
    with _alone(target.directory, context):
        found = _look(target.path, provider, request, context.now)
        choice = _choose(found, provider, request, context)
        bundle = choice.bundle
        if bundle is None:
            return _predict_issue(target, found)
        after = _put_bundle(target.path, bundle, found, wanted, context)
        others = (
            (target.certificate_path, (bundle.leaf, *bundle.chain)),
            (target.ca_path, provider.anchor(bundle)),
        )
        pairs = {
            path: _put_public(path, certificates, public(wanted), context)
            for path, certificates in others
            if path is not None
        }
        if not context.dry:
            _settle(provider)
    values = {
        **facts.facts_of(bundle.leaf),
        "days_left": facts.days_left(bundle.leaf, context.now),
        "reasons": list(found.reasons),
        "exists": True,
        "path": target.path,
        "other_bundles": other_bundles(target.path),
    }
    return Outcome(
        {**issued.before, target.path: found.description(), **{p: pairs[p][0] for p in pairs}},
        {**issued.after, target.path: after, **{p: pairs[p][1] for p in pairs}},
        values,
        (*issued.warnings, *provider.warnings(context.now)),
        choice.postponed,
    )


def _choose(
    found: _Found,
    provider: Provider,
    request: model.CertificateRequest,
    context: issue.Context,
) -> _Choice:
    if found.bundle is not None and not found.reasons:
        return _Choice(found.bundle)
    if context.dry:
        return _Choice(provider.foretell(context.now))
    if found.bundle is not None and found.compromised:
        provider.condemn(found.bundle)
    try:
        bundle = provider.obtain(context.now)
    except Unavailable as error:
        if found.bundle is None or not found.tolerable:
            raise
        end = facts.written(signing.not_after(found.bundle.leaf))
        return _Choice(found.bundle, (f"{error} The present certificate stays, until {end}.",))
    # A CA takes its time, and its certificates may begin at the very second when they are signed.
    _refuse_useless(bundle, request, context.by_now())
    return _Choice(bundle)


def _refuse_useless(bundle: model.Bundle, request: model.CertificateRequest, now: datetime) -> None:
    """Refuse what must not take the place of anything, whoever gave it."""
    problems = [*reasons.defects(bundle, now)]
    owned = facts.names_of(bundle.leaf)
    problems += [f"it is not for {n}" for n in request.names if not names.covers(owned, n)]
    if facts.serial_number_of(bundle.leaf) in request.compromised:
        problems.append("it is one of those in compromised")
    if problems:
        raise MailError(f"The new certificate can't be used: {'; '.join(problems)}.")


def _settle(provider: Provider) -> None:
    try:
        provider.settle()
    except Unavailable as error:
        raise Unavailable(
            f"{error} The certificate with the compromised key is not in use any more, but not"
            " revoked yet; the next run tries again."
        ) from error


def absent(target: Target, context: issue.Context) -> Outcome:
    paths = [p for p in (target.path, target.certificate_path, target.ca_path) if p is not None]
    before: dict[str, Description] = {path: {} if os.path.lexists(path) else None for path in paths}
    if not context.dry:
        for path in paths:
            storage.remove(path)
    values = {"path": target.path, "exists": False, "reasons": []}
    return Outcome(before, dict.fromkeys(paths), values)


def predict_unknown(target: Target) -> Outcome:
    """Foretell a change in a dry run that can't look closer."""
    exists = os.path.lexists(target.path)
    why = [] if exists else [reasons.MISSING]
    values = {"path": target.path, "exists": exists, "reasons": why}
    before = {"certificate": "the present one"} if exists else None
    after = {"certificate": "not known yet"}
    return Outcome({target.path: before}, {target.path: after}, values)


def _predict_issue(target: Target, found: _Found) -> Outcome:
    """Foretell a certificate that only its issuer knows."""
    values = {"path": target.path, "exists": True, "reasons": list(found.reasons)}
    after = {"certificate": "a new one"}
    return Outcome({target.path: found.description()}, {target.path: after}, values)


def other_bundles(path: str) -> list[str]:
    """Return the bundles beside this one: files *.pem that hold a private key."""
    candidates = glob.glob(os.path.join(glob.escape(os.path.dirname(path)), "*.pem"))
    return sorted(other for other in candidates if other != path and _holds_key(other))


def _holds_key(path: str) -> bool:
    try:
        stored = storage.read(path)
    except storage.FileError:
        return False
    return stored is not None and b"PRIVATE KEY-----" in stored.content


def _alone(directory: str, context: issue.Context) -> AbstractContextManager[None]:
    if context.dry:
        return nullcontext()
    storage.make_directory(directory)
    return storage.locked(directory)


def _look(
    path: str, provider: Provider, request: model.CertificateRequest, now: datetime
) -> _Found:
    stored = storage.read(path)
    if stored is None:
        return _Found(None, None, (reasons.MISSING,))
    try:
        bundle = model.parse_bundle(stored.content)
    except model.PemError as error:
        return _Found(stored, None, (f"unusable: {error}",))
    why = list(reasons.defects(bundle, now))
    sound = not why
    if sound:
        why = list(provider.objections(bundle, now))
    if request.forced:
        why.append("a new one was asked for")
    serial_number = facts.serial_number_of(bundle.leaf)
    compromised = serial_number in request.compromised
    if compromised:
        why.append(f"key is compromised (serial number {serial_number})")
    is_open = bool(stored.access.mode & 0o007)
    if is_open:
        why.append(f"key was open to all users of the host (mode {stored.access.written_mode})")
    safe = sound and not compromised and not is_open
    tolerable = safe and bool(why) and provider.tolerates(bundle, now)
    return _Found(stored, bundle, tuple(why), compromised, tolerable)


def _put_bundle(
    path: str, bundle: model.Bundle, found: _Found, wanted: WantedAccess, context: issue.Context
) -> Description:
    access = wanted.resolve(found.stored.access if found.stored else None)
    right_access = found.stored is not None and found.stored.access == access
    stays = bundle is found.bundle
    if not (stays and right_access) and not context.dry:
        storage.write(path, bundle.render(), access)
    return {
        **_described(bundle),
        **access.facts(),
        # What was put off is no change.
        "reasons": list(found.reasons) if stays else [],
    }


def _described(bundle: model.Bundle) -> dict[str, t.Any]:
    return {**facts.facts_of(bundle.leaf), "chain": _lines(bundle.chain)}


def _lines(certificates: tuple[x509.Certificate, ...]) -> list[str]:
    return [facts.line_of(certificate) for certificate in certificates]


def _put_public(
    path: str,
    certificates: tuple[x509.Certificate, ...],
    wanted: WantedAccess,
    context: issue.Context,
) -> tuple[Description, Description]:
    """Write a file of certificates, remove it where there are none; return both states."""
    stored = storage.read(path)
    before = None if stored is None else _public_description(stored)
    if not certificates:
        if stored is not None and not context.dry:
            storage.remove(path)
        return before, None
    access = wanted.resolve(stored.access if stored else None)
    content = model.render_certificates(certificates)
    after = _public_description(storage.Stored(content, access))
    if before != after and not context.dry:
        storage.write(path, content, access)
    return before, after


def _public_description(stored: storage.Stored) -> dict[str, t.Any]:
    try:
        pem = model.parse(stored.content)
        lines = [*_lines(pem.certificates), *["a private key"] * len(pem.keys)]
    except model.PemError as error:
        lines = [f"unusable: {error}"]
    return {"certificates": lines, **stored.access.facts()}
