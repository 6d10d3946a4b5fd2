# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real CA: Pebble, the ACME test server of Let's Encrypt, beside its name server."""

from __future__ import annotations

import json
import os
import pathlib
import socket
import ssl
import subprocess
import time
import typing as t
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import signing
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.client import Client
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.model import (
    Registration,
    Server,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import (
    CertificateRequest,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.selfsigned import (
    SelfSigned,
)

EAB_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
AGREED = Registration(terms_agreed=True)


def free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _each in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@dataclass(frozen=True)
class Pebble:
    """A CA on loopback. It looks for HTTP-01 on `http_port`, and asks `names` for DNS-01."""

    directory: pathlib.Path
    binding: bool = False
    api: int = 0
    management: int = 0
    http_port: int = 0
    names: int = 0
    names_management: int = 0
    blocked: tuple[str, ...] = field(default=("blocked.example",))

    @property
    def url(self) -> str:
        return f"https://localhost:{self.api}/dir"

    @property
    def ca_path(self) -> str:
        """What its API's certificate is signed by: itself."""
        return str(self.directory / "api.pem")

    def server(self, **changed: t.Any) -> Server:
        return Server(**{"url": self.url, "ca_path": self.ca_path, "patience": 60, **changed})

    def client(self, registration: Registration = AGREED, **given: t.Any) -> Client:
        key = given.pop("key", None) or signing.render_key(signing.new_key("ecdsa-p256"))
        return Client(self.server(**given), key, given.pop("uri", None), registration)

    def root(self) -> bytes:
        """Return the root of what it issues."""
        context = ssl.create_default_context(cafile=self.ca_path)
        url = f"https://localhost:{self.management}/roots/0"
        with urllib.request.urlopen(url, context=context, timeout=10) as answer:
            return t.cast("bytes", answer.read())

    def status(self, serial_number: int) -> str:
        """Return what it tells of a certificate that it issued."""
        context = ssl.create_default_context(cafile=self.ca_path)
        url = f"https://localhost:{self.management}/cert-status-by-serial/{serial_number:x}"
        with urllib.request.urlopen(url, context=context, timeout=10) as answer:
            return str(json.load(answer)["Status"])

    @contextmanager
    def running(self) -> Iterator[Pebble]:
        self._configure()
        # "bad nonces" stay as they are, 5 %: a client has to live with them.
        environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1"}
        commands = (
            [
                *("pebble-challtestsrv", "-dns01", f"127.0.0.1:{self.names}"),
                *("-management", f"127.0.0.1:{self.names_management}", "-defaultIPv6", ""),
                *("-http01", "", "-https01", "", "-tlsalpn01", ""),
            ],
            [
                *("pebble", "-config", str(self.directory / "pebble.json")),
                *("-dnsserver", f"127.0.0.1:{self.names}"),
            ],
        )
        with ExitStack() as stack:
            log = stack.enter_context((self.directory / "log").open("wb"))
            for command in commands:
                process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
                stack.callback(process.wait)
                stack.callback(process.terminate)
            for port in (self.names_management, self.management, self.api):
                self._wait(port)
            yield self

    def _configure(self) -> None:
        request = CertificateRequest(
            ("localhost",), "ecdsa-p256", timedelta(days=30), timedelta(days=1)
        )
        bundle = SelfSigned(request).obtain(datetime.now(UTC))
        (self.directory / "api.pem").write_bytes(bundle.render_public())
        (self.directory / "key.pem").write_bytes(signing.render_key(bundle.key))
        settings = {
            "listenAddress": f"127.0.0.1:{self.api}",
            "managementListenAddress": f"127.0.0.1:{self.management}",
            "certificate": str(self.directory / "api.pem"),
            "privateKey": str(self.directory / "key.pem"),
            "httpPort": self.http_port,
            "tlsPort": 1,
            "externalAccountBindingRequired": self.binding,
            "externalAccountMACKeys": {"kid-1": EAB_KEY},
            "domainBlocklist": list(self.blocked),
            "certificateValidityPeriod": 90 * 86400,
        }
        (self.directory / "pebble.json").write_text(json.dumps({"pebble": settings}))

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self.directory / "log").read_text()
                time.sleep(0.05)


def make(directory: pathlib.Path, *, binding: bool = False) -> Pebble:
    return Pebble(directory, binding, *free_ports(5))
