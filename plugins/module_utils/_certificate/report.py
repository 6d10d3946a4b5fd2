# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tls_certificate_info says about a bundle.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    model,
    names,
    reasons,
    served,
    signing,
    storage,
    verification,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.inspection import (
    Inspection,
)
from ansible_collections.assurmer.mail.plugins.module_utils._conversation import host_of

MISSING: dict[str, t.Any] = {"exists": False, "readable": False, "problems": ["missing"]}


def report(path: str, wanted: Inspection, now: datetime) -> dict[str, t.Any]:
    """Describe the bundle at a path and what is served of it.

    What is wrong is a result, not an error.
    """
    answer = _stored(path, wanted, now)
    if not wanted.endpoints:
        return answer
    rsa = answer.get("key_type", "").startswith("rsa")
    view = served.View(wanted.ca_path, answer.get("fingerprint"), now, wanted.patience, rsa)
    asked = wanted.names or tuple(answer.get("names", ())) or (None,)
    found = [
        served.look(endpoint, name and host_of(name), view)
        for endpoint in wanted.endpoints
        for name in asked
    ]
    problems = [problem for each in found for problem in each["problems"]]
    return {**answer, "served": found, "problems": [*answer["problems"], *problems]}


def warnings(answer: Mapping[str, t.Any]) -> Iterator[str]:
    """Tell what a report could not find out."""
    ports = {
        each["port"]
        for each in answer.get("served", ())
        if each["reached"] and "fingerprint" not in each
    }
    if ports:
        yield (
            f"Whether {answer['path']} is served on port {', '.join(map(str, sorted(ports)))} is"
            " not known: TLS 1.3 alone is spoken there, in which an RSA certificate beside another"
            " can't be asked for."
        )


def _stored(path: str, wanted: Inspection, now: datetime) -> dict[str, t.Any]:
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
    problems += _shortfalls(bundle, wanted.names, wanted.renew_before, now)
    refusal = _refusal(path, bundle, wanted.names, wanted.ca_path)
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
        "chain_valid": None if wanted.ca_path is None else refusal is None,
        "problems": problems,
    }


def _shortfalls(
    bundle: model.Bundle, wanted_names: tuple[str, ...], renew_before: timedelta, now: datetime
) -> Iterator[str]:
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
    return verification.problem_of(path, host_of(candidates[0]), ca_path)
