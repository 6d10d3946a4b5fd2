# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import library


def test_it_is_there() -> None:
    assert library.missing() is None


@pytest.mark.parametrize(
    ("version", "good"), [("38.0.4", True), ("37.0.2", False), ("100.1", True)]
)
def test_versions(monkeypatch: pytest.MonkeyPatch, version: str, good: bool) -> None:
    monkeypatch.setattr(library, "VERSION", version)
    assert (library.missing() is None) is good


def test_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "IMPORT_ERROR", "Traceback ...")
    problem = library.missing()
    assert problem is not None
    assert "cryptography" in problem[0]
