# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme import options
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.dns_hook import Hook
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.dns_update import (
    DynamicUpdate,
    Key,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.http import (
    Standalone,
    Webroot,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

DNS = {"acme_challenge": "dns-01"}
UPDATE = {
    **DNS,
    "acme_dns_server": "ns.example",
    "acme_dns_key_name": "mail",
    "acme_dns_key_secret": "c2VjcmV0",
}


def terms_with(*names: str, **given: t.Any) -> t.Any:
    params = {name: rules.get("default") for name, rules in options.ACME.items()}
    return options.terms_of({**params, **given}, names or ("mail.example.org",))


@pytest.mark.parametrize(
    ("given", "solver"),
    [
        ({}, Standalone(80)),
        ({"acme_http_port": 8080}, Standalone(8080)),
        ({"acme_webroot": "/srv/www"}, Webroot("/srv/www")),
        ({**DNS, "acme_dns_hook": "/root/hook"}, Hook("/root/hook", 120)),
        (UPDATE, DynamicUpdate("ns.example", 53, Key("mail", "c2VjcmV0", "hmac-sha256"), 120)),
    ],
)
def test_how_names_are_proven(given: dict[str, t.Any], solver: t.Any) -> None:
    assert terms_with(**given).solver == solver


def test_the_default_is_a_public_ca() -> None:
    terms = terms_with()
    assert terms.server.url == "https://acme-v02.api.letsencrypt.org/directory"
    assert terms.cabinet.account_path == "/var/lib/assurmer.mail/acme/account.pem"
    assert terms.registration.terms_agreed is False


@pytest.mark.parametrize(
    ("names", "given", "message"),
    [
        (("192.0.2.1",), {}, "names: '192.0.2.1' is an IP address"),
        (("*.example.org",), {}, "names: .* is a wildcard, which only dns-01 can prove"),
        ((), {"acme_url": "http://ca.example/dir"}, "acme_url: .* does not begin with https://"),
        ((), {"acme_timeout": 9}, "acme_timeout: '9' is not between 10 and 3600 seconds"),
        ((), {"acme_http_port": 0}, "acme_http_port: '0' is not between 1 and 65535"),
        ((), {"acme_webroot": "www"}, "acme_webroot: 'www' is not an absolute path"),
        ((), {"acme_ca_path": "/nonexistent/ca.pem"}, "acme_ca_path: .* is not there"),
        ((), {"acme_eab_hmac_key": "é"}, "acme_eab_hmac_key: the value given is no Base64url"),
        ((), DNS, "acme_challenge: 'dns-01' needs acme_dns_hook or acme_dns_server"),
        ((), {**UPDATE, "acme_dns_hook": "/x"}, "needs acme_dns_hook or acme_dns_server"),
        (
            (),
            {**UPDATE, "acme_dns_key_secret": None},
            "acme_dns_server: .* needs acme_dns_key_name",
        ),
        ((), {**UPDATE, "acme_dns_port": 65536}, "acme_dns_port: '65536' is not between"),
    ],
)
def test_what_can_not_be(names: tuple[str, ...], given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(MailError, match=message):
        terms_with(*names, **given)
