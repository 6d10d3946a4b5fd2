# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
from datetime import datetime, timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    facts,
    issue,
    model,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.selfsigned import (
    SelfSigned,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

NAMES = ["mail.example.org"]
DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "bundle.pem"


def changed(outcome) -> bool:
    return outcome.before != outcome.after


def test_from_nothing_to_nothing(apply, path) -> None:
    foretold = apply(path=path, names=NAMES, dry=True)
    assert changed(foretold)
    assert foretold.values["reasons"] == ["missing"]
    assert not path.exists()

    made = apply(path=path, names=NAMES)
    assert changed(made)
    assert made.values["names"] == NAMES
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_bytes()

    again = apply(path=path, names=NAMES)
    assert not changed(again)
    assert again.values["reasons"] == []
    assert path.read_bytes() == content

    assert changed(apply(path=path, state="absent", dry=True))
    assert path.exists()
    assert changed(apply(path=path, state="absent"))
    assert not path.exists()
    assert not changed(apply(path=path, state="absent"))


def test_key_and_certificate_change_together(apply, path) -> None:
    apply(path=path, names=NAMES)
    before = model.parse_bundle(path.read_bytes())
    added = apply(path=path, names=[*NAMES, "imap.example.org"])
    after = model.parse_bundle(path.read_bytes())
    assert changed(added)
    assert after.key_fits
    assert not signing.same_key(before.leaf.public_key(), after.leaf.public_key())


def test_no_key_in_the_outcome(apply, path) -> None:
    outcome = apply(path=path, names=NAMES, certificate_path=path.parent / "public.pem")
    lines = path.read_text().split("-----END PRIVATE KEY-----")[0].splitlines()[1:]
    assert lines
    assert not any(line in repr(outcome) for line in lines)
    assert "PRIVATE" not in (path.parent / "public.pem").read_text()


@pytest.mark.parametrize(
    ("days", "replaced"),
    [(0, False), (334, False), (335, True), (364, True), (366, True), (-1, True)],
)
def test_time_goes_by(apply, path, now, days: int, replaced: bool) -> None:
    apply(path=path, names=NAMES)
    later = now + timedelta(days=days)
    assert changed(apply(path=path, names=NAMES, at=later)) is replaced
    assert not changed(apply(path=path, names=NAMES, at=later))


def test_what_is_unusable_is_replaced(apply, path, issue_bundle) -> None:
    bundle = issue_bundle()
    foreign = model.Bundle(signing.new_key("ecdsa-p256"), bundle.leaf).render()
    for content, reason in (
        (b"", "unusable: it holds 0 private keys"),
        (bundle.render()[:-30], "unusable: it is cut off"),
        (foreign, "key does not fit the certificate"),
        (bundle.render(), "issuer differs"),
    ):
        path.write_bytes(content)
        path.chmod(0o600)
        outcome = apply(path=path, names=NAMES)
        assert changed(outcome)
        assert outcome.values["reasons"][0].startswith(reason)
        assert model.parse_bundle(path.read_bytes()).key_fits


def test_an_open_key_is_replaced(apply, path) -> None:
    apply(path=path, names=NAMES)
    before = model.parse_bundle(path.read_bytes())
    path.chmod(0o644)
    outcome = apply(path=path, names=NAMES)
    assert outcome.values["reasons"] == ["key was open to all users of the host (mode 0644)"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert model.parse_bundle(path.read_bytes()).leaf != before.leaf


def test_another_mode_keeps_the_certificate(apply, path) -> None:
    apply(path=path, names=NAMES)
    content = path.read_bytes()
    assert changed(apply(path=path, names=NAMES, mode="0640"))
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_bytes() == content
    assert not changed(apply(path=path, names=NAMES, mode="0640"))


def test_a_link_is_refused(apply, path) -> None:
    path.symlink_to("elsewhere.pem")
    for dry in (True, False):
        with pytest.raises(MailError, match="symbolic link"):
            apply(path=path, names=NAMES, dry=dry)
    assert os.listdir(path.parent) == ["bundle.pem"]


def test_what_is_handed_over_and_of_no_use_leaves_the_old_bundle(
    apply, path, issue_bundle, now
) -> None:
    apply(path=path, names=NAMES)
    content = path.read_bytes()
    expired = issue_bundle(validity=timedelta(days=3))
    foreign = model.Bundle(signing.new_key("ecdsa-p256"), expired.leaf)
    for source, at in ((expired, now + timedelta(days=4)), (foreign, now)):
        with pytest.raises(MailError, match="can't be used"):
            apply(path=path, provider="files", source_content=source.render().decode(), at=at)
    assert path.read_bytes() == content


def test_a_full_disk_leaves_the_old_pair(apply, path, monkeypatch) -> None:
    apply(path=path, names=NAMES)
    content = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MailError, match="No space left"):
        apply(path=path, names=["new.example.org"])
    assert path.read_bytes() == content
    assert os.listdir(path.parent) == ["bundle.pem"]


def test_public_files(apply, path, ours, issue_bundle) -> None:
    files = {"certificate_path": path.parent / "public.crt", "ca_path": path.parent / "ca.crt"}
    apply(path=path, names=NAMES, **files)
    for file in files.values():
        assert file.stat().st_mode & 0o777 == 0o644
        assert file.read_bytes() in path.read_bytes()
        file.write_bytes(b"damaged")
    assert changed(apply(path=path, names=NAMES, **files))
    assert not changed(apply(path=path, names=NAMES, **files))

    # Where no authority is known, the former one's certificate would mislead.
    source = issue_bundle(*NAMES).render().decode()
    assert changed(apply(path=path, provider="files", source_content=source, **files))
    assert not files["ca_path"].exists()

    assert changed(apply(path=path, state="absent", **files))
    assert os.listdir(path.parent) == []


def test_other_bundles(apply, path) -> None:
    apply(path=path.parent / "old.pem", names=NAMES)
    outcome = apply(path=path, names=NAMES, ca_path=path.parent / "ca.pem")
    (path.parent / "link.pem").symlink_to("old.pem")
    (path.parent / "note.txt").write_text("-----BEGIN PRIVATE KEY-----")
    assert outcome.values["other_bundles"] == [str(path.parent / "old.pem")]
    again = apply(path=path, names=NAMES)
    assert again.values["other_bundles"] == [str(path.parent / "old.pem")]


class Careless(SelfSigned):
    """Gives what it was told to, whatever it is."""

    given: model.Bundle

    def obtain(self, now: datetime) -> model.Bundle:
        return self.given


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("another's key", "key does not fit the certificate"),
        ("expired", "certificate expired on"),
        ("not yet", "certificate is not valid before"),
        ("another name", r"it is not for imap\.example\.org"),
        ("in disorder", "chain is not in order"),
        ("compromised", "it is one of those in compromised"),
    ],
)
def test_a_provider_that_gives_what_is_of_no_use(
    apply, path, now, issue_bundle, older, monkeypatch, fault: str, message: str
) -> None:
    apply(path=path, names=["mail.example.org"])
    before = path.read_bytes()
    names = ["mail.example.org", "imap.example.org"]
    bundle = issue_bundle(*names, at={"not yet": now + 2 * DAY}.get(fault, now))
    other = issue_bundle("mail.example.org")
    given = {
        "another's key": model.Bundle(other.key, bundle.leaf),
        "expired": issue_bundle(*names, by=older, at=now - 30 * DAY, validity=20 * DAY),
        "another name": other,
        "in disorder": model.Bundle(bundle.key, bundle.leaf, (other.leaf,)),
    }
    monkeypatch.setattr(Careless, "given", given.get(fault, bundle), raising=False)
    monkeypatch.setattr(issue.selfsigned, "SelfSigned", Careless)
    serial_numbers = [facts.serial_number_of(bundle.leaf)] if fault == "compromised" else []
    with pytest.raises(MailError, match=f"The new certificate can't be used: .*{message}"):
        apply(path=path, names=names, compromised=serial_numbers)
    assert path.read_bytes() == before


def test_a_compromised_key_is_replaced(apply, path) -> None:
    first = apply(path=path, names=NAMES).values
    outcome = apply(path=path, names=NAMES, compromised=[first["serial_number"]])
    assert outcome.values["reasons"] == [
        f"key is compromised (serial number {first['serial_number']})"
    ]
    again = apply(path=path, names=NAMES, compromised=[first["serial_number"]])
    assert again.before == again.after
