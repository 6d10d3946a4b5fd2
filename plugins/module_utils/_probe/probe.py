# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the module's options to its result.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import time
import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._module import Result
from ansible_collections.assurmer.mail.plugins.module_utils._probe.journal import StepError
from ansible_collections.assurmer.mail.plugins.module_utils._probe.plan import plans
from ansible_collections.assurmer.mail.plugins.module_utils._probe.step import report
from ansible_collections.assurmer.mail.plugins.module_utils._probe.tls import client_context
from ansible_collections.assurmer.mail.plugins.module_utils._probe.walk import Walk


def probe(params: Mapping[str, t.Any]) -> Result:
    """Walk each route; the first walk that fails raises with the steps up to the failure."""
    # All of them are understood before the first is walked.
    wanted = plans(params)
    context = client_context(params["ca_path"], params["ca_content"])
    probes: list[dict[str, t.Any]] = []
    for plan in wanted:
        walk = Walk(plan, context)
        started = time.monotonic()
        failure = None
        try:
            walk.go()
        except StepError as error:
            failure = error
        probes.append({"name": plan.name, "ok": failure is None, **_told(walk, started)})
        if failure:
            raise MailError(
                f"{plan.name}: {failure}" if plan.name else str(failure),
                failed_step={**failure.step.as_result(), "server": str(failure.server)},
                left_behind=walk.left_behind,
                **_values(params, probes),
            ) from failure
    return Result(values=_values(params, probes))


def _told(walk: Walk, started: float) -> dict[str, t.Any]:
    steps = walk.journal.steps
    return {
        "steps": [step.as_result() for step in steps],
        "report": report(steps),
        "queue_id": walk.queue_id,
        "delivered_in": walk.delivered_in,
        "milliseconds": round((time.monotonic() - started) * 1000, 1),
    }


def _values(params: Mapping[str, t.Any], probes: Sequence[Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """Return what is told of the probes as if they were one, and with routes of each, too."""
    last = probes[-1] if probes else {}
    together = {
        "steps": [step for probe in probes for step in probe["steps"]],
        "report": [line for probe in probes for line in probe["report"]],
        "queue_id": last.get("queue_id"),
        "delivered_in": last.get("delivered_in"),
        "milliseconds": round(sum(probe["milliseconds"] for probe in probes), 1),
    }
    return together if params["routes"] is None else {**together, "probes": list(probes)}
