# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.assurmer.mail.plugins.filter.postgresql_access import (
    FilterModule,
    postgresql_access,
)

LIVELY = {
    "connect_timeout": "3",
    "tcp_user_timeout": "3000",
    "keepalives_idle": "5",
    "keepalives_interval": "1",
    "keepalives_count": "3",
}


def test_two_servers_are_asked_in_their_order_and_must_prove_who_they_are() -> None:
    access = postgresql_access(
        "postgresql://owner@replica.example,primary.example:5433/mail", "mail_postfix", "postfix"
    )
    assert access["uri"] == (
        "postgresql://mail_postfix@replica.example,primary.example:5433/mail?application_name=postfix"
        "&connect_timeout=3&tcp_user_timeout=3000&keepalives_idle=5&keepalives_interval=1"
        "&keepalives_count=3&sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt"
    )
    assert access["hosts"] == "replica.example,primary.example"
    assert access["parameters"] == {
        "port": "5432,5433",
        "dbname": "mail",
        "user": "mail_postfix",
        "application_name": "postfix",
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ssl/certs/ca-certificates.crt",
        **LIVELY,
    }
    assert access["servers"] == [
        {"host": "replica.example", "port": 5432},
        {"host": "primary.example", "port": 5433},
    ]


def test_what_the_uri_says_wins() -> None:
    access = postgresql_access(
        "postgresql://db.example/mail?sslmode=verify-ca&sslrootcert=%2Fetc%2Fmy%20ca.pem&connect_timeout=9",
        "mail",
        "dovecot",
    )
    assert access["parameters"]["sslmode"] == "verify-ca"
    assert access["parameters"]["sslrootcert"] == "/etc/my ca.pem"
    assert access["parameters"]["connect_timeout"] == "9"
    assert "sslrootcert=/etc/my%20ca.pem" in access["uri"]


def test_names_with_signs_of_a_uri_stay_whole() -> None:
    access = postgresql_access("postgresql://[2001:db8::7]:5433/m%2Fx", "a@b/c:d?e", "postfix")
    assert access["uri"].startswith("postgresql://a%40b%2Fc%3Ad%3Fe@[2001:db8::7]:5433/m%2Fx?")
    assert access["parameters"]["dbname"] == "m/x"
    assert access["servers"] == [{"host": "2001:db8::7", "port": 5433}]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "%2Fvar%2Frun%2Fpostgresql"])
def test_a_server_on_the_host_needs_no_certificate(host: str) -> None:
    access = postgresql_access(f"postgresql://{host}/mail?sslmode=disable", "mail", "postfix")
    assert access["parameters"]["sslmode"] == "disable"
    assert "sslrootcert" not in access["parameters"]


def test_the_folder_of_a_socket_is_no_server_of_the_network() -> None:
    assert not postgresql_access("postgresql://%2Frun%2Fpg/mail", "mail", "postfix")["servers"]


@pytest.mark.parametrize(
    ("dsn", "says"),
    [
        ("postgres://db.example/mail", "is no URI of PostgreSQL"),
        ("host=db.example dbname=mail", "is no URI of PostgreSQL"),
        ("postgresql:///mail", "names no host"),
        ("postgresql://db.example", "no database"),
        ("postgresql://db.example/", "no database"),
        ("postgresql://o:SECRET@db.example/mail", "holds a password"),
        ("postgresql://db.example/mail?password=SECRET", "holds a password"),
        ("postgresql://db.example/mail?host=SECRET", "says host as a parameter"),
        ("postgresql://db.example:x/mail", "a port that is no number"),
        ("postgresql://,db.example/mail", "a host without a name"),
        ("postgresql://db.example/mail?sslmode=require", "would not check who the server is"),
        ("postgresql://127.0.0.1,db.example/mail?sslmode=disable", "would not check"),
    ],
)
def test_a_uri_that_can_not_be_used_is_told_without_its_secrets(dsn: str, says: str) -> None:
    with pytest.raises(AnsibleFilterError, match=says) as caught:
        postgresql_access(dsn, "mail", "postfix")
    assert "SECRET" not in str(caught.value)
    assert "mail_directory_read_dsn" in str(caught.value)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"postgresql_access": postgresql_access}
