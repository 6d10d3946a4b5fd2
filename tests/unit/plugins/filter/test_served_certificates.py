# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.assurmer.mail.plugins.filter.served_certificates import (
    FilterModule,
    served_certificates,
)

OWN = "/etc/ssl/assurmer.mail/mail.example.org.pem"
OWN_RSA = "/etc/ssl/assurmer.mail/mail.example.org.rsa.pem"
BRAND = "/etc/ssl/assurmer.mail/brand.pem"
BRAND_RSA = "/etc/ssl/assurmer.mail/brand.rsa.pem"
FURTHER = [{"name": "brand", "names": ["Mail.Brand.example", "imap.brand.example"]}]


def test_a_host_with_one_name() -> None:
    served = served_certificates(OWN, [])
    assert served["own"] == served["files"] == [OWN]
    assert served["sni"] == []
    assert (
        served["listener"]
        == served["listener_without_rsa"]
        == {
            "certificate": OWN,
            "sni": [],
        }
    )


def test_further_names_are_in_lower_case_and_have_one_bundle() -> None:
    served = served_certificates(OWN, FURTHER)
    assert served["own"] == [OWN]
    assert served["files"] == [OWN, BRAND]
    assert served["sni"] == [
        {"name": "mail.brand.example", "certificate": BRAND},
        {"name": "imap.brand.example", "certificate": BRAND},
    ]
    assert served["listener"] == {"certificate": OWN, "sni": served["sni"]}


def test_with_rsa_each_bundle_has_a_twin() -> None:
    served = served_certificates(OWN, FURTHER, rsa=True)
    assert served["own"] == [OWN, OWN_RSA]
    assert served["files"] == [OWN, OWN_RSA, BRAND, BRAND_RSA]
    assert served["listener"] == {
        "certificate": OWN,
        "rsa_certificate": OWN_RSA,
        "sni": [
            {
                "name": "mail.brand.example",
                "certificate": BRAND,
                "rsa_certificate": BRAND_RSA,
            },
            {
                "name": "imap.brand.example",
                "certificate": BRAND,
                "rsa_certificate": BRAND_RSA,
            },
        ],
    }
    assert served["sni"] == served["listener"]["sni"]


def test_without_tls_1_2_there_is_no_rsa() -> None:
    served = served_certificates(OWN, FURTHER, rsa=True)
    assert served["listener_without_rsa"] == served_certificates(OWN, FURTHER)["listener"]


def test_a_bundle_that_is_called_otherwise() -> None:
    assert served_certificates("/etc/mail.crt", [], rsa=True)["own"][1] == "/etc/mail.crt.rsa"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"name": "brand"}, "mail_certificates: brand takes names"),
        ({"name": "brand", "names": "mail.brand.example"}, "mail_certificates: brand takes names"),
        ({"names": ["a.example"]}, "mail_certificates: the entry for a.example takes a name"),
        ({}, "mail_certificates: an entry takes names"),
    ],
)
def test_what_an_entry_takes(entry: dict[str, t.Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        served_certificates(OWN, [entry])


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"served_certificates": served_certificates}
