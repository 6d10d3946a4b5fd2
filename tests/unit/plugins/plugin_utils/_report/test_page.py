# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

from ansible_collections.assurmer.mail.plugins.plugin_utils._report.page import (
    FULL,
    MOST_COLUMNS,
    MOST_PARTNERS,
    page,
)

MOMENT = "2026-11-26 09:30 UTC"
GONE = {"unreachable": True, "msg": "Task failed: Failed to connect:\n  No route to host"}


def asked(**more: t.Any) -> dict[str, t.Any]:
    return {
        "changed": False,
        "versions": {"debian": "13.2", "postfix": "3.10.13-0+deb13u1", "dovecot": None},
        "queue": {"messages": 0, "deferred": 0, "oldest_seconds": 0, "reasons": []},
        "disk": {"used_percent": 40, "files_used_percent": 3, "free": 2**30},
        "mailboxes": {},
        "problems": [],
        **more,
    }


def sent(peer: str, milliseconds: float = 500.4) -> dict[str, t.Any]:
    return {"__mail_report_peer": peer, "milliseconds": milliseconds, "delivered_in": 60.6}


def failed(peer: str, protocol: str = "imap", words: str = "timed out") -> dict[str, t.Any]:
    step = {"protocol": protocol, "step": "connect"}
    return {"__mail_report_peer": peer, "failed": True, "failed_step": step, "msg": words}


def host(office: str, *probes: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    return {
        "mail_hostname": f"mail.{office}.example",
        "mail_office": office,
        "mail_certificate_provider": "ownca",
        "__mail_report_host": asked(),
        "__mail_report_probes": {"results": list(probes)},
        **more,
    }


def shown(record: str = "", **hosts: dict[str, t.Any]) -> dict[str, t.Any]:
    return page(list(hosts), hosts, record, MOMENT)


def told(view: dict[str, t.Any]) -> list[tuple[str, str]]:
    return [(each["where"], each["what"]) for each in view["problems"]]


def test_a_company_that_is_well() -> None:
    view = shown(
        a=host("paris", sent("a"), sent("b", 700)), b=host("lyon", sent("b"), sent("a", 900))
    )
    assert view["problems"] == []
    assert view["moment"] == MOMENT
    assert view["totals"] == [
        "2 offices",
        "2 of 2 hosts answered",
        "0 mailboxes",
        "4 of 4 probes went well",
    ]
    assert [office["name"] for office in view["offices"]] == ["lyon", "paris"]
    assert [[cell["text"] for cell in row["cells"]] for row in view["probes"]["rows"]] == [
        ["500 ms", "900 ms"],
        ["700 ms", "500 ms"],
    ]
    assert view["probes"]["rows"][0]["cells"][0]["detail"] == "61 ms"
    assert view["probes"]["words"] == "4 of 4 probes went well."
    assert view["map"]["lines"][0]["text"] == "800 ms"
    assert view["map"]["words"] == "lyon and paris: 800 ms."
    assert view["rollout"] is None


def test_who_is_not_reached_or_fails_is_told_first_in_the_words_that_there_are() -> None:
    view = shown(
        a=host("paris", __mail_report_host=GONE),
        b=host("lyon", __mail_report_host={"failed": True, "msg": "no module named x"}),
        c=host("brussels", __mail_report_host=None),
    )
    assert told(view) == [
        ("mail.brussels.example", "failed: It was not asked."),
        ("mail.lyon.example", "failed: no module named x"),
        ("mail.paris.example", "unreachable: Failed to connect: No route to host"),
    ]
    assert [row["words"] for row in view["hosts"]] == ["failed", "failed", "unreachable"]
    assert {row["postfix"] for row in view["hosts"]} == {"unknown"}
    assert {office["state"] for office in view["offices"]} == {"failed"}


def test_probes_that_fail_for_one_reason_are_one_problem_of_the_host_that_they_fail_at() -> None:
    view = shown(
        a=host("paris", sent("a"), failed("c")),
        b=host("lyon", sent("b"), failed("c"), failed("a", "smtp", "451 <no>")),
        c=host("brussels", failed("c")),
    )
    assert told(view) == [
        (
            "mail.brussels.example",
            "3 probes failed (from mail.lyon.example, from mail.paris.example, itself): timed out",
        ),
        ("mail.lyon.example", "1 probe failed (to mail.paris.example): 451 &lt;no&gt;"),
    ]
    states = {row["name"]: row["words"] for row in view["hosts"]}
    assert states["mail.brussels.example"] == "probe failed"
    assert states["mail.lyon.example"] == "ok"


def test_of_many_hosts_that_suffer_few_are_named() -> None:
    hosts = {f"h{number}": host(f"o{number}", failed("h0")) for number in range(MOST_PARTNERS + 3)}
    ((_where, what),) = told(shown(**hosts))
    assert what.startswith(f"{MOST_PARTNERS + 3} probes failed (")
    assert " and 3 more): timed out" in what


def test_what_was_not_probed_is_said() -> None:
    view = shown(a=host("paris", sent("a")), b=host("lyon", sent("b"), sent("a")))
    assert view["probes"]["words"] == "3 of 3 probes went well. 1 pair of 4 was not probed."
    assert view["probes"]["rows"][1]["cells"][0]["text"] == "not probed"
    view = shown(a=host("paris", sent("a")), b=host("lyon", sent("b")))
    assert "2 pairs of 4 were not probed." in view["probes"]["words"]
    assert view["map"]["lines"][0] | {} == {
        **view["map"]["lines"][0],
        "state": "unknown",
        "text": "not probed",
    }


def test_many_hosts_are_a_list() -> None:
    names = [f"h{number}" for number in range(MOST_COLUMNS + 1)]
    hosts = {name: host(name, sent(name, 400), sent("h0", 900)) for name in names[1:]}
    hosts["h0"] = host("h0", sent("h0", 400), failed("h1"))
    hosts["h2"] = host("h2")
    probes = shown(**hosts)["probes"]
    assert probes["rows"] == probes["columns"] == []
    rows = {row.pop("name"): row for row in probes["list"]}
    assert rows["mail.h3.example"] == {
        "state": "ok",
        "words": "2 of 2",
        "median": "650 ms",
        "slowest": "900 ms, read at mail.h0.example",
    }
    assert (rows["mail.h0.example"]["state"], rows["mail.h0.example"]["words"]) == (
        "failed",
        "1 of 2",
    )
    assert (rows["mail.h2.example"]["state"], rows["mail.h2.example"]["words"]) == (
        "unknown",
        "not probed",
    )


def test_between_two_offices_one_failure_is_seen() -> None:
    view = shown(a=host("paris", sent("a"), sent("b")), b=host("lyon", sent("b"), failed("a")))
    assert view["map"]["lines"][0]["state"] == "failed"
    assert view["map"]["lines"][0]["text"] == "failed in part"


def test_a_probe_that_was_skipped_was_not_made() -> None:
    skipped = {"__mail_report_peer": "a", "skipped": True, "skip_reason": "x"}
    view = shown(a=host("paris", skipped))
    assert view["probes"]["rows"][0]["cells"][0]["state"] == "unknown"
    assert view["problems"] == []


def test_mailboxes_are_those_at_home_and_others_know_those_of_a_silent_host() -> None:
    homes = {"mail.paris.example": 5, "mail.lyon.example": 1}
    view = shown(
        a=host("paris", __mail_report_host=asked(mailboxes=homes)),
        b=host("lyon", __mail_report_host=GONE),
    )
    assert [row["mailboxes"] for row in view["hosts"]] == ["1 mailbox", "5 mailboxes"]
    assert "6 mailboxes" in view["totals"]


def test_mailboxes_without_a_home_are_at_home_on_each_host_and_no_other_knows_them() -> None:
    view = shown(
        a=host("paris", __mail_report_host=asked(mailboxes={"": 3})),
        b=host("lyon", __mail_report_host=GONE),
    )
    assert [row["mailboxes"] for row in view["hosts"]] == ["mailboxes unknown", "3 mailboxes"]
    assert view["offices"][0]["counted"] == "mailboxes unknown"


def test_a_certificate_with_its_ports_and_problems() -> None:
    found = {
        "__mail_bundle": "mail.paris.example",
        "key_type": "ecdsa-p256",
        "not_after": "2026-12-08T08:00:00Z",
        "days_left": 12,
        "problems": ["expires in 12 days"],
        "served": [
            {"port": 993, "problems": []},
            {"port": 25, "problems": []},
            # Asked for another name.
            {"port": 993, "problems": ["another certificate"]},
        ],
    }
    broken = {"__mail_bundle": "shop", "failed": True, "msg": "library is missing"}
    results = {"__mail_report_certificates": {"results": [found, broken]}}
    view = shown(a=host("paris", **results))
    first, second = view["certificates"]
    assert first["ports"] == [
        {"port": 25, "state": "ok", "text": "ok"},
        {"port": 993, "state": "failed", "text": "failed"},
    ]
    assert (first["provider"], first["ends"], first["days_left"]) == ("ownca", "2026-12-08", 12)
    assert (second["days_left"], second["problems"]) == ("unknown", ["library is missing"])
    assert told(view) == [
        ("mail.paris.example", "certificate mail.paris.example: expires in 12 days"),
        ("mail.paris.example", "certificate shop: library is missing"),
    ]


def test_mail_that_waits_and_a_disk_that_is_full_are_worries() -> None:
    queue = {
        "messages": 3,
        "deferred": 2,
        "oldest_seconds": 7260,
        "reasons": [{"messages": 2, "reason": "timed out"}],
    }
    disk = {"used_percent": 10, "files_used_percent": FULL, "free": 2**20}
    found = {"__mail_report_host": asked(queue=queue, disk=disk)}
    view = shown(a=host("paris", **found))
    assert [each["state"] for each in view["problems"]] == ["warning", "warning"]
    assert told(view) == [
        ("mail.paris.example", "queue: 3 messages, 2 deferred, the oldest for 2 h"),
        ("mail.paris.example", "disk: 90 % used, 1.0 MiB free"),
    ]
    assert view["hosts"][0]["queue"]["reasons"] == ["2 messages: timed out"]


def test_mail_on_its_way_is_no_worry() -> None:
    queue = {"messages": 3, "deferred": 0, "oldest_seconds": 2, "reasons": []}
    view = shown(a=host("paris", __mail_report_host=asked(queue=queue)))
    assert view["problems"] == []


def test_what_a_host_could_not_find_out() -> None:
    found = asked(queue=None, disk=None, versions=None, mailboxes=None, problems=["no <x>"])
    view = shown(a=host("paris", __mail_report_host=found))
    assert told(view) == [("mail.paris.example", "no &lt;x&gt;")]
    assert view["hosts"][0]["queue"]["text"] == "unknown"
    assert view["hosts"][0]["disk"]["text"] == "unknown"


def test_the_record_of_a_rollout() -> None:
    record = {
        "started": "2026-11-26T08:50:11Z",
        "finished": "2026-11-26T08:58:00Z",
        "check_mode": False,
        "hosts": {
            "a": {"office": "paris", "changed": ["postfix"], "state": "ok", "message": ""},
            "b": {"office": "lyon", "changed": [], "state": "failed", "message": "550\n no"},
            "c": {"office": "lyon", "changed": [], "state": "not reached", "message": ""},
        },
    }
    view = shown(json.dumps(record), a=host("paris"))
    assert [(row["name"], row["state"]) for row in view["rollout"]["hosts"]] == [
        ("mail.paris.example", "ok"),
        ("b", "failed"),
        ("c", "unknown"),
    ]
    assert told(view) == [("b", "last rollout: failed: 550 no"), ("c", "last rollout: not reached")]


def test_half_a_record_is_said_to_be_unreadable() -> None:
    for text in ('{"started": ', '["hosts"]', '{"hosts": {"a": 1}}'):
        assert shown(text, a=host("paris"))["rollout"]["unreadable"] is True


def test_hosts_without_offices() -> None:
    view = shown(mail={"__mail_report_host": asked()})
    assert view["offices"][0]["name"] == "without an office"
    assert view["hosts"][0]["name"] == "mail"
    assert view["map"] is None
