# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered between runs: which files are ours, and what the daemon last read.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import json
import os
import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Listener,
    Lookup,
    Sni,
)


@dataclass(frozen=True, slots=True)
class Pending:
    """A swap that was not proven. `tree` is the inode of the directory that it put in place,
    `action` what was to be done to the daemon."""

    tree: int
    action: str


UNKNOWN = Pending(tree=0, action="none")
"""Nothing can be undone, but all has to be done again."""


@dataclass(frozen=True, slots=True)
class Previous:
    """What was in force before the first change of a rollout.

    `tree` is the inode of its directory, `certificates` are the paths of the files that it read.
    The rest is what it has to prove when it is put back.
    """

    rollout: str
    tree: int
    files: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    listeners: tuple[Listener, ...] = ()
    lookups: tuple[Lookup, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What is in force, and how it was proven.

    `pending` is set from before the swap until the proof: a run that was cut off in between
    leaves it, and the next one does not take the files on disk for the ones in force.
    """

    files: tuple[str, ...] = ()
    certificates: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    listeners: tuple[Listener, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    pending: Pending | None = None
    previous: Previous | None = None


def load(path: Path) -> Record:
    """Return the record; an absent or damaged one is as good as none: all is done again."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Record(
            files=tuple(content["files"]),
            certificates=dict(content["certificates"]),
            ports=tuple(content["ports"]),
            # Records of before rollouts have none of these.
            listeners=_listeners(content.get("listeners", ())),
            lookups=_lookups(content.get("lookups", ())),
            pending=Pending(**content["pending"]) if content["pending"] else None,
            previous=_previous(content["previous"]) if content.get("previous") else None,
        )
    except FileNotFoundError:
        return Record()
    except (OSError, ValueError, KeyError, TypeError):
        return Record(pending=UNKNOWN)


def save(path: Path, record: Record) -> None:
    """Write the record so that a reader finds the old one or the new one, whole."""
    scratch = path.with_name(f"{path.name}.new")
    try:
        with open(scratch, "w", encoding="utf-8") as stream:
            json.dump(asdict(record), stream, indent=1, sort_keys=True)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(scratch, path)
    except OSError as error:
        raise MailError(f"{path} can't be written: {error.strerror or error}.") from error


def _previous(content: Mapping[str, t.Any]) -> Previous:
    return Previous(
        rollout=content["rollout"],
        tree=content["tree"],
        files=tuple(content["files"]),
        certificates=tuple(content["certificates"]),
        ports=tuple(content["ports"]),
        listeners=_listeners(content["listeners"]),
        lookups=_lookups(content["lookups"]),
    )


def _listeners(content: Iterable[Mapping[str, t.Any]]) -> tuple[Listener, ...]:
    return tuple(
        Listener(**{**each, "sni": tuple(Sni(**name) for name in each["sni"])}) for each in content
    )


def _lookups(content: Iterable[Mapping[str, t.Any]]) -> tuple[Lookup, ...]:
    return tuple(Lookup(**each) for each in content)
