# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import typing as t
from datetime import timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    authority,
    model,
    signing,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError


@pytest.fixture
def paths(tmp_path: pathlib.Path) -> dict[str, pathlib.Path]:
    return {"path": tmp_path / "bundle.pem", "ca_path": tmp_path / "ca.pem"}


def save(path: pathlib.Path, content: bytes, mode: int = 0o600) -> pathlib.Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def signed_by(path: pathlib.Path, ours: authority.Authority) -> bool:
    leaf = model.parse_bundle(path.read_bytes()).leaf
    return signing.issued_by(leaf, ours.certificates[0])


def test_an_authority_of_one_file(apply, paths, tmp_path, ours) -> None:
    file = save(tmp_path / "authority.pem", ours.render(None))
    apply(**paths, names=["a.example"], provider="ownca", ownca_path=file)
    assert signed_by(paths["path"], ours)
    assert paths["ca_path"].read_bytes() == model.render_certificates(ours.certificates)


def test_an_authority_as_content_with_a_passphrase(apply, paths, ours) -> None:
    given = {
        "names": ["a.example"],
        "provider": "ownca",
        "ownca_content": model.render_certificates(ours.certificates).decode(),
        "ownca_key_content": signing.render_key(ours.key, "secret").decode(),
    }
    apply(**paths, **given, ownca_key_passphrase="secret")
    assert signed_by(paths["path"], ours)
    for passphrase in ("wrong", "", None):
        with pytest.raises(MailError, match="ownca_key_passphrase") as caught:
            apply(**paths, **given, ownca_key_passphrase=passphrase)
        assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o644, 0o660])
def test_an_authority_whose_key_others_can_read_or_replace(
    apply, paths, tmp_path, ours, mode
) -> None:
    file = save(tmp_path / "authority.pem", ours.render(None), mode)
    with pytest.raises(MailError, match="others than its owner"):
        apply(**paths, names=["a.example"], provider="ownca", ownca_path=file)


def test_what_can_not_sign(apply, paths, tmp_path, ours, theirs, issue_bundle, now) -> None:
    fit = {
        "it isn't one of an authority": issue_bundle().render(),
        "does not fit its certificate": signing.render_key(theirs.key)
        + model.render_certificates(ours.certificates),
        "holds no certificate": signing.render_key(ours.key),
        "0 private keys": model.render_certificates(ours.certificates),
        "not in order": signing.render_key(ours.key)
        + model.render_certificates((*ours.certificates, *theirs.certificates)),
    }
    for message, content in fit.items():
        file = save(tmp_path / "authority.pem", content)
        for create in (False, True):
            given = {"names": ["a.example"], "provider": "ownca", "ownca_create": create}
            with pytest.raises(MailError, match=message.removeprefix("it ")):
                apply(**paths, **given, ownca_path=file)
            assert file.read_bytes() == content
    assert not paths["path"].exists()


def test_an_authority_that_has_expired(apply, paths, tmp_path, ours, now) -> None:
    file = save(tmp_path / "authority.pem", ours.render(None))
    with pytest.raises(MailError, match="authority expired on"):
        apply(
            **paths,
            names=["a.example"],
            provider="ownca",
            ownca_path=file,
            at=now + timedelta(days=3651),
        )


def test_an_authority_is_made_once(apply, paths, tmp_path) -> None:
    file = tmp_path / "new" / "authority.pem"
    given: dict[str, t.Any] = {
        **paths,
        "names": ["a.example"],
        "provider": "ownca",
        "ownca_path": file,
        "ownca_create": True,
        "ownca_common_name": "Example CA",
        "ownca_key_passphrase": "secret",
    }
    foretold = apply(**given, dry=True)
    assert foretold.before["authority"] is None
    assert foretold.after["authority"]["subject"].startswith("CN=Example CA issuing ")
    assert foretold.after["authority"]["roots"][0].startswith("CN=Example CA ")
    assert list(tmp_path.iterdir()) == []

    made = apply(**given)
    assert made.values["issuer"].startswith("CN=Example CA issuing ")
    content = file.read_bytes()
    assert b"ENCRYPTED PRIVATE KEY" in content
    assert file.stat().st_mode & 0o777 == 0o600

    again = apply(**given)
    assert again.before == again.after
    assert file.read_bytes() == content


def test_an_authority_is_not_made_where_it_was_not_asked_for(apply, paths, tmp_path) -> None:
    missing = tmp_path / "authority.pem"
    with pytest.raises(MailError, match="ownca_create"):
        apply(**paths, names=["a.example"], provider="ownca", ownca_path=missing)
    with pytest.raises(MailError, match="needs ownca_path and no ownca_key_path"):
        apply(
            **paths,
            names=["a.example"],
            provider="ownca",
            ownca_path=missing,
            ownca_key_path=tmp_path / "key",
            ownca_create=True,
        )


def test_files_apart(apply, paths, tmp_path, issue_bundle, intermediate, ours) -> None:
    bundle = issue_bundle("a.example", by=intermediate)
    apply(
        **paths,
        names=["a.example"],
        provider="files",
        source_path=save(tmp_path / "crt", model.render_certificates((bundle.leaf,)), 0o644),
        source_chain_path=save(tmp_path / "chain", model.render_certificates(bundle.chain), 0o644),
        source_key_path=save(tmp_path / "key", signing.render_key(bundle.key)),
        source_ca_content=model.render_certificates(ours.certificates).decode(),
    )
    assert paths["path"].read_bytes() == bundle.render()
    assert paths["ca_path"].read_bytes() == model.render_certificates(ours.certificates)


def test_a_source_that_others_can_read(apply, paths, tmp_path, issue_bundle) -> None:
    source = save(tmp_path / "source.pem", issue_bundle("a.example").render(), 0o644)
    with pytest.raises(MailError, match=r"mode 0644.*set it to 0600 or 0640"):
        apply(**paths, provider="files", source_path=source)


def test_a_source_that_is_a_link(apply, paths, tmp_path, issue_bundle) -> None:
    source = save(tmp_path / "source.pem", issue_bundle("a.example").render())
    link = tmp_path / "link"
    link.symlink_to(source)
    with pytest.raises(MailError, match="source_follow"):
        apply(**paths, provider="files", source_path=link)
    assert not paths["path"].exists()
    apply(**paths, provider="files", source_path=link, source_follow=True)
    assert paths["path"].exists()


def test_a_source_to_come(apply, paths, tmp_path) -> None:
    for given in ({"source_path": tmp_path / "no"}, {"source_content": ""}, {}):
        foretold = apply(**paths, provider="files", dry=True, **given)
        assert foretold.before != foretold.after
        with pytest.raises(MailError, match="needs source_path or source_content"):
            apply(**paths, provider="files", **given)
    assert os.listdir(tmp_path) == []


def test_no_error_holds_a_key(apply, paths, issue_bundle) -> None:
    content = issue_bundle("a.example").render().decode()
    for damaged in (content[:-50], content.replace("KEY-----\nMI", "KEY-----\nXX"), content[250:]):
        with pytest.raises(MailError) as caught:
            apply(**paths, provider="files", source_content=damaged)
        assert content.splitlines()[1] not in str(caught.value)
        assert content.splitlines()[2] not in str(caught.value)


def test_names_are_needed(apply, paths) -> None:
    with pytest.raises(MailError, match="names"):
        apply(**paths, names=[])
