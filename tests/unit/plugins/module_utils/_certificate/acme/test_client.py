# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from acme import messages

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    model,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme import client
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.challenge import (
    Proof,
    Solver,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.client import Client
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.http import Standalone
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.model import (
    Registration,
    Server,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.base import (
    Unavailable,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._certificate.pebble import (
    EAB_KEY,
)

URN = "urn:ietf:params:acme:error:"


class Lazy(Solver):
    """Shows nothing."""

    challenge = "http-01"

    @contextmanager
    def shown(self, proofs: tuple[Proof, ...]) -> Iterator[None]:
        yield


def request_for(*names: str, key_type: str = "ecdsa-p256") -> bytes:
    return signing.render_request(signing.new_key(key_type), names)


def names_of(answer: bytes) -> set[str]:
    return set(facts.names_of(model.parse(answer).certificates[0]))


def test_a_certificate_is_ordered_and_revoked(pebble) -> None:
    account = pebble.client()
    assert account.account_uri is None
    answer = account.order(request_for("a.example", "b.example"), Standalone(pebble.http_port))
    assert account.account_uri.startswith(f"https://localhost:{pebble.api}/")
    leaf, *issuers = model.parse(answer).certificates
    assert names_of(answer) == {"a.example", "b.example"}
    assert signing.issued_by(leaf, issuers[0])
    assert pebble.status(leaf.serial_number) == "Valid"
    account.revoke(leaf)
    assert pebble.status(leaf.serial_number) == "Revoked"
    # Who was interrupted before it was noted asks once more.
    account.revoke(leaf)


@pytest.mark.parametrize("key_type", ["ecdsa-p384", "rsa-3072"])
def test_an_account_of_any_key_is_found_again(pebble, key_type) -> None:
    key = signing.render_key(signing.new_key(key_type))
    accounts = [pebble.client(key=key), pebble.client(key=key), pebble.client()]
    for account in accounts:
        account.register()
    assert accounts[0].account_uri == accounts[1].account_uri != accounts[2].account_uri


def test_an_account_that_the_ca_has_lost_is_made_anew(pebble) -> None:
    lost = f"https://localhost:{pebble.api}/my-account/lost"
    key = signing.render_key(signing.new_key("ecdsa-p256"))
    account = Client(pebble.server(), key, lost, Registration(terms_agreed=True))
    assert account.order(request_for("a.example"), Standalone(pebble.http_port))
    assert account.account_uri != lost


def test_what_the_ca_can_not_see(pebble) -> None:
    with pytest.raises(Unavailable, match=r"not convinced: a\.example: .*\(connection\)"):
        pebble.client().order(request_for("a.example"), Lazy())


def test_what_the_ca_does_not_issue(pebble) -> None:
    with pytest.raises(Unavailable, match=r"refused: .*blocked\.example.*\(rejectedIdentifier\)"):
        pebble.client().order(request_for("blocked.example"), Standalone(pebble.http_port))


def test_a_challenge_that_is_not_offered(pebble) -> None:
    # A wildcard can be proven in the DNS alone (RFC 8555, 7.1.4).
    with pytest.raises(
        Unavailable, match=r"acme_challenge: .* does not offer http-01 for a\.example"
    ):
        pebble.client().order(request_for("*.a.example"), Standalone(pebble.http_port))


def test_terms_that_nobody_has_agreed_to(pebble) -> None:
    with pytest.raises(
        MailError, match=r"acme_terms_agreed: 'False' has to be true; read .* at data:"
    ):
        pebble.client(Registration()).register()


def test_an_account_that_takes_a_binding(another_pebble) -> None:
    with another_pebble(binding=True) as strict:
        with pytest.raises(
            MailError, match=r"acme_eab_kid: .* without an external account binding"
        ):
            strict.client().register()
        wrong = Registration(True, None, "kid-1", "d3Jvbmc")
        with pytest.raises(Unavailable, match="refused: "):
            strict.client(wrong).register()
        key = signing.render_key(signing.new_key("ecdsa-p256"))
        bound = Registration(True, "it@example.org", "kid-1", EAB_KEY)
        account = strict.client(bound, key=key)
        account.register()
        # Once the account is there the binding is not asked for again.
        known = Client(strict.server(), key, account.account_uri, Registration())
        assert known.order(request_for("a.example"), Standalone(strict.http_port))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"url": "https://localhost:1/dir"}, "can't be reached: .*Connection refused"),
        ({"url": "https://no-such-host.invalid/dir"}, "can't be reached: .*known"),
        ({"ca_path": None}, "can't be reached: .*certificate verify failed"),
    ],
)
def test_a_ca_that_can_not_be_reached(pebble, changed: dict[str, t.Any], message: str) -> None:
    with pytest.raises(Unavailable, match=message):
        pebble.client(**changed)


def test_a_url_that_is_no_directory(pebble) -> None:
    url = pebble.url.replace("/dir", "/nonce-plz")
    with pytest.raises(MailError, match="does not answer as an ACME server: Unexpected response"):
        pebble.client(url=url)


def test_a_directory_that_lacks_something(pebble, monkeypatch) -> None:
    poor = messages.Directory({"newNonce": "https://ca.example/nonce"})
    monkeypatch.setattr(client.client.ClientV2, "get_directory", lambda *_given: poor)
    with pytest.raises(MailError, match=r"acme_url: .* leads to no directory of an ACME server"):
        pebble.client()


def test_a_ca_that_does_not_decide(pebble) -> None:
    account = Client(
        Server(pebble.url, pebble.ca_path, 0),
        signing.render_key(signing.new_key("ecdsa-p256")),
        None,
        Registration(terms_agreed=True),
    )
    with pytest.raises(Unavailable, match="did not decide within 0 s"):
        account.order(request_for("a.example"), Standalone(pebble.http_port))


@pytest.mark.parametrize(("refused", "tries"), [(0, 1), (3, 4)])
def test_a_nonce_that_was_used_up_is_replaced(refused: int, tries: int) -> None:
    answers = iter([*[messages.Error(typ=f"{URN}badNonce")] * refused, "an answer"])
    calls: list[tuple[str, ...]] = []

    def post(*given: str) -> str:
        calls.append(given)
        answer = next(answers)
        if isinstance(answer, messages.Error):
            raise answer
        return str(answer)

    assert client._patient(post)("somewhere") == "an answer"
    assert calls == [("somewhere",)] * tries


@pytest.mark.parametrize(("code", "tries"), [("badNonce", 4), ("rateLimited", 1)])
def test_a_refusal_is_not_repeated_for_ever(code: str, tries: int) -> None:
    calls: list[str] = []

    def post() -> None:
        calls.append(code)
        raise messages.Error(typ=f"{URN}{code}")

    with pytest.raises(messages.Error):
        client._patient(post)()
    assert len(calls) == tries
