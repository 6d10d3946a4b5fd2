# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lock that is waited for.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import fcntl
import time

_POLL = 0.02


def wait_for(descriptor: int, seconds: float) -> bool:
    """Lock an open file for ourselves; False where another still has it after so many seconds.

    It is flock(2), which ends with its holder, however that ends.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL)
        else:
            return True
