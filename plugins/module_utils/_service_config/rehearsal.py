# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge a staged configuration where nobody can reach the daemon that tries it.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config import isolation
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.bridge import Bridge
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import (
    Daemon,
    Refused,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.log import Syslog
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Configuration,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.network import (
    own_addresses,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.proof import (
    listening_ports,
    prove,
)

OVERHEAD = 60  # seconds that checking and starting may take, beside the listeners' answers
_LOG_SOCKET = Path("/dev/log")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A daemon and the configuration that is to be tried in place of its live directory.

    `log` is the path of a socket to be made, on which the daemon is heard.
    """

    daemon: Daemon
    configuration: Configuration
    live: Path
    log: Path
    seconds: float

    def check(self, staged: Path) -> None:
        """Let the daemon's checker read the staged files."""
        self._judge(staged, lambda log: None)

    def run(self, staged: Path) -> None:
        """Let the checker read them, then start the daemon with them and prove it."""
        self._judge(staged, self._start)

    def refuse_taken_ports(self, ours: Iterable[int]) -> None:
        """A rehearsal has all ports to itself; live, a master that can't bind one may end.

        `ours` are those that the daemon had by its last proven configuration.
        """
        if self.daemon.running():
            # Without a record, what listens may be the daemon itself as somebody else set it up.
            wanted = self.configuration.ports - set(ours) if ours else set()
        else:
            wanted = self.configuration.ports
        taken = wanted & listening_ports()
        if taken:
            raise MailError(f"listeners: another program listens on port {_told(taken)} already.")

    def _judge(self, staged: Path, trial: Callable[[Syslog], None]) -> None:
        room, name = self.log.parent, self.daemon.service
        with (
            contextlib.closing(Syslog(self.log)) as log,
            contextlib.closing(Bridge(self.configuration.servers, room, name)) as bridge,
        ):
            binds = {self.live: staged, **bridge.binds}
            if _LOG_SOCKET.exists():
                binds[_LOG_SOCKET.resolve()] = self.log
            surroundings = isolation.Surroundings(
                binds=binds,
                empty=self.daemon.state,
                addresses=tuple(dict.fromkeys((*own_addresses(), *bridge.addresses))),
            )
            try:
                isolation.run(
                    lambda: self._in_isolation(log, bridge, trial),
                    surroundings,
                    timeout=self.seconds + OVERHEAD,
                )
            except MailError as error:
                raise MailError(
                    f"{self.daemon.service} does not accept the new configuration, the previous"
                    f" one stays in force: {error}",
                    **error.details,
                ) from error

    def _in_isolation(self, log: Syslog, bridge: Bridge, trial: Callable[[Syslog], None]) -> None:
        bridge.enter()
        log.listen()
        try:
            self.daemon.check(self.configuration)
            trial(log)
        except MailError as error:
            raise with_words(error, log.complaints()) from error
        if log.grave():
            raise Refused("\n".join(log.grave()))

    def _start(self, log: Syslog) -> None:
        self.daemon.rehearse()
        prove(self.configuration.listeners, seconds=self.seconds, given_up=log.deadly)
        self.daemon.ask(self.configuration)
        # Nothing but the daemon and the bridge listens here: every other port is one that it opened.
        undeclared = listening_ports() - self.configuration.ports - self.configuration.server_ports
        if undeclared:
            raise Refused(
                f"listeners: the configuration opens port {_told(undeclared)}, which is not listed"
            )


def with_words(error: MailError, words: Iterable[str]) -> MailError:
    """Return the error with what the daemon said, unless it says so itself."""
    told = [line for line in words if line not in str(error)]
    if not told:
        return error
    return MailError("\n".join([str(error), *told]), **error.details)


def _told(ports: Iterable[int]) -> str:
    return ", ".join(str(port) for port in sorted(ports))
