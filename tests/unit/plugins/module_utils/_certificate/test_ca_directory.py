# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
from datetime import timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    ca_directory,
    hierarchy,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError


@pytest.fixture
def place(tmp_path: pathlib.Path) -> ca_directory.Place:
    return ca_directory.Place(str(tmp_path / "authority.pem"), "secret")


def test_a_root_is_found_by_what_is_in_its_file(place, root, successor, tmp_path) -> None:
    first = place.root_path(root, first=True)
    other = place.root_path(successor, first=False)
    assert first == str(tmp_path / "root.pem")
    place.write_root(first, successor)
    assert place.only_root().certificate == successor.certificate
    place.write_root(other, root)
    assert place.root_of(root.certificate).certificate == root.certificate
    assert place.root_of(successor.certificate).certificate == successor.certificate
    pathlib.Path(first).unlink()
    assert place.root_of(successor.certificate) is None


@pytest.mark.parametrize("name", ["root.txt", "root-1.pem", "rootless.pem", "root.pem.old"])
def test_other_files_are_not_looked_at(place, root, tmp_path, name: str) -> None:
    (tmp_path / name).write_bytes(root.render("secret"))
    (tmp_path / name).chmod(0o644)
    assert place.root_of(root.certificate) is None
    assert place.only_root() is None


def test_a_root_of_another_passphrase(place, root, tmp_path) -> None:
    place.write_root(place.root_path(root, first=True), root)
    with pytest.raises(MailError, match=r"^ownca_key_passphrase: ") as caught:
        ca_directory.Place(place.path, "wrong").root_of(root.certificate)
    assert "wrong" not in str(caught.value)


def test_only_a_younger_root_can_succeed(place, root, now) -> None:
    younger = hierarchy.create_root("Test CA 2", now + timedelta(days=1))
    place.write_root(place.root_path(root, first=True), root)
    assert place.unfinished_successor(younger.certificate) is None
    assert place.unfinished_successor(root.certificate) is None
    place.write_root(place.root_path(younger, first=False), younger)
    assert place.unfinished_successor(root.certificate).certificate == younger.certificate


def test_the_file_of_an_authority_keeps_its_owner(place, ours, intermediate, tmp_path) -> None:
    place.write(ours)
    (tmp_path / "authority.pem").chmod(0o640)
    place.write(intermediate)
    assert place.read().certificates == intermediate.certificates
    assert (tmp_path / "authority.pem").stat().st_mode & 0o777 == 0o600


def test_the_description_has_no_key(intermediate, successor, now) -> None:
    both = hierarchy.hand_over(intermediate, successor, (), now + timedelta(days=9), now)
    told = ca_directory.description("/ca/authority.pem", both)
    assert [line.split()[1] for line in told["roots"]] == ["CA", "CA"]
    assert len(told["chain"]) == 2
    assert told["rollover"] is not None
    assert "PRIVATE" not in repr(told)
