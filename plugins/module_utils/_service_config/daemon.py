# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a daemon must offer so that its configuration can be judged, installed and proven.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import typing as t
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Configuration,
    Lookup,
)


class Refused(MailError):
    """A checker, or the daemon itself, does not accept the configuration."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A command's end. `words` are its standard error, or its output where that is empty."""

    code: int
    output: str
    errors: str

    @property
    def words(self) -> str:
        return (self.errors.strip() or self.output.strip()) or f"exit status {self.code}"


def command(*arguments: str, seconds: float = 30.0) -> Completed:
    """Run a program of the host with a plain environment and no input.

    Its words go to files, not pipes: a daemon that it leaves behind keeps them open.
    """
    with _scratch() as output, _scratch() as errors:
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
            )
        except FileNotFoundError as error:
            raise MailError(f"{arguments[0]} is not installed on this host.") from error
        except OSError as error:
            raise MailError(f"{arguments[0]} can't be run: {error.strerror}.") from error
        with process:
            try:
                if not _ended(process, seconds):
                    raise MailError(f"{' '.join(arguments)} did not end within {seconds:.0f} s.")
            except BaseException:
                process.kill()
                raise
        return Completed(process.returncode, _text(output), _text(errors))


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for a process's end, and notice it at once: Python itself looks every 50 ms."""
    descriptor = os.pidfd_open(process.pid)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def _scratch() -> t.IO[bytes]:
    try:
        return tempfile.TemporaryFile()
    except OSError as error:
        raise MailError(f"No temporary file can be made: {error.strerror}.") from error


def _text(stream: t.IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")


_STOP_SECONDS = 120  # systemd kills what does not end within 90.


class Daemon(ABC):
    """A mail daemon of Debian.

    The methods of the first group run on the host itself. Those of the second run in a
    rehearsal, where the staged configuration stands at `directory` and the `state` directories
    are empty. Those of the third run in both.
    """

    service: t.ClassVar[str]
    """The systemd service, and the name in messages."""
    units: t.ClassVar[tuple[str, ...]]
    """The systemd units in which the daemon may run, as patterns."""
    directory: t.ClassVar[Path]
    """Where the configuration stands."""
    state: t.ClassVar[tuple[Path, ...]]
    """Directories in which a second daemon would meet the first one."""
    cool_down: t.ClassVar[float] = 0.0
    """For how many seconds the daemon's programs wait before they believe a file that has changed."""
    program: t.ClassVar[Path]
    """The program without which the daemon is not installed."""

    def installed(self) -> bool:
        return self.program.exists()

    def enabled(self) -> bool:
        return command("systemctl", "is-enabled", "--quiet", self.service).code == 0

    def enable(self) -> None:
        self._expect(command("systemctl", "enable", "--quiet", self.service))

    @abstractmethod
    def running(self) -> bool:
        """Whether the daemon itself runs, whatever systemd believes."""

    @abstractmethod
    def reload(self) -> None:
        """Make the running daemon read its configuration again; sessions stay open."""

    def restart(self) -> None:
        """Start the daemon, or end it and start it again; open sessions are cut."""
        # A daemon that died a few times within seconds is not started by systemd otherwise.
        command("systemctl", "reset-failed", *self.units)
        self._expect(command("systemctl", "restart", self.service, seconds=_STOP_SECONDS))

    def stop(self) -> None:
        self._expect(command("systemctl", "stop", self.service, seconds=_STOP_SECONDS))

    @abstractmethod
    def needs_restart(self, live: Path, staged: Path) -> bool:
        """Whether the two differ in a setting that the daemon reads only when it starts."""

    @abstractmethod
    def check(self, configuration: Configuration) -> None:
        """Read what the daemon's checkers say, warnings as errors, and what they are blind to."""

    @abstractmethod
    def rehearse(self) -> None:
        """Start the daemon; it ends with the namespace."""

    @abstractmethod
    def found(self, lookup: Lookup) -> bool:
        """Ask the running daemon. Raises `Refused` where it has no answer."""

    def ask(self, configuration: Configuration) -> None:
        """Raise `Refused` for the first lookup that is not answered as expected."""
        for lookup in (*configuration.lookups, *self.implied_lookups()):
            if self.found(lookup) != lookup.found:
                expected = "is not found" if lookup.found else "is found, but should not be"
                raise Refused(f"lookups: {lookup} {expected}")

    def implied_lookups(self) -> tuple[Lookup, ...]:
        """Return further questions that the configuration itself suggests."""
        return ()

    @staticmethod
    def _expect(done: Completed) -> None:
        if done.code != 0:
            raise Refused(done.words)
