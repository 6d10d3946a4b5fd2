# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read a daemon's configuration directory, stage a new one beside it, swap the two.

PRIVATE to the collection. It can have breaking changes at any time.

The directory changes as one: `exchange` is a single renameat2(2) with RENAME_EXCHANGE, so a
process that the daemon starts in that moment finds the whole old or the whole new
configuration, and going back is the same call again.
"""

from __future__ import annotations

import errno
import grp
import os
import pwd
import re
import shutil
import stat
import time
from collections.abc import Iterable
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils import _rename as rename
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import File, Tree


def read(directory: Path, paths: Iterable[str]) -> dict[str, File]:
    """Return those of the files that exist; a symbolic link or a directory does not count."""
    files = {}
    for path in sorted(set(paths)):
        try:
            # Not blocking: a pipe would wait for its writer.
            descriptor = os.open(
                directory / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            )
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO):
                continue
            raise MailError(f"{directory / path} can't be read: {error.strerror}.") from error
        try:
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode):
                files[path] = File(
                    content=_content(descriptor),
                    mode=stat.S_IMODE(status.st_mode),
                    owner=_user_name(status.st_uid),
                    group=_group_name(status.st_gid),
                )
        finally:
            os.close(descriptor)
    return files


def stage(live: Path, staged: Path, files: Tree, stale: Iterable[str], *, age: float = 0.0) -> None:
    """Make `staged` a copy of `live` with `files` in place and without the `stale` ones.

    What neither names (the distribution's own files, the administrator's) is kept as it is.
    The files say that they were changed `age` seconds ago.
    """
    _refuse_mounts(live)
    discard(staged)
    try:
        _copy(live, staged)
        for path in stale:
            _refuse_links(staged, path)
            (staged / path).unlink(missing_ok=True)
            _remove_empty_parents(staged, staged / path)
        for path, file in files.items():
            _refuse_links(staged, path)
            _write(staged, path, file, changed=time.time() - age)
        _sync(staged)
    except OSError as error:
        discard(staged)
        raise MailError(
            f"The new configuration can't be staged in {staged}: {error.strerror or error}."
        ) from error


def exchange(live: Path, staged: Path) -> None:
    """Swap two directories of one file system in one step."""
    try:
        done = rename.exchange(live, staged)
    except OSError as error:
        raise MailError(f"{live} and {staged} can't be swapped: {error.strerror}.") from error
    if not done:
        _exchange_by_steps(live, staged)


def mend(live: Path, staged: Path) -> None:
    """Take a swap by steps that was cut off back, or to its end."""
    aside = _aside(staged)
    if not aside.exists():
        return
    os.rename(aside, staged if live.exists() else live)


def identity(directory: Path) -> int:
    """Return a number that a directory keeps when it is swapped."""
    return directory.stat().st_ino


def discard(directory: Path) -> None:
    """Remove a directory that we made; it may be absent."""
    if directory.is_symlink():
        directory.unlink()
    shutil.rmtree(directory, ignore_errors=True)


def account_ids(owner: str, group: str) -> tuple[int, int]:
    """Return the numbers of a user and a group of this host."""
    try:
        uid = pwd.getpwnam(owner).pw_uid
    except KeyError:
        raise MailError(f"files.owner: the user '{owner}' does not exist on this host.") from None
    try:
        gid = grp.getgrnam(group).gr_gid
    except KeyError:
        raise MailError(f"files.group: the group '{group}' does not exist on this host.") from None
    return uid, gid


def _exchange_by_steps(live: Path, staged: Path) -> None:
    """A file system without RENAME_EXCHANGE (ZFS before 2.2): microseconds without any."""
    os.rename(live, _aside(staged))
    os.rename(staged, live)
    os.rename(_aside(staged), staged)


def _aside(staged: Path) -> Path:
    return staged.with_name(f"{staged.name}.aside")


def _refuse_mounts(directory: Path) -> None:
    """What is mounted in there would be emptied with the old directory."""
    # proc(5), /proc/pid/mountinfo: the fifth field is the mount point, with octal escapes.
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
        points = [re.sub(r"\\(\d{3})", _unescaped, line.split()[4]) for line in stream]
    for point in points:
        if directory == Path(point) or directory in Path(point).parents:
            raise MailError(
                f"{point} is a mount point; {directory} can only be swapped where nothing is"
                " mounted on it or in it."
            )


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 8))


def _refuse_links(root: Path, path: str) -> None:
    """Through a symbolic link a file would be written, or removed, outside what is staged."""
    for parent in (root / path).parents:
        if parent == root:
            return
        if parent.is_symlink():
            raise MailError(
                f"files.path: {path} can't be installed, because {parent.relative_to(root)} is a"
                " symbolic link on this host."
            )


def _copy(source: Path, target: Path) -> None:
    status = source.lstat()
    if stat.S_ISLNK(status.st_mode):
        os.symlink(os.readlink(source), target)
    elif stat.S_ISDIR(status.st_mode):
        target.mkdir(mode=0o700)
        for entry in sorted(source.iterdir()):
            _copy(entry, target / entry.name)
    elif stat.S_ISREG(status.st_mode):
        shutil.copy2(source, target)
    else:  # A socket or a pipe belongs to a running process, not to a configuration.
        return
    os.chown(target, status.st_uid, status.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(target, stat.S_IMODE(status.st_mode))


def _write(root: Path, path: str, file: File, *, changed: float) -> None:
    uid, gid = account_ids(file.owner, file.group)
    target = root / path
    for parent in reversed(target.relative_to(root).parents[:-1]):
        if not (root / parent).exists():
            (root / parent).mkdir()
            (root / parent).chmod(0o755)  # Whatever the umask.
    if target.is_symlink() or target.exists():
        target.unlink()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(file.content)
        os.fchown(stream.fileno(), uid, gid)
        os.fchmod(stream.fileno(), file.mode)
        stream.flush()
        os.utime(stream.fileno(), (changed, changed))
        os.fsync(stream.fileno())


def _remove_empty_parents(root: Path, path: Path) -> None:
    for parent in path.parents:
        if parent == root:
            return
        try:
            parent.rmdir()
        except OSError:
            return


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _content(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb", closefd=False) as stream:
        return stream.read()


def _user_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
