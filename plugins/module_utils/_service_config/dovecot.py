# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dovecot as a daemon with a configuration, 2.3 and 2.4.

PRIVATE to the collection. It can have breaking changes at any time.

`doveconf -n` accepts the variables of the other version (`%u` in 2.4, `%{user | lower}` in 2.3),
after which every login fails, and 2.3 accepts a certificate that is not there. The first is read
out of the files here, the second shows in the rehearsal's handshake.
"""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import (
    Daemon,
    Refused,
    command,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Configuration,
    Lookup,
)

# What the master process reads only when it starts (doc.dovecot.org, "Reloading").
_START_ONLY = ("base_dir", "default_internal_user", "default_login_user", "instance_name")
# With shutdown_clients = no, sessions outlive a reload with the settings they began with. Two
# opinions about where mail lies, or how it is locked, must not be at work at the same time.
_STORAGE = (
    "dotlock_use_excl",
    "lock_method",
    "mail_driver",
    "mail_fsync",
    "mail_gid",
    "mail_home",
    "mail_index_path",
    "mail_location",
    "mail_nfs_index",
    "mail_nfs_storage",
    "mail_path",
    "mail_uid",
    "mmap_disable",
)
# A reload leaves this process and its sockets as they are, whatever their new settings say.
_OUTLIVES_RELOAD = "service/anvil"
# The processes of after a reload get the environment of before. 2.4 has it as a section.
_ENVIRONMENT = "import_environment"
_NO_SUCH_USER = 67  # sysexits(3) EX_NOUSER
# %u, %Lu, %80d: the one-letter variables of 2.3. %% is a literal percent sign.
_OLD_VARIABLE = re.compile(r"(?<!%)(?:%%)*%(?:[0-9.]*[LUEXRNMHDT]?)[undshpclrimkab](?![A-Za-z{])")
# %{user | lower}: a filter, which only 2.4 has.
_NEW_VARIABLE = re.compile(r"%\{\s*[a-z_:]+\s*\|[^}]*\}")


class Dovecot(Daemon):
    service = "dovecot"
    units = ("dovecot.service",)
    directory = Path("/etc/dovecot")
    state = (Path("/run/dovecot"), Path("/var/lib/dovecot"))
    program = Path("/usr/sbin/dovecot")

    def running(self) -> bool:
        return command("systemctl", "is-active", "--quiet", self.service).code == 0

    def reload(self) -> None:
        self._expect(command("doveadm", "reload"))

    def needs_restart(self, live: Path, staged: Path) -> bool:
        return _at_start(live / "dovecot.conf") != _at_start(staged / "dovecot.conf")

    def check(self, configuration: Configuration) -> None:
        judged = command("doveconf", "-n")
        self._expect(judged)
        if judged.errors.strip():
            raise Refused(judged.errors.strip())
        version = command("dovecot", "--version").output
        foreign = _NEW_VARIABLE if version.startswith("2.3.") else _OLD_VARIABLE
        for path, file in configuration.files.items():
            if path.endswith(".pgpass"):  # libpq's, not Dovecot's: a password may hold anything.
                continue
            _refuse_variables(path, file.content.decode("utf-8", "replace"), foreign)

    def rehearse(self) -> None:
        # Without -F it detaches once it has read its configuration, or fails and says why.
        self._expect(command("dovecot"))

    def ask(self, configuration: Configuration) -> None:
        """Ask the lookups, and anvil, without whose answer no login succeeds."""
        super().ask(configuration)
        self._expect(command("doveadm", "who"))

    def found(self, lookup: Lookup) -> bool:
        if lookup.table == "userdb":
            answer = command("doveadm", "user", lookup.key)
        else:
            answer = command("doveadm", "auth", "lookup", lookup.key)
        if answer.code not in (0, _NO_SUCH_USER):
            raise Refused(answer.errors.strip() or f"doveadm ended with {answer.code}")
        return answer.code == 0


def _at_start(path: Path) -> list[str]:
    """Return doveconf's words on the settings that take a restart.

    A setting that this version does not have is passed over. 2.3 shows no single settings
    beside a section.
    """
    questions: tuple[tuple[str, ...], ...] = (
        (*_START_ONLY, *_STORAGE),
        (_OUTLIVES_RELOAD,),
        (_ENVIRONMENT,),
    )
    return [command("doveconf", "-c", str(path), *names).output for names in questions]


def _refuse_variables(path: str, content: str, foreign: re.Pattern[str]) -> None:
    for number, line in enumerate(content.splitlines(), start=1):
        if line.lstrip().startswith("#"):
            continue
        match = foreign.search(line)
        if match:
            raise Refused(
                f"{path} line {number}: {match.group()} is a variable of another Dovecot version,"
                " which this one does not expand"
            )
