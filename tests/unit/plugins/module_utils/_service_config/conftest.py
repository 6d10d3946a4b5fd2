# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Pair:
    """A self-signed certificate and its key, each alone and both in one file."""

    certificate: Path
    key: Path
    both: Path


ECDSA = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")


def _make_pair(directory: Path, name: str, key: tuple[str, ...] = ECDSA) -> Pair:
    pair = Pair(directory / f"{name}.crt", directory / f"{name}.key", directory / f"{name}.pem")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", f"/CN={name}"),
            *("-newkey", *key),
            *("-out", pair.certificate, "-keyout", pair.key),
        ],
        check=True,
        capture_output=True,
    )
    pair.both.write_bytes(pair.key.read_bytes() + pair.certificate.read_bytes())
    return pair


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return _make_pair(tmp_path_factory.mktemp("pair"), "mail.example.org")


@pytest.fixture(scope="session")
def other_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return _make_pair(tmp_path_factory.mktemp("other"), "other.example.org")


@pytest.fixture(scope="session")
def rsa_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return _make_pair(tmp_path_factory.mktemp("rsa"), "rsa.example.org", ("rsa:3072",))


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may give files away and make namespaces")
