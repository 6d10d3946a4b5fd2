# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
import time
import typing as t
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config import record, tree
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import (
    Daemon,
    Refused,
    command,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.ensure import Installer
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Certificate,
    Configuration,
    File,
    Listener,
    Lookup,
)

pytestmark = pytest.mark.usefixtures("as_root")

# A small mail daemon: it greets on the port in tiny.json, reads that file again at SIGHUP, keeps
# its open sessions then, and ends when it can't bind its ports, like Postfix's master.
SERVER = """
import json, os, selectors, signal, socket, sys
directory, state = sys.argv[1:3]
selector = selectors.DefaultSelector()
listening = []
settings = {}

def load(*_):
    global settings
    settings = json.load(open(directory + "/tiny.json"))
    while listening:
        old = listening.pop()
        selector.unregister(old)
        old.close()
    for port in settings["ports"]:
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        listening.append(server)
        selector.register(server, selectors.EVENT_READ, greet)

def greet(server):
    client, _ = server.accept()
    inside = os.getpid() < 100  # The numbers of a PID namespace begin at 1.
    greeting = settings["greeting"] if inside else settings.get("live", settings["greeting"])
    client.send(greeting.encode() + b"\\r\\n")
    selector.register(client, selectors.EVENT_READ, answer)

def answer(client):
    said = client.recv(1000).decode().split()
    if not said or said[0] == "QUIT":
        selector.unregister(client)
        client.close()
    elif said[0] == "VRFY" and said[1] not in settings["people"]:
        client.send(b"550 unknown\\r\\n")
    else:
        client.send(b"250 ok\\r\\n")

signal.signal(signal.SIGHUP, load)
load()
with open(state + "/pid", "w") as stream:
    stream.write(str(os.getpid()))
if os.fork():
    os._exit(0)
os.setsid()
with open(state + "/pid", "w") as stream:
    stream.write(str(os.getpid()))
while True:
    for key, _ in selector.select():
        try:
            key.data(key.fileobj)
        except (OSError, KeyError):
            pass
"""


class Tiny(Daemon):
    """A real daemon of the tests' own; its places are those of one test."""

    service = "tiny"
    units = ("no-such-unit-of-ours.service",)

    def __init__(self, home: Path) -> None:
        self.home = home
        self.directory = home / "etc"  # type: ignore[misc] - a class variable, but each test has its own
        self.state = (home / "state",)  # type: ignore[misc] - a class variable, but each test has its own
        self.program = home / "server.py"  # type: ignore[misc] - a class variable, but each test has its own
        self.log: list[str] = []

    def _settings(self) -> dict[str, t.Any]:
        return json.loads((self.directory / "tiny.json").read_text())

    def pid(self) -> int:
        try:
            return int((self.home / "state" / "pid").read_text())
        except (OSError, ValueError):
            return 0

    def running(self) -> bool:
        try:
            return (
                bool(self.pid()) and "server.py" in Path(f"/proc/{self.pid()}/cmdline").read_text()
            )
        except OSError:
            return False

    def enabled(self) -> bool:
        return (self.home / "enabled").exists()

    def enable(self) -> None:
        (self.home / "enabled").touch()

    def start(self) -> None:
        self._expect(
            command(
                sys.executable, str(self.program), str(self.directory), str(self.home / "state")
            )
        )

    def stop(self) -> None:
        self.log.append("stop")
        self._end()

    def _end(self) -> None:
        if self.running():
            # It is over when this can be read: a process that is ending listens a little longer.
            descriptor = os.pidfd_open(self.pid())
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            select.select([descriptor], [], [])
            os.close(descriptor)

    def reload(self) -> None:
        self.log.append("reload")
        os.kill(self.pid(), signal.SIGHUP)

    def restart(self) -> None:
        self.log.append("restart")
        self._end()
        self.start()

    def needs_restart(self, live: Path, staged: Path) -> bool:
        before, after = (
            json.loads((each / "tiny.json").read_text()).get("base") for each in (live, staged)
        )
        return before != after

    def check(self, configuration: Configuration) -> None:
        if "nosuch" in self._settings():
            raise Refused("tiny: unknown setting nosuch")

    def rehearse(self) -> None:
        self.start()

    def found(self, lookup: Lookup) -> bool:
        port = self._settings()["ports"][0]
        with socket.create_connection(("127.0.0.1", port), 2) as client:
            stream = client.makefile("rwb")
            stream.readline()
            stream.write(f"VRFY {lookup.key}\n".encode())
            stream.flush()
            answer = stream.readline()
        if not answer:
            raise Refused("no answer")
        return answer.startswith(b"250")


@dataclass
class House:
    """A host with a tiny daemon that serves, as an earlier run left it."""

    home: Path
    daemon: Tiny
    port: int

    def settings(self, **more: t.Any) -> dict[str, t.Any]:
        return {"ports": [self.port], "greeting": "220 tiny", "people": ["alice"]} | more

    def configuration(self, **more: t.Any) -> Configuration:
        settings = self.settings(**more)
        content = json.dumps(settings).encode()
        return Configuration(
            files={"tiny.json": File(content, 0o644, "root", "root")},
            listeners=(Listener("smtp", port=self.port),),
            lookups=(Lookup("people", "alice", True), Lookup("people", "mallory", False)),
        )

    def installer(
        self, configuration: Configuration, daemon: Tiny | None = None, rollout: str = ""
    ) -> Installer:
        return Installer(
            daemon=daemon or self.daemon,
            configuration=configuration,
            seconds=6,
            rollout=rollout,
            room=self.home / "room",
        )

    def ensure(
        self, configuration: Configuration, *, check_mode: bool = False, rollout: str = ""
    ) -> t.Any:
        return self.installer(configuration, rollout=rollout).ensure(check_mode=check_mode)

    def restore(self, rollout: str, *, check_mode: bool = False) -> t.Any:
        nothing = Configuration(files={})
        return self.installer(nothing, rollout=rollout).restore(check_mode=check_mode)

    def greeting(self, port: int | None = None) -> str:
        """Return what is said to a client, who comes again where the daemon is just loading."""
        until = time.monotonic() + 6
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port or self.port), 2) as client:
                    return client.makefile().readline().strip()
            except ConnectionResetError:
                # It closes its port for a moment while it loads; what waited there is cut off.
                if time.monotonic() > until:
                    raise

    def tree(self) -> dict[str, object]:
        """Everything on the host that a run could change."""
        return {
            str(path.relative_to(self.home)): path.read_bytes() if path.is_file() else None
            for top in ("etc", "room", "state", "enabled")
            for path in sorted([self.home / top, *(self.home / top).rglob("*")])
            if path.exists()
        }

    def record(self) -> record.Record:
        return record.load(self.home / "room" / "tiny.json")

    def cut_off(self, configuration: Configuration, stage: str, rollout: str = "") -> None:
        """Run, and be killed in the given method of the daemon."""
        self._run_to_death(self.installer(configuration, self._deadly(stage), rollout).ensure)

    def cut_off_restoring(self, rollout: str, stage: str) -> None:
        nothing = Configuration(files={})
        self._run_to_death(self.installer(nothing, self._deadly(stage), rollout).restore)

    def _deadly(self, stage: str) -> Tiny:
        daemon = Tiny(self.home)
        setattr(daemon, stage, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        return daemon

    def cut_off_inside(self, configuration: Configuration, stage: str) -> None:
        """Run, and be killed while the isolated process is in the given method."""
        arrived = self.home / "arrived"
        daemon = Tiny(self.home)
        setattr(daemon, stage, lambda *_: (arrived.touch(), time.sleep(60)))

        def kill(child: int) -> None:
            while not arrived.exists():
                time.sleep(0.01)
            os.kill(child, signal.SIGKILL)

        self._run_to_death(self.installer(configuration, daemon).ensure, kill)

    @staticmethod
    def _run_to_death(
        run: Callable[..., t.Any], kill: Callable[[int], None] = lambda child: None
    ) -> None:
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                run(check_mode=False)
            os._exit(0)
        kill(child)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[House]:
    """A host on which the daemon is installed and does not run."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "state").mkdir()
    (tmp_path / "etc" / "foreign").write_text("of somebody")
    (tmp_path / "etc" / "tiny.json").write_text('{"ports": [], "greeting": "", "people": []}')
    (tmp_path / "server.py").write_text(textwrap.dedent(SERVER))
    house = House(tmp_path, Tiny(tmp_path), free_port())
    yield house
    house.daemon._end()


@pytest.fixture
def house(bare: House) -> House:
    bare.ensure(bare.configuration())
    bare.daemon.log.clear()
    return bare


@contextlib.contextmanager
def session(house: House) -> Iterator[None]:
    """A client that is connected meanwhile, and still served at the end."""
    with socket.create_connection(("127.0.0.1", house.port), 2) as client:
        stream = client.makefile("rwb")
        stream.readline()
        yield
        stream.write(b"NOOP\n")
        stream.flush()
        assert stream.readline() == b"250 ok\r\n"


@contextlib.contextmanager
def bound_but_silent() -> Iterator[int]:
    """A port that nobody listens on, and that can't be bound: no check sees it beforehand."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def with_port(configuration: Configuration, port: int) -> Configuration:
    return replace(configuration, listeners=(*configuration.listeners, Listener("smtp", port=port)))


# --- What should be


def test_a_stopped_daemon_is_configured_started_and_enabled(bare: House) -> None:
    result = bare.ensure(bare.configuration())
    assert result.changed
    assert result.values["action"] == "started"
    assert result.values["files"] == ["tiny.json"]
    assert result.values["proof"][0]["answer"] == "220 tiny"
    assert bare.greeting() == "220 tiny"
    assert bare.daemon.enabled()
    assert bare.record().ports == (bare.port,)
    assert sorted(os.listdir(bare.home / "room")) == ["tiny.json"]


def test_nothing_is_done_when_all_is_as_it_should_be(house: House) -> None:
    before = house.tree()
    result = house.ensure(house.configuration())
    assert not result.changed
    assert (result.values["action"], result.values["files"], result.diff()) == ("none", [], [])
    assert (house.daemon.log, house.tree()) == ([], before)


def test_a_change_reloads_and_keeps_sessions(house: House) -> None:
    with session(house):
        result = house.ensure(house.configuration(greeting="220 new"))
        assert house.greeting() == "220 new"
    assert (result.values["action"], house.daemon.log) == ("reloaded", ["reload"])
    assert [each["before_header"] for each in result.diff()] == ["tiny.json"]
    assert (house.home / "etc" / "foreign").read_text() == "of somebody"
    assert not house.ensure(house.configuration(greeting="220 new")).changed


def test_a_daemon_that_lets_files_cool_down_finds_them_cold(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.daemon, "cool_down", 30.0)
    house.ensure(house.configuration(greeting="220 new"))
    assert time.time() - (house.home / "etc" / "tiny.json").stat().st_mtime >= 30


def test_a_setting_that_is_read_at_the_start_restarts(house: House) -> None:
    result = house.ensure(house.configuration(base="/x"))
    assert (result.values["action"], house.daemon.log) == ("restarted", ["restart"])


def test_a_daemon_that_died_is_started(house: House) -> None:
    house.daemon._end()
    result = house.ensure(house.configuration())
    assert result.changed
    assert result.values["action"] == "started"
    assert house.greeting() == "220 tiny"


def test_a_daemon_that_is_not_enabled_is_enabled(house: House) -> None:
    (house.home / "enabled").unlink()
    assert house.ensure(house.configuration()).changed
    assert house.daemon.enabled()


def test_a_new_port_that_is_listed_is_opened(house: House) -> None:
    port = free_port()
    house.ensure(with_port(house.configuration(ports=[house.port, port]), port))
    assert house.greeting(port) == "220 tiny"


def test_files_that_are_no_longer_handed_over_go_and_foreign_ones_stay(house: House) -> None:
    extra = File(b"x", 0o600, "root", "root")
    more = house.configuration()
    house.ensure(replace(more, files={**more.files, "maps/extra": extra}))
    assert (house.home / "etc" / "maps" / "extra").exists()
    result = house.ensure(house.configuration())
    assert result.values["files"] == ["maps/extra"]
    assert sorted(os.listdir(house.home / "etc")) == ["foreign", "tiny.json"]


@pytest.mark.parametrize("damage", ["content", "mode", "absent", "link"])
def test_a_file_that_somebody_changed_is_mended(house: House, damage: str) -> None:
    path = house.home / "etc" / "tiny.json"
    if damage == "content":
        path.write_text("{}")
    elif damage == "mode":
        path.chmod(0o600)
    else:
        path.rename(house.home / "moved")
        if damage == "link":
            path.symlink_to(house.home / "moved")
    # What the daemon has read is good, what lies there is not: that alone is a change.
    if damage in ("content", "absent"):
        house.daemon.needs_restart = lambda live, staged: False  # type: ignore[method-assign] - the test decides
    assert house.ensure(house.configuration()).values["files"] == ["tiny.json"]
    assert not path.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o644
    assert not house.ensure(house.configuration()).changed


def test_a_changed_certificate_reloads(house: House, pair: t.Any, other_pair: t.Any) -> None:
    path = house.home / "c.pem"
    path.write_bytes(pair.both.read_bytes())
    configuration = replace(
        house.configuration(), certificates=(Certificate(str(path), str(path)),)
    )
    house.ensure(configuration)
    assert not house.ensure(configuration).changed
    path.write_bytes(other_pair.both.read_bytes())
    result = house.ensure(configuration)
    assert (result.values["action"], result.values["files"]) == ("reloaded", [])
    assert "c.pem" in result.diff()[0]["after"]
    assert not house.ensure(configuration).changed


def test_what_not_everybody_may_read_is_not_in_the_diff(house: House) -> None:
    plain = house.configuration()
    secret = {"secret": File(b"password = one", 0o640, "root", "root")}
    result = house.ensure(replace(plain, files={**plain.files, **secret}))
    assert result.changed
    secret = {"secret": File(b"password = two", 0o640, "root", "root")}
    again = house.ensure(replace(plain, files={**plain.files, **secret}))
    assert [each["before_header"] for each in again.diff()] == ["secret"]
    for each in (result, again):
        assert "password" not in json.dumps(each.diff()) + json.dumps(each.values)


# --- What should not be


def refused(house: House) -> dict[str, Configuration]:
    good = house.configuration()
    greeting = replace(house.configuration(greeting="554 no"))
    return {
        "unknown setting nosuch": house.configuration(nosuch=1),
        "the server answered '554 no'": greeting,
        "KeyError": replace(good, files={"tiny.json": File(b"{}", 0o644, "root", "root")}),
        "lookups: alice in people is not found": house.configuration(people=[]),
        "lookups: mallory in people is found, but": house.configuration(
            people=["alice", "mallory"]
        ),
        "which is not listed": house.configuration(ports=[house.port, free_port()]),
        "the user 'nosuch' does not exist": replace(
            good, files={**good.files, "x": File(b"", 0o644, "nosuch", "root")}
        ),
        "absent.pem does not exist": replace(
            good, certificates=(Certificate("/absent.pem", "/absent.pem"),)
        ),
    }


@pytest.mark.parametrize("number", range(8))
def test_what_is_refused_leaves_the_host_as_it_was(house: House, number: int) -> None:
    problem, configuration = list(refused(house).items())[number]
    before, pid = house.tree(), house.daemon.pid()
    with session(house), pytest.raises(MailError, match=problem):
        house.ensure(configuration)
    assert (house.tree(), house.daemon.pid(), house.daemon.log) == (before, pid, [])
    assert not house.ensure(house.configuration()).changed


def test_what_is_refused_on_a_bare_host_starts_nothing(bare: House) -> None:
    before = bare.tree()
    with pytest.raises(MailError, match="stays in force: tiny: unknown setting"):
        bare.ensure(bare.configuration(nosuch=1))
    assert bare.tree() == before
    assert not bare.daemon.running()


@pytest.mark.parametrize("start", ["house", "bare"])
def test_a_port_of_another_program_is_seen_beforehand(
    start: str, request: pytest.FixtureRequest
) -> None:
    host: House = request.getfixturevalue(start)
    before = host.tree()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        configuration = with_port(host.configuration(ports=[host.port, port]), port)
        with pytest.raises(MailError, match=f"another program listens on port {port} already"):
            host.ensure(configuration)
    assert (host.tree(), host.daemon.log) == (before, [])


def test_a_daemon_that_dies_live_is_brought_back(house: House) -> None:
    before = house.tree()
    with bound_but_silent() as port:
        configuration = with_port(house.configuration(ports=[house.port, port]), port)
        with pytest.raises(MailError, match="did not prove it live, the previous one is in force"):
            house.ensure(configuration)
    assert house.greeting() == "220 tiny"
    assert house.daemon.log == ["reload", "restart"]
    assert {**house.tree(), "state/pid": before["state/pid"]} == before
    assert not house.ensure(house.configuration()).changed
    assert house.ensure(configuration).changed


def test_a_restart_that_fails_is_answered_by_a_restart(house: House) -> None:
    """A reload would leave in force what only a start reads."""
    before = house.tree()
    with pytest.raises(MailError, match=r"in force again: smtp on .* answered '554 live'"):
        house.ensure(house.configuration(base="/x", live="554 live"))
    assert house.daemon.log == ["restart", "restart"]
    assert house.greeting() == "220 tiny"
    assert {**house.tree(), "state/pid": before["state/pid"]} == before


def test_a_start_that_fails_is_answered_by_a_stop(bare: House) -> None:
    before = bare.tree()
    with pytest.raises(MailError, match=r"in force again: smtp on .* answered '554 live'"):
        bare.ensure(bare.configuration(live="554 live"))
    assert bare.daemon.log == ["restart", "stop"]
    assert not bare.daemon.running()
    (bare.home / "state" / "pid").unlink()
    assert bare.record() == record.Record()
    (bare.home / "room" / "tiny.json").unlink()
    (bare.home / "room").rmdir()
    assert bare.tree() == before


def test_a_previous_configuration_that_does_not_start_is_told(house: House) -> None:
    def refuse() -> None:
        raise Refused("broken too")

    house.daemon.restart = refuse  # type: ignore[method-assign] - the test breaks it
    with bound_but_silent() as port:
        configuration = with_port(house.configuration(ports=[house.port, port]), port)
        with pytest.raises(
            MailError, match=r"in place again, but does not start \(broken too\): smtp on port"
        ):
            house.ensure(configuration)
    assert house.record().pending == record.UNKNOWN
    house.daemon = Tiny(house.home)
    result = house.ensure(house.configuration())
    assert (result.changed, result.values["action"]) == (True, "started")


def test_whatever_goes_wrong_live_is_followed_by_putting_back(house: House) -> None:
    class Broken(Exception):
        pass

    def fail() -> None:
        house.daemon.log.append("reload")
        if len(house.daemon.log) == 1:
            raise Broken

    house.daemon.reload = fail  # type: ignore[method-assign] - the test breaks it
    before = house.tree()
    with pytest.raises(Broken):
        house.ensure(house.configuration(greeting="220 new"))
    assert (house.tree(), house.daemon.log) == (before, ["reload", "reload"])


def test_a_swap_that_is_impossible_is_no_pending_one(house: House) -> None:
    configuration = house.configuration(greeting="220 new")
    room = house.home / "room"
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(room)], check=True)
    try:
        with pytest.raises(MailError, match="can't be swapped: Invalid cross-device link"):
            house.ensure(configuration)
        assert house.record() == record.Record()
    finally:
        subprocess.run(["umount", str(room)], check=True)
    assert house.greeting() == "220 tiny"
    assert house.daemon.log == []


def test_a_full_disk_is_told_before_anything_is_touched(house: House) -> None:
    room = house.home / "room"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(room)], check=True)
    try:
        configuration = house.configuration(greeting="220 " + "x" * 100_000)
        with pytest.raises(MailError, match=r"can't be staged in .*: No space left"):
            house.ensure(configuration)
        assert os.listdir(room) == []
    finally:
        subprocess.run(["umount", str(room)], check=True)
    assert not house.ensure(house.configuration()).changed


def test_what_is_mounted_in_the_directory_is_not_emptied(house: House) -> None:
    inside = house.home / "etc" / "a b"
    inside.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(inside)], check=True)
    try:
        (inside / "key").write_text("precious")
        with pytest.raises(MailError, match=r"a b is a mount point"):
            house.ensure(house.configuration(greeting="220 new"))
        assert (inside / "key").read_text() == "precious"
    finally:
        subprocess.run(["umount", str(inside)], check=True)


def test_a_directory_behind_a_link_is_changed_there(house: House) -> None:
    """Staged as a link, it would be written through before it is judged."""
    real = house.home / "srv"
    (house.home / "etc").rename(real)
    (house.home / "etc").symlink_to("srv")
    before = (real / "tiny.json").read_text()
    with pytest.raises(MailError, match="unknown setting"):
        house.ensure(house.configuration(nosuch=1))
    assert (real / "tiny.json").read_text() == before
    house.ensure(house.configuration(greeting="220 new"))
    assert (house.home / "etc").is_symlink()
    assert "220 new" in (real / "tiny.json").read_text()
    assert house.greeting() == "220 new"


def test_a_daemon_that_is_not_installed_is_told(house: House) -> None:
    (house.home / "server.py").unlink()
    with pytest.raises(MailError, match="tiny is not installed on this host"):
        house.ensure(house.configuration(greeting="220 new"))
    assert house.ensure(house.configuration(), check_mode=True).changed


# --- Runs that were cut off, and two at once


@pytest.mark.parametrize("stage", ["check", "rehearse", "needs_restart", "reload", "enable"])
@pytest.mark.parametrize("then", ["same", "previous", "refused"])
def test_a_run_after_one_that_was_killed(house: House, stage: str, then: str) -> None:
    new = house.configuration(greeting="220 new")
    if stage in ("check", "rehearse"):
        house.cut_off_inside(new, stage)
    elif stage == "enable":  # The last step, after the proof.
        (house.home / "enabled").unlink()
        house.cut_off(new, stage)
        (house.home / "enabled").touch()
    else:
        house.cut_off(new, stage)

    if then == "refused":
        with pytest.raises(MailError, match="previous one stays in force: tiny: unknown"):
            house.ensure(house.configuration(nosuch=1))
        assert house.greeting() == "220 tiny"
        assert json.loads((house.home / "etc" / "tiny.json").read_text()) == house.settings()
        assert house.record().pending is None
        assert not house.ensure(house.configuration()).changed
        return
    wanted = new if then == "same" else house.configuration()
    swapped = stage in ("reload", "enable")
    assert house.ensure(wanted).changed is (then == "same" or swapped)
    assert house.greeting() == ("220 new" if then == "same" else "220 tiny")
    assert not house.ensure(wanted).changed
    assert not (house.home / "room" / "tiny").exists()


def test_a_first_installation_that_was_killed(bare: House) -> None:
    bare.cut_off(bare.configuration(), "enable")
    assert bare.daemon.running()
    with pytest.raises(MailError, match="unknown setting"):
        bare.ensure(bare.configuration(nosuch=1))
    assert not bare.daemon.running()
    assert json.loads((bare.home / "etc" / "tiny.json").read_text())["ports"] == []
    assert bare.ensure(bare.configuration()).values["action"] == "started"


@pytest.mark.parametrize("content", ["", '{"files": []}'])
def test_a_damaged_record_makes_all_be_done_again(house: House, content: str) -> None:
    (house.home / "room" / "tiny.json").write_text(content)
    with session(house):
        result = house.ensure(house.configuration())
    assert (result.changed, result.values["action"]) == (True, "reloaded")
    assert not house.ensure(house.configuration()).changed


def test_a_swap_by_steps_that_was_cut_off_is_mended(house: House) -> None:
    live, staged = house.home / "etc", house.home / "room" / "tiny"
    tree.stage(live, staged, house.configuration(greeting="220 new").files, [])
    pending = record.Pending(tree=tree.identity(staged), action="reloaded")
    record.save(house.home / "room" / "tiny.json", replace(house.record(), pending=pending))
    os.rename(live, tree._aside(staged))
    house.ensure(house.configuration())
    assert json.loads((live / "tiny.json").read_text()) == house.settings()
    assert (live / "foreign").exists()


def exit_codes_at_once(*actions: Callable[[], int]) -> list[int]:
    """Run each in a process of its own, at the same time; 99 is for one that raised."""
    children = []
    for action in actions:
        child = os.fork()
        if child == 0:
            code = 99
            with contextlib.suppress(BaseException):
                code = action()
            os._exit(code)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def test_two_runs_at_once_come_one_after_the_other(house: House) -> None:
    one, two = (house.configuration(greeting=greeting) for greeting in ("220 one", "220 two"))
    codes = exit_codes_at_once(
        lambda: int(house.ensure(one).changed), lambda: int(house.ensure(two).changed)
    )
    assert codes == [1, 1]
    settings = json.loads((house.home / "etc" / "tiny.json").read_text())
    assert house.greeting() == settings["greeting"]
    assert settings["greeting"] in ("220 one", "220 two")
    assert not house.ensure(house.configuration(greeting=settings["greeting"])).changed


def test_of_two_equal_runs_at_once_one_has_nothing_to_do(house: House) -> None:
    def run() -> int:
        return int(house.ensure(house.configuration(greeting="220 new")).changed)

    assert sorted(exit_codes_at_once(run, run)) == [0, 1]


def test_what_was_not_swapped_is_not_swapped_back(house: House) -> None:
    """Killed between writing the record and the swap."""
    live, staged = house.home / "etc", house.home / "room" / "tiny"
    tree.stage(live, staged, house.configuration(greeting="220 new").files, [])
    pending = record.Pending(tree=tree.identity(staged), action="reloaded")
    record.save(house.home / "room" / "tiny.json", replace(house.record(), pending=pending))
    with pytest.raises(MailError, match="unknown setting"):
        house.ensure(house.configuration(nosuch=1))
    assert json.loads((live / "tiny.json").read_text()) == house.settings()


# --- Check mode


def test_check_mode_changes_nothing(house: House) -> None:
    before = house.tree()
    result = house.ensure(house.configuration(greeting="220 new"), check_mode=True)
    assert (result.changed, result.values["action"]) == (True, "reloaded")
    assert result.values["files"] == ["tiny.json"]
    assert "220 new" in result.diff()[0]["after"]
    assert (house.tree(), house.daemon.log) == (before, [])


def test_check_mode_on_a_bare_host_changes_nothing(bare: House) -> None:
    before = bare.tree()
    assert bare.ensure(bare.configuration(), check_mode=True).values["action"] == "started"
    assert bare.tree() == before


def test_check_mode_lets_the_checker_read_the_files(house: House) -> None:
    before = house.tree()
    with pytest.raises(MailError, match="unknown setting nosuch"):
        house.ensure(house.configuration(nosuch=1), check_mode=True)
    assert house.tree() == before


def test_check_mode_passes_over_accounts_that_are_to_come(house: House) -> None:
    good = house.configuration()
    files = {**good.files, "x": File(b"", 0o644, "root", "to-come")}
    assert house.ensure(replace(good, files=files), check_mode=True).changed


def test_check_mode_keeps_what_a_run_that_was_cut_off_left(house: House) -> None:
    house.cut_off(house.configuration(greeting="220 new"), "reload")
    before = house.tree()
    assert house.ensure(house.configuration(greeting="220 newer"), check_mode=True).changed
    assert house.tree() == before


# --- What a rollout replaced is put back


def test_what_a_rollout_replaced_is_put_back_once(house: House) -> None:
    house.ensure(house.configuration(greeting="220 new"), rollout="r1")
    house.daemon.log.clear()
    with session(house):
        result = house.restore("r1")
    assert (result.changed, result.values["action"]) == (True, "reloaded")
    assert result.values["files"] == ["tiny.json"]
    assert result.values["proof"][0]["answer"] == "220 tiny"
    assert (house.greeting(), house.daemon.log) == ("220 tiny", ["reload"])
    assert (house.home / "etc" / "foreign").read_text() == "of somebody"
    assert sorted(os.listdir(house.home / "room")) == ["tiny.json"]
    assert not house.ensure(house.configuration(), rollout="r2").changed

    before = house.tree()
    assert not house.restore("r1").changed
    assert (house.tree(), house.daemon.log) == (before, ["reload"])


def test_files_come_and_go_as_they_were(house: House) -> None:
    more = house.configuration(greeting="220 new")
    extra = {"maps/extra": File(b"x", 0o600, "root", "root")}
    house.ensure(replace(more, files={**more.files, **extra}), rollout="r1")
    assert house.restore("r1").values["files"] == ["maps/extra", "tiny.json"]
    assert sorted(os.listdir(house.home / "etc")) == ["foreign", "tiny.json"]
    assert house.record().files == ("tiny.json",)


def test_two_changes_of_a_rollout_are_put_back_together(house: House) -> None:
    house.ensure(house.configuration(greeting="220 one"), rollout="r1")
    house.ensure(house.configuration(greeting="220 two"), rollout="r1")
    house.restore("r1")
    assert house.greeting() == "220 tiny"


@pytest.mark.parametrize("later", ["", "r2"])
def test_what_is_older_than_the_rollout_does_not_come_back(house: House, later: str) -> None:
    house.ensure(house.configuration(greeting="220 one"), rollout="r1")
    house.ensure(house.configuration(greeting="220 two"), rollout=later)
    before = house.tree()
    assert house.restore("r1").values["action"] == "none"
    assert (house.tree(), house.greeting()) == (before, "220 two")
    if later:
        house.restore("r2")
        assert house.greeting() == "220 one"


def test_what_a_rollout_did_not_change_stays(house: House) -> None:
    house.ensure(house.configuration(greeting="220 one"), rollout="r1")
    house.ensure(house.configuration(greeting="220 one"), rollout="r2")
    before = house.tree()
    assert not house.restore("r2").changed
    assert house.tree() == before


def test_before_the_first_configuration_there_was_none(bare: House) -> None:
    bare.ensure(bare.configuration(), rollout="r1")
    before = bare.tree()
    assert not bare.restore("r1").changed
    assert (bare.tree(), bare.greeting()) == (before, "220 tiny")


def test_a_host_that_was_never_configured_is_left_alone(bare: House) -> None:
    before = bare.tree()
    (bare.home / "server.py").unlink()
    assert not bare.restore("r1").changed
    assert bare.tree() == before


def test_a_change_that_was_refused_is_none(house: House) -> None:
    house.ensure(house.configuration(greeting="220 one"), rollout="r1")
    with pytest.raises(MailError, match="in force again"):
        house.ensure(house.configuration(greeting="220 one", live="554 live"), rollout="r2")
    before = house.tree()
    assert not house.restore("r2").changed
    assert house.tree() == before


def test_what_is_put_back_is_proven_by_its_own_listeners(house: House) -> None:
    port = free_port()
    house.ensure(with_port(house.configuration(ports=[house.port, port]), port))
    house.ensure(house.configuration(), rollout="r1")
    result = house.restore("r1")
    assert [each["listener"] for each in result.values["proof"]] == [
        f"smtp on port {house.port}",
        f"smtp on port {port}",
    ]
    assert house.greeting(port) == "220 tiny"
    assert house.record().ports == tuple(sorted([house.port, port]))


def test_a_record_of_an_older_release_proves_the_ports(house: House) -> None:
    path = house.home / "room" / "tiny.json"
    content = json.loads(path.read_text())
    for key in ("listeners", "lookups", "previous"):
        del content[key]
    path.write_text(json.dumps(content))
    assert not house.ensure(house.configuration()).changed
    house.ensure(house.configuration(greeting="220 new"), rollout="r1")
    assert house.restore("r1").values["proof"][0]["listener"] == f"tcp on port {house.port}"
    assert house.greeting() == "220 tiny"


def test_what_can_not_be_proven_again_is_told_and_done_again(house: House) -> None:
    port = free_port()
    house.ensure(with_port(house.configuration(ports=[house.port, port]), port))
    house.ensure(house.configuration(), rollout="r1")
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(MailError, match="in place again, but is not proven: smtp on port"),
    ):
        house.restore("r1")
    assert house.record().pending == record.UNKNOWN
    # Refused in the rehearsal: what lies there is still not taken for what is in force.
    with pytest.raises(MailError, match="unknown setting"):
        house.ensure(house.configuration(nosuch=1), rollout="r2")
    assert house.record().pending == record.UNKNOWN
    wanted = with_port(house.configuration(ports=[house.port, port]), port)
    assert house.ensure(wanted, rollout="r2").changed
    assert house.greeting(port) == "220 tiny"
    assert sorted(os.listdir(house.home / "room")) == ["tiny.json"]


def test_a_new_certificate_stays_and_is_remembered(
    house: House, pair: t.Any, other_pair: t.Any
) -> None:
    path = house.home / "c.pem"
    certificates = (Certificate(str(path), str(path)),)
    path.write_bytes(pair.both.read_bytes())
    house.ensure(replace(house.configuration(), certificates=certificates))
    path.write_bytes(other_pair.both.read_bytes())
    new = house.configuration(greeting="220 new")
    house.ensure(replace(new, certificates=certificates), rollout="r1")
    house.restore("r1")
    assert not house.ensure(replace(house.configuration(), certificates=certificates)).changed


def test_a_rollout_that_only_renewed_a_certificate_has_nothing_to_put_back(
    house: House, pair: t.Any, other_pair: t.Any
) -> None:
    path = house.home / "c.pem"
    configuration = replace(
        house.configuration(), certificates=(Certificate(str(path), str(path)),)
    )
    path.write_bytes(pair.both.read_bytes())
    house.ensure(configuration)
    path.write_bytes(other_pair.both.read_bytes())
    house.ensure(configuration, rollout="r1")
    before = house.tree()
    house.daemon.log.clear()
    assert house.restore("r1").values["action"] == "none"
    assert (house.tree(), house.daemon.log) == (before, [])


def test_what_only_a_start_reads_is_put_back_by_one(house: House) -> None:
    house.ensure(house.configuration(base="/x"), rollout="r1")
    assert house.restore("r1").values["action"] == "restarted"


def test_a_daemon_that_died_of_the_rollout_is_started(house: House) -> None:
    house.ensure(house.configuration(greeting="220 new"), rollout="r1")
    house.daemon._end()
    assert house.restore("r1").values["action"] == "started"
    assert house.greeting() == "220 tiny"


def test_what_is_no_longer_kept_is_told(house: House) -> None:
    house.ensure(house.configuration(greeting="220 new"), rollout="r1")
    tree.discard(house.home / "room" / "tiny.previous")
    with pytest.raises(MailError, match=r"no longer in .*tiny\.previous; the new one stays"):
        house.restore("r1")
    assert house.greeting() == "220 new"
    assert not house.ensure(house.configuration(greeting="220 new")).changed


@pytest.mark.parametrize("stage", ["needs_restart", "reload", "enable"])
def test_putting_back_that_was_killed_is_done_again(house: House, stage: str) -> None:
    house.ensure(house.configuration(greeting="220 new"), rollout="r1")
    if stage == "enable":
        (house.home / "enabled").unlink()
    house.cut_off_restoring("r1", stage)
    assert house.restore("r1").changed
    assert house.greeting() == "220 tiny"
    assert house.daemon.enabled()
    assert not house.ensure(house.configuration()).changed
    assert not house.restore("r1").changed
    assert sorted(os.listdir(house.home / "room")) == ["tiny.json"]


@pytest.mark.parametrize("stage", ["needs_restart", "reload", "enable"])
def test_a_rollout_after_putting_back_that_was_killed(house: House, stage: str) -> None:
    house.ensure(house.configuration(greeting="220 new"), rollout="r1")
    if stage == "enable":
        (house.home / "enabled").unlink()
    house.cut_off_restoring("r1", stage)
    house.ensure(house.configuration(greeting="220 newer"), rollout="r2")
    assert house.greeting() == "220 newer"
    assert not house.ensure(house.configuration(greeting="220 newer")).changed
    # From the middle of putting back there is no way to something proven.
    assert house.restore("r2").changed is (stage == "needs_restart")


@pytest.mark.parametrize("stage", ["reload", "enable"])
def test_a_change_that_was_killed_is_put_back(house: House, stage: str) -> None:
    if stage == "enable":
        (house.home / "enabled").unlink()
    house.cut_off(house.configuration(greeting="220 new"), stage, rollout="r1")
    assert house.restore("r1").changed
    assert house.greeting() == "220 tiny"
    assert json.loads((house.home / "etc" / "tiny.json").read_text()) == house.settings()
    assert house.record().previous is None
    assert not house.restore("r1").changed


def test_a_second_change_that_was_killed_is_put_back_with_the_first(house: House) -> None:
    house.ensure(house.configuration(greeting="220 one"), rollout="r1")
    house.cut_off(house.configuration(greeting="220 two"), "reload", rollout="r1")
    assert house.restore("r1").changed
    assert house.greeting() == "220 tiny"


@pytest.mark.parametrize("then", ["restore", "same", "another"])
def test_what_was_not_moved_aside_yet_is_not_lost(house: House, then: str) -> None:
    """Killed between the record and the move."""
    new = house.configuration(greeting="220 new")
    house.ensure(new, rollout="r1")
    room = house.home / "room"
    (room / "tiny.previous").rename(room / "tiny")
    if then == "same":
        assert not house.ensure(new, rollout="r1").changed
        assert sorted(os.listdir(room)) == ["tiny.json", "tiny.previous"]
    elif then == "another":
        house.ensure(house.configuration(greeting="220 newer"), rollout="r1")
    assert house.restore("r1").changed
    assert house.greeting() == "220 tiny"


@pytest.mark.parametrize("done", [1, 2])
def test_putting_back_by_steps_that_was_cut_off_is_mended(house: House, done: int) -> None:
    house.ensure(house.configuration(greeting="220 new"), rollout="r1")
    live, kept = house.home / "etc", house.home / "room" / "tiny.previous"
    pending = replace(house.record(), pending=record.UNKNOWN)
    record.save(house.home / "room" / "tiny.json", pending)
    os.rename(live, tree._aside(kept))
    if done == 2:
        os.rename(kept, live)
    assert house.restore("r1").changed
    assert house.greeting() == "220 tiny"
    assert sorted(os.listdir(house.home / "room")) == ["tiny.json"]


def test_check_mode_puts_nothing_back(house: House) -> None:
    house.ensure(house.configuration(greeting="220 new"), rollout="r1")
    before = house.tree()
    assert not house.restore("r1", check_mode=True).changed
    assert house.tree() == before


def test_what_is_kept_is_nobody_elses_business(house: House) -> None:
    house.ensure(house.configuration(greeting="220 new"), rollout="r1")
    assert (house.home / "room").stat().st_mode & 0o777 == 0o700
