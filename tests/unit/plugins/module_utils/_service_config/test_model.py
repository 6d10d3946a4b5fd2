# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Certificate,
    File,
    Listener,
    Lookup,
    Server,
    Sni,
    from_options,
)

FILE = {"path": "main.cf", "content": "a", "mode": "0644", "owner": "root", "group": "root"}
LISTENER = {
    "protocol": "smtp",
    "tls": "none",
    "address": "127.0.0.1",
    "port": 25,
    "socket": None,
    "certificate": None,
    "rsa_certificate": None,
    "client_certificate": None,
    "sni": [],
}


def options(**more: t.Any) -> dict[str, t.Any]:
    nothing: dict[str, t.Any] = {"secrets": {}, "certificates": [], "listeners": [], "lookups": []}
    return {"files": [FILE], "servers": []} | nothing | more


def test_options_become_values() -> None:
    configuration = from_options(
        options(
            files=[FILE | {"path": "sql/ü.cf", "content": "é", "mode": "0640"}],
            certificates=[{"path": "/c.pem", "key": None}, {"path": "/d.crt", "key": "/d.key"}],
            listeners=[LISTENER, LISTENER | {"port": None, "socket": "/run/x", "protocol": "lmtp"}],
            lookups=[{"table": "userdb", "key": "a@b.example", "expect": "found"}],
            servers=[{"host": "db.example", "port": 5432}],
        )
    )
    assert configuration.files == {"sql/ü.cf": File("é".encode(), 0o640, "root", "root")}
    assert configuration.certificates == (
        Certificate("/c.pem", "/c.pem"),
        Certificate("/d.crt", "/d.key"),
    )
    assert [str(listener) for listener in configuration.listeners] == [
        "smtp on port 25",
        "lmtp on /run/x",
    ]
    assert configuration.lookups == (Lookup("userdb", "a@b.example", True),)
    assert configuration.ports == {25}
    assert configuration.servers == (Server("db.example", 5432),)
    assert configuration.server_ports == {5432}


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../passwd", "/etc/passwd", "a/../b", "a//b", "a/", "./a", "a\0b", "a\nb"],
)
def test_a_path_outside_or_unclear_is_refused(path: str) -> None:
    with pytest.raises(InvalidOption, match=r"files.path: "):
        from_options(options(files=[FILE | {"path": path}]))


def test_a_path_given_twice_is_refused() -> None:
    with pytest.raises(InvalidOption, match=r"'main.cf' is given twice"):
        from_options(options(files=[FILE, FILE | {"content": "b"}]))


@pytest.mark.parametrize("mode", ["", "rw", "0888", "-1", "1777", "04755"])
def test_a_mode_that_is_none_is_refused(mode: str) -> None:
    with pytest.raises(InvalidOption, match=r"files.mode: "):
        from_options(options(files=[FILE | {"mode": mode}]))


@pytest.mark.parametrize(
    "place",
    [
        {"port": None},
        {"socket": "/run/x"},
        {"port": 0},
        {"port": 65536},
    ],
)
def test_a_listener_needs_one_place(place: dict[str, t.Any]) -> None:
    with pytest.raises(InvalidOption, match="listeners"):
        from_options(options(listeners=[LISTENER | place]))


@pytest.mark.parametrize(("mode", "public"), [(0o644, True), (0o640, False), (0o600, False)])
def test_only_what_everybody_may_read_is_shown(mode: int, public: bool) -> None:
    shown = File(b"password = secret", mode, "root", "mail").shown()
    assert ("secret" in shown) is public
    assert f"root:mail {mode:04o}" in shown


def test_hidden_contents_differ_in_what_is_shown() -> None:
    one, two = (File(content, 0o600, "root", "root").shown() for content in (b"a", b"b"))
    assert one != two


def test_a_listener_serves_names_by_tls() -> None:
    sni = [{"name": "mail.example.org", "certificate": "/x.pem", "rsa_certificate": "/x.rsa.pem"}]
    (listener,) = from_options(
        options(listeners=[LISTENER | {"tls": "implicit", "sni": sni}])
    ).listeners
    assert listener.sni == (Sni("mail.example.org", "/x.pem", "/x.rsa.pem"),)
    with pytest.raises(InvalidOption, match=r"^listeners\.sni: 'mail.example.org' needs tls"):
        from_options(options(listeners=[LISTENER | {"tls": "none", "sni": sni}]))
    with pytest.raises(InvalidOption, match=r"^listeners\.rsa_certificate: '/x.pem' needs tls"):
        from_options(options(listeners=[LISTENER | {"tls": "none", "rsa_certificate": "/x.pem"}]))


def test_a_listener_is_shown_a_certificate_by_tls() -> None:
    mine = {"client_certificate": "/x.pem"}
    (listener,) = from_options(options(listeners=[LISTENER | {"tls": "starttls"} | mine])).listeners
    assert listener.client_certificate == "/x.pem"
    with pytest.raises(InvalidOption, match=r"^listeners\.client_certificate: '/x.pem' needs tls"):
        from_options(options(listeners=[LISTENER | mine]))


def test_a_listener_says_where_it_is() -> None:
    assert str(Listener("imap", port=993)) == "imap on port 993"


@pytest.mark.parametrize("port", [0, 65536])
def test_a_server_needs_a_port(port: int) -> None:
    with pytest.raises(InvalidOption, match=r"servers.port: "):
        from_options(options(servers=[{"host": "db.example", "port": port}]))


SECRET = FILE | {"content": "user=a password=<secret:database>\n", "mode": "0640"}


def test_a_secret_is_put_into_its_place_as_it_is() -> None:
    secrets = {"database": r"a\1 <secret:other> ' \" %u", "other": "x"}
    configuration = from_options(options(files=[SECRET], secrets=secrets))
    file = configuration.files["main.cf"]
    assert file.content.decode() == f"user=a password={secrets['database']}\n"
    assert secrets["database"] not in file.shown()


def test_a_file_with_a_secret_is_not_for_everybody() -> None:
    with pytest.raises(InvalidOption, match=r"files.mode: '0644' lets everybody read") as caught:
        from_options(options(files=[SECRET | {"mode": "0644"}], secrets={"database": "hush"}))
    assert "hush" not in str(caught.value)


def test_a_secret_that_is_not_given_is_told() -> None:
    with pytest.raises(InvalidOption, match=r"<secret:database>. in main.cf is not among"):
        from_options(options(files=[SECRET]))
