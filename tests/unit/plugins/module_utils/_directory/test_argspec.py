# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec


def test_specifications_are_merged_and_not_changed() -> None:
    merged = argspec.merged(argspec.STORE, argspec.DOMAIN, argspec.STATE)
    assert list(merged) == ["dsn", "dsn_password", "group", "name", "alias_of", "active", "state"]
    assert list(argspec.DOMAIN) == ["name", "alias_of", "active"]


def hidden_in(spec: argspec.Spec) -> set[str]:
    return {name for name, option in spec.items() if option.get("no_log")}


def test_secrets_are_kept_out_of_the_log_and_nothing_else_is() -> None:
    assert hidden_in(argspec.MAILBOX) == {"password", "password_hash"}
    assert hidden_in(argspec.STORE) == {"dsn_password"}
    for spec in (argspec.DOMAIN, argspec.ALIAS, argspec.PASSWORDS, argspec.LISTS):
        assert hidden_in(spec) == set()
