# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    argspec,
    authority,
    ensure,
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

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def ours(now: datetime) -> authority.Authority:
    return authority.create("Test CA", now)


@pytest.fixture(scope="session")
def theirs(now: datetime) -> authority.Authority:
    """An authority of the same name with another key."""
    return authority.create("Test CA", now)


@pytest.fixture(scope="session")
def intermediate(ours: authority.Authority, now: datetime) -> authority.Authority:
    """An authority below ours, which `ours` may not make by itself (path length 0)."""
    key = signing.new_key("ecdsa-p256")
    name = signing.common_name("Test Intermediate")
    builder = signing._builder(name, key, ours.signer, now, now + timedelta(days=900))
    for extension in ours.certificates[0].extensions:
        if isinstance(extension.value, (x509.BasicConstraints, x509.KeyUsage)):
            builder = builder.add_extension(extension.value, extension.critical)
    certificate = builder.sign(ours.key, signing._digest(ours.key))
    return authority.Authority(key, (certificate, *ours.certificates))


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
        prepared = issue.prepare(params, argspec.request_of(params), context)
        return ensure.present(target, argspec.access_of(params), prepared, context)

    return run
