# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import socket
import subprocess

from ansible_collections.assurmer.mail.plugins.module_utils._service_config import processes


def test_the_children_of_a_process() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            found = processes.children(os.getpid())
            assert found[child.pid] == "sleep"
            assert os.getpid() not in found
            assert processes.alive(child.pid, "sleep")
            assert not processes.alive(child.pid, "smtpd")  # Another one got its number.
        finally:
            child.kill()
    assert child.pid not in processes.children(os.getpid())
    assert not processes.alive(child.pid, "sleep")


def test_who_listens_is_not_connected() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.socket() as client,
    ):
        with subprocess.Popen(["sleep", "60"], pass_fds=[listening.fileno()]) as server:
            assert processes.connected([server.pid]) == set()
            server.kill()
        client.connect(listening.getsockname())
        accepted, _address = listening.accept()
        with accepted, subprocess.Popen(["sleep", "60"], pass_fds=[accepted.fileno()]) as server:
            assert processes.connected([server.pid]) == {server.pid}
            server.kill()
    assert processes.connected([server.pid]) == set()
