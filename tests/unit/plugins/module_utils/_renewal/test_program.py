# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import main, program


@pytest.fixture
def built(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "program"
    path.write_bytes(program.assemble(program.sources()))
    return path


def test_it_runs_without_ansible(built: pathlib.Path, tmp_path: pathlib.Path) -> None:
    # Isolated, as its first line has it: of this collection there is nothing but what is inside.
    done = subprocess.run(
        [sys.executable, "-I", built, "--directory", tmp_path, "nobody"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": os.environ["PATH"]},
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{tmp_path} has no bundle nobody to renew.\n"


def test_it_needs_nothing_of_ansible(built: pathlib.Path) -> None:
    with zipfile.ZipFile(built) as archive:
        for name in archive.namelist():
            source = archive.read(name).decode()
            assert "from ansible.module_utils" not in source, name


def test_it_has_all_that_certificates_take(built: pathlib.Path) -> None:
    package = pathlib.Path(main.__file__).parents[1] / "_certificate"
    with zipfile.ZipFile(built) as archive:
        there = {name.rpartition("/_certificate/")[2] for name in archive.namelist()}
    wanted = {str(path.relative_to(package)) for path in package.rglob("*.py")}
    # What asks whether libraries are there is Ansible's.
    assert wanted - there == {"library.py"}


def test_the_same_sources_make_the_same_program(built: pathlib.Path) -> None:
    sources = program.sources()
    assert program.assemble(dict(reversed(sources.items()))) == built.read_bytes()
    assert program.assemble({**sources, main.__name__: "x = 1"}) != built.read_bytes()


def test_it_says_what_runs_it(built: pathlib.Path) -> None:
    assert built.read_bytes().startswith(b"#!/usr/bin/python3 -I\n")


def test_it_does_not_depend_on_what_else_is_loaded(built: pathlib.Path) -> None:
    with zipfile.ZipFile(built) as archive:
        assert not [name for name in archive.namelist() if "/_directory/" in name]


def test_without_sources_there_is_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MailError, match=r"Python has no source of .*\._renewal\.main"):
        program.sources()
