# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of the two modules that move mailboxes to their results.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils import _lock
from ansible_collections.assurmer.mail.plugins.module_utils._address import normal_address
from ansible_collections.assurmer.mail.plugins.module_utils._directory.dsn import Access
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    MailError,
    refuse_outside,
)
from ansible_collections.assurmer.mail.plugins.module_utils._module import Result
from ansible_collections.assurmer.mail.plugins.module_utils._move.channel import Identity, Peer
from ansible_collections.assurmer.mail.plugins.module_utils._move.destination import (
    Destination,
    Pace,
    Report,
)
from ansible_collections.assurmer.mail.plugins.module_utils._move.homes import Homes
from ansible_collections.assurmer.mail.plugins.module_utils._move.source import Server, Source

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

LOCK = Path("/run/lock/assurmer-mail-move")
# An earlier run whose workstation was lost goes on by itself; it is waited for.
LOCK_SECONDS = 600.0
RANGES = {"port": (1, 65535), "batch": (1, 1000), "hold": (20, 3600), "workers": (1, 32)}


def serve(module: AnsibleModule) -> Result:
    """The body of the module for the old home."""
    params = module.params
    _check(params, ("port",))
    if module.check_mode:
        return Result(values={"gone": {}})
    peer = params["peer"].lower()
    source = Source(
        params["host"].lower(),
        peer,
        [normal_address(address, "mailboxes") for address in params["mailboxes"]],
        _homes(module),
        MailStore(Path(params["store"])),
    )
    Server(source, peer, _identity(module)).run(params["port"])
    before = dict.fromkeys(source.gone, params["host"])
    return Result(before, dict.fromkeys(source.gone, peer), {"gone": source.gone})


def move(module: AnsibleModule) -> Result:
    """The body of the module for the new home."""
    params = module.params
    _check(params, ("port", "batch", "hold", "workers"))
    host = params["host"].lower()
    wanted: dict[str, list[str]] = {}
    for mailbox in params["mailboxes"]:
        wanted.setdefault(mailbox["home"].lower(), []).append(
            normal_address(mailbox["address"], "mailboxes.address")
        )
    if host in wanted:
        raise InvalidOption("mailboxes.home", host, "is this host itself")
    homes = {address: home for home, addresses in wanted.items() for address in addresses}
    if module.check_mode:
        return _result(host, homes, Report(moved=homes))
    pace = Pace(params["batch"], params["hold"], params["workers"])
    destination = Destination(host, _homes(module), MailStore(Path(params["store"])), pace)
    with _alone():
        for home, addresses in wanted.items():
            address = params["addresses"].get(home, home)
            destination.move(
                Peer(home, address, params["port"], _identity(module)), sorted(addresses)
            )
    result = _result(host, homes, destination.report)
    problems = destination.report.problems
    if problems:
        first = min(problems)
        raise MailError(
            f"{len(problems)} of {len(homes)} mailboxes have stayed where they were, or could not be "
            f"finished: {first}: {problems[first]}",
            changed=result.changed,
            **result.values,
        )
    return result


def _result(host: str, homes: dict[str, str], report: Report) -> Result:
    before = {address: homes[address] for address in sorted(report.moved)}
    values = {
        "moved": list(before),
        "messages": report.messages,
        "held_seconds": round(report.held_seconds, 1),
        "problems": report.problems,
    }
    return Result(before, dict.fromkeys(before, host), values)


def _check(params: dict[str, t.Any], options: tuple[str, ...]) -> None:
    for option in options:
        refuse_outside(option, params[option], *RANGES[option])


def _homes(module: AnsibleModule) -> Homes:
    params = module.params
    return Homes(params["dsn"], Access(None, params["dsn_password"] or ""))


def _identity(module: AnsibleModule) -> Identity:
    return Identity(Path(module.params["certificate"]), Path(module.params["ca_path"]))


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep two runs from copying to this host at once."""
    with LOCK.open("w") as file:
        if not _lock.wait_for(file.fileno(), LOCK_SECONDS):
            raise MailError("Another move to this host is still running.")
        yield
