# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rollout.py: measures rollouts of 1, 3 and 10 hosts, fits a model, and says what it foretells.

Writes .cache/bench/rollout/results.json. tests/bench/README.md says what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import subprocess
import sys
import time
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.assurmer.mail.tests.bench import rollout_report
from ansible_collections.assurmer.mail.tests.bench.rollout_company import WAN, Company, Host
from ansible_collections.assurmer.mail.tests.bench.rollout_run import Run, adopt_orphans, rollout
from ansible_collections.assurmer.mail.tests.modules.running import ROOT

FOLDER = ROOT / ".cache" / "bench" / "rollout"
SIZES = (1, 3, 10)
RUNS = 3
SETTING_RUNS = 2
# Milliseconds to the hosts and back.
FAR = 50
# As examples/ansible.cfg has it.
USUAL = {"ANSIBLE_FORKS": "20", "ANSIBLE_PIPELINING": "true"}
FEW_FORKS = {"ANSIBLE_FORKS": "5"}
NO_PIPELINING = {"ANSIBLE_PIPELINING": "false"}
ONE_WAVE = {"mail_rollout_waves": ["100%"]}


# Each is one of its own, a key of what was measured.
@dataclass(frozen=True, eq=False)
class Setting:
    """What differs from a rollout as it is by default, and of how large companies it is measured."""

    name: str
    sizes: tuple[int, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, t.Any] = field(default_factory=dict)
    way: str = "near"
    listed: bool = False
    elsewhere: int = 0
    renamed: bool = False

    @property
    def case(self) -> str:
        return "one mailbox" if self.renamed else "no change"


SETTINGS = (
    Setting("", SIZES),
    Setting("", SIZES, renamed=True),
    Setting("no pipelining", (1,), NO_PIPELINING),
    Setting(f"{FAR} ms away", (1,), way="far"),
    Setting(f"{FAR} ms away, no pipelining", (1,), NO_PIPELINING, way="far"),
    Setting("5 forks", (10,), FEW_FORKS),
    Setting("one wave", (10,), variables=ONE_WAVE),
    Setting("no probes between offices", (10,), variables={"mail_rollout_probe_peers": 0}),
    Setting("mailboxes as variables", (10,), listed=True),
    Setting(f"one wave, {FAR} ms away", (10,), variables=ONE_WAVE, way="far"),
    Setting(f"one wave, {FAR} ms away, 5 forks", (10,), FEW_FORKS, ONE_WAVE, way="far"),
    Setting("of 200 hosts", (10,), elsewhere=190),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, choices=SIZES, default=list(SIZES))
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--setting-runs", type=int, default=SETTING_RUNS)
    parser.add_argument(
        "--settings",
        nargs="*",
        metavar="SETTING",
        choices=[setting.name for setting in SETTINGS if setting.name],
        help="of the settings only these, beside the usual ones",
    )
    parser.add_argument("--report", action="store_true", help="only of what was measured before")
    asked = parser.parse_args()
    results = FOLDER / "results.json"
    if not asked.report:
        adopt_orphans()
        _bring_up(max(asked.sizes))
        measured = Measured(results)
        # In growing order: what a company of ten has set up, one of three would take away.
        for size in sorted(asked.sizes):
            wanted = [
                setting
                for setting in SETTINGS
                if size in setting.sizes
                and (asked.settings is None or setting.name in ["", *asked.settings])
            ]
            _measure(size, wanted, asked.runs, asked.setting_runs, measured)
    print(*rollout_report.lines(json.loads(results.read_text(encoding="utf-8"))), sep="\n")
    return 0


class Measured:
    """What was measured so far. It is written down after each run: all of them take over an hour."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._runs: dict[tuple[int, Setting], list[Run]] = {}

    def add(self, hosts: int, setting: Setting, run: Run) -> None:
        self._runs.setdefault((hosts, setting), []).append(run)
        _write(
            self._path,
            [
                {"hosts": size, "case": which.case, "setting": which.name, "runs": runs}
                for (size, which), runs in self._runs.items()
            ],
        )


def _measure(
    size: int, wanted: Sequence[Setting], runs: int, setting_runs: int, measured: Measured
) -> None:
    company = Company(FOLDER, size)
    _say(f"{size} hosts: the company is set up")
    _run(company, Setting("", (size,)), None)
    for turn in range(max(runs, setting_runs)):
        # By turns, so that what else happens on the machine hits all of them.
        for setting in wanted:
            if not setting.elsewhere and turn < (setting_runs if setting.name else runs):
                measured.add(size, setting, _told(company, setting))
    # What all hosts know is another thing in a larger company, so that they come last, each by itself.
    for setting in wanted:
        if setting.elsewhere:
            _run(company, setting, None)
            for _turn in range(setting_runs):
                measured.add(size, setting, _told(company, setting))


def _told(company: Company, setting: Setting) -> Run:
    if setting.renamed:
        company.rename_one()
    run = _run(company, setting, ["directory"] if setting.renamed else [])
    _say(
        f"{len(company.hosts)} hosts, {setting.case}{', ' * bool(setting.name)}{setting.name}: "
        f"{run.seconds:.1f} s, workstation {run.workstation:.1f} s, a host {run.host:.1f} s"
    )
    return run


def _run(company: Company, setting: Setting, expected: Sequence[str] | None) -> Run:
    names = [host.name for host in company.hosts]
    return rollout(
        FOLDER,
        company.inventory(setting.way, setting.elsewhere, setting.listed),
        names,
        expected,
        settings={**USUAL, **setting.settings},
        variables=setting.variables,
        limit=names if setting.elsewhere else (),
    )


def _bring_up(size: int) -> None:
    key = FOLDER / "key"
    if not key.exists():
        _call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    (FOLDER / "known_hosts").unlink(missing_ok=True)
    inventory = Company(FOLDER, size).containers()
    _say(f"{size} bare hosts are made")
    for playbook in ("molecule/resources/create.yml", "tests/bench/rollout.yml"):
        _call("ansible-playbook", "--forks", "10", "--inventory", inventory, ROOT / playbook)
    hosts = [Host(number) for number in range(size)]
    wan = Path(__file__).with_name("rollout_wan.py").read_text(encoding="utf-8")
    ways = [f"{host.far}={host.near}" for host in hosts]
    # It may run since an earlier time, if the hosts were kept.
    _call("docker", "restart", WAN)
    for host in hosts:
        _call("docker", "exec", WAN, "ip", "address", "replace", f"{host.far}/32", "dev", "eth0")
    _call("docker", "exec", "--detach", WAN, "python3", "-c", wan, str(FAR), *ways)
    deadline = time.monotonic() + 30
    while not _answers(hosts[-1].far):
        if time.monotonic() > deadline:
            raise SystemExit(f"{WAN} does not answer for {hosts[-1].name}.")
        time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        socket.create_connection((address, 993), timeout=1).close()
    except OSError:
        return False
    return True


def _call(program: str, *arguments: str | Path) -> None:
    beside = Path(sys.executable).with_name(program)
    done = subprocess.run(
        [beside if beside.exists() else program, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ANSIBLE_LOCALHOST_WARNING": "false"},
    )
    if done.returncode:
        raise SystemExit(f"{program} has failed:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")


def _say(what: str) -> None:
    print(time.strftime("%H:%M:%S"), what, file=sys.stderr, flush=True)


def _write(path: Path, measured: Sequence[dict[str, t.Any]]) -> None:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    answer = {
        "machine": f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}",
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cores": os.cpu_count(),
        "round_trip": FAR / 1000,
        "measured": [
            {
                **each,
                "runs": [
                    {**run._asdict(), "waves": [wave._asdict() for wave in run.waves]}
                    for run in each["runs"]
                ],
            }
            for each in measured
        ],
    }
    path.write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
