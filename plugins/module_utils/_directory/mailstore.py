# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folders with the mail of mailboxes, and the quarantine of those that are no more.

PRIVATE to the collection. It can have breaking changes at any time.

Mail lies in STORE/DOMAIN/LOCAL PART. The quarantine is STORE/.quarantine/MOMENT.ADDRESS, in the
same file system, so that moving a mailbox of any size is one rename(2). Everything is done as the
user who owns the store: whoever took over that user can't have root move anything else.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils import _lock
from ansible_collections.assurmer.mail.plugins.module_utils import _rename as rename
from ansible_collections.assurmer.mail.plugins.module_utils._address import Address
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

QUARANTINE = ".quarantine"
LOCK_SECONDS = 120.0
# Where Dovecot keeps messages: in the inbox, and in folders beside it.
_MESSAGES = "Maildir/[cn]*/*"
_FOLDER_MESSAGES = "Maildir/.*/[cn]*/*"


class MailStore:
    """The mail on this host. Where there is no store yet, nothing is to be moved."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._quarantine = root / QUARANTINE

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs from moving mail on this host, for as long as this one writes."""
        try:
            descriptor = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            # Without a store nothing is moved.
            yield
            return
        try:
            if not _lock.wait_for(descriptor, LOCK_SECONDS):
                raise MailError(
                    f"store: Another run has kept {self._root} locked for "
                    f"{LOCK_SECONDS:.0f} s; try again when it is done."
                )
            yield
        finally:
            os.close(descriptor)

    def home(self, address: str) -> Path:
        split = Address.split(address)
        return self._root / split.domain / split.local_part

    def quarantine(self, address: str, since: str) -> str | None:
        """Move the mail of an address away, and return where to; None if there is none."""
        with self._as_owner():
            home = self.home(address)
            if home.is_symlink():
                # Left by a renaming: the mail is somebody else's by now.
                home.unlink()
                return None
            if not home.is_dir():
                return None
            return str(self._put_away(address, since))

    def restore(self, address: str) -> str | None:
        """Bring back what was moved away last of an address; return where it was, if anywhere."""
        with self._as_owner():
            home = self.home(address)
            kept = self._kept(address)
            if not kept or home.exists():
                return None
            home.parent.mkdir(mode=0o700, exist_ok=True)
            os.rename(kept[-1], home)
            return str(kept[-1])

    def has(self, address: str) -> bool:
        """Tell whether there is mail of an address, or what leads to some."""
        return os.path.lexists(self.home(address))

    def lead(self, old: str, new: str) -> None:
        """Make the home of a new address lead to that of an old one."""
        with self._as_owner():
            # A symbolic link has no mail itself: a renaming that was to take back another one left it.
            if self.home(old).is_symlink() or not self.home(old).is_dir() or self._leads(old, new):
                return
            home = self.home(new)
            home.parent.mkdir(mode=0o700, exist_ok=True)
            if home.is_dir():
                raise MailError(
                    f"rename_from: {new} can't take the mail over, for there is mail in {home} "
                    "already; move it away first."
                )
            home.symlink_to(os.path.relpath(self.home(old), home.parent))

    def unite(self, old: str, new: str, since: str) -> str | None:
        """Make one of two homes that an old and a new address have; return where, if they had two.

        A message was on its way while the mail moved, or another host wrote to a directory that
        both share and this one delivered before it was told. The mail that clients have known for
        longer stays where it is, and the other's messages come to it. What else was there, like a
        younger index, goes to the quarantine.
        """
        with self._as_owner():
            homes = {address: self.home(address) for address in (old, new)}
            if any(home.is_symlink() or not home.is_dir() for home in homes.values()):
                return None
            older, younger = sorted((old, new), key=lambda address: _age(homes[address]))
            _move_messages(homes[younger], homes[older])
            self._put_away(younger, since)
            return str(homes[older])

    def forget(self, old: str, new: str) -> None:
        """Take a `lead` back."""
        with self._as_owner():
            if self._leads(old, new):
                self.home(new).unlink()

    def follow(self, old: str, new: str) -> str | None:
        """End a `lead`: the new address has the mail itself; return where, if there was any.

        At each moment the new home is one that mail can be delivered to.
        """
        with self._as_owner():
            source, target = self.home(old), self.home(new)
            if not self._leads(old, new):
                if source.is_symlink():
                    # A run was killed right after the exchange.
                    source.unlink()
                return None
            if not rename.exchange(source, target):
                target.unlink()
                os.rename(source, target)
            with contextlib.suppress(FileNotFoundError):
                source.unlink()
            return str(target)

    def _leads(self, old: str, new: str) -> bool:
        home = self.home(new)
        return home.is_symlink() and Path(
            os.path.normpath(home.parent / os.readlink(home))
        ) == self.home(old)

    def _kept(self, address: str) -> list[Path]:
        """Return what is in quarantine of an address, the oldest first."""
        with contextlib.suppress(FileNotFoundError):
            names = [name for name in os.listdir(self._quarantine) if _address_of(name) == address]
            return [self._quarantine / name for name in sorted(names, key=_order)]
        return []

    def _put_away(self, address: str, since: str) -> Path:
        self._quarantine.mkdir(mode=0o700, exist_ok=True)
        target = self._free(f"{since}.{address}")
        os.rename(self.home(address), target)
        return target

    def _free(self, name: str) -> Path:
        """Return a path in the quarantine for a name that another removal may have had."""
        moment, _dot, address = name.partition(".")
        number = 0
        while True:
            path = self._quarantine / f"{moment}{f'-{number}' if number else ''}.{address}"
            if not os.path.lexists(path):
                return path
            number += 1

    @contextlib.contextmanager
    def _as_owner(self) -> Iterator[None]:
        try:
            found = os.stat(self._root)
        except FileNotFoundError:
            found = None
        user, group = os.geteuid(), os.getegid()
        try:
            if found is not None and user == 0 and stat.S_ISDIR(found.st_mode):
                os.setegid(found.st_gid)
                os.seteuid(found.st_uid)
            yield
        except OSError as error:
            raise MailError(
                f"store: {error.filename or self._root}: {error.strerror}. What has not been done "
                "is done by the next run, once that is mended."
            ) from None
        finally:
            os.seteuid(user)
            os.setegid(group)


def _age(home: Path) -> int:
    """Return the UIDVALIDITY (RFC 9051) of the inbox in a home: the second in which it was made."""
    try:
        header = (home / "Maildir" / "dovecot-uidlist").read_text().partition("\n")[0]
    except FileNotFoundError:
        return sys.maxsize
    found = re.search(r" V(\d+)", header)
    return int(found[1]) if found else sys.maxsize


def _move_messages(source: Path, target: Path) -> None:
    """Move the messages of a Maildir and its folders: each has a name of its own in the world."""
    for message in [*source.glob(_MESSAGES), *source.glob(_FOLDER_MESSAGES)]:
        place = target / message.relative_to(source)
        for name in ("cur", "new", "tmp"):
            (place.parent.parent / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        os.rename(message, place)


def _address_of(name: str) -> str:
    return name.partition(".")[2]


def _order(name: str) -> tuple[str, int]:
    moment, _dash, number = name.partition(".")[0].partition("-")
    return moment, int(number) if number.isdigit() else 0
