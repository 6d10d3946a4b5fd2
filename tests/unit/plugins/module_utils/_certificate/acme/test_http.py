# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import socket
import urllib.request

import pytest
from acme import challenges

from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.challenge import Proof
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.http import (
    Standalone,
    Webroot,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._certificate.pebble import (
    free_ports,
)


def proof_of(name: str) -> Proof:
    challenge = challenges.HTTP01(token=name.encode().ljust(16, b"."))
    return Proof(name, challenge.path, f"the content of {name}", "", challenge)


PROOFS = (proof_of("a.example"), proof_of("b.example"))


def test_our_own_web_server_is_there_for_a_while() -> None:
    (port,) = free_ports(1)
    with Standalone(port).shown(PROOFS):
        for proof in PROOFS:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{proof.path}", timeout=5) as page:
                assert page.read().decode() == proof.content
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 1)


def test_our_own_web_server_ends_after_an_error_too() -> None:
    (port,) = free_ports(1)
    with pytest.raises(KeyError), Standalone(port).shown(PROOFS):
        raise KeyError
    with Standalone(port).shown(PROOFS):
        pass


def test_a_port_that_somebody_has() -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        message = f"acme_http_port: port {port} can't be opened .*acme_webroot"
        # All addresses of both kinds have to be taken for it to fail.
        with (
            socket.create_server(("::", port), family=socket.AF_INET6),
            pytest.raises(MailError, match=message),
            Standalone(port).shown(PROOFS),
        ):
            pass


def test_a_web_servers_directory_is_as_it_was_afterwards(tmp_path: pathlib.Path) -> None:
    with Webroot(str(tmp_path)).shown(PROOFS):
        for proof in PROOFS:
            file = tmp_path / proof.path.lstrip("/")
            assert file.read_text() == proof.content
            assert file.stat().st_mode & 0o777 == 0o644
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    with pytest.raises(KeyError), Webroot(str(tmp_path)).shown(PROOFS):
        raise KeyError
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_directory_that_is_none(tmp_path: pathlib.Path) -> None:
    solver = Webroot(str(tmp_path / "www"))
    with (
        pytest.raises(MailError, match=r"acme_webroot: .* is not a directory"),
        solver.shown(PROOFS),
    ):
        pass
