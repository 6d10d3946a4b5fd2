# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import ssl
import time
import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._probe.plan import ARGUMENT_SPEC
from ansible_collections.assurmer.mail.plugins.module_utils._probe.probe import probe
from ansible_collections.assurmer.mail.tests.integration.targets.mail_probe.files import (
    mail_server,
)

ADDRESS, PASSWORD = mail_server.ADDRESS, mail_server.PASSWORD
MailServer = mail_server.MailServer

OPEN = ["connect", "greeting", "starttls", "login", "list", "select"]
SEND = ["connect", "greeting", "ehlo", "starttls", "ehlo_after_tls", "auth"]
SUBMIT = ["mail_from", "rcpt_to", "data", "quit"]
READ = ["delivered", "fetch_envelope", "fetch_body", "search_from", "search_to", "search_subject"]
SECOND = [
    "second_device",
    "store_seen",
    "second_seen",
    "store_unseen",
    "second_unseen",
    "move",
    "second_moved",
    "delete",
    "second_deleted",
]
LEAVE = ["delete_folder", "logout"]


def options(server: MailServer, certificates: t.Any, **more: t.Any) -> dict[str, t.Any]:
    given = {
        "smtp_host": "127.0.0.1",
        "smtp_port": server.smtp_port,
        "imap_port": server.imap_port,
        "smtp_tls_name": "mail.assurmer.example",
        "sender": ADDRESS,
        "password": PASSWORD,
        "ca_path": str(certificates.ca),
        "timeout": 2,
        "delivery_timeout": 2,
        **more,
    }
    return {name: given.get(name, spec.get("default")) for name, spec in ARGUMENT_SPEC.items()}


@pytest.fixture
def failing(certificates: t.Any) -> t.Any:
    """Return a function that probes a misbehaving server, and returns the error and the server."""

    def run(faults: dict[str, str], **more: t.Any) -> tuple[MailError, MailServer]:
        with (
            MailServer(str(certificates.server), faults) as server,
            pytest.raises(MailError) as error,
        ):
            probe(options(server, certificates, **more))
        assert PASSWORD not in json.dumps(error.value.details, ensure_ascii=False)
        return error.value, server

    return run


def names(values: t.Mapping[str, t.Any]) -> list[str]:
    return [step["step"] for step in values["steps"]]


def test_all_steps(certificates: t.Any) -> None:
    with MailServer(str(certificates.server)) as server:
        result = probe(options(server, certificates))
        assert names(result.values) == OPEN + SEND + SUBMIT + READ + SECOND + LEAVE
    assert not result.changed
    assert all(step["ok"] for step in result.values["steps"])
    assert result.values["queue_id"] == "4FxYz9"
    assert result.values["milliseconds"] > result.values["delivered_in"] >= 0
    assert len(result.values["report"]) == len(result.values["steps"])
    assert server.left() == {}


def test_implicit_tls(certificates: t.Any) -> None:
    with MailServer(str(certificates.server), implicit=True) as server:
        result = probe(options(server, certificates, smtp_tls="implicit", imap_tls="implicit"))
    assert names(result.values)[:3] == ["connect", "tls", "greeting"]
    assert "starttls" not in names(result.values)
    assert server.left() == {}


def test_from_the_world(certificates: t.Any) -> None:
    world = {"smtp_auth": False, "sender": "", "recipient": ADDRESS, "recipient_password": PASSWORD}
    with MailServer(str(certificates.server)) as server:
        result = probe(options(server, certificates, **world))
    assert "auth" not in names(result.values)
    assert any(line.startswith("smtp: MAIL FROM:<> ") for line in server.heard)
    assert server.left() == {}


def route(**given: t.Any) -> dict[str, t.Any]:
    return {**dict.fromkeys(ARGUMENT_SPEC["routes"]["options"]), **given}


def test_routes(certificates: t.Any) -> None:
    routes = [
        route(name="submission"),
        route(name="world", smtp_auth=False, sender="", recipient=ADDRESS),
    ]
    more = {"routes": routes, "recipient_password": PASSWORD}
    with MailServer(str(certificates.server)) as server:
        values = probe(options(server, certificates, **more)).values
    one, two = values["probes"]
    assert [(each["name"], each["ok"]) for each in (one, two)] == [
        ("submission", True),
        ("world", True),
    ]
    assert "auth" in names(one)
    assert "auth" not in names(two)
    assert values["steps"] == one["steps"] + two["steps"]
    assert values["report"] == one["report"] + two["report"]
    assert values["delivered_in"] == two["delivered_in"]
    assert values["milliseconds"] == pytest.approx(one["milliseconds"] + two["milliseconds"])
    assert server.left() == {}


def test_a_route_that_fails_is_the_last(failing: t.Any) -> None:
    nobody = route(name="a to b", refused_recipient=ADDRESS)
    error, server = failing({}, routes=[route(), nobody, route(name="never")])
    assert str(error).startswith("a to b: smtp rcpt_to_refused failed at ")
    assert error.details["failed_step"]["step"] == "rcpt_to_refused"
    assert error.details["left_behind"] == ""
    assert [(each["name"], each["ok"]) for each in error.details["probes"]] == [
        ("", True),
        ("a to b", False),
    ]
    assert names(error.details)[-1] == "rcpt_to_refused"
    assert server.left() == {}


def test_a_route_that_says_too_little_lets_none_begin(failing: t.Any) -> None:
    error, server = failing({}, routes=[route(), route(smtp_port=0)])
    assert str(error).startswith("routes, entry 2: smtp_port")
    assert server.heard == []


def test_without_routes_there_are_no_probes(certificates: t.Any) -> None:
    with MailServer(str(certificates.server)) as server:
        assert "probes" not in probe(options(server, certificates)).values


def test_no_routes(certificates: t.Any) -> None:
    with MailServer(str(certificates.server)) as server:
        values = probe(options(server, certificates, routes=[])).values
    assert (values["probes"], values["steps"], values["queue_id"]) == ([], [], None)
    assert server.heard == []


def test_ca_content(certificates: t.Any) -> None:
    with MailServer(str(certificates.server)) as server:
        probe(options(server, certificates, ca_path=None, ca_content=certificates.ca.read_text()))


def test_refused_recipient_is_refused(certificates: t.Any) -> None:
    with MailServer(str(certificates.server)) as server:
        result = probe(options(server, certificates, refused_recipient="nobody@assurmer.example"))
    step = next(step for step in result.values["steps"] if step["step"] == "rcpt_to_refused")
    assert step["answer"] == "550 5.1.1 User unknown"


def test_refused_recipient_is_taken(failing: t.Any) -> None:
    error, server = failing({}, refused_recipient=ADDRESS)
    assert error.details["failed_step"]["step"] == "rcpt_to_refused"
    assert server.left() == {}


@pytest.mark.parametrize(
    ("moment", "answer", "protocol", "step", "words"),
    [
        ("smtp.GREETING", "421 4.3.2 too busy", "smtp", "greeting", "421 4.3.2 too busy"),
        ("smtp.GREETING", "554 5.3.2 go away", "smtp", "greeting", "554 5.3.2 go away"),
        ("smtp.EHLO", "502 5.5.1 what", "smtp", "ehlo", "502 5.5.1 what"),
        ("smtp.EHLO", "250 mail", "smtp", "starttls", "STARTTLS is not offered"),
        ("smtp.STARTTLS", "454 4.7.0 no TLS", "smtp", "starttls", "454 4.7.0 no TLS"),
        ("smtp.AUTH", "535 5.7.8 wrong", "smtp", "auth", "535 5.7.8 wrong"),
        ("smtp.MAIL", "452 4.3.1 full", "smtp", "mail_from", "452 4.3.1 full"),
        ("smtp.RCPT", "550 5.1.1 unknown", "smtp", "rcpt_to", "550 5.1.1 unknown"),
        ("smtp.RCPT", "552 5.2.2 full", "smtp", "rcpt_to", "552 5.2.2 full"),
        ("smtp.DATA", "451 4.3.0 later", "smtp", "data", "451 4.3.0 later"),
        ("smtp.END", "554 5.7.1 spam", "smtp", "data", "554 5.7.1 spam"),
        ("smtp.END", "250 2.0.0 Ok", "smtp", "data", "no queue id"),
        ("smtp.END", "CLOSE", "smtp", "data", "Connection unexpectedly closed"),
        ("smtp.QUIT", "421 4.4.2 bye", "smtp", "quit", "421 4.4.2 bye"),
        ("smtp.EHLO", "nonsense", "smtp", "ehlo", "-1"),
        ("imap.GREETING", "* BYE shutting down", "imap", "greeting", "* BYE shutting down"),
        ("imap.GREETING", "nonsense", "imap", "greeting", "unexpected response"),
        ("imap.STARTTLS", "NO not now", "imap", "starttls", "Couldn't establish TLS session"),
        (
            "imap.AUTHENTICATE",
            "NO [AUTHENTICATIONFAILED] wrong",
            "imap",
            "login",
            "[AUTHENTICATIONFAILED] wrong",
        ),
        ("imap.LIST", "NO list", "imap", "list", "NO list"),
        ("imap.LIST", "OK but nothing", "imap", "list", "INBOX is not among the folders: none"),
        ("imap.SELECT", "NO select", "imap", "select", "NO select"),
        ("imap1.FETCH", "NO fetch", "imap", "fetch_envelope", "NO fetch"),
        ("imap1.FETCH", "OK but nothing", "imap", "fetch_envelope", "no message with UID 7"),
        ("imap1.STORE", "NO store", "imap", "store_seen", "NO store"),
        ("imap1.STORE", "OK but nothing", "imap", "store_seen", "the message has"),
        ("imap1.CREATE", "NO create", "imap", "move", "NO create"),
        ("imap1.MOVE", "NO move", "imap", "move", "NO move"),
        ("imap1.MOVE", "OK but nothing", "imap", "move", "still in INBOX"),
        ("imap1.MOVE", "CLOSE", "imap", "move", "EOF"),
        ("imap1.EXPUNGE", "NO expunge", "imap", "delete", "NO expunge"),
        ("imap1.EXPUNGE", "OK but nothing", "imap", "delete", "still there"),
        ("imap1.DELETE", "NO delete", "imap", "delete_folder", "NO delete"),
        ("imap2.AUTHENTICATE", "NO two", "imap", "second_device", "two"),
        ("imap2.STALE", "FLAGS", "imap", "second_seen", "still sees"),
        ("imap2.STALE", "MOVE", "imap", "second_moved", "still sees the message in INBOX"),
        ("imap2.STALE", "EXPUNGE", "imap", "second_deleted", "still sees the deleted message"),
        ("smtp.CORRUPT", "Sent by", "imap", "fetch_body", "not the one that was sent"),
        ("smtp.CORRUPT", "Message-ID", "imap", "fetch_envelope", "is not in"),
        ("imap1.SEARCH FROM", "OK but nothing", "imap", "search_from", "finds nothing, not 7"),
        ("imap1.SEARCH TO", "OK but nothing", "imap", "search_to", "finds nothing, not 7"),
        (
            "imap.CAPABILITY",
            "* CAPABILITY \u00e9\r\nTAG OK done",
            "imap",
            "greeting",
            "can't decode",
        ),
        ("imap2.FETCH", "CLOSE", "imap", "second_seen", "EOF"),
    ],
)
def test_failing_step_is_named_and_nothing_is_left(
    failing: t.Any, moment: str, answer: str, protocol: str, step: str, words: str
) -> None:
    error, server = failing({moment: answer}, timeout=1)
    failed = error.details["failed_step"]
    assert (failed["protocol"], failed["step"]) == (protocol, step)
    assert words in failed["answer"]
    assert f"{protocol} {step} failed at 127.0.0.1 (mail.assurmer.example) port" in str(error)
    assert failed["answer"] in str(error)
    assert error.details["steps"][-1]["ok"] is False
    assert all(done["ok"] for done in error.details["steps"][:-1])
    assert server.left() == {}
    assert error.details["left_behind"] == ""


@pytest.mark.parametrize(
    ("moment", "step"),
    [("smtp.GREETING", "greeting"), ("smtp.RCPT", "rcpt_to"), ("imap1.LIST", "list")],
)
def test_silence_ends_in_time(failing: t.Any, moment: str, step: str) -> None:
    started = time.monotonic()
    error, _server = failing({moment: "HANG"}, timeout=1)
    assert time.monotonic() - started < 5
    assert error.details["failed_step"]["step"] == step
    assert error.details["failed_step"]["answer"] == "no answer in time"


def test_lost_answer_to_data(failing: t.Any) -> None:
    """The message was taken and comes late: the probe waits for it to delete it."""
    error, server = failing({"smtp.END": "CLOSE", "smtp.DELIVERY": "0.5"})
    assert error.details["failed_step"]["step"] == "data"
    assert server.left() == {}


def test_message_that_never_comes_is_told(failing: t.Any) -> None:
    error, _server = failing({"smtp.DELIVERY": "NEVER"}, delivery_timeout=1)
    assert error.details["failed_step"]["step"] == "delivered"
    assert "did not arrive within 1 s" in str(error)
    assert error.details["queue_id"] == "4FxYz9"
    assert "may still arrive" in error.details["left_behind"]


def test_mailbox_that_can_not_be_opened_again_is_told(failing: t.Any) -> None:
    error, _server = failing({"smtp.END": "CLOSE", "imap2.SELECT": "NO select"})
    assert "can't be removed: NO select" in error.details["left_behind"]


@pytest.mark.parametrize(("age", "left"), [(3599, 1), (3601, 0), (15 * 86400, 1)])
def test_late_message_of_an_earlier_probe_is_removed(
    certificates: t.Any, age: float, left: int
) -> None:
    with MailServer(str(certificates.server)) as server:
        server.deliver(
            b"Subject: assurmer.mail probe 0a1b\r\nAuto-Submitted: auto-generated\r\n\r\nx\r\n", age
        )
        probe(options(server, certificates))
    assert server.left() == ({"INBOX": left} if left else {})


@pytest.mark.parametrize(
    "headers",
    [
        b"Subject: Re: assurmer.mail probe 0a1b\r\n",
        b"Subject: Report\r\nAuto-Submitted: auto-generated\r\n",
        b"Subject: assurmer.mail probes\r\nAuto-Submitted: auto-generated\r\n",
    ],
)
def test_mail_of_people_stays(certificates: t.Any, headers: bytes) -> None:
    with MailServer(str(certificates.server)) as server:
        server.deliver(headers + b"\r\nx\r\n", 5000)
        probe(options(server, certificates))
    assert server.left() == {"INBOX": 1}


def test_other_mail_is_not_touched(certificates: t.Any) -> None:
    with MailServer(str(certificates.server)) as server:
        server.deliver(b"Subject: Lunch\r\n\r\nAt noon.\r\n")
        probe(options(server, certificates))
        assert [message.flags for message in server.folders["INBOX"]] == [set()]


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_certificate_of_another_name_is_refused(
    certificates: t.Any, protocol: str, implicit: bool
) -> None:
    tls = "implicit" if implicit else "starttls"
    more = {
        "smtp_tls": tls,
        "imap_tls": tls,
        "imap_host": "127.0.0.1",
        "imap_tls_name": "mail.assurmer.example",
    }
    more[f"{protocol}_tls_name"] = "mail.example.org"
    with (
        MailServer(str(certificates.server), implicit=implicit) as server,
        pytest.raises(MailError) as error,
    ):
        probe(options(server, certificates, **more))
    failed = error.value.details["failed_step"]
    assert (failed["protocol"], failed["step"]) == (protocol, "tls" if implicit else "starttls")
    assert "certificate is not trusted: Hostname mismatch" in failed["answer"]
    assert not any("AUTH" in line for line in server.heard if line.startswith(protocol))


def test_certificate_of_another_authority_is_refused(certificates: t.Any) -> None:
    with (
        MailServer(str(certificates.server)) as server,
        pytest.raises(MailError, match="not trusted") as error,
    ):
        probe(options(server, certificates, ca_path=None))
    assert error.value.details["failed_step"]["step"] == "starttls"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_1_1_is_refused(certificates: t.Any) -> None:
    with MailServer(str(certificates.server)) as server:
        server.context.minimum_version = ssl.TLSVersion.TLSv1
        server.context.maximum_version = ssl.TLSVersion.TLSv1_1
        server.context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.raises(MailError, match="starttls failed"):
            probe(options(server, certificates))


def test_password_waits_for_tls(failing: t.Any) -> None:
    _error, server = failing({"smtp.EHLO": "250-mail\r\n250 AUTH PLAIN"})
    assert not any("AUTH PLAIN" in line for line in server.heard)


def test_what_was_injected_before_tls_is_not_read(certificates: t.Any) -> None:
    with MailServer(str(certificates.server)) as server:
        result = probe(options(server, certificates))
    assert not any("injected" in step["answer"] for step in result.values["steps"])


def test_password_that_the_server_sends_back_is_blanked(failing: t.Any) -> None:
    error, _server = failing({"smtp.AUTH": f"535 5.7.8 {PASSWORD} is wrong"})
    assert error.details["failed_step"]["answer"] == "535 5.7.8 ******** is wrong"
    assert PASSWORD not in str(error)


def test_nobody_listens(certificates: t.Any) -> None:
    with MailServer(str(certificates.server)) as server:
        given = options(server, certificates)
    with pytest.raises(MailError, match=r"imap connect failed at 127.0.0.1 .* Connection refused"):
        probe(given)


def test_unknown_host(certificates: t.Any) -> None:
    with (
        MailServer(str(certificates.server)) as server,
        pytest.raises(MailError, match=r"smtp connect failed at nowhere\.invalid"),
    ):
        probe(
            options(
                server,
                certificates,
                smtp_host="nowhere.invalid",
                imap_host="127.0.0.1",
                imap_tls_name="mail.assurmer.example",
            )
        )


def test_server_that_can_not_search_by_age(certificates: t.Any) -> None:
    with MailServer(str(certificates.server), {"imap.SEARCH OLDER": "BAD what"}) as server:
        probe(options(server, certificates))
    assert server.left() == {}
