# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import signing
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers import selfsigned


def test_a_fresh_bundle_meets_no_objection(request_for, now) -> None:
    provider = selfsigned.SelfSigned(request_for())
    bundle = provider.obtain(now)
    assert signing.is_self_signed(bundle.leaf)
    assert list(provider.objections(bundle, now)) == []
    assert provider.anchor(bundle) == (bundle.leaf,)


def test_an_authority_has_signed(issue_bundle, request_for, now) -> None:
    found = list(selfsigned.SelfSigned(request_for()).objections(issue_bundle(), now))
    assert found == ["issuer differs: not signed by its own key"]
