# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP-01 (RFC 8555, 8.3): a file on port 80, served by ourselves or by a web server that is there.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import storage
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.access import Access
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.challenge import (
    Proof,
    Solver,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

_PUBLIC = 0o644


@dataclass(frozen=True, slots=True)
class Standalone(Solver):
    """The library's own web server, which runs while the CA looks."""

    challenge = "http-01"

    port: int

    @contextlib.contextmanager
    def shown(self, proofs: tuple[Proof, ...]) -> Iterator[None]:
        from acme import standalone  # noqa: PLC0415 - it is slow to load, and seldom needed

        resource = standalone.HTTP01RequestHandler.HTTP01Resource
        resources = {resource(proof.challenge, None, proof.content) for proof in proofs}
        try:
            servers = standalone.HTTP01DualNetworkedServers(("", self.port), resources)
        except OSError as error:
            raise MailError(
                f"acme_http_port: port {self.port} can't be opened for the CA: {error.strerror}."
                " Where a web server has it, name its directory in acme_webroot."
            ) from error
        servers.serve_forever()
        try:
            yield
        finally:
            servers.shutdown_and_server_close()


@dataclass(frozen=True, slots=True)
class Webroot(Solver):
    """The directory of a web server."""

    challenge = "http-01"

    directory: str

    @contextlib.contextmanager
    def shown(self, proofs: tuple[Proof, ...]) -> Iterator[None]:
        if not os.path.isdir(self.directory):
            raise MailError(f"acme_webroot: {self.directory} is not a directory of this host.")
        paths = [os.path.join(self.directory, proof.path.lstrip("/")) for proof in proofs]
        try:
            for path, proof in zip(paths, proofs, strict=True):
                storage.make_directory(os.path.dirname(path))
                access = Access(_PUBLIC, os.geteuid(), os.getegid())
                storage.write(path, proof.content.encode(), access)
            yield
        finally:
            for path in paths:
                storage.remove(path)
