# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which certificate a mail host serves under which name, as Dovecot, Postfix and service_config take it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: served_certificates
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Tell which certificate is served under which name
description:
  - Takes the bundle of a host's own name, and gives all that are served beside it, by the names that clients ask for in
    the TLS handshake (SNI, RFC 6066).
positional: _input, further
options:
  _input:
    description: The path of the host's own bundle, with private key, certificate and chain.
    type: str
    required: true
  further:
    description:
      - The certificates for further names, each with a C(name), which makes C(/etc/ssl/assurmer.mail/NAME.pem), and the
        C(names) that it is for.
    type: list
    elements: dict
    required: true
  rsa:
    description: Beside each bundle, C(NAME.pem), there is one with an RSA key, C(NAME.rsa.pem).
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what is served
  ansible.builtin.debug:
    msg: "{{ bundle | assurmer.mail.served_certificates(mail_certificates, rsa=true) }}"
  vars:
    bundle: /etc/ssl/assurmer.mail/mail.example.org.pem
"""

RETURN = r"""
_value:
  description: The bundles, and who gets which.
  type: dict
  contains:
    own:
      description: The paths for those who ask for no name or the host's own, the RSA bundle last.
      type: list
      elements: str
    files:
      description: The paths of all bundles, each once.
      type: list
      elements: str
    sni:
      description: >-
        Each further C(name), in lower case, with its C(certificate) and, with O(rsa), C(rsa_certificate).
      type: list
      elements: dict
    listener:
      description: >-
        What the option O(assurmer.mail.service_config#module:listeners) has to know of a port that serves them.
      type: dict
    listener_without_rsa:
      description: The same of a port without TLS 1.2, where an RSA certificate can't be asked for.
      type: dict
"""

import typing as t
from collections.abc import Callable, Iterable, Mapping

from ansible.errors import AnsibleFilterError

_DIRECTORY = "/etc/ssl/assurmer.mail"


def served_certificates(
    certificate: str, further: Iterable[Mapping[str, t.Any]], rsa: bool = False
) -> dict[str, t.Any]:
    """Return the files, the names, and what is asked of a port."""
    served = {name: _bundle(each) for each in further for name in _names(each)}
    own, bundles = [certificate], [*served.values()]
    files = [*own, *bundles]
    sni = [{"name": name, "certificate": bundle} for name, bundle in served.items()]
    without_rsa = listener = {"certificate": certificate, "sni": sni}
    if rsa:
        own.append(_twin(certificate))
        files = [*own, *bundles, *map(_twin, bundles)]
        sni = [{**each, "rsa_certificate": _twin(each["certificate"])} for each in sni]
        listener = {"certificate": certificate, "rsa_certificate": own[1], "sni": sni}
    return {
        "own": own,
        "files": list(dict.fromkeys(files)),
        "sni": sni,
        "listener": listener,
        "listener_without_rsa": without_rsa,
    }


def _names(entry: Mapping[str, t.Any]) -> list[str]:
    names = entry.get("names")
    if isinstance(names, str) or not names:
        raise _error(f"{entry.get('name', 'an entry')} takes names, a list of host names")
    return [str(name).lower() for name in names]


def _bundle(entry: Mapping[str, t.Any]) -> str:
    if not entry.get("name"):
        raise _error(f"the entry for {', '.join(_names(entry))} takes a name, that of its file")
    return f"{_DIRECTORY}/{entry['name']}.pem"


def _twin(bundle: str) -> str:
    """Return the RSA bundle beside one: that of host.pem is host.rsa.pem."""
    stem, suffix = (bundle[:-4], ".pem") if bundle.endswith(".pem") else (bundle, "")
    return f"{stem}.rsa{suffix}"


def _error(problem: str) -> AnsibleFilterError:
    return AnsibleFilterError(f"mail_certificates: {problem}.")


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"served_certificates": served_certificates}
