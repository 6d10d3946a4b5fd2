# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which keys may send as whom, for the company's servers that have no mail service of their own."""

from __future__ import annotations

DOCUMENTATION = r"""
name: satellite_access
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Tell which keys may send as whom
description:
  - Takes the satellites of a mail host, and gives the fingerprints of their keys with the senders that each may have.
  - Where no fingerprint is stated it is that of the key in the certificate that the company's authority has issued for
    the satellite, C(issued/NAME.pem) in O(ca_directory) on the workstation. A satellite that has none yet has no key.
positional: _input
options:
  _input:
    description:
      - The satellites, each with its C(name), a full host name.
      - Optional are C(fingerprints), SHA-256 of a certificate or of a public key, with or without colons, and
        C(senders), further addresses, or domains with all below them.
    type: list
    elements: dict
    required: true
  postmaster:
    description:
      - The address of whoever reads the satellites' own mail. With the satellite's name as its detail
        (C(it+app1.example.org@example.org)) it is the sender of that mail.
    type: str
    required: true
  ca_directory:
    description: Where the company's authority is on the workstation.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the keys
  ansible.builtin.debug:
    msg: "{{ (satellites | assurmer.mail.satellite_access('it@example.org', inventory_dir ~ '/ca')).fingerprints }}"
  vars:
    satellites:
      - {name: app1.example.org}
"""

RETURN = r"""
_value:
  description: What Postfix has to know.
  type: dict
  contains:
    fingerprints:
      description: >-
        The place of a satellite in the list, from 0 on, by each fingerprint, which is written as Postfix does.
      type: dict
    senders:
      description: >-
        The senders of each satellite, in the order of the satellites: that of its own mail, its name, which stands for
        all addresses there, and the further ones.
      type: list
      elements: list
"""

import hashlib
import re
import typing as t
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ansible.errors import AnsibleFilterError

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})+")
# Nothing that separates, encloses or is expanded in main.cf.
_SENDER = re.compile(r"(?:[a-z0-9!#%&'*+/?^_`|~.-]+@)?(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def satellite_access(
    satellites: Iterable[Mapping[str, t.Any]], postmaster: str, ca_directory: str
) -> dict[str, t.Any]:
    """Return the satellite's number by each key, and the senders by the number."""
    fingerprints: dict[str, int] = {}
    senders: list[list[str]] = []
    for number, satellite in enumerate(satellites):
        name = _name(satellite)
        for fingerprint in _fingerprints(satellite, name, Path(ca_directory)):
            if fingerprints.setdefault(fingerprint, number) != number:
                raise _error(f"{name} has a key that another satellite has, too: {fingerprint}")
        senders.append([_own_sender(postmaster, name), name, *_further(satellite, name)])
    return {"fingerprints": fingerprints, "senders": senders}


def _own_sender(postmaster: str, name: str) -> str:
    """Return the sender of a satellite's own mail, whose bounces reach the postmaster."""
    local, at, domain = postmaster.lower().rpartition("@")
    if not at or not _SENDER.fullmatch(postmaster.lower()):
        raise AnsibleFilterError(
            f"postfix_postmaster: '{postmaster}' can't read the mail of the company's other servers;"
            " name a mailbox or an alias of one of the mail domains."
        )
    return f"{local}+{name.lower()}@{domain}"


def _name(satellite: Mapping[str, t.Any]) -> str:
    name = str(satellite.get("name", "")).lower()
    if not _HOST.fullmatch(name):
        raise _error(f"'{name}' is not the full name of a host")
    return name


def _fingerprints(satellite: Mapping[str, t.Any], name: str, ca_directory: Path) -> list[str]:
    given = satellite.get("fingerprints") or []
    if given:
        return [_fingerprint(text, name) for text in given]
    issued = ca_directory / "issued" / f"{name}.pem"
    try:
        content = issued.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _error(f"{issued} can't be read: {error.strerror}") from error
    return [_of_public_key(content, issued)]


def _fingerprint(text: t.Any, name: str) -> str:
    digits = str(text).replace(":", "").upper()
    if not re.fullmatch(r"[0-9A-F]{64}", digits):
        raise _error(f"fingerprints of {name}: '{text}' is not a SHA-256, 64 hexadecimal digits")
    return _written(digits)


def _of_public_key(content: bytes, path: Path) -> str:
    try:
        from cryptography import x509  # noqa: PLC0415 - it is slow to load, for any task with a filter
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - see above
            Encoding,
            PublicFormat,
        )
    except ImportError:
        raise _error("the workstation's Ansible needs the Python library cryptography") from None
    found = _CERTIFICATE.search(content)
    try:
        key = x509.load_pem_x509_certificate(found.group() if found else b"").public_key()
    except ValueError:
        raise _error(f"{path} holds no certificate") from None
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return _written(hashlib.sha256(der).hexdigest().upper())


def _written(digits: str) -> str:
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def _further(satellite: Mapping[str, t.Any], name: str) -> list[str]:
    senders = [str(each).lower().removeprefix("@") for each in satellite.get("senders") or []]
    for sender in senders:
        if not _SENDER.fullmatch(sender):
            raise _error(f"senders of {name}: '{sender}' is neither an address nor a domain")
    return senders


def _error(problem: str) -> AnsibleFilterError:
    return AnsibleFilterError(f"postfix_satellites: {problem}.")


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"satellite_access": satellite_access}
