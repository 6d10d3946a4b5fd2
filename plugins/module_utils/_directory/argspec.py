# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that the modules of the directory share.

PRIVATE to the collection. It can have breaking changes at any time.

Keep them in step with the documentation fragment `_directory`.
"""

from __future__ import annotations

import typing as t

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import KINDS, Kind
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme

Spec = dict[str, t.Any]

DEFAULT_DSN = "sqlite:/var/lib/assurmer.mail/directory.sqlite"
DEFAULT_GROUP = "maildaemons"
DEFAULT_STORE = "/var/vmail"

READING: Spec = {
    "dsn": {"type": "str", "default": DEFAULT_DSN},
    "dsn_password": {"type": "str", "no_log": True},
}
STORE: Spec = {**READING, "group": {"type": "str", "default": DEFAULT_GROUP}}
MAIL: Spec = {"store": {"type": "path", "default": DEFAULT_STORE}}
STATE: Spec = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}
PASSWORDS: Spec = {
    "password_scheme": {
        "type": "str",
        "choices": [scheme.value for scheme in reversed(Scheme)],
        "default": Scheme.ARGON2ID.value,
        "no_log": False,
    },
    "update_password": {
        "type": "str",
        "choices": ["always", "on_create"],
        "default": "always",
        "no_log": False,
    },
}

DOMAIN: Spec = {
    "name": {"type": "str", "required": True},
    "alias_of": {"type": "str"},
    "active": {"type": "bool"},
}
MAILBOX: Spec = {
    "address": {"type": "str", "required": True},
    "name": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "password_hash": {"type": "str", "no_log": True},
    "quota": {"type": "str"},
    "office": {"type": "str"},
    "host": {"type": "str"},
    "active": {"type": "bool"},
    "restore": {"type": "bool"},
    "rename_from": {"type": "str"},
    "rename_alias": {"type": "bool"},
}
ALIAS: Spec = {
    "address": {"type": "str", "required": True},
    "destinations": {"type": "list", "elements": "str"},
    "active": {"type": "bool"},
}
# What an entry of a file may say, by kind.
COLUMNS: dict[Kind, tuple[str, ...]] = {
    "domains": tuple(DOMAIN),
    "mailboxes": tuple(MAILBOX),
    "aliases": tuple(ALIAS),
}
ONE_PASSWORD = [("password", "password_hash")]

LISTS: Spec = {
    "domains": {"type": "list", "elements": "dict", "options": DOMAIN},
    "mailboxes": {
        "type": "list",
        "elements": "dict",
        "options": MAILBOX,
        "mutually_exclusive": ONE_PASSWORD,
    },
    "aliases": {"type": "list", "elements": "dict", "options": ALIAS},
    "host": {"type": "str"},
    "hosts": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"type": "str", "required": True},
            "office": {"type": "str", "default": ""},
        },
    },
    "homes": {"type": "dict"},
    "lost_hosts": {"type": "list", "elements": "str", "default": []},
    "src": {"type": "list", "elements": "path"},
    "src_names": {"type": "list", "elements": "str"},
    "purge": {"type": "list", "elements": "str", "choices": list(KINDS), "default": []},
    "removal_limit": {"type": "int", "default": 100},
    "removal_limit_percent": {"type": "int", "default": 50},
    "diff_limit": {"type": "int", "default": 100},
}
READERS: Spec = {
    "dsn": {"type": "str", "required": True},
    "readers": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "daemon": {"type": "str", "choices": ["postfix", "dovecot"], "required": True},
            "password": {"type": "str", "required": True, "no_log": True},
        },
    },
}

EXPORT: Spec = {
    "format": {"type": "str", "choices": ["json", "csv"]},
    "hashes": {"type": "bool", "default": False},
}


def merged(*specs: Spec) -> Spec:
    """Return one specification of several."""
    return {name: option for spec in specs for name, option in spec.items()}
