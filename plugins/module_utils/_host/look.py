# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A look at a mail host: its versions, its queue, its disk and its mailboxes.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import typing as t
from collections.abc import Callable
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._directory.dsn import (
    Access,
    open_store,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._host import queue
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import command

_RELEASE = Path("/etc/debian_version")
# What the installed packages are called that the versions are of.
_PACKAGES = {"postfix": "postfix", "dovecot": "dovecot-core"}


def look(store: str, dsn: str, dsn_password: str) -> dict[str, t.Any]:
    """Describe this host. What can't be found out is a problem, not an error."""
    problems: list[str] = []

    def found(ask: Callable[[], t.Any]) -> t.Any:
        try:
            return ask()
        except MailError as error:
            problems.append(str(error))
            return None

    return {
        "versions": found(versions),
        "queue": found(waiting),
        "disk": found(lambda: disk(store)),
        "mailboxes": found(lambda: mailboxes(dsn, dsn_password)),
        "problems": problems,
    }


def versions() -> dict[str, str | None]:
    """Return the version of Debian and of each daemon's package; None where there is none."""
    listed = command(
        "dpkg-query",
        "--show",
        "--showformat=${Package} ${db:Status-Status} ${Version}\\n",
        *_PACKAGES.values(),
    ).output
    installed = {
        package: version
        for package, status, version in (line.split(" ", 2) for line in listed.splitlines())
        if status == "installed"
    }
    try:
        debian = _RELEASE.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise MailError(f"{_RELEASE} can't be read: {error.strerror}.") from error
    return {
        "debian": debian,
        **{daemon: installed.get(package) for daemon, package in _PACKAGES.items()},
    }


def waiting() -> dict[str, t.Any]:
    """Return what waits in Postfix's queue."""
    printed = command("postqueue", "-j")
    if printed.code:
        raise MailError(f"postqueue: {_last_line(printed.errors)}")
    try:
        return queue.summary(printed.output.splitlines(), time.time())
    except (json.JSONDecodeError, KeyError) as error:
        raise MailError(f"postqueue: its answer can't be read: {error}.") from error


def disk(store: str) -> dict[str, t.Any]:
    """Return how full the file system of the mail store is, in octets and in files."""
    try:
        system = os.statvfs(store)
    except OSError as error:
        raise MailError(f"store: {store} can't be looked at: {error.strerror}.") from error
    # As df has it: what only root may use counts neither as used nor as free.
    used = (system.f_blocks - system.f_bfree) * system.f_frsize
    free = system.f_bavail * system.f_frsize
    files = system.f_files and round(100 * (1 - system.f_favail / system.f_files))
    return {
        "path": store,
        "size": used + free,
        "free": free,
        "used_percent": _percent(used, used + free),
        "files_used_percent": files,
    }


def mailboxes(dsn: str, password: str) -> dict[str, int]:
    """Return the number of mailboxes by the host that they are at home on; '' is each host itself."""
    access = Access(password=password, read_only=True)
    with contextlib.closing(open_store(dsn, access)) as store:
        store.open()
        return store.count_homes()


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _last_line(words: str) -> str:
    return (words.strip().splitlines() or ["it failed and did not say why."])[-1]
