# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.assurmer.mail.plugins.filter.probe_peers import FilterModule, probe_peers


def test_a_number_may_come_as_a_text() -> None:
    assert probe_peers(["a", "b", "c"], "b", "1") == ["b", "c"]  # type: ignore[arg-type]  # as from the command line
    assert FilterModule().filters()["probe_peers"] is probe_peers


@pytest.mark.parametrize("most", [-1, "many", None])
def test_what_is_no_number_is_refused_by_the_name_of_the_variable(most: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^mail_report_probe_peers: .* is not a number"):
        probe_peers(["a"], "a", most)
