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
        the authority's key, too. Servers send all of them but the root.
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
      - Passphrase of the authority's private key. With O(ownca_create) new keys are encrypted with
        it, those of roots, too.
    type: str
  ownca_create:
    description:
      - Whether to make an authority at O(ownca_path) when there is no file, and to keep it. It is
        a root, whose key is in C(root.pem) beside O(ownca_path), and an intermediate in
        O(ownca_path), with its key and both certificates. Both files have mode 0600 and hold an
        ECDSA P-384 key.
      - The root is valid for ten years. The intermediate is valid for three, signs for servers
        only, and is replaced before it would cut a certificate short.
      - The root's key is needed for new intermediates alone. Its file may be kept elsewhere
        meanwhile. A run that can do without says what it has put off, one that can't fails.
      - A root is only ever replaced by O(ownca_rollover). A file that can't be used is left as it
        is. Where O(ca_path) beside O(ownca_path) is all that is left, the module fails rather
        than make a root that no client knows.
      - An authority of one certificate that signs itself, as the first release made it, goes on
        signing for hosts until O(ownca_rollover) replaces it.
    type: bool
    default: false
  ownca_common_name:
    description:
      - Name of the root that O(ownca_create) makes, as people see it on their devices. The next
        root gets the same name with a number. 1 to 64 characters.
    type: str
    default: Mail CA
  ownca_permitted_names:
    description:
      - Domains, each with all names below it, and IP addresses or networks such as
        V(192.0.2.0/24) that certificates may be for, at most 100. Others are refused.
      - With O(ownca_create) these are name constraints of the intermediate (RFC 5280, 4.2.1.10,
        critical), so that clients refuse what somebody with its key would sign beyond. The root
        has none, so that a domain that is added needs a new intermediate and no new root.
      - A new intermediate is made when a certificate needs a name that the present one does not
        permit. It permits what the present one did, besides, since other hosts may need that.
        What the former one has signed is good as long as before, and is not issued again.
      - An empty list permits all names. It lifts no limits of an intermediate that is there until
        a certificate needs it, nor does a list limit one that has none.
    type: list
    elements: str
    default: []
  ownca_rollover:
    description:
      - Last day on which the present root is trusted, such as V(2027-06-30), in UTC. It needs
        O(ownca_create).
      - A day to come has a second root made. Until that day O(ca_path) holds both, and
        certificates are good for clients that trust one of them, whichever it is. They end at most
        90 days after it. The first run after it leaves the present root, makes an intermediate
        below the new one, and issues anew.
      - Another day brings the change forward or puts it off. A day after the present root's end
        is refused. A day in the past alone begins nothing. Without the option a change that has
        begun goes on to the day that was set.
      - The present root's key is not needed for it. The new root's is in a file
        C(root-<eight digits>.pem) beside O(ownca_path).
    type: str
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
        O(ownca_path), during O(ownca_rollover) those of both roots, the certificate itself with
        O(provider=selfsigned), and O(source_ca_path) with O(provider=files).
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
