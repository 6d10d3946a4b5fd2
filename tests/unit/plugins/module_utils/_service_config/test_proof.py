# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
import time
import typing as t
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Listener,
    Sni,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.proof import (
    listening_ports,
    prove,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils.talking import (
    HANG,
    TLS,
    Script,
    talk,
)

Serve = Callable[..., Listener]


def serving(*pairs: t.Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for pair in pairs:
        context.load_cert_chain(pair.both)
    return context


@pytest.fixture
def serve(pair: t.Any, tmp_path: Path) -> Iterator[Serve]:
    """Start a server that follows a script, once for each connection."""
    servers: list[socket.socket] = []

    def start(
        listener: Listener,
        *scripts: Script,
        named: Mapping[str, t.Any] | None = None,
        pairs: tuple[t.Any, ...] = (pair,),
        client: t.Any = None,
    ) -> Listener:
        context = serving(*pairs)
        if client is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client.certificate)
        others = {name: serving(*each) for name, each in (named or {}).items()}

        def choose(connection: ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
            connection.context = others.get(name or "", context)

        context.sni_callback = choose
        if listener.socket:
            server = socket.socket(socket.AF_UNIX)
            server.bind(str(tmp_path / listener.socket))
            server.listen()
            place = replace(listener, socket=str(tmp_path / listener.socket))
        else:
            server = socket.create_server(("127.0.0.1", 0))
            place = replace(listener, port=server.getsockname()[1])
        servers.append(server)

        def run() -> None:
            for script in scripts:
                with contextlib.suppress(OSError):
                    connection = server.accept()[0]
                    talk(script, connection, context)

        threading.Thread(target=run, daemon=True).start()
        return place

    yield start
    for server in servers:
        server.close()


def prove_once(listener: Listener) -> str:
    return prove([listener], seconds=2, given_up=lambda: True)[0]["answer"]


SMTP_STARTTLS = [
    *("220-mail.example.org", "220 ESMTP", "<EHLO localhost", "250-mail", "250 STARTTLS"),
    *("<STARTTLS", "220 go on", TLS, "<EHLO localhost", "250 mail", "<QUIT", "221 bye"),
]
IMAP_STARTTLS = [
    *(
        "* OK ready",
        "<a STARTTLS",
        "* noise",
        "a OK",
        TLS,
        "<b CAPABILITY",
        "* CAPABILITY IMAP4rev1",
    ),
    *("b OK", "<c LOGOUT"),
]
SIEVE_STARTTLS = [
    *('"IMPLEMENTATION" "x"', '"STARTTLS"', "OK", "<STARTTLS", "OK", TLS, '"SIEVE" ""', "OK"),
    "<LOGOUT",
]
GOOD = {
    "smtp": (Listener("smtp"), ["220 x", "<EHLO localhost", "250 x"], "220 x"),
    "smtp starttls": (Listener("smtp", "starttls"), SMTP_STARTTLS, "220 ESMTP"),
    "smtp implicit": (
        Listener("smtp", "implicit"),
        [
            *(TLS, "220 x", "<EHLO localhost", "250 x"),
            *("<EHLO localhost", "250 x", "<QUIT", "221 bye"),
        ],
        "220 x",
    ),
    "lmtp": (Listener("lmtp", socket="l"), ["220 x", "<LHLO localhost", "250 x", "<QUIT"], "220 x"),
    "imap": (Listener("imap"), ["* OK ready"], "* OK ready"),
    "imap starttls": (Listener("imap", "starttls"), IMAP_STARTTLS, "* OK ready"),
    "imap implicit": (
        Listener("imap", "implicit"),
        [TLS, "* PREAUTH x", "<b CAPABILITY", "b OK", "<c LOGOUT"],
        "* PREAUTH x",
    ),
    "sieve": (Listener("sieve"), ['"SIEVE" ""', "OK x"], "OK x"),
    "sieve starttls": (Listener("sieve", "starttls"), SIEVE_STARTTLS, "OK"),
    "auth": (
        Listener("auth", socket="a"),
        ["VERSION\t1\t2", "MECH\tPLAIN\tplaintext", "MECH\tLOGIN", "DONE"],
        "mechanisms PLAIN LOGIN",
    ),
    "policy": (
        Listener("policy", socket="p"),
        [
            *("<request=smtpd_access_policy", "<protocol_state=RCPT"),
            *("<recipient=nobody@localhost.invalid", "<size=0", "<"),
            "action=DUNNO",
        ],
        "action=DUNNO",
    ),
    "tcp": (Listener("tcp"), [], "connected"),
}


@pytest.mark.parametrize(("listener", "script", "answer"), GOOD.values(), ids=GOOD)
def test_a_server_that_answers_well(
    serve: Serve, listener: Listener, script: Script, answer: str
) -> None:
    place = serve(listener, script)
    proof = prove([place], seconds=2, given_up=lambda: True)
    assert (proof[0]["listener"], proof[0]["answer"]) == (str(place), answer)
    assert 0 < proof[0]["milliseconds"] < 2000


BAD = {
    "smtp greets with 554": (Listener("smtp"), ["554 no"], "the server answered '554 no'"),
    "smtp hangs up": (Listener("smtp"), [], "the connection was closed"),
    "smtp refuses EHLO": (
        Listener("smtp"),
        ["220 x", "<EHLO localhost", "421 not now"],
        "the server answered '421 not now'",
    ),
    "smtp refuses STARTTLS": (
        Listener("smtp", "starttls"),
        ["220 x", "<EHLO localhost", "250 x", "<STARTTLS", "454 TLS not available"],
        "the server answered '454 TLS not available'",
    ),
    "smtp dies after TLS": (
        Listener("smtp", "starttls"),
        ["220 x", "<EHLO localhost", "250 x", "<STARTTLS", "220 x", TLS],
        "the connection was closed|EOF|reset",
    ),
    "smtp speaks no TLS": (Listener("smtp", "implicit"), ["220 x"], "(?i)ssl"),
    "lmtp is smtp": (
        Listener("lmtp", socket="l"),
        ["220 x", "<LHLO localhost", "502 what"],
        "the server answered '502 what'",
    ),
    "imap says BYE": (Listener("imap"), ["* BYE broken"], r"answered '\* BYE broken'"),
    "imap refuses STARTTLS": (
        Listener("imap", "starttls"),
        ["* OK", "<a STARTTLS", "a BAD no TLS"],
        "answered 'a BAD no TLS'",
    ),
    "sieve says BYE": (Listener("sieve"), ["BYE"], "answered 'BYE'"),
    "sieve refuses STARTTLS": (
        Listener("sieve", "starttls"),
        ["OK", "<STARTTLS", "NO"],
        "answered 'NO'",
    ),
    "auth without mechanisms": (
        Listener("auth", socket="a"),
        ["VERSION\t1\t2", "DONE"],
        "no mechanism",
    ),
    "auth dies": (Listener("auth", socket="a"), ["VERSION\t1\t2"], "closed|reset"),
    "policy hangs up": (Listener("policy", socket="p"), [], "closed|Broken pipe|reset"),
}


@pytest.mark.parametrize(("listener", "script", "problem"), BAD.values(), ids=BAD)
def test_a_server_that_does_not(
    serve: Serve, listener: Listener, script: Script, problem: str
) -> None:
    place = serve(listener, script)
    with pytest.raises(MailError, match=problem) as raised:
        prove_once(place)
    assert raised.value.details == {"listener": str(place)}


def test_the_certificate_served_is_the_one_in_the_file(
    serve: Serve, pair: t.Any, other_pair: t.Any
) -> None:
    for script, tls in ((SMTP_STARTTLS, "starttls"), (GOOD["smtp implicit"][1], "implicit")):
        listener = Listener("smtp", t.cast(t.Any, tls), certificate=str(pair.both))
        assert prove_once(serve(listener, script))
        with pytest.raises(MailError, match="certificate served is not the one in"):
            prove_once(serve(replace(listener, certificate=str(other_pair.both)), script))


def test_each_name_is_served_its_own_certificate(
    serve: Serve, pair: t.Any, other_pair: t.Any
) -> None:
    named = [Sni("other.example.org", str(other_pair.both)), Sni("*.x.org", str(other_pair.both))]
    listener = Listener(
        "imap", "implicit", certificate=str(pair.both), sni=(*named, Sni("y.org", str(pair.both)))
    )
    script = GOOD["imap implicit"][1]
    others = {"other.example.org": [other_pair], "host.x.org": [other_pair]}
    assert prove_once(serve(listener, *[script] * 4, named=others))
    del others["host.x.org"]
    with pytest.raises(MailError, match=r"certificate served for host\.x\.org is not the one in"):
        prove_once(serve(listener, *[script] * 4, named=others))


def test_who_knows_rsa_alone_is_served_another_certificate(
    serve: Serve, pair: t.Any, other_pair: t.Any, rsa_pair: t.Any
) -> None:
    both, rsa = str(pair.both), str(rsa_pair.both)
    named = Sni("other.example.org", str(other_pair.both), rsa)
    listener = Listener("smtp", "starttls", certificate=both, rsa_certificate=rsa, sni=(named,))
    others = {"other.example.org": [other_pair, rsa_pair]}
    scripts = [SMTP_STARTTLS] * 4
    assert prove_once(serve(listener, *scripts, pairs=(pair, rsa_pair), named=others))
    with pytest.raises(
        MailError, match=r"no certificate is served to a client that knows RSA alone: .*HANDSHAKE"
    ):
        prove_once(serve(listener, *scripts, named=others))
    wrong = replace(listener, rsa_certificate=both)
    with pytest.raises(MailError, match="served to a client that knows RSA alone is not the one"):
        prove_once(serve(wrong, *scripts, pairs=(pair, rsa_pair), named=others))
    del others["other.example.org"][1]
    with pytest.raises(
        MailError, match=r"no certificate is served for other\.example\.org to a client that knows"
    ):
        prove_once(serve(listener, *scripts, pairs=(pair, rsa_pair), named=others))


@pytest.mark.parametrize("name", ["smtp starttls", "smtp implicit", "imap implicit"])
def test_a_server_that_wants_a_certificate_of_its_client(
    serve: Serve, pair: t.Any, other_pair: t.Any, name: str
) -> None:
    listener, script, answer = GOOD[name]
    listener = replace(listener, certificate=str(pair.both))
    mine = replace(listener, client_certificate=str(other_pair.both))
    assert prove_once(serve(mine, script, client=other_pair)) == answer
    for refused in (listener, replace(listener, client_certificate=str(pair.both))):
        with pytest.raises(MailError, match=r"(?i)alert|closed|EOF|reset|pipe"):
            prove_once(serve(refused, script, client=other_pair))


def test_who_knows_rsa_alone_shows_the_same_certificate(
    serve: Serve, pair: t.Any, other_pair: t.Any, rsa_pair: t.Any
) -> None:
    listener = Listener(
        "smtp",
        "starttls",
        certificate=str(pair.both),
        rsa_certificate=str(rsa_pair.both),
        client_certificate=str(other_pair.both),
    )
    scripts = [SMTP_STARTTLS] * 2
    assert prove_once(serve(listener, *scripts, pairs=(pair, rsa_pair), client=other_pair))


def test_a_client_certificate_that_can_not_be_read_is_told(serve: Serve, pair: t.Any) -> None:
    listener = Listener("smtp", "starttls", client_certificate="/nowhere.pem")
    with pytest.raises(MailError, match=r"/nowhere\.pem"):
        prove_once(serve(listener, SMTP_STARTTLS))
    listener = replace(listener, client_certificate=str(pair.certificate))
    with pytest.raises(MailError, match=re.escape(str(pair.certificate))):
        prove_once(serve(listener, SMTP_STARTTLS))


def test_a_file_without_a_certificate_is_told(serve: Serve, pair: t.Any) -> None:
    listener = Listener("smtp", "starttls", certificate=str(pair.key))
    with pytest.raises(MailError, match="holds no certificate"):
        prove_once(serve(listener, SMTP_STARTTLS))


def test_what_was_sent_before_the_handshake_is_not_believed(serve: Serve) -> None:
    """RFC 3207 section 4.2: an answer in clear text in front of the handshake does not count."""
    script = ["220 x", "<EHLO localhost", "250 x", "<STARTTLS", "220 x\r\n250 forged", TLS]
    with pytest.raises(MailError, match="smtp on port"):
        prove_once(serve(Listener("smtp", "starttls"), script))


def test_nobody_there() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(MailError, match="refused"):
            prove_once(Listener("smtp", port=bound.getsockname()[1]))
    with pytest.raises(MailError, match=r"lmtp on /nowhere: .*No such file"):
        prove_once(Listener("lmtp", socket="/nowhere"))


def test_a_server_that_starts_slowly_is_waited_for(serve: Serve) -> None:
    place = serve(Listener("smtp"), [], ["421 later"], ["220 x", "<EHLO localhost", "250 x"])
    assert prove([place], seconds=5, given_up=lambda: False)[0]["answer"] == "220 x"


def test_waiting_ends_when_the_daemon_has_given_up(serve: Serve) -> None:
    place = serve(Listener("smtp"), *[[]] * 100)
    started = time.monotonic()
    with pytest.raises(MailError, match="closed"):
        prove([place], seconds=60, given_up=lambda: True)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("script", [[HANG], ["220-x", HANG]])
def test_a_silent_server_is_waited_for_no_longer_than_asked(serve: Serve, script: Script) -> None:
    place = serve(Listener("smtp"), *[script] * 9)
    started = time.monotonic()
    with pytest.raises(MailError, match="timed out"):
        prove([place], seconds=1, given_up=lambda: False)
    assert time.monotonic() - started < 3


def test_a_server_that_never_ends_its_greeting_has_an_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection = server.accept()[0]
            with contextlib.suppress(OSError):
                while True:
                    connection.send(b"220-")
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(MailError, match="timed out"):
            prove(
                [Listener("smtp", port=server.getsockname()[1])],
                seconds=1,
                given_up=lambda: False,
            )
        assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_the_ports_on_which_something_listens(family: int, address: str) -> None:
    with socket.socket(family) as server:
        server.bind((address, 0))
        port = server.getsockname()[1]
        assert port not in listening_ports()
        server.listen()
        assert port in listening_ports()
    assert port not in listening_ports()


def test_an_address_of_ipv6_is_reached() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        listener = Listener("tcp", address="::1", port=server.getsockname()[1])
        assert prove_once(listener) == "connected"
