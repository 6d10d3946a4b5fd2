# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a mail daemon has to know to read a directory in PostgreSQL."""

from __future__ import annotations

DOCUMENTATION = r"""
name: postgresql_access
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Tell how a daemon reaches a directory in PostgreSQL
description:
  - Takes the connection URI of a directory and the daemon's role, and gives them in the forms in which Postfix and
    Dovecot take them, with what makes a connection safe and a lost one noticed within seconds.
positional: _input
options:
  _input:
    description:
      - The connection URI, C(postgresql://HOST[:PORT][,HOST[:PORT]]/DATABASE[?PARAMETERS]). libpq asks the hosts in
        this order.
      - The user in it is replaced, and a password is refused.
      - The servers have to prove who they are, by C(sslmode=verify-full) or C(sslmode=verify-ca), unless all of them
        are on the host itself.
    type: str
    required: true
  user:
    description: The database role that the daemon logs in as.
    type: str
    required: true
  application:
    description: The name under which the database server lists the connection.
    type: str
    required: true
seealso:
  - name: Connection URIs
    description: The documentation of libpq.
    link: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
"""

EXAMPLES = r"""
- name: Show the servers
  ansible.builtin.debug:
    msg: >-
      {{ ('postgresql://replica.example,primary.example/mail'
          | assurmer.mail.postgresql_access('mail_postfix', 'postfix')).servers }}
"""

RETURN = r"""
_value:
  description: What the daemon has to know.
  type: dict
  contains:
    uri:
      description: The URI with the role in it.
      type: str
    hosts:
      description: The hosts, separated by commas, as the parameter C(host) of libpq takes them.
      type: str
    parameters:
      description: All other parameters of libpq.
      type: dict
    servers:
      description: The C(host) and C(port) of each server that is reached over the network.
      type: list
      elements: dict
"""

import typing as t
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

from ansible.errors import AnsibleFilterError

from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql_hosts import (
    REMOTE_DEFAULTS,
    SAFE_MODES,
    is_local_host,
)

_SCHEME = "postgresql://"
_PORT = "5432"
# So that a server that has gone is noticed within seconds, and the next one asked: by who connects, by who has sent a
# question (tcp_user_timeout, in milliseconds), and by who waits for an answer.
_LIVELY: Mapping[str, str] = {
    "connect_timeout": "3",
    "tcp_user_timeout": "3000",
    "keepalives_idle": "5",
    "keepalives_interval": "1",
    "keepalives_count": "3",
}
# What has a place of its own in the URI, or here.
_RESERVED = ("dbname", "host", "password", "port", "user")


def postgresql_access(dsn: str, user: str, application: str) -> dict[str, t.Any]:
    """Return how a daemon reaches the directory of a DSN."""
    authority, database, given = _split(dsn)
    hosts = [_host_and_port(host) for host in authority.split(",")]
    if not all(is_local_host(host) for host, _port in hosts):
        given = {**REMOTE_DEFAULTS, **given}
        if given["sslmode"] not in SAFE_MODES:
            raise _error(
                f"would not check who the server is; take sslmode={' or '.join(SAFE_MODES)}"
            )
    parameters = {"application_name": application, **_LIVELY, **given}
    query = "&".join(f"{name}={quote(value, safe='/')}" for name, value in parameters.items())
    return {
        "uri": f"{_SCHEME}{quote(user, safe='')}@{authority}/{quote(database, safe='')}?{query}",
        "hosts": ",".join(host for host, _port in hosts),
        "parameters": {
            "port": ",".join(port for _host, port in hosts),
            "dbname": database,
            "user": user,
            **parameters,
        },
        "servers": [
            {"host": host, "port": int(port)} for host, port in hosts if not host.startswith("/")
        ],
    }


def _split(dsn: str) -> tuple[str, str, dict[str, str]]:
    """Return the hosts as they are written, the database and the parameters."""
    if not dsn.startswith(_SCHEME):
        raise _error(f"is no URI of PostgreSQL, {_SCHEME}HOST/DATABASE")
    rest, _mark, query = dsn.removeprefix(_SCHEME).partition("?")
    place, _slash, database = rest.partition("/")
    credentials, _at, authority = place.rpartition("@")
    if not authority or not database:
        raise _error(f"names no host or no database; write {_SCHEME}HOST/DATABASE")
    parameters = {
        unquote(name): unquote(value)
        for name, _equals, value in (pair.partition("=") for pair in query.split("&") if pair)
    }
    if ":" in credentials or "password" in parameters:
        raise _error("holds a password, which has a variable of its own")
    for name in _RESERVED:
        if name in parameters:
            raise _error(f"says {name} as a parameter; write {_SCHEME}HOST[:PORT]/DATABASE")
    return authority, unquote(database), parameters


def _host_and_port(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, _bracket, port = text.removeprefix("[").partition("]")
        port = port.removeprefix(":")
    else:
        host, _colon, port = text.partition(":")
    if not host or not (port or _PORT).isdecimal():
        raise _error("has a host without a name, or a port that is no number")
    return unquote(host), port or _PORT


def _error(problem: str) -> AnsibleFilterError:
    # The URI itself may hold what should not be shown.
    return AnsibleFilterError(f"mail_directory_read_dsn, or mail_directory_dsn: The URI {problem}.")


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"postgresql_access": postgresql_access}
