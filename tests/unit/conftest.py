# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# The same examples in every run: a test that fails has found something in the change at hand. A
# search for more: HYPOTHESIS_PROFILE=long tests/env/with_postgresql.sh pytest -k properties
SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.filter_too_much]
settings.register_profile(
    "bounded", deadline=None, derandomize=True, max_examples=100, suppress_health_check=SLOW_IS_FINE
)
settings.register_profile(
    "long", deadline=None, max_examples=5000, suppress_health_check=SLOW_IS_FINE
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "bounded"))
