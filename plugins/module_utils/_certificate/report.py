# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tls_certificate_info says about a bundle.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    model,
    names,
    reasons,
    signing,
    storage,
    verification,
)

MISSING: dict[str, t.Any] = {"exists": False, "readable": False, "problems": ["missing"]}


def report(
    path: str,
    wanted_names: tuple[str, ...],
    ca_path: str | None,
    renew_before: timedelta,
    now: datetime,
) -> dict[str, t.Any]:
    """Describe the bundle at a path; what is wrong with it is a result, not an error."""
    stored = storage.read(path)
    if stored is None:
        return {**MISSING, "path": path}
    answer = {"exists": True, "path": path, **stored.access.facts()}
    problems: list[str] = []
    if stored.access.mode & 0o007:
        problems.append(f"key is open to all users of the host (mode {stored.access.written_mode})")
    try:
        bundle = model.parse_bundle(stored.content)
    except model.PemError as error:
        return {**answer, "readable": False, "problems": [*problems, f"unusable: {error}"]}
    problems += reasons.defects(bundle, now)
    problems += _shortfalls(bundle, wanted_names, renew_before, now)
    refusal = _refusal(path, bundle, wanted_names, ca_path)
    if refusal is not None:
        problems.append(f"a client would refuse it: {refusal}")
    return {
        **answer,
        "readable": True,
        **facts.facts_of(bundle.leaf),
        "days_left": facts.days_left(bundle.leaf, now),
        "key_fits": bundle.key_fits,
        "chain": [certificate.subject.rfc4514_string() for certificate in bundle.chain],
        "chain_in_order": bundle.chain_in_order,
        "self_signed": signing.is_self_signed(bundle.leaf),
        "chain_valid": None if ca_path is None else refusal is None,
        "problems": problems,
    }


def _shortfalls(
    bundle: model.Bundle, wanted_names: tuple[str, ...], renew_before: timedelta, now: datetime
) -> t.Iterator[str]:
    owned = facts.names_of(bundle.leaf)
    for name in wanted_names:
        if not names.covers(owned, name):
            yield f"not for {name}"
    left = signing.not_after(bundle.leaf) - now
    if timedelta(0) < left <= renew_before:
        yield f"expires in {left.days} days"


def _refusal(
    path: str, bundle: model.Bundle, wanted_names: tuple[str, ...], ca_path: str | None
) -> str | None:
    if ca_path is None:
        return None
    candidates = wanted_names or facts.names_of(bundle.leaf)
    if not candidates:
        return "it has no name"
    # No client asks for a wildcard, but for a host that it stands for.
    return verification.problem_of(path, candidates[0].replace("*", "host", 1), ca_path)
