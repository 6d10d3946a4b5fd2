# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may read a file: mode, owner and group, as a value.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import typing as t
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption

_OCTAL = re.compile(r"0?[0-7]{3}")


@dataclass(frozen=True, slots=True)
class Access:
    mode: int
    uid: int
    gid: int

    @property
    def written_mode(self) -> str:
        return f"{self.mode:04o}"

    def facts(self) -> dict[str, str]:
        return {
            "owner": _name(pwd.getpwuid, self.uid),
            "group": _name(grp.getgrgid, self.gid),
            "mode": self.written_mode,
        }


@dataclass(frozen=True, slots=True)
class WantedAccess:
    """Access as it was asked for; what was not asked for stays, or is the caller's own."""

    mode: int
    uid: int | None
    gid: int | None

    def resolve(self, present: Access | None) -> Access:
        uid = self.uid if self.uid is not None else (present.uid if present else os.geteuid())
        gid = self.gid if self.gid is not None else (present.gid if present else os.getegid())
        return Access(self.mode, uid, gid)


def parse(owner: str | None, group: str | None, mode: str) -> WantedAccess:
    if not _OCTAL.fullmatch(mode):
        raise InvalidOption("mode", mode, "is not an octal mode in quotes, such as '0600'")
    number = int(mode, 8)
    if number & 0o137 or not number & 0o400:
        raise InvalidOption(
            "mode", mode, "does not suit a private key: 0400, 0440, 0600 and 0640 do"
        )
    uid = None if owner is None else _id(pwd.getpwnam, "owner", owner, "pw_uid")
    gid = None if group is None else _id(grp.getgrnam, "group", group, "gr_gid")
    return WantedAccess(number, uid, gid)


def public(wanted: WantedAccess) -> WantedAccess:
    """Return the same for a file without secrets."""
    return WantedAccess(0o644, wanted.uid, wanted.gid)


def _id(find: Callable[[str], t.Any], option: str, text: str, attribute: str) -> int:
    if text.isdigit():
        return int(text)
    try:
        return int(getattr(find(text), attribute))
    except KeyError:
        raise InvalidOption(option, text, "is not known on this host") from None


def _name(find: Callable[[int], t.Any], number: int) -> str:
    try:
        return str(find(number)[0])
    except KeyError:
        return str(number)
