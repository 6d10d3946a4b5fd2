# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import typing as t
from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import argspec
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import job

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECRETS = {
    "acme_account_content": "account",
    "acme_eab_kid": "kid",
    "acme_eab_hmac_key": "binding",
    "ownca_key_passphrase": "passphrase",
    "source_content": "source",
    "source_key_content": "key",
}


@pytest.fixture
def bundle(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "mail.example.org.pem")


def params_with(**given: t.Any) -> dict[str, t.Any]:
    spec = argspec.TLS_CERTIFICATE["argument_spec"]
    return {**{name: rules.get("default") for name, rules in spec.items()}, **given}


def only(bundle: str) -> job.Job:
    (found,) = job.jobs(str(pathlib.Path(bundle).parent))
    return found


def test_kept_found_and_forgotten(bundle: str) -> None:
    before, after = job.settle(bundle, params_with(provider="acme", names=["a.example"]), dry=False)
    assert before != after
    found = only(bundle)
    assert (found.path, found.name) == (bundle, "mail.example.org")
    assert found.params["names"] == ["a.example"]
    before, after = job.settle(bundle, params_with(provider="acme", names=["a.example"]), dry=False)
    assert before == after
    before, after = job.settle(bundle, params_with(provider="acme", names=["b.example"]), dry=False)
    assert before != after
    job.note(bundle, job.Last(NOW, ("bad",)))
    before, after = job.settle(bundle, None, dry=False)
    assert before != after
    assert list(job.jobs(str(pathlib.Path(bundle).parent))) == []
    assert job.last(bundle) is None
    assert job.settle(bundle, None, dry=False) == ({}, {})


def test_a_dry_run_writes_nothing(bundle: str) -> None:
    before, after = job.settle(bundle, params_with(), dry=True)
    assert before != after
    assert list(pathlib.Path(bundle).parent.iterdir()) == []
    job.settle(bundle, params_with(), dry=False)
    job.settle(bundle, None, dry=True)
    assert only(bundle)


def test_secrets_that_the_host_can_do_without_are_not_kept(bundle: str) -> None:
    job.settle(bundle, params_with(**SECRETS), dry=False)
    (file,) = (pathlib.Path(bundle).parent / "renewal").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    for secret in SECRETS.values():
        assert f'"{secret}"' not in file.read_text()


def test_the_secret_that_is_kept_is_not_shown(bundle: str) -> None:
    shown = [job.settle(bundle, params_with(acme_dns_key_secret="first"), dry=False)]
    shown += [job.settle(bundle, params_with(acme_dns_key_secret="second"), dry=False)]
    assert only(bundle).params["acme_dns_key_secret"] == "second"
    assert all(before != after for before, after in shown)
    assert "first" not in str(shown)
    assert "second" not in str(shown)


def test_a_file_that_others_can_read_is_not_used(bundle: str) -> None:
    job.settle(bundle, params_with(), dry=False)
    (file,) = (pathlib.Path(bundle).parent / "renewal").iterdir()
    file.chmod(0o644)
    with pytest.raises(MailError, match="others than its owner"):
        only(bundle)
    before, after = job.settle(bundle, params_with(), dry=False)
    assert before != after
    assert only(bundle)


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_file_that_is_damaged(bundle: str, content: str) -> None:
    job.settle(bundle, params_with(), dry=False)
    (file,) = (pathlib.Path(bundle).parent / "renewal").iterdir()
    file.write_text(content)
    with pytest.raises(MailError, match="can't be read; run the playbook again"):
        only(bundle)


@pytest.mark.parametrize(
    ("given", "renewable"),
    [
        ({"provider": "selfsigned"}, True),
        ({"provider": "acme"}, True),
        ({"provider": "ownca"}, False),
        ({"provider": "files", "source_content": "what the workstation signed"}, False),
        ({"provider": "files", "source_path": "/etc/letsencrypt/live/x/fullchain.pem"}, True),
        ({"provider": "files", "source_path": "/x.crt", "source_key_content": "a key"}, False),
    ],
)
def test_what_a_host_can_renew(bundle: str, given: dict[str, t.Any], renewable: bool) -> None:
    job.settle(bundle, params_with(**given), dry=False)
    assert only(bundle).is_renewable is renewable


def test_the_last_run(bundle: str) -> None:
    assert job.last(bundle) is None
    job.settle(bundle, params_with(), dry=False)
    job.note(bundle, job.Last(NOW, ("the CA is away",)))
    last = job.last(bundle)
    assert last == job.Last(NOW, ("the CA is away",))
    assert list(last.worries(NOW + timedelta(days=4))) == [
        "the host's own renewal on 2026-11-26T12:00:00Z: the CA is away"
    ]
    assert list(last.worries(NOW + timedelta(days=4, seconds=1)))[1:] == [
        "the host's own renewal has not run since 2026-11-26T12:00:00Z"
    ]
    assert only(bundle).name == "mail.example.org"


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({"at": "yesterday"})])
def test_a_last_run_that_can_not_be_read(bundle: str, content: str) -> None:
    job.settle(bundle, params_with(), dry=False)
    job.note(bundle, job.Last(NOW, ()))
    (pathlib.Path(bundle).parent / "renewal" / "mail.example.org.last.json").write_text(content)
    assert job.last(bundle) is None
