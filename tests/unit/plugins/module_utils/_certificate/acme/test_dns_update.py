# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an update does is shown by the scenario certificate, with a name server."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.challenge import Proof
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.dns_update import (
    DynamicUpdate,
    Key,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._certificate.pebble import (
    free_ports,
)

KEY = Key("mail", "c2VjcmV0", "hmac-sha256")


def proof_of(name: str) -> Proof:
    return Proof(name, "", "", "the-record", None)


def update(**given: t.Any) -> DynamicUpdate:
    return DynamicUpdate(**{"server": "127.0.0.1", "port": 53, "key": KEY, "patience": 1, **given})


def test_a_server_that_is_not_there() -> None:
    (port,) = free_ports(1)
    message = "acme_dns_server: 127.0.0.1: Connection refused"
    solver = update(port=port)
    with pytest.raises(MailError, match=message), solver.shown((proof_of("mail.example"),)):
        pass


def test_a_server_that_nobody_knows() -> None:
    solver = update(server="no-such-server.invalid")
    with (
        pytest.raises(MailError, match=r"acme_dns_server: no-such-server\.invalid: "),
        solver.shown((proof_of("mail.example"),)),
    ):
        pass


def test_a_server_of_other_zones(pebble) -> None:
    # That one answers for any name, and has no zone.
    solver = update(port=pebble.names)
    with (
        pytest.raises(MailError, match=r"127\.0\.0\.1: "),
        solver.shown((proof_of("mail.example"),)),
    ):
        pass
