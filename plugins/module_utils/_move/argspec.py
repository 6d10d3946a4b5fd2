# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the two modules that move mailboxes.

PRIVATE to the collection. It can have breaking changes at any time.

Keep them in step with the documentation fragment `_move`.
"""

from __future__ import annotations

from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec

SHARED: argspec.Spec = {
    **argspec.READING,
    "host": {"type": "str", "required": True},
    "store": {"type": "path", "default": argspec.DEFAULT_STORE},
    "certificate": {"type": "path", "required": True},
    "ca_path": {"type": "path", "default": "/etc/ssl/assurmer.mail/ca.pem"},
    "port": {"type": "int", "default": 10026},
}
SOURCE: argspec.Spec = {
    "peer": {"type": "str", "required": True},
    "mailboxes": {"type": "list", "elements": "str", "required": True},
}
DESTINATION: argspec.Spec = {
    "mailboxes": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "address": {"type": "str", "required": True},
            "home": {"type": "str", "required": True},
        },
    },
    "addresses": {"type": "dict", "default": {}},
    "batch": {"type": "int", "default": 20},
    "hold": {"type": "int", "default": 120},
    "workers": {"type": "int", "default": 4},
}
