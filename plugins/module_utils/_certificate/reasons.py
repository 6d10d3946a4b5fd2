# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a stored bundle has to be replaced.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import facts, signing
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import (
    Bundle,
    CertificateRequest,
)

MISSING = "missing"
# What two issues of the same second, or an authority's rounding, may differ by.
_ROUNDING = timedelta(days=1)


def defects(bundle: Bundle, now: datetime) -> Iterator[str]:
    """Tell why a bundle is of no use to anybody, whatever was asked for."""
    if not bundle.key_fits:
        yield "key does not fit the certificate"
    if not bundle.chain_in_order:
        yield "chain is not in order: each certificate has to be signed by the next one"
    for position, certificate in enumerate((bundle.leaf, *bundle.chain)):
        who = f"issuer {position} in the chain" if position else "certificate"
        if now >= signing.not_after(certificate):
            yield f"{who} expired on {facts.written(signing.not_after(certificate))}"
        if now < signing.not_before(certificate):
            yield f"{who} is not valid before {facts.written(signing.not_before(certificate))}"


def departures(
    bundle: Bundle, request: CertificateRequest, now: datetime, latest: datetime
) -> Iterator[str]:
    """Tell in what a bundle departs from the request.

    `latest` is the last instant that a bundle issued now could be valid at: where the stored one
    lasts as long, issuing again would win nothing.
    """
    yield from differences(bundle, request)
    not_after = signing.not_after(bundle.leaf)
    lifetime = not_after - signing.not_before(bundle.leaf)
    if lifetime > request.validity + signing.CLOCK_TOLERANCE + _ROUNDING:
        yield f"valid for {lifetime.days} days instead of {request.validity.days}"
    if latest - not_after > _ROUNDING:
        yield from near_end(bundle, request.renew_before, now)


def differences(bundle: Bundle, request: CertificateRequest) -> Iterator[str]:
    """Tell in what a bundle is another one than the request is for, whoever issued it."""
    owned = facts.names_of(bundle.leaf)
    if set(owned) != set(request.names):
        yield f"names differ: {_listed(owned)} instead of {_listed(request.names)}"
    key_type = signing.key_type_of(bundle.leaf)
    if key_type != request.key_type:
        yield f"key type differs: {key_type} instead of {request.key_type}"


def near_end(bundle: Bundle, renew_before: timedelta, now: datetime) -> Iterator[str]:
    """Tell that a bundle which is still good is to be replaced."""
    left = signing.not_after(bundle.leaf) - now
    if timedelta(0) < left <= renew_before:
        yield f"expires in {left.days} days, on {facts.written(signing.not_after(bundle.leaf))}"


def early_enough(bundle: Bundle, renew_before: timedelta) -> timedelta:
    """Return how long before its end a bundle is replaced whose lifetime the CA decides on.

    At most a third of the lifetime: one of six days would be replaced for ever otherwise.
    """
    lifetime = signing.not_after(bundle.leaf) - signing.not_before(bundle.leaf)
    return min(renew_before, lifetime / 3)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(sorted(names)) or "none"
