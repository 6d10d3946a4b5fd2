# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run at a time on a host.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

_POLL = 0.1


@contextlib.contextmanager
def exclusive(room: Path, *, seconds: float) -> Iterator[None]:
    """Have the directory for ourselves; it is made, and removed again if it is left empty.

    Waits for another run for so many seconds. The lock is flock(2) on the directory itself: it
    ends with its holder, however that ends.
    """
    deadline = time.monotonic() + seconds
    while (descriptor := _lock(room)) is None:
        if time.monotonic() > deadline:
            raise MailError(
                f"Another run has been changing a configuration on this host for {seconds:.0f}"
                " seconds; try again when it has ended."
            )
        time.sleep(_POLL)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            room.rmdir()
        os.close(descriptor)


def _lock(room: Path) -> int | None:
    try:
        room.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(room, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:  # Its holder removed it just now.
        return None
    except OSError as error:
        raise MailError(f"{room} can't be used: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), os.stat(room)):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None
