# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options acme_* of tls_certificate, and the values that they stand for.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import base64
import os
import typing as t
from collections.abc import Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.cabinet import Cabinet
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.challenge import (
    Solver,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.dns_hook import Hook
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.http import (
    Standalone,
    Webroot,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.model import (
    Registration,
    Server,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.names import is_address
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.acme import Terms
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    InvalidSecret,
    refuse_outside,
)

ACME: dict[str, t.Any] = {
    "acme_url": {"type": "str", "default": "https://acme-v02.api.letsencrypt.org/directory"},
    "acme_ca_path": {"type": "path"},
    "acme_terms_agreed": {"type": "bool", "default": False},
    "acme_email": {"type": "str"},
    "acme_account_path": {"type": "path", "default": "/var/lib/assurmer.mail/acme/account.pem"},
    "acme_account_content": {"type": "str", "no_log": True},
    "acme_eab_kid": {"type": "str"},
    "acme_eab_hmac_key": {"type": "str", "no_log": True},
    "acme_challenge": {"type": "str", "default": "http-01", "choices": ["http-01", "dns-01"]},
    "acme_http_port": {"type": "int", "default": 80},
    "acme_webroot": {"type": "path"},
    "acme_dns_hook": {"type": "path"},
    "acme_dns_server": {"type": "str"},
    "acme_dns_port": {"type": "int", "default": 53},
    "acme_dns_key_name": {"type": "str", "no_log": False},
    "acme_dns_key_secret": {"type": "str", "no_log": True},
    "acme_dns_key_algorithm": {
        "type": "str",
        "default": "hmac-sha256",
        "choices": ["hmac-sha256", "hmac-sha384", "hmac-sha512"],
        "no_log": False,
    },
    "acme_timeout": {"type": "int", "default": 120},
}

Params = Mapping[str, t.Any]


def terms_of(params: Params, names: tuple[str, ...]) -> Terms:
    """Return where to get a certificate for these names, and how to prove them."""
    if not params["acme_url"].startswith("https://"):
        raise InvalidOption("acme_url", params["acme_url"], "does not begin with https://")
    refuse_outside("acme_timeout", params["acme_timeout"], 10, 3600, " seconds")
    for option in ("acme_ca_path", "acme_account_path", "acme_webroot", "acme_dns_hook"):
        if params[option] is not None and not os.path.isabs(params[option]):
            raise InvalidOption(option, params[option], "is not an absolute path")
    if params["acme_ca_path"] is not None and not os.path.isfile(params["acme_ca_path"]):
        raise InvalidOption("acme_ca_path", params["acme_ca_path"], "is not there")
    _refuse_other_than_base64("acme_eab_hmac_key", params["acme_eab_hmac_key"])
    _refuse_unprovable(names, params["acme_challenge"])
    return Terms(
        Server(params["acme_url"], params["acme_ca_path"], params["acme_timeout"]),
        Registration(
            params["acme_terms_agreed"],
            params["acme_email"],
            params["acme_eab_kid"],
            params["acme_eab_hmac_key"],
        ),
        params["acme_account_content"] or None,
        Cabinet(params["acme_account_path"]),
        _solver(params),
    )


def _refuse_other_than_base64(option: str, text: str | None) -> None:
    try:
        base64.b64decode(f"{text or ''}===", altchars=b"-_", validate=False)
    except ValueError as error:
        raise InvalidSecret(option, "is no Base64url") from error


def _refuse_unprovable(names: tuple[str, ...], challenge: str) -> None:
    for name in names:
        if is_address(name):
            raise InvalidOption("names", name, "is an IP address, which provider acme can't prove")
        if name.startswith("*") and challenge != "dns-01":
            raise InvalidOption("names", name, "is a wildcard, which only dns-01 can prove")


def _solver(params: Params) -> Solver:
    patience = params["acme_timeout"]
    if params["acme_challenge"] == "http-01":
        if params["acme_webroot"] is not None:
            return Webroot(params["acme_webroot"])
        return Standalone(_port(params, "acme_http_port"))
    if (params["acme_dns_hook"] is None) == (params["acme_dns_server"] is None):
        raise InvalidOption("acme_challenge", "dns-01", "needs acme_dns_hook or acme_dns_server")
    if params["acme_dns_hook"] is not None:
        return Hook(params["acme_dns_hook"], patience)
    if params["acme_dns_key_name"] is None or params["acme_dns_key_secret"] is None:
        server = params["acme_dns_server"]
        problem = "needs acme_dns_key_name and acme_dns_key_secret, which sign the updates"
        raise InvalidOption("acme_dns_server", server, problem)
    # The library takes its time to load.
    from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.dns_update import (  # noqa: PLC0415 - see above
        DynamicUpdate,
        Key,
    )

    key = Key(
        params["acme_dns_key_name"],
        params["acme_dns_key_secret"],
        params["acme_dns_key_algorithm"],
    )
    return DynamicUpdate(params["acme_dns_server"], _port(params, "acme_dns_port"), key, patience)


def _port(params: Params, option: str) -> int:
    refuse_outside(option, params[option], 1, 65535)
    return int(params[option])
