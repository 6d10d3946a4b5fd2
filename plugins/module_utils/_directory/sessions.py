# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The open IMAP and Sieve sessions of those whose mailbox is closed.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterable

from ansible_collections.assurmer.mail.plugins.module_utils._address import Address

DOVEADM = "/usr/bin/doveadm"
SECONDS = 60


def end_sessions(users: Collection[str], domains: Collection[str]) -> None:
    """End the sessions of these users, and of all users in these domains, where Dovecot runs here.

    doveadm-who(1) tells in one call who is logged in, however many were closed; doveadm-kick(1)
    ends their sessions.
    """
    if not (users or domains) or not os.access(DOVEADM, os.X_OK):
        return
    # One connection a line, the user first, after a heading.
    lines = _output("-f", "tab", "who", "-1").splitlines()[1:]
    online = {line.partition("\t")[0] for line in lines}
    kick(user for user in online if user in users or Address.split(user).domain in domains)


def kick(users: Iterable[str]) -> None:
    """End all sessions of these users. Who has left meanwhile needs none ended."""
    for user in sorted(users):
        _output("kick", user)


def _output(*arguments: str) -> str:
    """Return what doveadm prints: nothing where it fails, as when Dovecot does not run."""
    try:
        done = subprocess.run(
            [DOVEADM, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout
