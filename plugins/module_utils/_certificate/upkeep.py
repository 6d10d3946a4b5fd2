# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an authority needs next: a new intermediate, a successor to its root, the change of roots.

PRIVATE to the collection. It can have breaking changes at any time.

Each step needs the key of one root, which may be kept elsewhere. So a step is only urgent where
it can't be put off: otherwise a run without the key goes on and says what it has left undone.
"""

from __future__ import annotations

import enum
import typing as t
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    constraints,
    facts,
    hierarchy,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.authority import (
    Authority,
    Handover,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption

if t.TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import (
        CertificateRequest,
    )

# A certificate that lasts so much longer wins nothing.
_ROUNDING = timedelta(days=1)
# Devices that are seldom seen have to learn of a new root in time.
_ROOT_NOTICE = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options ask of the authority."""

    request: CertificateRequest
    common_name: str
    subtrees: tuple[str, ...]
    # The instant that the present root's time is over at; none if nothing is said about it.
    rollover: datetime | None


class Kind(enum.Enum):
    INTERMEDIATE = enum.auto()
    SUCCESSOR = enum.auto()
    CROSS = enum.auto()
    CHANGE = enum.auto()


@dataclass(frozen=True, slots=True)
class Step:
    kind: Kind
    # Whose key it takes; none where a root is made.
    root: x509.Certificate | None
    why: str
    urgent: bool


def handover_step(authority: Authority, wanted: Wanted, now: datetime) -> Step | None:
    """Tell what brings the change of roots on."""
    handover = authority.handover
    if handover is None:
        if wanted.rollover is None or wanted.rollover <= now:
            return None
        _refuse_rootless(authority, wanted.rollover)
        _refuse_after_the_end(authority, wanted.rollover)
        return Step(Kind.SUCCESSOR, None, "to replace it", True)
    until = wanted.rollover or handover.until
    if until <= now:
        left = signing.not_after(handover.cross) - now
        why = f"to take over from {facts.common_name_of(authority.certificates[-1])}"
        urgent = left <= wanted.request.renew_before or now >= authority.not_after
        return Step(Kind.CHANGE, handover.successor, why, urgent)
    return _cross_step(authority, handover, wanted, until)


def _cross_step(
    authority: Authority, handover: Handover, wanted: Wanted, until: datetime
) -> Step | None:
    outside = [n for n in wanted.request.names if not constraints.allows(handover.cross, n)]
    if outside:
        why = f"to sign for {outside[0]}"
    elif until != handover.until:
        _refuse_after_the_end(authority, until)
        why = "for another day in ownca_rollover"
    else:
        return None
    return Step(Kind.CROSS, handover.successor, why, True)


def intermediate_step(authority: Authority, wanted: Wanted, now: datetime) -> Step | None:
    """Tell why there has to be another intermediate; a root that signs itself has none."""
    issuing, root = authority.certificates[0], authority.certificates[-1]
    if signing.is_self_signed(issuing) or not signing.is_self_signed(root):
        return None
    outside = [n for n in wanted.request.names if not constraints.allows(issuing, n)]
    if outside:
        return Step(Kind.INTERMEDIATE, root, f"to sign for {outside[0]}", True)
    if not signing.is_for_clients(issuing):
        return Step(Kind.INTERMEDIATE, root, "to sign for hosts as each other's clients", True)
    end = signing.not_after(issuing)
    why = f"to replace the intermediate, which ends on {facts.written(end)}"
    left = end - now
    if hierarchy.intermediate_end(root, now) - end > _ROUNDING:
        half = hierarchy.INTERMEDIATE_LIFETIME / 2
        if left <= min(wanted.request.renew_before, half):
            return Step(Kind.INTERMEDIATE, root, why, True)
        # Two halves, for a certificate that is wanted for longer than an intermediate lasts.
        if left < min(wanted.request.validity, half) and authority.handover is None:
            return Step(Kind.INTERMEDIATE, root, why, False)
    return None


def subtrees(authority: Authority | None, wanted: Wanted) -> tuple[str, ...]:
    """Return what a new certificate of an authority permits.

    What the present one permits stays: it is other hosts' names.
    """
    if authority is None or not wanted.subtrees:
        return wanted.subtrees
    present = [constraints.of(c) for c in (authority.certificates[0], *authority.chain)]
    return constraints.joined([*wanted.subtrees, *(s for some in present for s in some)])


def notices(authority: Authority, now: datetime) -> t.Iterator[str]:
    """Tell what the administrator has to begin before long."""
    end = signing.not_after(authority.certificates[-1])
    if authority.handover is None and end - now < _ROOT_NOTICE:
        yield (
            f"The authority's root ends on {facts.written(end)}; replace it in time with"
            " ownca_rollover."
        )


def _refuse_rootless(authority: Authority, until: datetime) -> None:
    if not signing.is_self_signed(authority.certificates[-1]):
        problem = "needs the root's certificate at the end of the file in ownca_path"
        raise InvalidOption("ownca_rollover", _day(until), problem)


def _refuse_after_the_end(authority: Authority, until: datetime) -> None:
    end = signing.not_after(authority.certificates[-1])
    if until > end:
        problem = f"is too late, for the present root ends on {facts.written(end)}"
        raise InvalidOption("ownca_rollover", _day(until), problem)


def _day(until: datetime) -> date:
    """Return the last day before an instant, as it stands in the option."""
    return (until - timedelta(days=1)).date()
