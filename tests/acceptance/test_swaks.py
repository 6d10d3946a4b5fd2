# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submission with swaks, the SMTP client of the mail administrators."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from ansible_collections.assurmer.mail.tests.acceptance.clients import await_message, mailbox


@pytest.fixture
def swaks(host, ca_path, people):
    """Return a function that runs swaks as Alice, and returns its exit code and the dialogue."""
    program = shutil.which("swaks")
    assert program, "swaks is missing: apt-get install swaks"
    alice = people["alice"]

    def run(*arguments: str, password: str = alice.password) -> tuple[int, str]:
        server = ["--server", host.address, "--helo", "client.example", "--timeout", "30"]
        tls = ["--tls-verify", "--tls-ca-path", ca_path]
        login = ["--auth", "PLAIN", "--auth-user", alice.address, "--auth-password", password]
        command = [program, *server, *tls, *login, "--from", alice.address, *arguments]
        finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return finished.returncode, finished.stdout + finished.stderr

    return run


PORTS = pytest.mark.parametrize(
    "port", [["--tls", "--port", "587"], ["--tls-on-connect", "--port", "465"]], ids=["587", "465"]
)


@PORTS
def test_submission(host, trust, people, token, swaks, port):
    bob = people["bob"]
    code, dialogue = swaks(*port, "--to", bob.address, "--header", f"Subject: {token}")
    assert code == 0, dialogue
    assert "235 2.7.0" in dialogue
    assert "queued as" in dialogue
    with mailbox(host, trust, bob) as inbox:
        await_message(inbox, token)


@PORTS
def test_wrong_password_is_refused(people, swaks, port):
    code, dialogue = swaks(*port, "--to", people["bob"].address, password="wrong")
    assert code == 28, dialogue  # swaks: authentication failed
    assert "535 5.7.8" in dialogue


@PORTS
def test_unknown_recipient_is_refused(swaks, port):
    code, dialogue = swaks(*port, "--to", "nobody@assurmer.example")
    assert code == 24, dialogue  # swaks: no recipient was accepted
    assert "550 5.1.1" in dialogue
