# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every row of the TLS scorecards on every port; the table is printed at the end of the run."""

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.tests.acceptance.scorecard import ROWS
from ansible_collections.assurmer.mail.tests.acceptance.starttls import PORTS


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize("port", PORTS)
def test_row(host, port, row, scans, record_property):
    verdict = row.judge(scans[host.name, port])
    record_property("verdict", (host.name, port, str(row), verdict.word))
    assert verdict.good, f"{verdict.word}: {verdict.found}"
