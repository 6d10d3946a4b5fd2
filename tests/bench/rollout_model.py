# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model of a rollout: what it takes is fitted to what was measured. docs/scale.md explains it."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from math import ceil
from statistics import median

USUAL = ""
ONE_WAVE = "one wave"
NO_PEERS = "no probes between offices"
PEERS = 3
# Of settings with 5 forks.
FEW_FORKS, FORKS = 5, 20

Answer = Mapping[str, t.Any]


def find(told: Answer, hosts: int, setting: str = USUAL, case: str = "no change") -> list[Answer]:
    """Return the runs of a setting."""
    return [
        run
        for each in told["measured"]
        if (each["hosts"], each["case"], each["setting"]) == (hosts, case, setting)
        for run in each["runs"]
    ]


def middle(runs: Sequence[Answer], what: str) -> float:
    return median(run[what] for run in runs)


class Model(t.NamedTuple):
    """Seconds; those `of a host` once a wave, or once a rollout where no wave is named."""

    # The start of Ansible, the first play and the last: for one host, and for each further one.
    around: float
    around_more: float
    # A wave of one host, and each further host in it, without probes between offices. In the first wave Ansible puts
    # together the modules that it sends, for all that follow.
    wave: float
    wave_more: float
    wave_first: float
    # A probe between offices, and each that runs at the same time.
    probe: float
    probe_more: float
    # Processor time: of the workstation, of its main process, of the host itself.
    workstation: float
    workstation_probe: float
    main: float
    host: float
    # What each host of the company adds to the two of the workstation, for each host that is rolled out.
    workstation_known: float
    main_known: float
    # What of that processor time a further host of a wave takes on the clock; the rest is around the waves.
    share: float
    # Round trips between workstation and host, one after the other; of a probe between offices, too.
    trips_around: float
    trips_wave: float
    trips_probe: float
    known: int
    cores: int


class Wave(t.NamedTuple):
    hosts: int
    # How many probes between offices a host does, one after the other: the mean, and the host with the most.
    rounds: float
    longest: float


class Way(t.NamedTuple):
    """How a rollout is done."""

    waves: tuple[Wave, ...]
    forks: int = FORKS
    cores: int = 2
    # Whether the hosts' work is done by processors of their own.
    apart: bool = True
    trip: float = 0.0


def default_waves(hosts: int, peers: int = PEERS) -> tuple[Wave, ...]:
    """Three waves of a company with more than three offices, a host each."""
    few, many = 2 * min(peers, 1), 2 * peers
    return Wave(1, 0, 0), Wave(1, few, few), Wave(hosts - 2, many, many)


def one_wave(hosts: int, peers: int = PEERS) -> tuple[Wave, ...]:
    return (Wave(hosts, 2 * peers, 2 * peers),)


def as_measured(run: Answer) -> tuple[Wave, ...]:
    return tuple(
        Wave(wave["hosts"], wave["pairs"] / wave["hosts"], _longest(wave)) for wave in run["waves"]
    )


def _longest(wave: Answer) -> float:
    """Of several hosts the last one has as many peers as it may: the company of ten has enough."""
    return float(wave["pairs"] if wave["hosts"] == 1 else 2 * PEERS * bool(wave["pairs"]))


def fit(told: Answer) -> Model:
    """Fit the model by least squares."""
    sizes = (1, 3, 10)
    largest = max(sizes)
    usual = {size: find(told, size) for size in sizes}
    runs = [
        *(run for size in sizes for run in usual[size]),
        *find(told, largest, ONE_WAVE),
        *find(told, largest, NO_PEERS),
    ]
    around = _squares(
        [[1, sum(w["hosts"] for w in run["waves"]) - 1, run["around"]] for run in runs]
    )
    wave_line = _squares(
        [
            [1, wave["hosts"] - 1, int(wave is run["waves"][0]), wave["seconds"] - wave["between"]]
            for run in runs
            for wave in run["waves"]
        ]
    )
    # How many probes a host does one after the other, and how many run beside them.
    rounds = [
        (wave["pairs"] / wave["hosts"], wave["hosts"] - 1, wave["between"])
        for run in runs
        for wave in run["waves"]
        if wave["pairs"]
    ]
    probe = _squares([[each, each * beside, seconds] for each, beside, seconds in rounds])
    none = find(told, largest, NO_PEERS)
    pairs = sum(wave["pairs"] for wave in usual[largest][0]["waves"])
    probe_cpu = (middle(usual[largest], "workstation") - middle(none, "workstation")) / pairs
    cpu = _squares(
        [
            [1, size, run["workstation"] - probe_cpu * sum(w["pairs"] for w in run["waves"])]
            for size in sizes
            for run in usual[size]
        ]
    )
    main = _squares([[1, size, run["main"]] for size in sizes for run in usual[size]])
    host = middle(usual[largest], "host")
    grown = _growth(told, largest, "workstation"), _growth(told, largest, "main")
    near, far = usual[1], find(told, 1, _far(told))
    trip = told["round_trip"]
    return Model(
        *around,
        *wave_line,
        *probe,
        workstation=cpu[1],
        workstation_probe=probe_cpu,
        main=main[1],
        host=host,
        workstation_known=grown[0],
        main_known=grown[1],
        share=wave_line[1] * told["cores"] / (cpu[1] + host),
        trips_around=(middle(far, "around") - middle(near, "around")) / trip,
        trips_wave=(_first_wave(far) - _first_wave(near)) / trip,
        trips_probe=_trips_of_a_probe(told, largest),
        known=largest,
        cores=told["cores"],
    )


class Foretold(t.NamedTuple):
    seconds: float
    # What a host more waits for, in the largest wave.
    limit: str


def foretell(model: Model, way: Way) -> Foretold:
    """Return how long a rollout takes."""
    hosts = sum(wave.hosts for wave in way.waves)
    beyond = max(0, hosts - model.known)
    workstation = model.workstation + beyond * model.workstation_known
    main = model.main + beyond * model.main_known
    # One host's way through a wave: where nobody waits for it but its own next task.
    alone = model.wave + beyond * model.workstation_known
    seconds = model.around + (hosts - 1) * model.around_more
    seconds += model.trips_around * way.trip * _turns(way, hosts)
    name = ""
    seconds += model.wave_first
    for wave in way.waves:
        work = (workstation + (0 if way.apart else model.host)) * model.share / way.cores
        name, step = max(
            ("processors", work),
            ("the main process", main),
            ("forks", alone / min(way.forks, wave.hosts)),
            key=lambda each: each[1],
        )
        seconds += alone + (wave.hosts - 1) * step + wave.rounds * _probe(model, way, wave.hosts)
        # A task waits for all of its hosts before the next begins, and so do the round trips.
        trips = model.trips_wave + wave.longest * model.trips_probe
        seconds += trips * way.trip * _turns(way, wave.hosts)
    return Foretold(seconds, name)


def _turns(way: Way, hosts: int) -> int:
    """How many hosts have to do a task one after the other, for there are fewer forks than hosts."""
    return ceil(hosts / way.forks)


def _probe(model: Model, way: Way, hosts: int) -> float:
    """A probe of each host of a wave: they share the processors, or wait for a fork."""
    work = model.probe_more * model.cores / way.cores
    return model.probe + (hosts - 1) * max(work, model.probe / min(way.forks, hosts))


def _far(told: Answer) -> str:
    return f"{told['round_trip'] * 1000:.0f} ms away"


def _first_wave(runs: Sequence[Answer]) -> float:
    return median(run["waves"][0]["seconds"] for run in runs)


def _trips_of_a_probe(told: Answer, hosts: int) -> float:
    far = find(told, hosts, f"{ONE_WAVE}, {_far(told)}")
    near = find(told, hosts, ONE_WAVE)
    if not far or not near:
        return 0.0
    seconds = [median(run["waves"][0]["between"] for run in runs) for runs in (far, near)]
    return (seconds[0] - seconds[1]) / told["round_trip"] / _longest(near[0]["waves"][0])


def _growth(told: Answer, hosts: int, what: str) -> float:
    """What a host of the company adds for each host that is rolled out."""
    points = [[1, hosts, middle(find(told, hosts), what) / hosts]]
    for known in (50, 200):
        runs = find(told, hosts, f"of {known} hosts")
        points += [[1, known, run[what] / hosts] for run in runs]
    # Without a larger company to compare with, it adds nothing.
    return _squares(points)[1] if len(points) > 1 else 0.0


def _squares(points: Sequence[Sequence[float]]) -> list[float]:
    """Return the factors of the first numbers of each point that give the last, with the least squares."""
    size = len(points[0]) - 1
    rows = [
        [sum(point[row] * point[column] for point in points) for column in range(size + 1)]
        for row in range(size)
    ]
    # Gauss and Jordan; the matrix is positive, so that its diagonal can be divided by.
    for pivot in range(size):
        rows[pivot] = [value / rows[pivot][pivot] for value in rows[pivot]]
        for other in range(size):
            if other != pivot:
                factor = rows[other][pivot]
                pairs = zip(rows[other], rows[pivot], strict=True)
                rows[other] = [one - factor * two for one, two in pairs]
    return [row[-1] for row in rows]
