# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe is asked to do, and the options of the module that say so.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.assurmer.mail.plugins.module_utils._address import parse_domain
from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    InvalidSecret,
    MailError,
)
from ansible_collections.assurmer.mail.plugins.module_utils._probe.tls import Server

_TLS = {"type": "str", "choices": ["starttls", "implicit"], "default": "starttls"}

_ROUTE: dict[str, dict[str, t.Any]] = {
    "smtp_host": {"type": "str", "required": True},
    "smtp_port": {"type": "int"},
    "smtp_tls": _TLS,
    "smtp_tls_name": {"type": "str"},
    "smtp_auth": {"type": "bool", "default": True},
    "imap_host": {"type": "str"},
    "imap_port": {"type": "int"},
    "imap_tls": _TLS,
    "imap_tls_name": {"type": "str"},
    "sender": {"type": "str", "required": True},
    "login": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "recipient": {"type": "str"},
    "recipient_login": {"type": "str"},
    "recipient_password": {"type": "str", "no_log": True},
    "refused_recipient": {"type": "str"},
}
# In an entry of routes an option is as it is beside routes, unless the entry has it.
_ROUTE_ENTRY = {
    "name": {"type": "str"},
    **{
        option: {key: value for key, value in spec.items() if key not in ("default", "required")}
        for option, spec in _ROUTE.items()
    },
}

ARGUMENT_SPEC: dict[str, dict[str, t.Any]] = {
    **_ROUTE,
    "routes": {"type": "list", "elements": "dict", "options": _ROUTE_ENTRY},
    "ca_path": {"type": "path"},
    "ca_content": {"type": "str"},
    "timeout": {"type": "int", "default": 10},
    "delivery_timeout": {"type": "int", "default": 30},
}
MUTUALLY_EXCLUSIVE = [("ca_path", "ca_content")]

_ADDRESS = re.compile(r"[^\s@<>\x00-\x1f\x7f-\uffff]+@[^\s@<>\x00-\x1f]+")
_LONGEST_WAIT = 3600


@dataclass(frozen=True, slots=True)
class Account:
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """A probe from a sender, who has an account unless mail comes from the world, to a mailbox."""

    name: str
    smtp: Server
    imap: Server
    sender: str
    sender_account: Account | None
    recipient: str
    recipient_account: Account
    refused_recipient: str | None
    timeout: int
    delivery_timeout: int

    @classmethod
    def from_options(cls, params: Mapping[str, t.Any]) -> Plan:
        sender = _address("sender", params["sender"], null_allowed=not params["smtp_auth"])
        recipient = _address("recipient", params["recipient"]) if params["recipient"] else sender
        if not recipient:
            raise MailError("recipient: it is needed when the sender is empty.")
        refused = params["refused_recipient"]
        return cls(
            name=params.get("name") or "",
            smtp=_smtp_server(params),
            imap=_imap_server(params),
            sender=sender,
            sender_account=_sender_account(params) if params["smtp_auth"] else None,
            recipient=recipient,
            recipient_account=_recipient_account(params, recipient),
            refused_recipient=_address("refused_recipient", refused) if refused else None,
            timeout=_seconds("timeout", params["timeout"]),
            delivery_timeout=_seconds("delivery_timeout", params["delivery_timeout"]),
        )

    @property
    def secrets(self) -> list[str]:
        accounts = (self.sender_account, self.recipient_account)
        return [account.password for account in accounts if account]


def plans(params: Mapping[str, t.Any]) -> list[Plan]:
    """Return the probe of each route, or the one that the options say without any.

    The first route that can't be walked raises, with its name or its place in the list.
    """
    if params["routes"] is None:
        return [Plan.from_options(params)]
    return [_route(params, place, route) for place, route in enumerate(params["routes"])]


def _route(params: Mapping[str, t.Any], place: int, route: Mapping[str, t.Any]) -> Plan:
    named = {option: value for option, value in route.items() if value is not None}
    try:
        return Plan.from_options({**params, **named})
    except MailError as error:
        raise MailError(f"routes, {named.get('name') or f'entry {place + 1}'}: {error}") from error


def _smtp_server(params: Mapping[str, t.Any]) -> Server:
    implicit = params["smtp_tls"] == "implicit"
    usual = 465 if implicit else 587 if params["smtp_auth"] else 25
    host = params["smtp_host"]
    return Server(
        "smtp", host, _port(params, "smtp_port", usual), implicit, params["smtp_tls_name"] or host
    )


def _imap_server(params: Mapping[str, t.Any]) -> Server:
    implicit = params["imap_tls"] == "implicit"
    host = params["imap_host"] or params["smtp_host"]
    name = params["imap_tls_name"] or (
        host if params["imap_host"] else params["smtp_tls_name"] or host
    )
    return Server(
        "imap", host, _port(params, "imap_port", 993 if implicit else 143), implicit, name
    )


def _sender_account(params: Mapping[str, t.Any]) -> Account:
    return Account(params["login"] or params["sender"], _password("password", params["password"]))


def _recipient_account(params: Mapping[str, t.Any], recipient: str) -> Account:
    """Return the mailbox's account: the sender's own one where nobody else is named."""
    if params["smtp_auth"] and recipient == params["sender"] and not params["recipient_login"]:
        sender = _sender_account(params)
        return Account(sender.login, params["recipient_password"] or sender.password)
    password = _password("recipient_password", params["recipient_password"])
    return Account(params["recipient_login"] or recipient, password)


def _password(option: str, value: str | None) -> str:
    if not value:
        raise MailError(f"{option}: it is needed for this probe.")
    if "\0" in value:
        raise InvalidSecret(option, "holds a NUL, which no mail server takes")
    return value


def _address(option: str, value: str, null_allowed: bool = False) -> str:
    if null_allowed and not value:
        return value
    if not _ADDRESS.fullmatch(value):
        raise InvalidOption(option, value, "is not an address of the form local@domain")
    local, _at, domain = value.rpartition("@")
    return f"{local}@{parse_domain(domain, option)}"


def _port(params: Mapping[str, t.Any], option: str, usual: int) -> int:
    port = usual if params[option] is None else params[option]
    if not 1 <= port <= 65535:
        raise InvalidOption(option, port, "is not a port from 1 to 65535")
    return int(port)


def _seconds(option: str, value: int) -> int:
    if not 1 <= value <= _LONGEST_WAIT:
        raise InvalidOption(option, value, f"is not a number of seconds from 1 to {_LONGEST_WAIT}")
    return value
