# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of each provider of certificates, and of the files that are written.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations


class ModuleDocFragment:
    OWNCA = r"""
options:
  ownca_path:
    description:
      - File with the authority's certificate, then those above it if there are any. It may hold
        the authority's key, too.
    type: path
  ownca_content:
    description: Content of such a file instead.
    type: str
  ownca_key_path:
    description:
      - File with the authority's private key when it is not in O(ownca_path). Others must not be
        able to read it.
    type: path
  ownca_key_content:
    description: Content of such a file instead.
    type: str
  ownca_key_passphrase:
    description:
      - Passphrase of the authority's private key. With O(ownca_create) the new key is encrypted
        with it.
    type: str
  ownca_create:
    description:
      - Whether to make an authority at O(ownca_path) when there is no file. It is one file with
        key and certificate, mode 0600, an ECDSA P-384 key, valid for ten years, and it can't make
        further authorities.
      - An authority that exists is never replaced, whatever is wrong with it.
    type: bool
    default: false
  ownca_common_name:
    description:
      - Name of the authority that O(ownca_create) makes, as people see it on their devices.
    type: str
    default: Mail CA
"""

    FILES = r"""
options:
  source_path:
    description:
      - File with the certificate, then its issuers. It may hold the key, too.
      - In check mode a source that is not there is taken for one that an earlier task would have
        made.
    type: path
  source_content:
    description: Content of such a file instead.
    type: str
  source_chain_path:
    description: File with the certificate's issuers when they are not in O(source_path).
    type: path
  source_chain_content:
    description: Content of such a file instead.
    type: str
  source_key_path:
    description:
      - File with the private key, not encrypted, when it is not in O(source_path).
      - A file with a key that others than its owner and group can read, or others than its owner
        can write, is refused.
    type: path
  source_key_content:
    description: Content of such a file instead.
    type: str
  source_ca_path:
    description:
      - File with the certificate of the authority that clients have to trust, for O(ca_path).
    type: path
  source_ca_content:
    description: Content of such a file instead.
    type: str
  source_follow:
    description: Whether a source may be a symbolic link, as in Certbot's C(live) directories.
    type: bool
    default: false
"""

    ACCESS = r"""
options:
  certificate_path:
    description: File for a copy of certificate and chain without the key, mode 0644.
    type: path
  ca_path:
    description:
      - File for the certificate that clients have to trust, mode 0644. That is the topmost of
        O(ownca_path), the certificate itself with O(provider=selfsigned), and O(source_ca_path)
        with O(provider=files).
      - It is removed when none is known.
    type: path
  owner:
    description:
      - Owner of the files, a name or a number. Without it a file keeps its owner, and a new one
        belongs to the user of the task.
    type: str
  group:
    description: Group of the files, likewise.
    type: str
  mode:
    description: Mode of the bundle in octal, one of V(0400), V(0440), V(0600) and V(0640).
    type: str
    default: "0600"
"""
