# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twenty modules at once, each in a process of its own: nothing is lost and none of them fails."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.tests.modules import people
from ansible_collections.assurmer.mail.tests.modules.running import (
    Call,
    answer,
    build,
    command,
)
from ansible_collections.assurmer.mail.tests.robustness.targets import Target

CROWD = 20
LONG = 120
HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
DOMAIN = people.DOMAIN
SAME = f"same@{DOMAIN}"


class Crowd:
    """Calls of modules, all of which begin before the first has ended."""

    def __init__(self, target: Target, folder: Path) -> None:
        self._common = {**target.options, "store": str(folder / "mail")}
        self._folder = folder

    def run(self, module: str, arguments: t.Sequence[dict[str, t.Any]]) -> list[t.Any]:
        """Return what each of them says; none may fail."""
        calls = [
            Call(module, {**self._common, **own}, self._folder / f"{number}.py")
            for number, own in enumerate(arguments)
        ]
        build(calls)
        processes = [
            subprocess.Popen(command(call.file), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            for call in calls
        ]
        said = [answer(process.communicate(timeout=LONG)[0]) for process in processes]
        assert [result["msg"] for result in said if result.get("failed")] == []
        return said


@pytest.fixture
def crowd(target: Target, tmp_path: Path) -> Crowd:
    crowd = Crowd(target, tmp_path)
    crowd.run("mail_directory", [{"domains": [{"name": DOMAIN}]}])
    return crowd


def test_different_mailboxes_are_all_there(crowd: Crowd, target: Target) -> None:
    addresses = [f"person{number}@{DOMAIN}" for number in range(CROWD)]
    said = crowd.run("mailbox", [{"address": one, "password_hash": HASH} for one in addresses])
    assert all(result["changed"] for result in said)
    faults, content = target.inspect()
    assert faults == []
    assert sorted(content.mailboxes) == sorted(addresses)


def test_the_same_mailbox_is_as_one_of_them_wanted_it(crowd: Crowd, target: Target) -> None:
    """It is created, changed and removed by turns, and is one of these as a whole."""
    wanted = [
        {"address": SAME, "state": "absent"}
        if number % 4 == 3
        else {"address": SAME, "password_hash": HASH, "name": f"{number}", "quota": f"{number}M"}
        for number in range(CROWD)
    ]
    said = crowd.run("mailbox", wanted)
    assert any(result["changed"] for result in said)
    faults, content = target.inspect()
    assert faults == []
    for mailbox in content.mailboxes.values():
        assert mailbox.address == SAME
        assert mailbox.quota == int(mailbox.name) * 2**20
        assert mailbox.password == HASH


def test_lists_are_all_there(crowd: Crowd, target: Target) -> None:
    lists = [
        [{"address": f"{list_}.{number}@{DOMAIN}", "password_hash": HASH} for number in range(100)]
        for list_ in range(CROWD)
    ]
    said = crowd.run("mail_directory", [{"mailboxes": entries} for entries in lists])
    assert [result["counts"]["mailboxes"]["created"] for result in said] == [100] * CROWD
    faults, content = target.inspect()
    assert faults == []
    assert len(content.mailboxes) == 100 * CROWD
