# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a function in namespaces of its own: mounts, network, processes.

PRIVATE to the collection. It can have breaking changes at any time.

A daemon that is started there believes itself at home: the staged configuration stands at its
usual place, its state directories are empty, and its ports are all free. Nothing of it can be
reached from outside, it can reach nobody, and it is gone when the function returns: the
function's process is the namespace's first, and the kernel ends the rest with it. See
namespaces(7), mount_namespaces(7), pid_namespaces(7).
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import time
import traceback
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.network import (
    set_up_loopback,
)

_CLONE_NEWNS, _CLONE_NEWIPC = 0x00020000, 0x08000000
_CLONE_NEWPID, _CLONE_NEWNET = 0x20000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What differs for the isolated function from the host around it.

    `binds` puts a path over another; `empty` directories are fresh and in memory, with the
    owner and mode of what they hide. `addresses` are its own beside the loopback ones.
    """

    binds: Mapping[Path, Path] = field(default_factory=dict)
    empty: Sequence[Path] = ()
    addresses: Sequence[str] = ()


def run(task: Callable[[], t.Any], surroundings: Surroundings, timeout: float) -> t.Any:
    """Return what `task` returns (it must be JSON) from within namespaces of its own.

    `timeout` in seconds. Raises the `MailError` that the task raised, or one that says that the
    host does not allow namespaces or that the task did not end in time.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _outer(task, surroundings, writer)
    os.close(writer)
    answer = None
    try:
        answer = _read_all(reader, time.monotonic() + timeout)
    finally:
        os.close(reader)
        if answer is None:
            os.kill(child, signal.SIGKILL)
        # It ends by itself after its answer, when the kernel has ended all that is inside.
        os.waitpid(child, 0)
    if answer is None:
        raise MailError(f"The rehearsal did not end within {timeout:.0f} seconds.")
    return _unpack(answer)


def _outer(task: Callable[[], t.Any], surroundings: Surroundings, writer: int) -> t.NoReturn:
    """Enter the namespaces; only a child of this process is inside the new PID namespace."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # As systemd starts a daemon, whatever the administrator's login has.
    os.umask(0o022)
    try:
        _call("unshare", _CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWPID | _CLONE_NEWNET)
        inner = os.fork()
    except BaseException as error:
        _answer(writer, _refusal(error))
    if inner == 0:
        _inner(task, surroundings, writer)
    os.close(writer)
    os.waitpid(inner, 0)
    os._exit(0)


def _inner(task: Callable[[], t.Any], surroundings: Surroundings, writer: int) -> t.NoReturn:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    try:
        _arrange(surroundings)
    except BaseException as error:
        _answer(writer, _refusal(error))
    try:
        _answer(writer, {"value": task()})
    except MailError as error:
        _answer(writer, {"error": str(error), "details": error.details})
    except BaseException:
        _answer(writer, {"crash": traceback.format_exc()})


def _arrange(surroundings: Surroundings) -> None:
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    for directory in surroundings.empty:
        # A daemon that never ran has none yet, and its own start would make the same one.
        directory.mkdir(mode=0o755, exist_ok=True)
        status = directory.stat()
        _mount("tmpfs", str(directory), "tmpfs", _MS_NOSUID | _MS_NODEV, b"size=64m")
        os.chown(directory, status.st_uid, status.st_gid)
        os.chmod(directory, status.st_mode & 0o7777)
    for target, source in surroundings.binds.items():
        _mount(str(source), str(target), None, _MS_BIND)
    set_up_loopback(surroundings.addresses)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, data: bytes | None = None
) -> None:
    _call(
        "mount",
        source.encode() if source else None,
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        data,
    )


def _call(name: str, *arguments: t.Any) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _refusal(error: BaseException) -> dict[str, t.Any]:
    return {
        "error": "The configuration can't be rehearsed, because this host does not let root make"
        f" private namespaces ({error}); in a container, allow it the capabilities SYS_ADMIN and"
        " NET_ADMIN.",
        "details": {},
    }


def _answer(writer: int, content: Mapping[str, t.Any]) -> t.NoReturn:
    # os._exit: the fork must not run the exit handlers of the module that it is a copy of.
    with os.fdopen(writer, "wb") as stream:
        stream.write(json.dumps(content).encode())
    os._exit(0)


def _read_all(reader: int, deadline: float) -> bytes | None:
    parts: list[bytes] = []
    while True:
        readable = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))[0]
        if not readable:
            return None
        part = os.read(reader, 65536)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _unpack(answer: bytes) -> t.Any:
    if not answer:
        raise MailError("The rehearsal was ended from outside.")
    content = json.loads(answer)
    if "crash" in content:
        raise RuntimeError(content["crash"])
    if "error" in content:
        raise MailError(content["error"], **content["details"])
    return content["value"]
