# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import argspec
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption


def params_of(**given: t.Any) -> dict[str, t.Any]:
    spec = argspec.TLS_CERTIFICATE["argument_spec"]
    return {**{option: rules.get("default") for option, rules in spec.items()}, **given}


def test_what_holds_a_secret_is_not_logged() -> None:
    spec = argspec.TLS_CERTIFICATE["argument_spec"]
    secret = {option for option, rules in spec.items() if rules.get("no_log")}
    assert secret == {
        "acme_account_content",
        "acme_dns_key_secret",
        "acme_eab_hmac_key",
        "ownca_key_content",
        "ownca_key_passphrase",
        "source_content",
        "source_key_content",
    }


def test_the_name_is_the_place_and_the_name() -> None:
    params = params_of(name="mail.example.org")
    assert argspec.target_of(params).path == "/etc/ssl/assurmer.mail/mail.example.org.pem"
    assert argspec.request_of(params).names == ("mail.example.org",)


def test_files_need_not_have_the_name_of_the_bundle() -> None:
    assert argspec.request_of(params_of(name="mail", provider="files")).names == ()


@pytest.mark.parametrize(
    "given",
    [
        {"name": "../mail"},
        {"path": "mail.pem"},
        {"path": "/srv/../mail.pem"},
        {"path": "/srv/mail.pem", "ca_path": "/srv/mail.pem"},
        {"path": "/srv/mail.pem", "certificate_path": "/srv/a", "ca_path": "/srv/a"},
    ],
)
def test_places_that_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(InvalidOption):
        argspec.target_of(params_of(**given))


@pytest.mark.parametrize(
    "given",
    [
        {"validity": 0},
        {"validity": 3651},
        {"renew_before": -1},
        {"renew_before": 365},
        {"validity": 30},
        {"names": ["two words"]},
    ],
)
def test_requests_that_are_refused(given: dict[str, t.Any]) -> None:
    with pytest.raises(InvalidOption):
        argspec.request_of(params_of(name="mail.example.org", **given))


def info_params(**given: t.Any) -> dict[str, t.Any]:
    spec = argspec.TLS_CERTIFICATE_INFO["argument_spec"]
    return {**{option: rules.get("default") for option, rules in spec.items()}, **given}


def listener(**given: t.Any) -> dict[str, t.Any]:
    return {"port": 993, "protocol": "imap", "tls": "implicit", "address": "127.0.0.1", **given}


def test_what_is_to_be_looked_at() -> None:
    wanted = argspec.inspection_of(
        info_params(names=["Mail.example.org"], listeners=[listener(), listener(tls="starttls")])
    )
    assert wanted.names == ("mail.example.org",)
    assert [endpoint.implicit_tls for endpoint in wanted.endpoints] == [True, False]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"timeout": 0}, "timeout: '0' is not between 1 and 300"),
        ({"timeout": 301}, "timeout: '301' is not between 1 and 300"),
        ({"listeners": [listener(port=0)]}, "listeners.port: '0' is not between"),
        ({"listeners": [listener(port=65536)]}, "listeners.port: '65536' is not between"),
        ({"names": ["two words"]}, "names: "),
    ],
)
def test_what_can_not_be_looked_at(given: dict[str, t.Any], problem: str) -> None:
    with pytest.raises(InvalidOption, match=f"^{problem}"):
        argspec.inspection_of(info_params(**given))
