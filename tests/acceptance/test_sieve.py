# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ManageSieve (RFC 5804) on port 4190, and what the script then does."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import typing as t

import pytest

from ansible_collections.assurmer.mail.tests.acceptance.clients import (
    PATIENCE,
    await_message,
    deliver,
    mailbox,
    ok,
    search,
)

SCRIPT = """require ["fileinto", "mailbox"];
if header :is "X-Bill" "yes" { fileinto :create "Bills"; }
"""


class Sieve:
    """The client that Python does not have."""

    def __init__(self, host: t.Any) -> None:
        self._sock: socket.socket = socket.create_connection((host.name, 4190), PATIENCE)
        self._file = self._sock.makefile("rwb")
        self.capabilities = self.answer()

    def answer(self) -> list[str]:
        """Return the lines of an answer; the last one begins with OK, NO or BYE."""
        lines: list[str] = []
        while not lines or not lines[-1].startswith(("OK", "NO", "BYE")):
            line = self._file.readline()
            assert line, f"the server hung up after {lines}"
            lines.append(line.decode().rstrip("\r\n"))
        if text := re.search(r"\{(\d+)\}$", lines[-1]):
            # What there is to say follows as so many octets, and the end of the line.
            lines[-1] += self._file.read(int(text[1])).decode() + self._file.readline().decode()
        return lines

    def ask(self, command: str) -> list[str]:
        self._file.write(f"{command}\r\n".encode())
        self._file.flush()
        return self.answer()

    def starttls(self, context: ssl.SSLContext, name: str) -> None:
        assert self.ask("STARTTLS")[-1].startswith("OK")
        self._sock = context.wrap_socket(self._sock, server_hostname=name)
        self._file = self._sock.makefile("rwb")
        self.capabilities = self.answer()

    def login(self, login: str, password: str) -> str:
        response = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
        return self.ask(f'AUTHENTICATE "PLAIN" "{response}"')[-1]

    def put(self, name: str, script: str) -> str:
        return self.ask(f'PUTSCRIPT "{name}" {{{len(script.encode())}+}}\r\n{script}')[-1]

    def close(self) -> None:
        self._file.close()
        self._sock.close()


@pytest.fixture
def sieve(host):
    client = Sieve(host)
    yield client
    client.close()


@pytest.fixture
def scripts(host, trust, people, sieve):
    """The scripts of the mailbox `filing`."""
    sieve.starttls(trust, host.name)
    assert sieve.login(people["filing"].address, people["filing"].password).startswith("OK")
    return sieve


def test_no_login_before_tls(sieve, people):
    assert '"STARTTLS"' in sieve.capabilities
    assert '"SASL" ""' in sieve.capabilities
    assert sieve.login(people["filing"].address, people["filing"].password).startswith(
        ("NO", "BYE")
    )


def test_wrong_password_is_refused(host, trust, people, sieve):
    sieve.starttls(trust, host.name)
    assert sieve.login(people["filing"].address, "wrong").startswith("NO")


def test_script_with_an_error_is_refused(scripts, token):
    assert scripts.put(token, "this is no Sieve;").startswith("NO")
    assert not any(token in line for line in scripts.ask("LISTSCRIPTS"))


def test_script_files_mail_while_it_is_active(host, trust, people, scripts, token):
    filing = people["filing"]
    assert scripts.put(token, SCRIPT).startswith("OK")
    assert scripts.ask(f'SETACTIVE "{token}"')[-1].startswith("OK")
    deliver(host, trust, filing.address, token, more="X-Bill: yes\r\n")
    deliver(host, trust, filing.address, f"other-{token}")
    with mailbox(host, trust, filing) as inbox:
        await_message(inbox, f"other-{token}")
        assert search(inbox, "SUBJECT", f'"letter {token}"') == []
    with mailbox(host, trust, filing, "Bills") as bills:
        await_message(bills, f'"letter {token}"')

    assert scripts.ask('SETACTIVE ""')[-1].startswith("OK")
    assert scripts.ask(f'DELETESCRIPT "{token}"')[-1].startswith("OK")
    deliver(host, trust, filing.address, f"unfiled-{token}", more="X-Bill: yes\r\n")
    with mailbox(host, trust, filing) as inbox:
        await_message(inbox, f"unfiled-{token}")
        ok(inbox.delete("Bills"))
