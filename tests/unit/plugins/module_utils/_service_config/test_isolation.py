# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config import isolation
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.proof import (
    listening_ports,
)

pytestmark = pytest.mark.usefixtures("as_root")
NOTHING = isolation.Surroundings()


def test_the_answer_comes_out() -> None:
    assert isolation.run(lambda: {"a": [1, "é"]}, NOTHING, timeout=10) == {"a": [1, "é"]}


def test_binds_and_empty_directories_are_seen_inside_only(tmp_path: Path) -> None:
    live, staged, state = tmp_path / "live", tmp_path / "staged", tmp_path / "state"
    for directory in (live, staged, state):
        directory.mkdir()
        (directory / "name").write_text(directory.name)
    state.chmod(0o2750)
    os.chown(state, 4711, 4712)

    def inside() -> list[object]:
        (state / "made").touch()
        status = state.stat()
        return [
            (live / "name").read_text(),
            sorted(os.listdir(state)),
            [status.st_mode & 0o7777, status.st_uid, status.st_gid],
        ]

    surroundings = isolation.Surroundings(binds={live: staged}, empty=[state])
    assert isolation.run(inside, surroundings, timeout=10) == [
        "staged",
        ["made"],
        [0o2750, 4711, 4712],
    ]
    assert (live / "name").read_text() == "live"
    assert os.listdir(state) == ["name"]


def test_nothing_inside_is_reachable_and_nothing_outside_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        port = outside.getsockname()[1]

        def inside() -> list[object]:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                reached = True
            except OSError:
                reached = False
            # The very same port is free in here.
            with socket.create_server(("127.0.0.1", port)):
                return [reached, sorted(listening_ports())]

        assert isolation.run(inside, NOTHING, timeout=10) == [False, [port]]


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_the_addresses_given_can_be_bound_and_reached(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def inside() -> bool:
        with socket.create_server((address, 2525), family=family):
            socket.create_connection((address, 2525), 2).close()
        return True

    surroundings = isolation.Surroundings(addresses=["192.0.2.7", "2001:db8::7"])
    assert isolation.run(inside, surroundings, timeout=10)


def test_all_that_was_started_inside_is_gone_afterwards() -> None:
    # The sleeping process has another number out here, but the same arguments.
    mark = f"sleeping-{secrets.token_hex(8)}"

    def start() -> subprocess.Popen[bytes]:
        # Only once it runs, and says so, its arguments can be read.
        program = [sys.executable, "-uc", "import time; print(); time.sleep(60)", mark]
        process = subprocess.Popen(program, stdout=subprocess.PIPE, start_new_session=True)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    assert isolation.run(lambda: start().poll() is None, NOTHING, timeout=10)
    with start() as outside:
        assert _running(mark) == [str(outside.pid)]
        outside.kill()


def _running(mark: str) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # It ended meanwhile.
            if mark in entry.read_text():
                found.append(entry.parent.name)
    return found


def test_all_is_gone_when_the_caller_is_killed(tmp_path: Path) -> None:
    beat = tmp_path / "beat"

    def inside() -> None:
        while True:
            beat.write_text(str(time.monotonic()))
            time.sleep(0.02)

    child = os.fork()
    if child == 0:
        isolation.run(inside, NOTHING, timeout=30)
        os._exit(0)
    while not beat.exists():
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    time.sleep(0.3)
    last = beat.read_text()
    time.sleep(0.2)
    assert beat.read_text() == last


def test_a_plain_umask_is_set() -> None:
    before = os.umask(0o077)
    try:
        assert isolation.run(lambda: os.umask(0), NOTHING, timeout=10) == 0o022
    finally:
        os.umask(before)


def test_an_error_of_ours_comes_out_with_its_details() -> None:
    def inside() -> None:
        raise MailError("no good", listener="smtp on port 25")

    with pytest.raises(MailError, match="no good") as raised:
        isolation.run(inside, NOTHING, timeout=10)
    assert raised.value.details == {"listener": "smtp on port 25"}


def test_a_crash_comes_out_as_one() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        isolation.run(lambda: 1 / 0, NOTHING, timeout=10)


def test_what_takes_too_long_is_ended() -> None:
    started = time.monotonic()
    with pytest.raises(MailError, match="did not end within"):
        isolation.run(lambda: time.sleep(30), NOTHING, timeout=0.3)
    assert time.monotonic() - started < 3


def test_an_end_from_outside_is_told() -> None:
    with pytest.raises(MailError, match="ended from outside"):
        isolation.run(lambda: os._exit(1), NOTHING, timeout=10)


def test_a_host_that_allows_no_namespaces_is_told(tmp_path: Path) -> None:
    surroundings = isolation.Surroundings(binds={tmp_path: tmp_path / "absent"})
    with pytest.raises(MailError, match=r"does not let root make private namespaces.*SYS_ADMIN"):
        isolation.run(lambda: None, surroundings, timeout=10)
