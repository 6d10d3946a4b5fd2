# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import socket
import ssl
import threading
import time
import typing as t
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    argspec,
    facts,
    model,
    signing,
    storage,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.inspection import Endpoint
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.selfsigned import (
    SelfSigned,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import job, main, renew
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils.talking import TLS, talk

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
NAMES = ("mail.example.org",)
SCRIPT = [TLS, "* OK", "<b CAPABILITY", "b OK", "<c LOGOUT"]


class ImapServer:
    """An IMAPS server that reads its certificate when it starts, and when it is reloaded."""

    def __init__(self, bundle: pathlib.Path) -> None:
        self._bundle = bundle
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.endpoint = Endpoint("imap", self._socket.getsockname()[1], True, "127.0.0.1")
        self.reloads = 0
        self.failing = False
        self._context = self._loaded()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            # Otherwise the thread that waits in accept() takes one connection more.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def reload(self) -> None:
        self.reloads += 1
        if self.failing:
            raise MailError("the daemon says no.")
        self._context = self._loaded()

    def _loaded(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._bundle)
        return context

    def _serve(self) -> None:
        while True:
            try:
                connection = self._socket.accept()[0]
            except OSError:
                return
            with contextlib.suppress(OSError):
                talk(SCRIPT, connection, self._context)


class Host:
    """A host with one bundle, and a server that has it."""

    def __init__(self, directory: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self.bundle = directory / "mail.example.org.pem"
        self.put(lasts=365 * DAY)
        self.keep(provider="selfsigned")
        self.server = ImapServer(self.bundle)
        self.installed = True
        monkeypatch.setattr(renew, "DAEMONS", dict.fromkeys(renew.DAEMONS, self._daemon))

    def put(self, lasts: timedelta = 365 * DAY, since: datetime = NOW) -> None:
        request = model.CertificateRequest(NAMES, "ecdsa-p256", lasts, DAY)
        self.bundle.write_bytes(SelfSigned(request).obtain(since).render())
        self.bundle.chmod(0o600)

    def keep(self, **given: t.Any) -> None:
        spec = argspec.TLS_CERTIFICATE["argument_spec"]
        params = {name: rules.get("default") for name, rules in spec.items()}
        job.settle(str(self.bundle), {**params, "names": list(NAMES), **given}, dry=False)

    def run(self, later: timedelta = timedelta(0), **given: t.Any) -> renew.Result:
        endpoints = given.pop("endpoints", (self.server.endpoint,))
        turn = renew.Round(endpoints, given.pop("patience", 0.3), NOW + later, **given)
        (result,) = turn.run(job.jobs(str(self.directory))).values()
        return result

    @property
    def print(self) -> str:
        return facts.fingerprint_of(model.parse_bundle(self.bundle.read_bytes()).leaf)

    def _daemon(self) -> t.Any:
        host = self

        class Daemon:
            service = "imapd"

            def installed(self) -> bool:
                return host.installed

            def running(self) -> bool:
                return True

            def reload(self) -> None:
                host.server.reload()

        return Daemon()


@pytest.fixture
def host(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    made = Host(tmp_path, monkeypatch)
    yield made
    made.server.close()


def test_what_is_not_due_stays(host: Host) -> None:
    first = host.print
    assert host.run() == renew.Result()
    assert (host.print, host.server.reloads) == (first, 0)


def test_what_is_due_is_renewed_and_served_once(host: Host) -> None:
    first = host.print
    result = host.run(336 * DAY)
    assert result.changed
    assert result.problems == ()
    assert "expires in 2" in result.text
    assert (host.print != first, host.server.reloads) == (True, 1)
    assert host.run(336 * DAY) == renew.Result()


def test_what_is_not_due_is_renewed_when_asked_for(host: Host) -> None:
    result = host.run(forced=True)
    assert (result.changed, result.problems) == (True, ())
    assert "a new one was asked for" in result.text
    assert host.server.reloads == 1


def test_a_certificate_may_begin_when_it_was_signed(host: Host, monkeypatch) -> None:
    def obtain(self: SelfSigned, now: datetime) -> model.Bundle:
        # The clock goes on while a CA works.
        monkeypatch.setattr(time, "monotonic", lambda: clock() + 5)
        return itself(self, now + signing.CLOCK_TOLERANCE + timedelta(seconds=5))

    clock, itself = time.monotonic, SelfSigned.obtain
    monkeypatch.setattr(SelfSigned, "obtain", obtain)
    assert host.run(forced=True).problems == ()


def test_daemons_are_told_of_each_certificate_at_once(host: Host, monkeypatch) -> None:
    def put(path: str, *given: t.Any) -> None:
        itself(path, *given)
        steps.append(os.path.basename(path))

    def look(*given: t.Any) -> t.Any:
        steps.append("look")
        return report(*given)

    def reload(server: ImapServer) -> None:
        steps.append("reload")

    steps: list[str] = []
    itself, report = storage.write, renew.report.report
    second = job.Job(
        str(host.directory / "second.pem"),
        {**renew._defaults(), "provider": "selfsigned", "names": ["second.example"]},
    )
    monkeypatch.setattr(storage, "write", put)
    monkeypatch.setattr(renew.report, "report", look)
    monkeypatch.setattr(ImapServer, "reload", reload)
    turn = renew.Round((host.server.endpoint,), 0.1, NOW, forced=True)
    turn.run([*job.jobs(str(host.directory)), second])
    assert steps[:5] == ["mail.example.org.pem", "reload", "second.pem", "reload", "look"]


def test_a_certificate_that_lies_on_the_disk_is_served(host: Host) -> None:
    host.put()
    assert host.run() == renew.Result()
    assert host.server.reloads == 1


def test_a_daemon_that_serves_the_former_one_is_told(host: Host, monkeypatch) -> None:
    monkeypatch.setattr(ImapServer, "_loaded", lambda self: self._context)
    result = host.run(forced=True)
    assert any("serves another certificate than the one in the file" in p for p in result.problems)


def test_a_daemon_that_can_not_be_reloaded_is_told(host: Host) -> None:
    host.server.failing = True
    problems = host.run(forced=True).problems
    assert problems[0] == "imapd can't be reloaded: the daemon says no."
    assert len(problems) == 2


def test_a_port_where_nothing_listens_is_told(host: Host) -> None:
    host.server.close()
    (problem,) = host.run().problems
    assert "serves no certificate" in problem


def test_a_daemon_that_is_not_installed_is_passed_over(host: Host) -> None:
    host.installed = False
    host.server.close()
    assert host.run(forced=True).problems == ()
    assert host.server.reloads == 0


def test_a_renewal_that_fails_leaves_the_old_one(host: Host) -> None:
    first = host.print
    host.keep(provider="files", source_path="/nonexistent/mail.crt")
    result = host.run()
    assert result.problems[0].startswith("The provider files needs source_path")
    assert (result.changed, host.print) == (False, first)


def test_what_the_workstation_signs_is_only_watched(host: Host) -> None:
    host.keep(provider="files", source_content="what is not kept")
    assert host.run(300 * DAY) == renew.Result()
    (problem,) = host.run(340 * DAY).problems
    assert problem == "expires in 25 days"


def test_a_bundle_that_clients_would_refuse_is_told(host: Host, tmp_path: pathlib.Path) -> None:
    host.keep(provider="files", source_content="x", ca_path=str(tmp_path / "ca.pem"))
    request = model.CertificateRequest(("ca.example",), "ecdsa-p256", DAY, DAY)
    (tmp_path / "ca.pem").write_bytes(SelfSigned(request).obtain(NOW).render_public())
    assert any("a client would refuse" in problem for problem in host.run().problems)


def test_the_program_tells_and_keeps_what_came_of_it(host: Host, capsys, monkeypatch) -> None:
    endpoint = host.server.endpoint
    arguments = [
        *("--directory", str(host.directory), "--timeout", "1"),
        *("--listener", f"imap:implicit:{endpoint.port}"),
    ]
    assert main.main(arguments) == 0
    assert capsys.readouterr().out == ""
    assert main.main([*arguments, "--force"]) == 0
    assert capsys.readouterr().out.startswith("mail.example.org: renewed (a new one was asked for)")
    assert job.last(str(host.bundle)).problems == ()
    host.server.close()
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    assert main.main([*arguments, "mail.example.org"]) == 1
    assert capsys.readouterr().out.startswith("<3>mail.example.org: port ")
    assert len(job.last(str(host.bundle)).problems) == 1


def test_a_file_of_jobs_that_is_damaged_is_told(host: Host, capsys) -> None:
    (host.directory / "renewal" / "mail.example.org.json").write_text("")
    assert main.main(["--directory", str(host.directory)]) == 1
    assert "can't be read" in capsys.readouterr().out


@pytest.mark.parametrize("ports", [{25: "smtp", 143: "imap", 4190: "sieve"}, {}])
def test_dovecot_is_reloaded_before_postfix(monkeypatch, ports: dict[int, str]) -> None:
    order = []

    class Recorder:
        def __init__(self, service: str) -> None:
            self.service = service

        def installed(self) -> bool:
            return True

        def running(self) -> bool:
            return True

        def reload(self) -> None:
            order.append(self.service)

    made = {kind: functools.partial(Recorder, kind.service) for kind in renew.DAEMONS.values()}
    monkeypatch.setattr(renew, "DAEMONS", {p: made[kind] for p, kind in renew.DAEMONS.items()})
    endpoints = tuple(Endpoint(protocol, port, False, "") for port, protocol in ports.items())
    assert renew.Round(endpoints, 1, NOW)._reload() == ()
    assert order == ["dovecot", "postfix"]
