# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import subprocess
import typing as t
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.certificates import (
    check_pair,
    digests,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import Certificate


def test_a_fitting_pair_passes(pair: t.Any) -> None:
    check_pair(Certificate(str(pair.both), str(pair.both)))
    check_pair(Certificate(str(pair.certificate), str(pair.key)))


def test_a_key_of_another_certificate_is_told(pair: t.Any, other_pair: t.Any) -> None:
    with pytest.raises(MailError, match=f"the key in {other_pair.key} does not fit"):
        check_pair(Certificate(str(pair.certificate), str(other_pair.key)))


def test_the_missing_one_of_two_is_named(pair: t.Any, tmp_path: Path) -> None:
    absent = tmp_path / "absent.pem"
    for certificate in (
        Certificate(str(absent), str(pair.key)),
        Certificate(str(pair.certificate), str(absent)),
    ):
        with pytest.raises(MailError, match=f"the file {absent} does not exist"):
            check_pair(certificate)


def test_what_is_no_certificate_is_told(tmp_path: Path) -> None:
    path = tmp_path / "empty.pem"
    path.write_text("nothing")
    with pytest.raises(MailError, match=f"{path} with the key in {path} can't be used"):
        check_pair(Certificate(str(path), str(path)))


def test_a_key_with_a_passphrase_is_refused_without_asking(pair: t.Any, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    subprocess.run(
        ["openssl", "ec", "-aes128", "-passout", "pass:x", "-in", pair.key, "-out", locked],
        check=True,
        capture_output=True,
    )
    with pytest.raises(MailError, match=r"can't be used"):
        check_pair(Certificate(str(pair.certificate), str(locked)))


def test_each_file_has_its_digest_and_an_absent_one_none(tmp_path: Path) -> None:
    path, absent = tmp_path / "a.pem", tmp_path / "b.pem"
    path.write_bytes(b"x")
    assert digests([Certificate(str(path), str(absent))]) == {
        str(path): hashlib.sha256(b"x").hexdigest(),
        str(absent): "",
    }


def test_a_directory_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(MailError, match=r"can't be read: Is a directory"):
        digests([Certificate(str(tmp_path), str(tmp_path))])
