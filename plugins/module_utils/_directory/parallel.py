# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Spreading work that is slow to compute over all cores.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import concurrent.futures
import concurrent.futures.process
import ctypes
import multiprocessing
import os
import signal
import typing as t
from collections.abc import Callable, Iterator, Sequence

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

# Below this many for each process, starting one costs more than it saves.
FEWEST = 4

_PR_SET_PDEATHSIG = 1

Value = t.TypeVar("Value")
Answer = t.TypeVar("Answer")


def spread(function: Callable[[Value], Answer], values: Sequence[Value]) -> Iterator[Answer]:
    """Yield the function's answer to each value, in their order.

    Values and answers go through pipes between processes and nowhere else. Threads would not do:
    not every hash function lets go of the interpreter.
    """
    workers = min(len(os.sched_getaffinity(0)), len(values) // FEWEST)
    if workers < 2:
        yield from map(function, values)
        return
    try:
        with concurrent.futures.ProcessPoolExecutor(
            workers, multiprocessing.get_context("fork"), _end_with_parent, (os.getpid(),)
        ) as pool:
            yield from pool.map(function, values, chunksize=FEWEST)
    except concurrent.futures.process.BrokenProcessPool:
        raise MailError(
            "update_password: A process that hashes passwords was ended from outside; "
            "is there enough memory?"
        ) from None


def _end_with_parent(parent: int) -> None:
    """Where the module is killed, its helpers go with it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
