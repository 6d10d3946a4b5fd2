# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""healed.py COMPANY.json MARK SECONDS: every message with this mark arrives, once, within so long."""

import json
import pathlib
import sys
import time
from collections import Counter

from company import company, until

OFFICES = company(sys.argv[1])
MARK, SECONDS = sys.argv[2], float(sys.argv[3])
sent = json.loads(pathlib.Path(f"{sys.argv[1]}.{MARK}").read_text(encoding="utf-8"))
began = time.monotonic()

for office in OFFICES:
    user = office.users[1]
    expected = Counter(subject for subject, recipient in sent if recipient == user)
    until(
        f"{user} gets the {len(expected)} messages",
        SECONDS,
        lambda: str(sorted(expected.keys() - office.subjects(user, MARK).keys())[:3] or ""),  # noqa: B023 - it is asked at once
    )
waited = time.monotonic() - began
for office in OFFICES:
    user = office.users[1]
    expected = Counter(subject for subject, recipient in sent if recipient == user)
    found = office.subjects(user, MARK)
    if found != expected:
        sys.exit(f"{user} has lost {expected - found} and has twice {found - expected}")
print(f"{len(sent)} messages, each there once, {waited:.0f} s after the WAN was there again")
