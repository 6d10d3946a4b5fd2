# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What proves to a CA that a name is ours (RFC 8555, 8), and where it is put.

PRIVATE to the collection. It can have breaking changes at any time.

A further way is one class in a file of its own, and a line in `acme/options.py`.
"""

from __future__ import annotations

import abc
import typing as t
from contextlib import AbstractContextManager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """What the CA wants to find for one name, ready to be shown."""

    # The name as the CA has it, without the wildcard's star.
    name: str
    # HTTP-01: the path below the name's web server, and the content there.
    path: str
    content: str
    # DNS-01: the TXT record of `_acme-challenge.<name>`.
    record: str
    # The library's own object, for its own web server.
    challenge: t.Any

    @property
    def record_name(self) -> str:
        return f"_acme-challenge.{self.name}"


class Solver(abc.ABC):
    """A place for proofs."""

    challenge: t.ClassVar[str]
    """The type of challenge that it solves, in the words of RFC 8555."""

    @abc.abstractmethod
    def shown(self, proofs: tuple[Proof, ...]) -> AbstractContextManager[None]:
        """Show all proofs as long as the context lasts, and leave nothing behind."""
