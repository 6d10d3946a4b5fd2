# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make roots and intermediates, and let one root take another's place: values from values.

PRIVATE to the collection. It can have breaking changes at any time.

When a root is replaced, hosts stay with what the present root has signed until the day of the
change, and send along the present root's key as signed by its successor. So the present root's
key isn't needed, and a root that may not make authorities (those of our first release) can be
replaced, too. The other way round, the former root signing the new one, has neither.
"""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    constraints,
    facts,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.authority import (
    GRACE,
    Authority,
    Handover,
    Root,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption

if t.TYPE_CHECKING:
    from cryptography import x509

# A root is on the devices of all people of a company; ten years, as is usual.
ROOT_LIFETIME = timedelta(days=3650)
# An intermediate is replaced without anybody noticing.
INTERMEDIATE_LIFETIME = timedelta(days=1095)
# What the longest subject has room for beside that which tells intermediates apart.
_LONGEST_STEM = 47


def create_root(common_name: str, now: datetime) -> Root:
    if not 1 <= len(common_name) <= signing.LONGEST_COMMON_NAME:
        raise InvalidOption(
            "ownca_common_name",
            common_name,
            f"doesn't have 1 to {signing.LONGEST_COMMON_NAME} characters",
        )
    name = signing.common_name(common_name)
    key = signing.new_key(signing.AUTHORITY_KEY_TYPE)
    not_before = now - signing.CLOCK_TOLERANCE
    return Root(key, signing.sign_root(key, name, not_before, now + ROOT_LIFETIME))


def successor_name(present: x509.Certificate, common_name: str) -> str:
    """Return a name for the next root by which people can tell it from the present one."""
    former = facts.common_name_of(present)
    number = re.fullmatch(re.escape(common_name) + r"(?: (\d+))?", former)
    return f"{common_name} {int(number.group(1) or 1) + 1}" if number else common_name


def intermediate(root: Root, subtrees: tuple[str, ...], now: datetime) -> Authority:
    """Return a new authority for hosts below a root; it makes no further authorities."""
    key = signing.new_key(signing.AUTHORITY_KEY_TYPE)
    certificate = signing.sign_authority(
        key.public_key(),
        _intermediate_name(root.certificate, key.public_key()),
        root.signer,
        max(now - signing.CLOCK_TOLERANCE, signing.not_before(root.certificate)),
        intermediate_end(root.certificate, now),
        signing.Limits(0, constraints.extension(subtrees)),
    )
    return Authority(key, (certificate, root.certificate))


def _intermediate_name(root: x509.Certificate, key: signing.PublicKey) -> x509.Name:
    # Two of the same name would be told apart by their keys alone, which not every client does.
    stem = facts.common_name_of(root)[:_LONGEST_STEM]
    return signing.common_name(f"{stem} issuing {signing.key_identifier(key)}")


def intermediate_end(root: x509.Certificate, now: datetime) -> datetime:
    return min(now + INTERMEDIATE_LIFETIME, signing.not_after(root))


def hand_over(
    authority: Authority,
    successor: Root,
    subtrees: tuple[str, ...],
    until: datetime,
    now: datetime,
) -> Authority:
    """Return the same authority with a successor to its root that speaks for it until then."""
    present = authority.certificates[-1]
    cross = signing.sign_authority(
        t.cast("signing.PublicKey", present.public_key()),
        present.subject,
        successor.signer,
        max(now - signing.CLOCK_TOLERANCE, signing.not_before(successor.certificate)),
        until + GRACE,
        signing.Limits(len(authority.certificates) - 1, constraints.extension(subtrees)),
    )
    handover = Handover(cross, successor.certificate)
    return Authority(authority.key, authority.certificates, handover)


def is_as_good(authority: Authority, chain: tuple[x509.Certificate, ...]) -> bool:
    """Tell whether a chain, in order, takes clients to the same roots as the authority's own.

    Hosts share an intermediate. One of them may need another, for a name that is new; the others
    keep what the former one has signed, until it is to be renewed anyway.
    """
    ours = authority.chain
    if chain == ours:
        return True
    above = authority.certificates[1:]
    if authority.handover:
        above = (*above, authority.handover.successor)
    # There are fewer above where the root is not known: then nothing else is known to be as good.
    return len(chain) == len(ours) == len(above) and all(map(_same_part, chain, ours, above))


def _same_part(other: x509.Certificate, ours: x509.Certificate, issuer: x509.Certificate) -> bool:
    key = t.cast("signing.PublicKey", other.public_key())
    # By its name, for a former root that its successor has signed is no intermediate.
    intermediate_of_ours = other.subject == _intermediate_name(issuer, key)
    renewed = other.subject == ours.subject and signing.same_key(key, ours.public_key())
    return signing.issued_by(other, issuer) and (intermediate_of_ours or renewed)
