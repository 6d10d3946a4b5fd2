# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that the modules that move mailboxes share.

PRIVATE to the collection. It can have breaking changes at any time.

Keep them in step with `module_utils/_move/argspec.py`.
"""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  host:
    description: The name of this host in the directory and in its certificate.
    type: str
    required: true
  store:
    description: The directory with the mail of all users on this host, each at C(DOMAIN/LOCAL PART) in it.
    type: path
    default: /var/vmail
  certificate:
    description: A PEM file with this host's private key, certificate and chain, for client and server.
    type: path
    required: true
  ca_path:
    description: A PEM file with the authority that the certificates of all mail hosts come from.
    type: path
    default: /etc/ssl/assurmer.mail/ca.pem
  port:
    description: The TCP port on the old host, which is open during a move only, 1 to 65535.
    type: int
    default: 10026
"""
