# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of an embedded directory: who may read it, from its first moment on.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError

DIRECTORY_MODE = 0o750
FILE_MODE = 0o640

State = dict[str, t.Any]


@dataclass(frozen=True, slots=True)
class Place:
    """The path of a database. Its owner is who runs the module, and its readers are a group."""

    path: Path
    group: str

    def states(self) -> tuple[State, State]:
        """Return owner, group and mode of directory and file where they aren't as they shall be."""
        before: State = {}
        after: State = {}
        for name, path, mode in (
            ("directory", self.path.parent, DIRECTORY_MODE),
            ("file", self.path, FILE_MODE),
        ):
            found = _state(path)
            wanted = {
                "path": str(path),
                "owner": _owner(os.geteuid()),
                "group": self.group,
                "mode": f"{mode:04o}",
            }
            if found != wanted:
                before[name], after[name] = found, wanted
        return before, after

    def settle(self) -> None:
        """Create or repair directory and file; at no moment may more people read than shall."""
        gid = self._gid()
        directory = self.path.parent
        with _sentences(directory):
            self._refuse_shared_directory()
            with contextlib.suppress(FileExistsError):
                directory.mkdir(0o700)
            _own(directory, os.O_RDONLY | os.O_DIRECTORY, gid, DIRECTORY_MODE)
        with _sentences(self.path):
            _own(self.path, os.O_RDWR | os.O_CREAT, gid, FILE_MODE)

    def _gid(self) -> int:
        try:
            return grp.getgrnam(self.group).gr_gid
        except KeyError:
            raise InvalidOption(
                "group", self.group, "is no group of this host; create it first"
            ) from None

    def _refuse_shared_directory(self) -> None:
        """Never narrow a directory that holds other things, like /var/lib or /tmp."""
        found = _state(self.path.parent)
        wanted = f"{DIRECTORY_MODE:04o}"
        if not found or (found["group"], found["mode"]) == (self.group, wanted):
            return
        others = [
            name for name in os.listdir(self.path.parent) if not name.startswith(self.path.name)
        ]
        if others:
            raise InvalidOption(
                "dsn",
                f"sqlite:{self.path}",
                f"lies beside {min(others)!r}; give it a folder of its own, with mode {wanted}",
            )


def _state(path: Path) -> State:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise MailError(f"{path}: {error.strerror}.") from None
    return {
        "path": str(path),
        "owner": _owner(found.st_uid),
        "group": _group(found.st_gid),
        "mode": f"{stat.S_IMODE(found.st_mode):04o}",
    }


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _own(path: Path, flags: int, gid: int, mode: int) -> None:
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    try:
        found = os.fstat(descriptor)
        if not flags & os.O_DIRECTORY and not stat.S_ISREG(found.st_mode):
            raise MailError(f"{path}: This is no regular file.")
        if (found.st_uid, found.st_gid) != (os.geteuid(), gid):
            # Between the two calls below, the mode of one group must not serve another.
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode) & mode & 0o700)
            os.fchown(descriptor, os.geteuid(), gid)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MailError(f"{error.filename or path}: {error.strerror}.") from None
