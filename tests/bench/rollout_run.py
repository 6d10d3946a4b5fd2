# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One rollout, and what it took: on the clock, on the workstation, and on the hosts."""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import typing as t
from collections.abc import Mapping, Sequence
from pathlib import Path

WAVE = "Set the mail hosts up, wave by wave"
BETWEEN = "Probe between offices"
HERE = Path(__file__).parent
_PR_SET_CHILD_SUBREAPER = 36


class Wave(t.NamedTuple):
    hosts: int
    # All of it, the probes between offices in it, and how many of these there were.
    seconds: float
    between: float
    pairs: int


class Run(t.NamedTuple):
    seconds: float
    # Of ansible-playbook, of all that it started (ssh, modules of the workstation), and its main process's share.
    workstation: float
    main: float
    megabytes: float
    # The mean of the hosts.
    host: float
    executions: int
    waves: list[Wave]
    # The first play, the last, and the start of Ansible.
    around: float
    tasks: dict[str, float]


def adopt_orphans() -> None:
    """Be told of the ssh processes, too, that outlive the ansible-playbook that started them."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def rollout(
    folder: Path,
    inventory: Path,
    containers: Sequence[str],
    expected: Sequence[str] | None,
    *,
    settings: Mapping[str, str],
    variables: Mapping[str, t.Any],
    limit: Sequence[str] = (),
) -> Run:
    """Roll out, and see that each host changed what is expected of it (None: whatever it likes)."""
    times, log = folder / "times.json", folder / "rollout.log"
    settings_file = folder / "ansible.cfg"
    settings_file.touch()
    before = _hosts_seconds(containers)
    begin = time.time()
    children = _children_seconds()
    environment = {
        **os.environ,
        # Empty: what stands in somebody's home is not measured.
        "ANSIBLE_CONFIG": str(settings_file),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "rollout_times",
        "ROLLOUT_TIMES": str(times),
        **settings,
    }
    with log.open("w") as output:
        # Not into a pipe: ssh's masters would keep it open.
        process = subprocess.Popen(
            [
                Path(sys.executable).with_name("ansible-playbook"),
                *("--inventory", inventory),
                *("--extra-vars", json.dumps(dict(variables))),
                *(("--limit", ",".join(limit)) if limit else ()),
                "assurmer.mail.site",
            ],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        process.wait()
    seconds = time.time() - begin
    _end_orphans()
    workstation = _children_seconds() - children
    after = _hosts_seconds(containers)
    if process.returncode:
        raise SystemExit(f"A rollout has failed, the end of {log}:\n{log.read_text()[-6000:]}")
    _see_changes(folder, containers, expected, log)
    told = json.loads(times.read_text(encoding="utf-8"))
    waves = list(_waves(told))
    return Run(
        seconds=seconds,
        workstation=workstation,
        main=told["main_cpu"],
        megabytes=told["main_megabytes"],
        host=(after - before) / len(containers),
        executions=sum(task["ran"] for play in told["plays"] for task in play["tasks"]),
        waves=waves,
        around=seconds - sum(wave.seconds for wave in waves),
        tasks=_tasks(told),
    )


def _see_changes(
    folder: Path, containers: Sequence[str], expected: Sequence[str] | None, log: Path
) -> None:
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    for name in containers:
        host = record["hosts"][name]
        if host["state"] != "ok" or (expected is not None and host["changed"] != list(expected)):
            raise SystemExit(f"{name} should have changed {expected}: {host}; see {log}")


def _ends(told: Mapping[str, t.Any], key: str) -> list[tuple[dict[str, t.Any], float]]:
    """Each play, or task, with its seconds: until the next begins."""
    each = [
        entry
        for play in told["plays"]
        for entry in (
            [play] if key == "plays" else [{**task, "play": play} for task in play["tasks"]]
        )
    ]
    begins = [entry["begin"] for entry in each] + [told["end"]]
    return [(entry, end - entry["begin"]) for entry, end in zip(each, begins[1:], strict=True)]


def _waves(told: Mapping[str, t.Any]) -> t.Iterator[Wave]:
    tasks = _ends(told, "tasks")
    for play, seconds in _ends(told, "plays"):
        if play["name"] == WAVE:
            between = [
                (task, took)
                for task, took in tasks
                if task["play"] is play and task["name"].endswith(BETWEEN)
            ]
            yield Wave(
                hosts=play["hosts"],
                seconds=seconds,
                between=sum(took for _task, took in between),
                pairs=sum(task["ran"] for task, _took in between),
            )


def _tasks(told: Mapping[str, t.Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for task, took in _ends(told, "tasks"):
        found[task["name"]] = found.get(task["name"], 0.0) + took
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _end_orphans() -> None:
    """End the masters that ssh left for a next run: each run begins without connections."""
    for pid in Path("/proc/self/task", str(os.getpid()), "children").read_text().split():
        try:
            os.kill(int(pid), signal.SIGTERM)
        except ProcessLookupError:
            continue
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


class _Engine(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(os.environ.get("DOCKER_SOCKET", "/var/run/docker.sock"))


def _hosts_seconds(containers: Sequence[str]) -> float:
    """The processor time of containers. The engine knows it for both versions of cgroups."""
    total = 0
    for name in containers:
        engine = _Engine("localhost")
        engine.request("GET", f"/containers/{name}/stats?stream=false&one-shot=true")
        total += json.load(engine.getresponse())["cpu_stats"]["cpu_usage"]["total_usage"]
        engine.close()
    return total / 1e9
