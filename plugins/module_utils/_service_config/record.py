# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered between runs: which files are ours, and what the daemon last read.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError


@dataclass(frozen=True, slots=True)
class Pending:
    """A swap that was not proven. `tree` is the inode of the directory that it put in place,
    `action` what was to be done to the daemon."""

    tree: int
    action: str


UNKNOWN = Pending(tree=0, action="none")
"""Nothing can be undone, but all has to be done again."""


@dataclass(frozen=True, slots=True)
class Record:
    """`pending` is set from before the swap until the proof: a run that was cut off in between
    leaves it, and the next one does not take the files on disk for the ones in force."""

    files: tuple[str, ...] = ()
    certificates: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    pending: Pending | None = None


def load(path: Path) -> Record:
    """Return the record; an absent or damaged one is as good as none: all is done again."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Record(
            files=tuple(content["files"]),
            certificates=dict(content["certificates"]),
            ports=tuple(content["ports"]),
            pending=Pending(**content["pending"]) if content["pending"] else None,
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
