# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._move import queue


class Postfix:
    """A postqueue(1) that shows what it is told to, a listing each time, and notes what is flushed."""

    def __init__(self, directory: Path) -> None:
        self.program = directory / "postqueue"
        self._listings = directory / "listings"
        self._flushed = directory / "flushed"
        self._flushed.touch()
        self.program.write_text(
            "#!/bin/sh\n"
            f'if [ "$1" = -i ]; then echo "$2" >> {self._flushed}; exit; fi\n'
            f"first=$(ls {self._listings} | head -n 1)\n"
            f"cat {self._listings}/$first\n"
            f"[ $(ls {self._listings} | wc -l) = 1 ] || rm {self._listings}/$first\n"
        )
        self.program.chmod(0o755)

    def shows(self, *listings: list[tuple[str, str, str]]) -> None:
        self._listings.mkdir()
        for number, listing in enumerate(listings):
            lines = [
                json.dumps(
                    {"queue_name": name, "queue_id": number, "recipients": [{"address": recipient}]}
                )
                for name, number, recipient in listing
            ]
            (self._listings / str(number)).write_text("".join(f"{line}\n" for line in lines))

    @property
    def flushed(self) -> list[str]:
        return self._flushed.read_text().split()


@pytest.fixture
def postfix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Postfix:
    found = Postfix(tmp_path)
    monkeypatch.setattr(queue, "POSTQUEUE", str(found.program))
    return found


def test_what_waits_for_them_is_tried_again(postfix: Postfix) -> None:
    postfix.shows(
        [
            ("deferred", "A1", "x@a.example"),
            ("deferred", "B2", "y@a.example"),
            ("deferred", "C3", "X+shop@A.example"),
            ("active", "D4", "x@a.example"),
        ]
    )
    assert queue.flush({"x@a.example"}) == 2
    assert postfix.flushed == ["A1", "C3"]


def test_a_delivery_that_is_under_way_is_waited_for(postfix: Postfix) -> None:
    under_way = [("active", "A1", "x@a.example"), ("active", "B2", "y@a.example")]
    # What comes to the active queue later is judged by the directory as it is by then.
    later = [("active", "C3", "x@a.example")]
    postfix.shows(under_way, [*under_way[:1], *later], later)
    queue.drain({"x@a.example"}, 5)


def test_a_delivery_that_does_not_end_is_told(postfix: Postfix) -> None:
    postfix.shows([("active", "A1", "x@a.example")])
    with pytest.raises(MailError, match="Postfix has been delivering A1 for 0 s"):
        queue.drain({"x@a.example"}, 0.3)


def test_a_host_without_postfix_has_no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "POSTQUEUE", "/nonexistent")
    queue.drain({"x@a.example"}, 0)
    assert queue.flush({"x@a.example"}) == 0


def test_a_queue_that_can_not_be_read_is_told(postfix: Postfix) -> None:
    postfix.program.write_text("#!/bin/sh\nexit 69\n")
    with pytest.raises(MailError, match="postqueue -j: "):
        queue.flush({"x@a.example"})
