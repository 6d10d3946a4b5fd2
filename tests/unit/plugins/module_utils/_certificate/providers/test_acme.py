# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t
from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    ensure,
    facts,
    model,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme import client
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.base import (
    Unavailable,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

DAY = timedelta(days=1)
Get = t.Callable[..., ensure.Outcome]


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "mail.pem"


@pytest.fixture
def get(apply, pebble, path: pathlib.Path, tmp_path: pathlib.Path) -> Get:
    def run(**changed: t.Any) -> ensure.Outcome:
        given = {
            "path": path,
            "names": ["mail.example"],
            "provider": "acme",
            "acme_url": pebble.url,
            "acme_ca_path": pebble.ca_path,
            "acme_terms_agreed": True,
            "acme_account_path": tmp_path / "acme" / "account.pem",
            "acme_http_port": pebble.http_port,
        }
        # The CA's certificates begin now, and not when the tests began.
        return apply(**{"at": datetime.now(UTC), **given, **changed})

    return run


@pytest.fixture
def away(tmp_path: pathlib.Path, issue_bundle) -> dict[str, pathlib.Path]:
    """Return options with which the CA can't be reached: nobody vouches for it."""
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(issue_bundle("stranger.example").render_public())
    return {"acme_ca_path": stranger}


def leaf_of(path: pathlib.Path) -> t.Any:
    return model.parse_bundle(path.read_bytes()).leaf


def test_issued_once_and_again_for_another_name(get: Get, path) -> None:
    first = get()
    assert first.before != first.after
    assert signing.key_type_of(leaf_of(path)) == "ecdsa-p256"
    assert model.parse_bundle(path.read_bytes()).chain
    again = get()
    assert again.before == again.after
    more = get(names=["mail.example", "imap.example"])
    assert more.values["reasons"] == [
        "names differ: mail.example instead of imap.example, mail.example"
    ]
    assert set(facts.names_of(leaf_of(path))) == {"mail.example", "imap.example"}


def test_a_dry_run_asks_for_nothing(get: Get, path, tmp_path) -> None:
    outcome = get(dry=True, acme_url="https://localhost:1/dir")
    assert outcome.before != outcome.after
    assert not path.exists()
    assert not (tmp_path / "acme").exists()


def test_what_another_authority_signed_is_replaced(get: Get, path, issue_bundle, pebble) -> None:
    path.write_bytes(issue_bundle("mail.example").render())
    path.chmod(0o600)
    assert get().values["reasons"] == [
        f"issuer differs: not issued through ACME instead of {pebble.url}"
    ]


def test_time_goes_by_while_the_ca_is_away(get: Get, path, now, away) -> None:
    get()
    there = leaf_of(path)
    # 90 days, of which 30 are left, or fewer.
    assert get(at=now + 59 * DAY, **away).postponed == ()
    late = get(at=now + 61 * DAY, **away)
    assert late.before == late.after
    assert leaf_of(path) == there
    assert len(late.postponed) == 1
    assert "The present certificate stays, until " in late.postponed[0]
    # What is asked for can't wait, nor can what has ended.
    with pytest.raises(Unavailable, match="can't be reached"):
        get(names=["other.example"], **away)
    with pytest.raises(Unavailable, match="can't be reached"):
        get(at=now + 91 * DAY, **away)
    assert leaf_of(path) == there


def test_a_short_lifetime_is_renewed_when_a_third_is_left(get: Get, now, away) -> None:
    get()
    # With 90 days a threshold of 80 is as good as one of 30.
    assert get(at=now + 59 * DAY, renew_before=80, **away).postponed == ()
    assert get(at=now + 61 * DAY, renew_before=80, **away).postponed != ()


def test_a_compromised_key_is_replaced_and_revoked(get: Get, path, pebble, tmp_path) -> None:
    get()
    stolen = leaf_of(path)
    colons = ":".join(f"{stolen.serial_number:032x}"[i : i + 2] for i in range(0, 32, 2)).upper()
    outcome = get(compromised=[colons])
    assert "key is compromised" in outcome.values["reasons"][-1]
    assert leaf_of(path) != stolen
    assert pebble.status(stolen.serial_number) == "Revoked"
    assert list((tmp_path / "acme" / "revoke").iterdir()) == []
    again = get(compromised=[colons])
    assert again.before == again.after


def test_a_revocation_that_was_interrupted_is_made_up_for(
    get: Get, path, pebble, monkeypatch
) -> None:
    get()
    stolen = leaf_of(path)

    def refuse(*_arguments: t.Any) -> None:
        raise Unavailable("The CA is away.")

    with monkeypatch.context() as patch:
        patch.setattr(client.Client, "revoke", refuse)
        with pytest.raises(Unavailable, match="not in use any more, but not revoked yet"):
            get(compromised=[facts.serial_number_of(stolen)])
    assert leaf_of(path) != stolen
    assert pebble.status(stolen.serial_number) == "Valid"
    # The next run, whether or not it is still told of it.
    get()
    assert pebble.status(stolen.serial_number) == "Revoked"


def test_another_ca_is_another_certificate(get: Get, path, another_pebble) -> None:
    get()
    first = leaf_of(path)
    with another_pebble() as other:
        changed = {
            "acme_url": other.url,
            "acme_ca_path": other.ca_path,
            "acme_http_port": other.http_port,
        }
        assert "issuer differs: https://" in get(**changed).values["reasons"][0]
        assert get(**changed).values["reasons"] == []
    assert leaf_of(path) != first


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no key", "0 private keys"),
        (signing.render_key(signing.new_key("rsa-3072")).decode() * 2, "2 private keys"),
        (signing.render_key(signing.new_key("rsa-3072"), "secret").decode(), "is encrypted"),
    ],
)
def test_an_account_key_that_is_of_no_use(get: Get, content: str, message: str) -> None:
    with pytest.raises(MailError, match=f"acme_account_content: .*{message}") as caught:
        get(acme_account_content=content)
    assert "BEGIN" not in str(caught.value)


def test_an_account_key_is_kept(get: Get, tmp_path) -> None:
    key = signing.render_key(signing.new_key("rsa-3072")).decode()
    get(acme_account_content=key)
    kept = tmp_path / "acme" / "account.pem"
    assert kept.read_text() == key
    assert kept.stat().st_mode & 0o777 == 0o600
    assert get().before == get().after
    kept.chmod(0o644)
    with pytest.raises(MailError, match="others than its owner"):
        get(names=["other.example"])
