# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes down when plays and tasks began, and how often modules ran, to the file ROLLOUT_TIMES."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_times
type: aggregate
short_description: Write down how long plays and tasks take
description:
  - Each play of a playbook with each of its tasks, and the processor time of Ansible's main process.
"""

import json
import os
import resource
import time
import typing as t
from pathlib import Path

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """A play that goes in waves begins once a wave."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "rollout_times"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._plays: list[dict[str, t.Any]] = []

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        self._plays.append(
            {"name": play.get_name(), "begin": time.time(), "tasks": [], "hosts": set()}
        )

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._plays[-1]["tasks"].append(
            {"name": task.get_name(), "begin": time.time(), "ran": 0, "skipped": 0}
        )

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._plays[-1]["hosts"].add(result.host.get_name())
        # A task with a loop is as many executions as it has items, one that probes as many as there are routes.
        each = result.result.get("results") or result.result.get("probes") or [None]
        self._count("ran", len(each))

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self.v2_runner_on_ok(result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._count("skipped", 1)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        answer = {
            "plays": [{**play, "hosts": len(play["hosts"])} for play in self._plays],
            "end": time.time(),
            "main_cpu": used.ru_utime + used.ru_stime,
            "main_megabytes": used.ru_maxrss * 1024 / 1e6,
        }
        Path(os.environ["ROLLOUT_TIMES"]).write_text(json.dumps(answer), encoding="utf-8")

    def _count(self, what: str, number: int) -> None:
        # Results come while their task is the latest one: the strategy waits for all hosts.
        if self._plays[-1]["tasks"]:
            self._plays[-1]["tasks"][-1][what] += number
