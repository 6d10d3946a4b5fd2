# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured and what the model foretells, as the tables of docs/scale.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.assurmer.mail.tests.bench import rollout_model
from ansible_collections.assurmer.mail.tests.bench.rollout_model import (
    FEW_FORKS,
    FORKS,
    ONE_WAVE,
    Answer,
    Model,
    Way,
    as_measured,
    default_waves,
    find,
    foretell,
    middle,
    one_wave,
)

# Of hosts, and of cores of a workstation.
FORETOLD = (50, 200)
CORES = (2, 4, 8)
TASKS = 12


def lines(told: Answer) -> Iterator[str]:
    yield f"{told['machine']}, {told['date']}"
    yield from _measured(told)
    yield from _settings(told)
    yield from _tasks(told)
    if {each["hosts"] for each in told["measured"]} >= {1, 3, 10}:
        model = rollout_model.fit(told)
        yield from _model(model)
        yield from _residuals(told, model)
        yield from _foretold(model)


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield f"| {' | '.join(names)} |"
    yield f"|---|{'---:|' * (len(names) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _measured(told: Answer) -> Iterator[str]:
    rows = []
    for each in told["measured"]:
        if each["setting"]:
            continue
        runs = each["runs"]
        seconds = [run["seconds"] for run in runs]
        rows.append(
            [
                f"{each['hosts']}, {each['case']}",
                "+".join(str(wave["hosts"]) for wave in runs[0]["waves"]),
                f"{middle(runs, 'seconds'):.1f}",
                f"{min(seconds):.1f} to {max(seconds):.1f}",
                f"{middle(runs, 'workstation'):.1f}",
                f"{middle(runs, 'main'):.1f}",
                f"{middle(runs, 'host'):.1f}",
                f"{middle(runs, 'executions'):.0f}",
            ]
        )
    names = ["hosts, change", "waves", "seconds", "from, to", "CPU of the workstation"]
    names += ["of it main process", "CPU of a host", "executions"]
    yield from _table("Measured", names, rows)


def _settings(told: Answer) -> Iterator[str]:
    rows = []
    for each in told["measured"]:
        usual = find(told, each["hosts"])
        if each["setting"] and usual:
            runs = each["runs"]
            rows.append(
                [
                    f"{each['hosts']} hosts, {each['setting']}",
                    f"{middle(runs, 'seconds'):.1f}",
                    *(
                        f"{middle(runs, what) / middle(usual, what):.2f}"
                        for what in ("seconds", "workstation", "main", "host")
                    ),
                ]
            )
    names = ["no change", "seconds", "/ as usual", "workstation /", "main process /", "host /"]
    yield from _table("Settings", names, rows)


def _tasks(told: Answer) -> Iterator[str]:
    largest = max(each["hosts"] for each in told["measured"])
    run = find(told, largest)[0]
    rows = [
        [name.removeprefix("assurmer.mail."), f"{seconds:.1f}", f"{seconds / run['seconds']:.0%}"]
        for name, seconds in list(run["tasks"].items())[:TASKS]
    ]
    yield from _table(f"Tasks, {largest} hosts, no change", ["task", "seconds", "share"], rows)


def _model(model: Model) -> Iterator[str]:
    rows = [[name, f"{value:.3g}"] for name, value in model._asdict().items()]
    yield from _table("Model", ["parameter", "value"], rows)


def _residuals(told: Answer, model: Model) -> Iterator[str]:
    rows = []
    for hosts, setting, forks, trip in (
        (1, "", FORKS, 0.0),
        (3, "", FORKS, 0.0),
        (10, "", FORKS, 0.0),
        (10, ONE_WAVE, FORKS, 0.0),
        (10, rollout_model.NO_PEERS, FORKS, 0.0),
        (10, "5 forks", FEW_FORKS, 0.0),
        (10, f"{ONE_WAVE}, 5 forks", FEW_FORKS, 0.0),
        (10, f"{ONE_WAVE}, {told['round_trip'] * 1000:.0f} ms away", FORKS, told["round_trip"]),
        (
            10,
            f"{ONE_WAVE}, {told['round_trip'] * 1000:.0f} ms away, 5 forks",
            FEW_FORKS,
            told["round_trip"],
        ),
    ):
        runs = find(told, hosts, setting)
        if runs:
            way = Way(as_measured(runs[0]), forks, model.cores, apart=False, trip=trip)
            seconds, measured = foretell(model, way).seconds, middle(runs, "seconds")
            rows.append(
                [
                    f"{hosts} hosts{', ' * bool(setting)}{setting}",
                    f"{measured:.1f}",
                    f"{seconds:.1f}",
                    f"{seconds / measured - 1:+.0%}",
                ]
            )
    yield from _table("Model and measurement", ["", "measured", "model", ""], rows)


def _foretold(model: Model) -> Iterator[str]:
    rows = []
    for hosts in FORETOLD:
        for name, waves in (("default", default_waves(hosts)), ("one", one_wave(hosts))):
            for forks in (5, 20, 50):
                cells = []
                for cores in CORES:
                    for trip in (0.0, 0.03):
                        found = foretell(model, Way(waves, forks, cores, trip=trip))
                        cells.append(f"{found.seconds / 60:.1f} ({found.limit})")
                rows.append([f"{hosts}, {name}, {forks}", *cells])
    names = ["hosts, waves, forks"]
    names += [f"{cores} cores, {trip} ms" for cores in CORES for trip in (0, 30)]
    yield from _table("Foretold, minutes (limit)", names, rows)
