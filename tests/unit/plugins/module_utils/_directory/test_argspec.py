# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec


def test_specifications_are_merged_and_not_changed() -> None:
    merged = argspec.merged(argspec.STORE, argspec.DOMAIN, argspec.STATE)
    assert list(merged) == ["dsn", "group", "name", "alias_of", "active", "state"]
    assert list(argspec.DOMAIN) == ["name", "alias_of", "active"]


def test_secrets_are_kept_out_of_the_log_and_nothing_else_is() -> None:
    hidden = {name for name, option in argspec.MAILBOX.items() if option.get("no_log")}
    assert hidden == {"password", "password_hash"}
    for spec in (argspec.STORE, argspec.DOMAIN, argspec.ALIAS, argspec.PASSWORDS, argspec.LISTS):
        assert not any(option.get("no_log") for option in spec.values())
