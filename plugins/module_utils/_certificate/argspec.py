# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of tls_certificate, and the values that they stand for.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import os
import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    access,
    constraints,
    names,
    signing,
    upkeep,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme import (
    options as acme,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.inspection import (
    Endpoint,
    Inspection,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import (
    CertificateRequest,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    refuse_outside,
)

DIRECTORY = "/etc/ssl/assurmer.mail"
# RFC 5280, 4.1.2.2: at most 20 octets.
_SERIAL_NUMBER = re.compile(r"[0-9a-f]{1,40}")

TLS_CERTIFICATE: dict[str, t.Any] = {
    "argument_spec": {
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "name": {"type": "str"},
        "path": {"type": "path"},
        "names": {"type": "list", "elements": "str"},
        "provider": {
            "type": "str",
            "default": "selfsigned",
            "choices": ["selfsigned", "ownca", "acme", "files"],
        },
        "key_type": {
            "type": "str",
            "default": "ecdsa-p256",
            "choices": list(signing.KEY_TYPES),
            "no_log": False,
        },
        "validity": {"type": "int", "default": 365},
        "renew_before": {"type": "int", "default": 30},
        "compromised": {"type": "list", "elements": "str", "default": []},
        "unattended": {"type": "bool", "default": False},
        "ownca_path": {"type": "path"},
        "ownca_content": {"type": "str"},
        "ownca_key_path": {"type": "path"},
        "ownca_key_content": {"type": "str", "no_log": True},
        "ownca_key_passphrase": {"type": "str", "no_log": True},
        "ownca_create": {"type": "bool", "default": False},
        "ownca_common_name": {"type": "str", "default": "Mail CA"},
        "ownca_permitted_names": {"type": "list", "elements": "str", "default": []},
        "ownca_rollover": {"type": "str"},
        **acme.ACME,
        "source_path": {"type": "path"},
        "source_content": {"type": "str", "no_log": True},
        "source_chain_path": {"type": "path"},
        "source_chain_content": {"type": "str"},
        "source_key_path": {"type": "path"},
        "source_key_content": {"type": "str", "no_log": True},
        "source_ca_path": {"type": "path"},
        "source_ca_content": {"type": "str"},
        "source_follow": {"type": "bool", "default": False},
        "certificate_path": {"type": "path"},
        "ca_path": {"type": "path"},
        "owner": {"type": "str"},
        "group": {"type": "str"},
        "mode": {"type": "str", "default": "0600"},
    },
    "mutually_exclusive": [
        ("name", "path"),
        ("ownca_path", "ownca_content"),
        ("ownca_key_path", "ownca_key_content"),
        ("source_path", "source_content"),
        ("source_chain_path", "source_chain_content"),
        ("source_key_path", "source_key_content"),
        ("source_ca_path", "source_ca_content"),
        ("acme_dns_hook", "acme_dns_server"),
    ],
    "required_together": [("acme_eab_kid", "acme_eab_hmac_key")],
    "required_one_of": [("name", "path")],
    "supports_check_mode": True,
}

LISTENERS: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "port": {"type": "int", "required": True},
        "protocol": {"type": "str", "required": True, "choices": ["smtp", "imap", "sieve"]},
        "tls": {"type": "str", "required": True, "choices": ["starttls", "implicit"]},
        "address": {"type": "str", "default": "127.0.0.1"},
    },
}

TLS_CERTIFICATE_INFO: dict[str, t.Any] = {
    "argument_spec": {
        "name": {"type": "str"},
        "path": {"type": "path"},
        "names": {"type": "list", "elements": "str", "default": []},
        "ca_path": {"type": "path"},
        "renew_before": {"type": "int", "default": 30},
        "listeners": LISTENERS,
        "timeout": {"type": "int", "default": 10},
    },
    "mutually_exclusive": [("name", "path")],
    "required_one_of": [("name", "path")],
    "supports_check_mode": True,
}


@dataclass(frozen=True, slots=True)
class Target:
    """The files that are written: the bundle, and what others may read of it."""

    path: str
    certificate_path: str | None
    ca_path: str | None

    @property
    def directory(self) -> str:
        return os.path.dirname(self.path)


def path_of(params: Mapping[str, t.Any]) -> str:
    if params["path"] is not None:
        return str(params["path"])
    return os.path.join(DIRECTORY, names.file_name("name", params["name"]) + ".pem")


def target_of(params: Mapping[str, t.Any]) -> Target:
    path = path_of(params)
    files = {"path": path, **{key: params[key] for key in ("certificate_path", "ca_path")}}
    given = {option: value for option, value in files.items() if value is not None}
    for option, value in given.items():
        if not os.path.isabs(value) or os.path.normpath(value) != value:
            raise InvalidOption(option, value, "is not an absolute path in its shortest form")
    if len(set(given.values())) != len(given):
        raise InvalidOption("path", path, "is named twice: each file needs a path of its own")
    return Target(path, params["certificate_path"], params["ca_path"])


def access_of(params: Mapping[str, t.Any]) -> access.WantedAccess:
    return access.parse(params["owner"], params["group"], params["mode"])


def request_of(params: Mapping[str, t.Any]) -> CertificateRequest:
    """Return the request; without names of its own it is for the bundle's name."""
    texts = params["names"]
    if texts is None:
        texts = [params["name"]] if params["name"] and params["provider"] != "files" else []
    validity, renew_before = params["validity"], params["renew_before"]
    refuse_outside("validity", validity, 1, 3650, " days")
    if renew_before < 0:
        raise InvalidOption("renew_before", renew_before, "is negative")
    if renew_before >= validity and params["provider"] in ("selfsigned", "ownca"):
        raise InvalidOption(
            "renew_before",
            renew_before,
            f"is not less than validity ({validity}), so each run would renew",
        )
    return CertificateRequest(
        names.normalise_all("names", texts),
        params["key_type"],
        timedelta(days=validity),
        timedelta(days=renew_before),
        frozenset(_serial_number(text) for text in params["compromised"]),
    )


def _serial_number(text: str) -> str:
    """Return a serial number as `facts` writes it; people bring OpenSSL's colons and zeros."""
    digits = text.replace(":", "").lower().lstrip("0")
    if not _SERIAL_NUMBER.fullmatch(digits):
        raise InvalidOption("compromised", text, "is no serial number in hexadecimal digits")
    return digits


def inspection_of(params: Mapping[str, t.Any]) -> Inspection:
    """Return what tls_certificate_info is to look at."""
    refuse_outside("timeout", params["timeout"], 1, 300, " seconds")
    return Inspection(
        names.normalise_all("names", params["names"]),
        params["ca_path"],
        timedelta(days=params["renew_before"]),
        tuple(map(_endpoint, params["listeners"])),
        params["timeout"],
    )


def _endpoint(given: Mapping[str, t.Any]) -> Endpoint:
    refuse_outside("listeners.port", given["port"], 1, 65535)
    return Endpoint(given["protocol"], given["port"], given["tls"] == "implicit", given["address"])


def wanted_of(params: Mapping[str, t.Any], request: CertificateRequest) -> upkeep.Wanted:
    return upkeep.Wanted(
        request,
        params["ownca_common_name"],
        constraints.parse(params["ownca_permitted_names"]),
        _end_of_day("ownca_rollover", params["ownca_rollover"]),
    )


def _end_of_day(option: str, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        day = datetime.combine(date.fromisoformat(text), time(), UTC)
        return day + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise InvalidOption(option, text, "is no day, which is written like 2027-06-30") from error
