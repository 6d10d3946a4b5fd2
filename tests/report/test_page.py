# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of report.yml in a real browser, which runs no JavaScript of it."""

from __future__ import annotations

import base64
import json
import pathlib
import subprocess
import typing as t

import pytest
from browser import Browser
from conftest import ROOT, Writer, ansible_playbook

AXE = ROOT / ".cache/axe/axe.min.js"
PHONE = 360
WIDTHS = (320, PHONE, 768, 1280)

# What reaches over its box, where it is not meant to be moved sideways.
CUT_OFF = """
[...document.body.querySelectorAll("*:not(.scroll):not(thead):not(thead *)")]
  .filter(each => each.clientWidth && each.scrollWidth > each.clientWidth + 1 && !each.closest("svg"))
  .map(each => each.outerHTML.slice(0, 120))
"""
MATRIX = """
[...document.querySelectorAll(".matrix tbody tr")]
  .map(row => [...row.cells].map(cell => cell.innerText.trim().split(/\\s*\\n\\s*/)))
"""
# The colours of a picture, and that of its first pixel.
COLOURS = """
(async data => {
  const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  context.drawImage(picture, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, picture.width, picture.height).data.buffer);
  return {first: pixels[0] & 0xff, colours: [...new Set(pixels)].map(each => each >>> 0)};
})("DATA")
"""


def probed(peer: str, milliseconds: int = 500) -> dict[str, t.Any]:
    return {"__mail_report_peer": peer, "milliseconds": milliseconds, "delivered_in": 50}


def well(name: str, office: str, peers: list[str]) -> dict[str, t.Any]:
    """A host that has nothing to complain of."""
    return {
        "mail_hostname": f"{name}.example",
        "mail_office": office,
        "__mail_report_host": {
            "versions": {"debian": "13.2", "postfix": "3.10.13", "dovecot": "2.4.1"},
            "queue": {"messages": 0, "deferred": 0, "oldest_seconds": 0, "reasons": []},
            "disk": {"used_percent": 1, "files_used_percent": 1, "free": 1 << 40},
            "mailboxes": {f"{name}.example": 7},
            "problems": [],
        },
        "__mail_report_probes": {"results": [probed(peer) for peer in peers]},
    }


def colour(red: int, green: int, blue: int) -> int:
    return 0xFF000000 | blue << 16 | green << 8 | red


def is_valid(page: pathlib.Path) -> None:
    checked = subprocess.run(
        ["tidy", "-quiet", "-errors", page], capture_output=True, text=True, check=False
    )
    assert checked.stderr == ""


def test_it_is_valid_html(company: pathlib.Path) -> None:
    is_valid(company)


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_every_screen(company: pathlib.Path, browser: Browser, width: int) -> None:
    browser.open(company, width)
    assert browser.ask("innerWidth") == width
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.ask(CUT_OFF) == []


def test_it_needs_nothing_else_and_the_browser_has_nothing_to_say(
    company: pathlib.Path, browser: Browser
) -> None:
    browser.open(company, 1280)
    said = [event["method"] for event in browser.events]
    assert said.count("Network.requestWillBeSent") == 1
    assert "Log.entryAdded" not in said
    assert "Runtime.consoleAPICalled" not in said


def test_what_a_stranger_wrote_is_text(company: pathlib.Path, browser: Browser) -> None:
    browser.open(company, 1280)
    assert browser.ask("document.querySelectorAll('script, img, iframe, [onerror]').length") == 0
    told = browser.ask("document.querySelector('.queues').innerText")
    assert """<script>document.title="caught"</script>""" in told
    assert "{{ 7 * 7 }}" in told


def test_the_matrix_has_each_pair(company: pathlib.Path, browser: Browser) -> None:
    browser.open(company, PHONE)
    rows = browser.ask(MATRIX)
    assert [[cell[0] for cell in row[1:]] for row in rows] == [
        ["failed", "not probed", "not probed"],
        ["failed", "480 ms", "803 ms"],
        ["failed", "732 ms", "512 ms"],
    ]
    assert [cell[1] for row in rows for cell in row[1:] if len(cell) > 1] == [
        "56 ms",
        "171 ms",
        "143 ms",
        "61 ms",
    ]
    assert "2 pairs of 9 were not probed." in browser.ask("document.body.innerText")


def test_each_cell_of_a_phone_says_what_it_is(company: pathlib.Path, browser: Browser) -> None:
    browser.open(company, PHONE)
    heads = """[...document.querySelectorAll("table.stacked")].map(table => [
        [...table.tHead.rows[0].cells].slice(1).map(head => head.textContent),
        [...table.tBodies[0].rows].map(row => [...row.querySelectorAll("td")].map(cell => cell.dataset.label))
    ])"""
    tables = browser.ask(heads)
    assert len(tables) == 4
    for head, rows in tables:
        assert rows
        assert all(row == head for row in rows)
    labels = "getComputedStyle(document.querySelector('.stacked td'), '::before').content"
    assert browser.ask(labels) == '"state"'
    browser.open(company, 1280)
    assert browser.ask(labels) == "none"


def test_who_failed_is_named_with_the_words_of_the_server(
    company: pathlib.Path, browser: Browser
) -> None:
    browser.open(company, PHONE)
    problems = browser.ask(
        "[...document.querySelectorAll('.problems li')].map(each => each.innerText)"
    )
    assert problems[0] == (
        "mail.brussels.example unreachable: Failed to connect to the host via ssh: ssh: connect to host"
        " mail.brussels.example port 22: No route to host"
    )
    assert problems[1].startswith("mail.brussels.example 3 probes failed")
    assert "[Errno 113] No route to host" in problems[1]
    assert browser.ask("document.querySelector('h1').textContent") == "Mail hosts: 7 problems"


def test_the_map_shows_the_offices_and_the_times(company: pathlib.Path, browser: Browser) -> None:
    browser.open(company, PHONE)
    texts = browser.ask("[...document.querySelectorAll('.map text')].map(each => each.textContent)")
    assert sorted(texts) == sorted(
        [
            "brussels",
            "lyon",
            "paris",
            "3 mailboxes",
            "4 mailboxes",
            "5 mailboxes",
            "failed",
            "failed",
            "768 ms",
        ]
    )
    inside = """(box => [...document.querySelectorAll('.map text')].every(each => {
        const rect = each.getBoundingClientRect();
        return rect.left >= box.left && rect.right <= box.right && rect.bottom <= box.bottom;
    }))(document.querySelector('.map').getBoundingClientRect())"""
    assert browser.ask(inside) is True


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [PHONE, 1280])
def test_it_is_accessible(company: pathlib.Path, browser: Browser, width: int, dark: bool) -> None:
    """By Deque's axe: contrast, headings, landmarks, tables, names."""
    browser.open(company, width, dark)
    # The page has none of its own; axe is one.
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    browser.ask(f"{AXE.read_text()}; null")
    found = browser.ask("axe.run({resultTypes: ['violations', 'passes']})")
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert {"color-contrast", "html-has-lang"} <= {each["id"] for each in found["passes"]}


@pytest.mark.parametrize(
    ("dark", "first", "green", "red"),
    [
        (False, 0xFF, colour(0x11, 0x64, 0x31), colour(0xAE, 0x1F, 0x18)),
        (True, 0x12, colour(0x7D, 0xD5, 0x97), colour(0xFF, 0x9F, 0x95)),
    ],
    ids=["light", "dark"],
)
def test_it_is_painted(
    company: pathlib.Path,
    browser: Browser,
    tmp_path: pathlib.Path,
    dark: bool,
    first: int,
    green: int,
    red: int,
) -> None:
    browser.open(company, PHONE, dark)
    picture = browser.picture()
    (tmp_path / "report.png").write_bytes(picture)
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    seen = browser.ask(COLOURS.replace("DATA", base64.b64encode(picture).decode()))
    assert seen["first"] == first
    assert len(seen["colours"]) > 100
    assert {green, red} <= set(seen["colours"])


def test_a_company_of_which_nobody_is_reached_has_a_page_beside_its_inventory(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    """The playbook itself. Where it has to go on after failures, all of them are here."""
    inventory = tmp_path / "inventory" / "hosts.yml"
    inventory.parent.mkdir()
    record = {"started": "then", "hosts": {"a": {"state": "ok", "changed": ["postfix"]}}}
    (tmp_path / "rollout.json").write_text(json.dumps(record))
    inventory.write_text("""
mail_hosts:
  vars:
    mail_rollout_record: "{{ inventory_dir }}/../rollout.json"
    # Nothing listens there.
    ansible_host: 127.0.0.1
    ansible_port: 1
    mail_connect_address: 127.255.255.254
    mail_probe_password: a-secret-of-the-company
    mail_probe_ca: /etc/ssl/certs/ca-certificates.crt
  hosts:
    a: {mail_office: paris, mail_probe_address: probe-a@company.example}
    b: {mail_office: lyon, mail_probe_address: probe-b@company.example}
""")
    ansible_playbook("-i", inventory.parent, "assurmer.mail.report")
    page = tmp_path / "report.html"
    assert "a-secret-of-the-company" not in page.read_text()
    is_valid(page)
    browser.open(page, PHONE)
    # Who can't be logged in to is not tried for each of the others.
    assert browser.ask(MATRIX) == [
        [["b"], ["failed"], ["not probed"]],
        [["a"], ["not probed"], ["failed"]],
    ]
    rollout = "[...document.querySelectorAll('#rollout ~ table td')].map(each => each.innerText)"
    assert browser.ask(rollout) == ["", "ok", "postfix"]
    told = browser.ask("document.querySelector('.problems').innerText")
    assert told.count("unreachable: Failed to connect to the host via ssh") == 2
    assert told.count("1 probe failed (itself): imap connect failed at 127.255.255.254") == 2


def test_a_company_that_is_well(write: Writer, browser: Browser) -> None:
    page = write({"mail": well("mail", "", ["mail"])})
    is_valid(page)
    browser.open(page, PHONE)
    assert browser.ask("document.querySelector('h1').textContent") == "Mail hosts: all is well"
    assert browser.ask("document.querySelectorAll('.problems, .map').length") == 0
    assert "There is no record of one." in browser.ask("document.body.innerText")


def test_a_large_company_fits_a_phone(write: Writer, browser: Browser) -> None:
    names = [f"mail-{number}" for number in range(60)]
    company = {
        name: well(name, f"a-town-with-a-long-name-{number % 20}", [name, names[number - 1]])
        for number, name in enumerate(names)
    }
    page = write(company)
    is_valid(page)
    browser.open(page, PHONE)
    assert browser.ask("document.documentElement.scrollWidth") <= PHONE
    assert browser.ask("document.querySelectorAll('.matrix').length") == 0
    assert browser.ask("document.querySelectorAll('.map').length") == 0
    told = browser.ask("document.body.innerText")
    assert "120 of 120 probes went well. 3480 pairs of 3600 were not probed." in told
    assert "420 mailboxes" in told


@pytest.mark.parametrize("offices", range(2, 9))
def test_nothing_on_the_map_covers_anything(write: Writer, browser: Browser, offices: int) -> None:
    names = [f"town-{number}" for number in range(offices)]
    page = write({name: well(name, name, names) for name in names})
    browser.open(page, PHONE)
    overlaps = """(boxes => boxes.flatMap((one, at) => boxes.slice(at + 1).filter(other =>
        one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom
    )).length)([...document.querySelectorAll('.map rect, .map .time')].map(each => each.getBoundingClientRect()))"""
    assert browser.ask("document.querySelectorAll('.map rect').length") == offices
    assert browser.ask(overlaps) == 0
