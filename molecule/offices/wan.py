# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wan.py COMPANY.json OFFICE MARK: 200 messages while the WAN is cut at one office.

Writes each message that a server took to MARK's file; `healed.py` looks for them afterwards.
"""

import imaplib
import itertools
import json
import pathlib
import sys
import time

from company import PATIENCE, at_once, company, refused, until

OFFICES = company(sys.argv[1])
MARK = sys.argv[3]
CUT = next(office for office in OFFICES if office.name == sys.argv[2])
OTHERS = [office for office in OFFICES if office is not CUT]
MESSAGES = 200

ways = list(
    itertools.islice(
        itertools.cycle(itertools.product(OFFICES, OFFICES)),
        MESSAGES,
    )
)
began = time.monotonic()
# Senders are those of the office: whoever is on the road uses whichever he reaches.
sent = [
    (f"{MARK}-{number}", here, here.users[0], there.users[1])
    for number, (here, there) in enumerate(ways)
]
at_once(lambda each=each: each[1].send(each[2], each[3], each[0]) for each in sent)
print(
    f"{MESSAGES} messages were taken in {time.monotonic() - began:.0f} s, the WAN cut at {CUT.name}"
)
pathlib.Path(f"{sys.argv[1]}.{MARK}").write_text(
    json.dumps([(subject, recipient) for subject, _here, _sender, recipient in sent]),
    encoding="utf-8",
)

# Each side of the cut goes on by itself.
for here in OFFICES:
    reachable = [CUT] if here is CUT else OTHERS
    for there in reachable:
        expected = {
            subject
            for subject, office, _sender, recipient in sent
            if recipient == there.users[1] and office in reachable
        }
        until(
            f"{there.users[1]} reads at {here.name} what does not have to pass the cut",
            PATIENCE,
            lambda: str(sorted(expected - here.subjects(there.users[1], MARK).keys())[:3] or ""),  # noqa: B023 - it is asked at once
        )
    for there in OFFICES:
        if there in reachable:
            continue
        asked = time.monotonic()
        refused(
            f"{there.users[0]}, who is cut off, at {here.name}",
            imaplib.IMAP4.error,
            "UNAVAILABLE",
            lambda: here.imap(there.users[0]),  # noqa: B023 - it is tried at once
        )
        print(f"{there.users[0]} at {here.name} is told so after {time.monotonic() - asked:.1f} s")
