# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Postfix as a daemon with a configuration.

PRIVATE to the collection. It can have breaking changes at any time.

`postfix check` and `postconf` accept an unknown parameter with a warning, a lookup table that is
not there and a nonsense value of a known parameter. Warnings are errors here, tables are looked
for, and the values are left to the rehearsal: a smtpd(8) that can't use one ends with the first
client, and says why.
"""

from __future__ import annotations

import fcntl
import re
import time
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._service_config import processes
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import (
    Daemon,
    Refused,
    command,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Configuration,
    Lookup,
)

# master(8) reads these when it starts; a reload leaves them as they were.
_START_ONLY = (
    "config_directory",
    "daemon_directory",
    "data_directory",
    "inet_interfaces",
    "inet_protocols",
    "mail_owner",
    "queue_directory",
    "setgid_group",
)
_TABLE = re.compile(
    r"(?P<table>(?:proxy:)?(?P<type>btree|cdb|cidr|hash|ldap|lmdb|mysql|pcre|pgsql|regexp|sqlite|texthash)"
    r":(?P<path>/[^\s,{}]+))"
)
# Idle ones end at once, and begin anew when they are needed.
_ENDED_BY_RELOAD = ("qmgr", "smtpd")
_HEARD = 2.0  # seconds; a busy host may take some
_COMPILED = {"btree": ".db", "cdb": ".cdb", "hash": ".db", "lmdb": ".lmdb"}
_DATABASES = {"sqlite", "pgsql", "mysql", "ldap"}
_NOBODY = "nobody@assurmer.invalid"  # RFC 2606: a domain that nobody has.
# Debian's own /etc/postfix draws this one from a fresh installation on.
_HARMLESS = re.compile(r"symlink leaves directory: .*/makedefs\.out$")


class Postfix(Daemon):
    service = "postfix"
    units = ("postfix.service", "postfix@*.service")  # Debian 12 runs it as the instance postfix@-.
    directory = Path("/etc/postfix")
    state = (Path("/var/spool/postfix"), Path("/var/lib/postfix"))
    program = Path("/usr/sbin/postfix")
    # "pausing to let file main.cf cool down": until it was last changed in the second before last.
    cool_down = 3.0

    def running(self) -> bool:
        # What "postfix status" asks in the end, by ten processes: does master(8) hold its lock?
        try:
            with self._lock.open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def reload(self) -> None:
        before = self._servers()
        self._expect(command("postfix", "reload"))
        # master(8) has been told, no more. Until its servers of before have heard of it, they take
        # clients on, and answer by the configuration of before. Who has a client, takes no other.
        deadline = time.monotonic() + _HEARD
        while self._idle(before) and time.monotonic() < deadline:
            time.sleep(0.01)

    def _servers(self) -> dict[int, str]:
        """Return the queue manager, which always runs, and the servers that have SMTP clients."""
        try:
            master = int(self._lock.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
        found = processes.children(master)
        return {process: name for process, name in found.items() if name in _ENDED_BY_RELOAD}

    @staticmethod
    def _idle(servers: Mapping[int, str]) -> set[int]:
        """Return those that are still there and have no client."""
        there = {process for process, name in servers.items() if processes.alive(process, name)}
        return there - processes.connected(there)

    @property
    def _lock(self) -> Path:
        return self.state[0] / "pid/master.pid"

    def needs_restart(self, live: Path, staged: Path) -> bool:
        before, after = (
            command("postconf", "-c", str(directory), "-xh", *_START_ONLY).output
            for directory in (live, staged)
        )
        # The directory itself is one of the values, and differs only because it is staged.
        return before != after.replace(str(staged), str(live))

    def check(self, configuration: Configuration) -> None:
        for arguments in (("postconf", "-n"), ("postconf", "-M"), ("postconf", "-P")):
            _refuse_warnings(command(*arguments).errors)
        checked = command("postfix", "check")
        _refuse_warnings(checked.errors)
        self._expect(checked)
        for match in self._tables():
            path = match["path"] + _COMPILED.get(match["type"], "")
            if not Path(path).is_file():
                raise Refused(f"the lookup table {path} does not exist")

    def rehearse(self) -> None:
        # Asked directly first: through proxymap(8) a bad query answers only after a minute.
        for match in self._tables():
            if match["type"] in _DATABASES:
                self.found(Lookup(match["table"].removeprefix("proxy:"), _NOBODY, found=False))
        # Not "postfix start", which Debian 13 hands on to systemd, and so to the host outside.
        # The queue directories that the master needs were made by "postfix check".
        home = command("postconf", "-h", "daemon_directory").output.strip()
        self._expect(command(f"{home}/master", "-w"))

    def found(self, lookup: Lookup) -> bool:
        answer = command("postmap", "-q", lookup.key, lookup.table, seconds=10)
        if answer.errors.strip():
            raise Refused(answer.errors.strip())
        return answer.code == 0

    def implied_lookups(self) -> tuple[Lookup, ...]:
        """Ask every database table for an address that nobody has: a bad query has no answer."""
        tables = {match["table"] for match in self._tables() if match["type"] in _DATABASES}
        return tuple(Lookup(table=table, key=_NOBODY, found=False) for table in sorted(tables))

    @staticmethod
    def _tables() -> list[re.Match[str]]:
        settings = command("postconf", "-xn").output + command("postconf", "-xP").output
        return list(_TABLE.finditer(settings))


def _refuse_warnings(errors: str) -> None:
    lines = dict.fromkeys(line.strip() for line in errors.splitlines())
    complaints = [line for line in lines if line and not _HARMLESS.search(line)]
    if any(": warning: " in line or ": fatal: " in line for line in complaints):
        raise Refused("\n".join(complaints))
