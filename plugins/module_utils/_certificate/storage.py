# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that hold keys and certificates: read with suspicion, replaced whole.

PRIVATE to the collection. It can have breaking changes at any time.

A file is replaced by a rename, so that a reader sees the old content or the new one, and a full
disk leaves the old one. What is new is readable by nobody else from its first byte on.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._certificate.access import Access
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

# A bundle has a few kilobytes; whoever names a device or a log by mistake gets an error.
LARGEST = 1024 * 1024
DIRECTORY_MODE = 0o755


class FileError(MailError):
    """A file can't be read, isn't trustworthy, or can't be written."""


class SymbolicLink(FileError):
    """A file is a symbolic link: somebody else decides what it leads to."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file's content and who may read it."""

    content: bytes
    access: Access


def read(path: str, *, follow: bool = False) -> Stored | None:
    """Return a file, None if there is none; a symbolic link is an error unless it is followed."""
    flags = 0 if follow else os.O_NOFOLLOW
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | flags)
    except FileNotFoundError:
        # A link to nothing is no missing file.
        if os.path.islink(path):
            raise FileError(f"{path} is a symbolic link that leads nowhere.") from None
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise SymbolicLink(f"{path} is a symbolic link, which is not followed.") from error
        raise FileError(f"{path} can't be read: {error.strerror}.") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FileError(f"{path} is not a regular file.")
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(content) > LARGEST:
        raise FileError(f"{path} has more than {LARGEST} bytes, which is no certificate.")
    return Stored(content, Access(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid))


def refuse_shared(path: str, access: Access) -> None:
    """Refuse a private key that others have read, or could have replaced."""
    if access.mode & 0o027:
        raise FileError(
            f"{path} holds a private key and has the mode {access.written_mode}, so others than"
            " its owner can read or change it; set it to 0600 or 0640, and consider a new key."
        )


def write(path: str, content: bytes, access: Access) -> None:
    """Put a file in the place of another in one step."""
    directory, name = os.path.split(path)
    temporary = os.path.join(directory, f".{name}.{secrets.token_hex(4)}.tmp")
    try:
        _refuse_other_kinds(path)
        # The new file lies in the same directory because a rename can't cross file systems.
        try:
            _create(temporary, content, access)
            os.rename(temporary, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        _sync_directory(directory)
    except OSError as error:
        raise FileError(
            f"{path} can't be written: {error.strerror}. The file was left as it was."
        ) from error


def _refuse_other_kinds(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        kind = os.lstat(path).st_mode
        if stat.S_ISLNK(kind):
            raise SymbolicLink(f"{path} is a symbolic link, which is not replaced.")
        if not stat.S_ISREG(kind):
            raise FileError(f"{path} is not a regular file.")


def _create(path: str, content: bytes, access: Access) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        # Owner first: before, the wider mode would be the wrong group's.
        if (access.uid, access.gid) != (os.geteuid(), os.getegid()):
            os.fchown(file.fileno(), access.uid, access.gid)
        os.fchmod(file.fileno(), access.mode)
        os.fsync(file.fileno())


def remove(path: str) -> None:
    """Remove a file; of a symbolic link the link, not what it leads to."""
    try:
        os.unlink(path)
        _sync_directory(os.path.dirname(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise FileError(f"{path} can't be removed: {error.strerror}.") from error


def make_directory(path: str) -> None:
    try:
        os.makedirs(path, DIRECTORY_MODE, exist_ok=True)
    except OSError as error:
        raise FileError(f"{path} can't be made: {error.strerror}.") from error


@contextlib.contextmanager
def locked(directory: str) -> Iterator[None]:
    """Let nobody else of us read, decide and write in this directory meanwhile."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise FileError(f"{directory} can't be opened: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync_directory(directory: str) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
