# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to a scenario's host: `docker exec`, or `nsenter` where it can be had.

`docker exec` costs 0.2 s of a core a task, which is a third of what the tests take; nsenter costs 0.005 s.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import typing as t
from pathlib import Path

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = r"""
name: host
short_description: Run tasks in a container of a scenario
description:
  - Runs commands as root in the container that has the name of the inventory.
  - It takes C(nsenter) where Ansible is root on the machine that runs the container, and C(docker exec) elsewhere.
author:
  - the assurmer.mail authors
options:
  remote_addr:
    description: The container's name.
    type: str
    default: inventory_hostname
    vars:
      - name: inventory_hostname
      # Where a task is delegated to.
      - name: ansible_host
  remote_user:
    description: Always root.
    type: str
    default: root
"""

# What systemd's own services see.
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "container": "docker",
}
# Where it is remembered which process is a container's first one: asking Docker takes as long as many a task.
MEMORY = Path(os.environ.get("MOLECULE_EPHEMERAL_DIRECTORY", "/nonexistent"))


class Connection(ConnectionBase):
    transport = "host"
    has_pipelining = True

    def _connect(self) -> Connection:
        self._connected = True
        return self

    def close(self) -> None:
        self._connected = False

    def exec_command(
        self, cmd: str, in_data: bytes | None = None, sudoable: bool = True
    ) -> tuple[int, bytes, bytes]:
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        done = self._run(["/bin/sh", "-c", cmd], input=in_data or b"")
        return done.returncode, done.stdout, done.stderr

    def put_file(self, in_path: str, out_path: str) -> None:
        super().put_file(in_path, out_path)
        with Path(in_path).open("rb") as file:
            done = self._run(["dd", "status=none", f"of={out_path}"], stdin=file)
        if done.returncode:
            raise AnsibleError(f"{out_path} can't be written: {done.stderr.decode()}")

    def fetch_file(self, in_path: str, out_path: str) -> None:
        super().fetch_file(in_path, out_path)
        done = self._run(["cat", in_path], stdin=subprocess.DEVNULL)
        if done.returncode:
            raise AnsibleError(f"{in_path} can't be read: {done.stderr.decode()}")
        Path(out_path).write_bytes(done.stdout)

    def _run(self, command: list[str], **more: t.Any) -> subprocess.CompletedProcess[bytes]:
        name = self.get_option("remote_addr")
        pid = _first_process(name)
        nsenter = shutil.which("nsenter")
        if pid and nsenter and os.geteuid() == 0:
            way, environment = [nsenter, f"--target={pid}", "--all", "--"], ENVIRONMENT
        else:
            way, environment = ["docker", "exec", "--interactive", "--user=root", name], None
        return subprocess.run(
            [*way, *command], env=environment, capture_output=True, check=False, **more
        )


def _first_process(name: str) -> int | None:
    """Return the process on this machine, if the container is here."""
    memory = MEMORY / f"{name}.process.json"
    try:
        container, pid = json.loads(memory.read_text())
    except (OSError, ValueError):
        container, pid = "", 0
    if _holds(pid, container):
        return pid
    asked = subprocess.run(
        ["docker", "inspect", "--format={{.Id}} {{.State.Pid}}", name],
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode:
        raise AnsibleConnectionFailure(f"{name}: {asked.stderr.strip()}")
    container, pid = asked.stdout.split()
    if pid == "0":
        raise AnsibleConnectionFailure(f"{name}: The container does not run.")
    if not _holds(int(pid), container):
        return None
    if MEMORY.is_dir():
        # Two tasks may find out at the same time.
        draft = memory.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps([container, int(pid)]))
        draft.replace(memory)
    return int(pid)


def _holds(pid: int, container: str) -> bool:
    """Tell whether a process is one of a container's."""
    try:
        return bool(container) and container in Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return False
