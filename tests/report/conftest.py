# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator

import jinja2
import pytest

from ansible_collections.assurmer.mail.plugins.plugin_utils._report.page import Facts, page

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).parent))

from browser import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with Browser() as running:
        yield running


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The page of three offices, one of them not reached, as Ansible writes it."""
    here = pathlib.Path(__file__).parent
    written = tmp_path_factory.mktemp("company") / "report.html"
    ansible_playbook(
        "-i", here / "company.yml", here / "render.yml", "-e", f"mail_report_path={written}"
    )
    return written


def ansible_playbook(*arguments: str | pathlib.Path) -> str:
    """Run a playbook and return what it prints."""
    run = subprocess.run(
        ["ansible-playbook", *arguments],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache/collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


Writer = Callable[[dict[str, Facts]], pathlib.Path]


@pytest.fixture
def write(tmp_path: pathlib.Path) -> Writer:
    """Write the page of any company, without the seconds that Ansible takes for it."""

    def written(company: dict[str, Facts]) -> pathlib.Path:
        text = (ROOT / "playbooks/templates/report.html.j2").read_text()
        # As Ansible's module template sets it.
        environment = jinja2.Environment(trim_blocks=True)
        shown = page(list(company), company, "", "2026-11-26 09:30 UTC")
        path = tmp_path / "report.html"
        path.write_text(environment.from_string(text).render(__mail_page=shown))
        return path

    return written
