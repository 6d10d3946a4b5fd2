# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the module's options to its result.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import time
import typing as t
from collections.abc import Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._module import Result
from ansible_collections.assurmer.mail.plugins.module_utils._probe.journal import StepError
from ansible_collections.assurmer.mail.plugins.module_utils._probe.plan import Plan
from ansible_collections.assurmer.mail.plugins.module_utils._probe.step import report
from ansible_collections.assurmer.mail.plugins.module_utils._probe.tls import client_context
from ansible_collections.assurmer.mail.plugins.module_utils._probe.walk import Walk


def probe(params: Mapping[str, t.Any]) -> Result:
    """Walk once; a failing walk raises with the steps up to the failure."""
    plan = Plan.from_options(params)
    walk = Walk(plan, client_context(params["ca_path"], params["ca_content"]))
    started = time.monotonic()
    try:
        walk.go()
    except StepError as failure:
        failed = {**failure.step.as_result(), "server": str(failure.server)}
        failure.details.update(
            _values(walk, started), failed_step=failed, left_behind=walk.left_behind
        )
        raise
    return Result(values=_values(walk, started))


def _values(walk: Walk, started: float) -> dict[str, t.Any]:
    steps = walk.journal.steps
    return {
        "steps": [step.as_result() for step in steps],
        "report": report(steps),
        "queue_id": walk.queue_id,
        "delivered_in": walk.delivered_in,
        "milliseconds": round((time.monotonic() - started) * 1000, 1),
    }
