# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put the renewal program and its systemd units on a host, or take them away.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import hashlib
import os
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import storage
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.access import Access
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    MailError,
    refuse_outside,
)
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import program
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import command

SERVICE = "/etc/systemd/system/assurmer-mail-certificates.service"
TIMER = "/etc/systemd/system/assurmer-mail-certificates.timer"
_TIMER_UNIT = os.path.basename(TIMER)
_MANAGED = "# Managed by Ansible, module assurmer.mail.tls_certificate_renewal: what is changed here is lost.\n"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the host looks after its certificates, and which ports have to serve them."""

    calendar: str
    # Seconds by which each run is put off at random.
    jitter: int
    listeners: tuple[str, ...]
    # Seconds until the ports have to serve a new certificate.
    patience: int

    def service(self) -> str:
        listeners = "".join(f" --listener {listener}" for listener in self.listeners)
        return (
            f"{_MANAGED}[Unit]\n"
            "Description=Renew the TLS certificates of the mail server, and see that they are served\n"
            "Wants=network-online.target\n"
            "After=network-online.target\n"
            "\n"
            "[Service]\n"
            "Type=oneshot\n"
            f"ExecStart={program.PATH} --timeout {self.patience}{listeners}\n"
            # A CA may take minutes for each bundle, and one that hangs shall not keep the unit for ever.
            "TimeoutStartSec=1h\n"
            "Nice=10\n"
        )

    def timer(self) -> str:
        return (
            f"{_MANAGED}[Unit]\n"
            "Description=Renew the TLS certificates of the mail server\n"
            "\n"
            "[Timer]\n"
            f"OnCalendar={self.calendar}\n"
            # Not all hosts of the world at once.
            f"RandomizedDelaySec={self.jitter}s\n"
            # A host that was off makes up for it.
            "Persistent=true\n"
            "\n"
            "[Install]\n"
            "WantedBy=timers.target\n"
        )


def schedule_of(params: Mapping[str, t.Any]) -> Schedule:
    for option, least, most in (("jitter", 0, 86400), ("timeout", 1, 300)):
        refuse_outside(option, params[option], least, most, " seconds")
    return Schedule(
        params["calendar"],
        params["jitter"],
        tuple(map(_listener, params["listeners"])),
        params["timeout"],
    )


def present(schedule: Schedule, *, dry: bool) -> tuple[Mapping[str, t.Any], Mapping[str, t.Any]]:
    """Install what differs, and start the timer; return the states before and after."""
    _refuse_calendar(schedule.calendar)
    wanted = {
        program.PATH: storage.Stored(program.assemble(program.sources()), _access(0o755)),
        SERVICE: storage.Stored(schedule.service().encode(), _access(0o644)),
        TIMER: storage.Stored(schedule.timer().encode(), _access(0o644)),
    }
    found = {path: storage.read(path) for path in wanted}
    before = {**{path: _shown(path, found[path]) for path in wanted}, "timer": _state()}
    after = {**{path: _shown(path, wanted[path]) for path in wanted}, "timer": "enabled, active"}
    if not dry and before != after:
        for path, file in wanted.items():
            if found[path] != file:
                storage.write(path, file.content, file.access)
        _systemctl("daemon-reload")
        _systemctl("enable", "--quiet", _TIMER_UNIT)
        # One that runs already would go on with the times of before.
        _systemctl("restart", _TIMER_UNIT)
    return before, after


def absent(*, dry: bool) -> tuple[Mapping[str, t.Any], Mapping[str, t.Any]]:
    """Stop the timer and remove everything; return the states before and after."""
    paths = (program.PATH, SERVICE, TIMER)
    before: dict[str, t.Any] = {path: {} if os.path.lexists(path) else None for path in paths}
    if not dry and any(state is not None for state in before.values()):
        if os.path.lexists(TIMER):
            _systemctl("disable", "--quiet", "--now", _TIMER_UNIT)
        for path in paths:
            storage.remove(path)
        _systemctl("daemon-reload")
    return before, dict.fromkeys(paths)


def _listener(given: Mapping[str, t.Any]) -> str:
    refuse_outside("listeners.port", given["port"], 1, 65535)
    return f"{given['protocol']}:{given['tls']}:{given['port']}:{given['address']}"


def _refuse_calendar(calendar: str) -> None:
    judged = command("systemd-analyze", "calendar", "--", calendar)
    if judged.code != 0 or "\n" in calendar:
        raise InvalidOption("calendar", calendar, "is no event of systemd.time(7)")


def _access(mode: int) -> Access:
    return Access(mode, os.geteuid(), os.getegid())


def _shown(path: str, file: storage.Stored | None) -> t.Any:
    if file is None:
        return None
    if path == program.PATH:
        content: t.Any = hashlib.sha256(file.content).hexdigest()
    else:
        content = file.content.decode("utf-8", "replace").splitlines()
    return {**file.access.facts(), "content": content}


def _state() -> str:
    """Return whether the timer starts with the host, and whether it runs."""
    words = (
        command("systemctl", verb, _TIMER_UNIT).output.strip()
        for verb in ("is-enabled", "is-active")
    )
    return ", ".join(word or "unknown" for word in words)


def _systemctl(*arguments: str) -> None:
    done = command("systemctl", *arguments)
    if done.code != 0:
        raise MailError(f"systemctl {' '.join(arguments)}: {done.words}")
