# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of service_config.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t

_FILE: dict[str, t.Any] = {
    "path": {"type": "str", "required": True},
    "content": {"type": "str", "required": True},
    "mode": {"type": "str", "default": "0644"},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
}

_CERTIFICATE: dict[str, t.Any] = {
    "path": {"type": "path", "required": True},
    # A path, not a secret.
    "key": {"type": "path", "no_log": False},
}

_SNI: dict[str, t.Any] = {
    "name": {"type": "str", "required": True},
    "certificate": {"type": "path", "required": True},
    "rsa_certificate": {"type": "path"},
}

_LISTENER: dict[str, t.Any] = {
    "protocol": {
        "type": "str",
        "required": True,
        "choices": ["smtp", "lmtp", "imap", "sieve", "auth", "policy", "tcp"],
    },
    "tls": {"type": "str", "default": "none", "choices": ["none", "starttls", "implicit"]},
    "address": {"type": "str", "default": "127.0.0.1"},
    "port": {"type": "int"},
    "socket": {"type": "path"},
    "certificate": {"type": "path"},
    "rsa_certificate": {"type": "path"},
    "client_certificate": {"type": "path"},
    "sni": {"type": "list", "elements": "dict", "default": [], "options": _SNI},
}

_LOOKUP: dict[str, t.Any] = {
    "table": {"type": "str", "required": True},
    # An address, not a secret.
    "key": {"type": "str", "required": True, "no_log": False},
    "expect": {"type": "str", "required": True, "choices": ["found", "absent"]},
}

_SERVER: dict[str, t.Any] = {
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
}

ARGUMENTS: dict[str, t.Any] = {
    "service": {"type": "str", "required": True, "choices": ["postfix", "dovecot"]},
    "state": {"type": "str", "default": "present", "choices": ["present", "restored"]},
    "rollout": {"type": "str"},
    "files": {"type": "list", "elements": "dict", "options": _FILE},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "certificates": {"type": "list", "elements": "dict", "default": [], "options": _CERTIFICATE},
    "listeners": {"type": "list", "elements": "dict", "default": [], "options": _LISTENER},
    "lookups": {"type": "list", "elements": "dict", "default": [], "options": _LOOKUP},
    "servers": {"type": "list", "elements": "dict", "default": [], "options": _SERVER},
    "timeout": {"type": "int", "default": 20},
}

REQUIRED_IF = [("state", "present", ["files"]), ("state", "restored", ["rollout"])]
