# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a daemon's configuration is made of: values only, no input or output.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._errors import (
    InvalidOption,
    refuse_outside,
)

_SECRET = re.compile(r"<secret:([a-z_]+)>")

Tls = t.Literal["none", "starttls", "implicit"]
Protocol = t.Literal["smtp", "lmtp", "imap", "sieve", "auth", "policy", "tcp"]


@dataclass(frozen=True, slots=True)
class File:
    """A file of the configuration, as it is or as it should be."""

    content: bytes
    mode: int
    owner: str
    group: str

    @property
    def public(self) -> bool:
        """Whether everybody on the host may read it; only then a diff may show it."""
        return bool(self.mode & 0o004)

    def shown(self) -> str:
        """Return the text that a diff shows."""
        head = f"# {self.owner}:{self.group} {self.mode:04o}\n"
        if self.public:
            return head + self.content.decode("utf-8", "replace")
        return f"{head}# not shown; SHA-256 {hashlib.sha256(self.content).hexdigest()}\n"


Tree = Mapping[str, File]
"""Files by their path relative to the daemon's configuration directory."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A PEM file with a certificate (leaf first) and the PEM file with its key."""

    path: str
    key: str


@dataclass(frozen=True, slots=True)
class Sni:
    """A name that clients ask for in the handshake (RFC 6066), and the PEM files for it."""

    name: str
    certificate: str
    rsa_certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that the configuration opens, and what must answer there."""

    protocol: Protocol
    tls: Tls = "none"
    address: str = "127.0.0.1"
    port: int | None = None
    socket: str | None = None
    certificate: str | None = None
    # For clients that know RSA alone.
    rsa_certificate: str | None = None
    # With its key, for a server that wants one of its clients.
    client_certificate: str | None = None
    sni: tuple[Sni, ...] = ()

    def __str__(self) -> str:
        place = self.socket or f"port {self.port}"
        return f"{self.protocol} on {place}"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question for the running daemon: is this key in that table?"""

    table: str
    key: str
    found: bool

    def __str__(self) -> str:
        return f"{self.key} in {self.table}"


@dataclass(frozen=True, slots=True)
class Server:
    """A TCP server, such as a database's, that the lookups need."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """A daemon's configuration as one unit, with what must be true once it runs."""

    files: Tree
    certificates: tuple[Certificate, ...] = ()
    listeners: tuple[Listener, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    servers: tuple[Server, ...] = ()

    @property
    def ports(self) -> set[int]:
        """The TCP ports that it opens."""
        return {listener.port for listener in self.listeners if listener.port is not None}

    @property
    def server_ports(self) -> set[int]:
        return {server.port for server in self.servers}


@dataclass(frozen=True, slots=True)
class State:
    """What decides whether anything has to be done: the two that are compared.

    `certificates` holds the SHA-256 of every certificate and key file as the daemon last read
    it (before) and as it lies on disk (after).
    """

    files: Tree
    certificates: Mapping[str, str]
    in_force: bool
    enabled: bool


def from_options(params: Mapping[str, t.Any]) -> Configuration:
    """Build a configuration out of the module's options.

    Raises `InvalidOption` for a path that leaves the directory, a path given twice, a mode
    that is no octal number, or a listener with neither or both of port and socket.
    """
    return Configuration(
        files=_files(params["files"], params["secrets"]),
        certificates=tuple(
            Certificate(path=each["path"], key=each["key"] or each["path"])
            for each in params["certificates"]
        ),
        listeners=tuple(_listener(each) for each in params["listeners"]),
        lookups=tuple(
            Lookup(table=each["table"], key=each["key"], found=each["expect"] == "found")
            for each in params["lookups"]
        ),
        servers=tuple(_server(each) for each in params["servers"]),
    )


def _files(given: Iterable[Mapping[str, t.Any]], secrets: Mapping[str, t.Any]) -> dict[str, File]:
    files: dict[str, File] = {}
    for each in given:
        path = each["path"]
        plain = path.isprintable() and posixpath.normpath(path) == path
        if not plain or path == "." or path.startswith(("/", "..")):
            raise InvalidOption(
                "files.path", path, "is not a plain path below the configuration directory"
            )
        if path in files:
            raise InvalidOption("files.path", path, "is given twice")
        content = _with_secrets(each["content"], secrets, path)
        files[path] = File(
            content=content.encode("utf-8"),
            mode=_mode(each["mode"]),
            owner=each["owner"],
            group=each["group"],
        )
        if content != each["content"] and files[path].public:
            raise InvalidOption(
                "files.mode", each["mode"], f"lets everybody read a secret in {path}"
            )
    return files


def _with_secrets(content: str, secrets: Mapping[str, t.Any], path: str) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in secrets:
            raise InvalidOption("files.content", match[0], f"in {path} is not among the secrets")
        return str(secrets[match[1]])

    return _SECRET.sub(value, content)


def _mode(text: str) -> int:
    try:
        mode = int(text, 8)
    except ValueError:
        raise InvalidOption("files.mode", text, "is not an octal number such as '0640'") from None
    if not 0 <= mode <= 0o777:
        raise InvalidOption("files.mode", text, "is not between '0000' and '0777'")
    return mode


def _listener(given: Mapping[str, t.Any]) -> Listener:
    port, socket = given["port"], given["socket"]
    if (port is None) == (socket is None):
        raise InvalidOption("listeners", given["protocol"], "needs either a port or a socket")
    if port is not None:
        refuse_outside("listeners.port", port, 1, 65535)
    if given["tls"] == "none":
        if given["sni"]:
            raise InvalidOption("listeners.sni", given["sni"][0]["name"], "needs tls")
        if given["rsa_certificate"]:
            raise InvalidOption("listeners.rsa_certificate", given["rsa_certificate"], "needs tls")
        if given["client_certificate"]:
            path = given["client_certificate"]
            raise InvalidOption("listeners.client_certificate", path, "needs tls")
    return Listener(
        protocol=given["protocol"],
        tls=given["tls"],
        address=given["address"],
        port=port,
        socket=socket,
        certificate=given["certificate"],
        rsa_certificate=given["rsa_certificate"],
        client_certificate=given["client_certificate"],
        sni=tuple(
            Sni(each["name"], each["certificate"], each["rsa_certificate"]) for each in given["sni"]
        ),
    )


def _server(given: Mapping[str, t.Any]) -> Server:
    refuse_outside("servers.port", given["port"], 1, 65535)
    return Server(host=given["host"], port=given["port"])
