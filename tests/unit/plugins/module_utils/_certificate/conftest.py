# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    argspec,
    authority,
    ensure,
    hierarchy,
    issue,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.model import (
    Bundle,
    CertificateRequest,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.ownca import (
    OwnCa,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._certificate.pebble import (
    Pebble,
    make,
)

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


def first_release(now: datetime) -> authority.Authority:
    """Return an authority as our first release made it: a root that signs for hosts itself."""
    key = signing.new_key("ecdsa-p384")
    name = signing.common_name("Test CA")
    begin, end = now - timedelta(hours=1), now + timedelta(days=3650)
    limits = signing.Limits(path_length=0)
    signer = signing.Signer(name, key)
    root = signing.sign_authority(key.public_key(), name, signer, begin, end, limits)
    return authority.Authority(key, (root,))


@pytest.fixture(scope="session")
def ours(now: datetime) -> authority.Authority:
    return first_release(now)


@pytest.fixture(scope="session")
def theirs(now: datetime) -> authority.Authority:
    """An authority of the same name with another key."""
    return first_release(now)


@pytest.fixture(scope="session")
def older(now: datetime) -> authority.Authority:
    """One that has been in use for a year."""
    return first_release(now - timedelta(days=365))


@pytest.fixture(scope="session")
def root(now: datetime) -> authority.Root:
    return hierarchy.create_root("Test CA", now)


@pytest.fixture(scope="session")
def successor(now: datetime) -> authority.Root:
    return hierarchy.create_root("Test CA 2", now)


@pytest.fixture(scope="session")
def intermediate(root: authority.Root, now: datetime) -> authority.Authority:
    return hierarchy.intermediate(root, (), now)


def make_request(*names: str, **changed: t.Any) -> CertificateRequest:
    values = {
        "names": names or ("mail.example.org",),
        "key_type": "ecdsa-p256",
        "validity": timedelta(days=397),
        "renew_before": timedelta(days=30),
    }
    return CertificateRequest(**{**values, **changed})


@pytest.fixture(scope="session")
def request_for() -> t.Callable[..., CertificateRequest]:
    return make_request


@pytest.fixture(scope="session")
def issue_bundle(ours: authority.Authority, now: datetime) -> t.Callable[..., Bundle]:
    def make(*names: str, by: authority.Authority = ours, at: datetime = now, **changed) -> Bundle:
        return OwnCa(make_request(*names, **changed), by).obtain(at)

    return make


@pytest.fixture
def apply(now: datetime) -> t.Callable[..., ensure.Outcome]:
    """Return tls_certificate without AnsibleModule around it."""

    def run(*, dry: bool = False, at: datetime = now, **given: t.Any) -> ensure.Outcome:
        spec = argspec.TLS_CERTIFICATE["argument_spec"]
        assert set(given) <= set(spec)
        params = {option: rules.get("default") for option, rules in spec.items()}
        params.update({key: str(v) if key.endswith("path") else v for key, v in given.items()})
        context = issue.Context(at, dry)
        target = argspec.target_of(params)
        if params["state"] == "absent":
            return ensure.absent(target, context)
        request = argspec.request_of(params)
        prepared = issue.prepare(params, request, context)
        return ensure.present(target, argspec.access_of(params), request, prepared, context)

    return run


@pytest.fixture(scope="session")
def pebble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pebble]:
    with make(tmp_path_factory.mktemp("pebble")).running() as running:
        yield running


@pytest.fixture
def another_pebble(tmp_path: pathlib.Path) -> t.Callable[..., t.Any]:
    """Return one of its own, which knows nobody yet."""
    return lambda **given: make(tmp_path, **given).running()
