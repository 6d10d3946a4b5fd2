# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The authority's directory through years, by way of the module's options."""

from __future__ import annotations

import pathlib
import typing as t
from datetime import datetime, timedelta

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import (
    authority,
    constraints,
    facts,
    hierarchy,
    model,
    signing,
    storage,
    verification,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

DAY = timedelta(days=1)


class Directory:
    """The authority's directory, and what is asked of it."""

    def __init__(self, apply, path: pathlib.Path, now: datetime) -> None:
        self.path, self.now = path, now
        self._apply = apply

    def run(self, *names: str, **given: t.Any):
        options = {
            "path": self.path / "issued" / "mail.pem",
            "ca_path": self.path / "ca.pem",
            "names": names or ("mail.example.org",),
            "provider": "ownca",
            "ownca_path": self.path / "authority.pem",
            "ownca_create": True,
            "ownca_key_passphrase": "secret",
            "at": self.now,
        }
        return self._apply(**{**options, **given})

    def changed(self, *names: str, **given: t.Any) -> bool:
        outcome = self.run(*names, **given)
        return outcome.before != outcome.after

    def day(self, days: int) -> str:
        return (self.now + days * DAY).date().isoformat()

    def files(self) -> dict[str, bytes]:
        found = [path for path in self.path.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.path)): path.read_bytes() for path in found}

    def read(self) -> authority.Authority:
        pem = model.parse((self.path / "authority.pem").read_bytes())
        return authority.assemble(pem, pem, "secret")

    def anchors(self) -> tuple:
        return model.parse((self.path / "ca.pem").read_bytes()).certificates

    def problem(self, *anchors, name: str = "mail.example.org") -> str | None:
        trusted = self.path.parent / "trusted.pem"
        trusted.write_bytes(model.render_certificates(anchors))
        return verification.problem_of(str(self.path / "issued" / "mail.pem"), name, str(trusted))


@pytest.fixture
def ca(apply, tmp_path: pathlib.Path, now) -> Directory:
    return Directory(apply, tmp_path / "ca", now)


@pytest.fixture
def old_ca(ca, older) -> Directory:
    """A directory of our first release."""
    ca.path.mkdir()
    (ca.path / "authority.pem").write_bytes(older.render("secret"))
    (ca.path / "authority.pem").chmod(0o600)
    (ca.path / "ca.pem").write_bytes(model.render_certificates(older.certificates))
    return ca


def test_root_and_intermediate_are_made_once(ca) -> None:
    assert ca.changed(dry=True)
    assert not ca.path.exists()
    assert ca.changed()
    files = ca.files()
    assert set(files) == {"authority.pem", "root.pem", "ca.pem", "issued/mail.pem"}
    for name in ("authority.pem", "root.pem", "issued/mail.pem"):
        assert (ca.path / name).stat().st_mode & 0o777 == 0o600
    for name in ("authority.pem", "root.pem"):
        assert b"BEGIN ENCRYPTED PRIVATE KEY" in files[name]
    assert b"PRIVATE" not in files["ca.pem"]
    assert ca.problem(*ca.anchors()) is None
    assert not ca.changed()
    assert not ca.changed(dry=True)
    assert ca.files() == files


def test_no_key_in_the_outcome(ca) -> None:
    outcome = ca.run(ownca_key_passphrase=None)
    for name in ("authority.pem", "root.pem"):
        lines = (ca.path / name).read_text().split("-----END PRIVATE KEY-----")[0].splitlines()[1:]
        assert lines
        assert not any(
            line in repr((outcome.before, outcome.after, outcome.values)) for line in lines
        )


def test_the_roots_key_may_be_elsewhere(ca) -> None:
    ca.run()
    root = (ca.path / "root.pem").read_bytes()
    (ca.path / "root.pem").unlink()
    assert not ca.changed()
    assert ca.changed("imap.example.org")
    assert ca.changed("mail.example.org", at=ca.now + 600 * DAY)
    assert root not in ca.files().values()


def test_an_intermediate_whose_root_is_elsewhere_is_put_off_and_then_asked_for(ca) -> None:
    ca.run()
    before = ca.read()
    (ca.path / "root.pem").rename(ca.path.parent / "kept")
    soon = ca.run(at=ca.now + 800 * DAY)
    assert "ownca_path: the key of the root 'Mail CA' is needed to replace" in soon.warnings[0]
    assert ca.read().certificates == before.certificates
    # Cut short, and not replaced at each run.
    assert not ca.changed(at=ca.now + 801 * DAY)
    for days in (1070, 1200):
        files = ca.files()
        with pytest.raises(MailError, match=r"^ownca_path: the key of the root .* bring it back"):
            ca.run(at=ca.now + days * DAY)
        assert ca.files() == files
    (ca.path.parent / "kept").rename(ca.path / "root.pem")
    assert ca.changed(at=ca.now + 1200 * DAY)
    assert ca.anchors() == before.anchors
    assert ca.read().certificates[0] != before.certificates[0]


def test_a_certificate_never_outlives_its_issuers(ca) -> None:
    for days in range(0, 3600, 150):
        at = ca.now + days * DAY
        ca.run(at=at)
        leaf = model.parse((ca.path / "issued" / "mail.pem").read_bytes()).certificates[0]
        assert signing.not_after(leaf) <= ca.read().not_after
        # Only the root cuts it short: there are always a year's certificates from an intermediate.
        if days < 3200:
            assert ca.read().not_after >= at + 397 * DAY
        assert not ca.changed(at=at)


@pytest.mark.parametrize("stop", ["authority.pem", "ca.pem", "mail.pem"])
@pytest.mark.parametrize("moment", ["begin", "rollover", "change"])
def test_what_was_interrupted_is_completed(ca, monkeypatch, moment: str, stop: str) -> None:
    # The handshakes are today's, which is the day of the change.
    ca.now -= 102 * DAY
    given: dict[str, t.Any] = {}
    if moment != "begin":
        ca.run()
        given = {"ownca_rollover": ca.day(100), "at": ca.now + DAY}
    if moment == "change":
        ca.run(**given)
        given["at"] = ca.now + 102 * DAY
    write = storage.write

    def broken(path: str, *rest: t.Any) -> None:
        if path.endswith(stop):
            raise MailError("no space left")
        write(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "write", broken)
        with pytest.raises(MailError, match="no space left"):
            ca.run(**given)
    left = {name for name in ca.files() if name.startswith("root")}
    assert len(left) == (1 if moment == "begin" else 2)
    assert ca.changed(**given)
    assert {name for name in ca.files() if name.startswith("root")} == left
    assert not ca.changed(**given)
    for anchor in ca.anchors():
        assert ca.problem(anchor) is None


def test_a_new_intermediate_by_hand(ca) -> None:
    ca.run(ownca_permitted_names=["example.org", "example.net"])
    root = ca.anchors()
    (ca.path / "authority.pem").unlink()
    bundle = ca.files()["issued/mail.pem"]
    assert ca.changed(ownca_permitted_names=["example.org"])
    # Clients take what the former one has signed.
    assert ca.files()["issued/mail.pem"] == bundle
    assert ca.anchors() == root
    assert constraints.of(ca.read().certificates[0]) == ("example.org",)


def test_a_root_is_not_made_where_one_is_trusted(ca) -> None:
    ca.run()
    for name in ("authority.pem", "root.pem"):
        (ca.path / name).unlink()
    files = ca.files()
    for given in ({"dry": True}, {}, {"ownca_path": ca.path / ".." / "ca" / "authority.pem"}):
        with pytest.raises(MailError, match=r"^ownca_path: .* is what clients trust; bring one"):
            ca.run(**given)
    assert ca.files() == files
    (ca.path / "ca.pem").unlink()
    assert ca.changed()


def test_a_new_intermediate_of_one_root_among_several(ca) -> None:
    ca.run()
    ca.run(ownca_rollover=ca.day(100))
    (ca.path / "authority.pem").unlink()
    with pytest.raises(MailError, match=r"^ownca_path: .* several roots .* move all but one away"):
        ca.run()


@pytest.mark.parametrize("name", ["root.pem", "root-0123abcd.pem"])
def test_an_authority_is_not_made_under_the_name_of_a_root(ca, name: str) -> None:
    with pytest.raises(MailError, match=r"^ownca_path: .* is a name for the file of a root"):
        ca.run(ownca_path=ca.path / name)
    assert not (ca.path / "root.pem").exists()


def test_the_file_of_a_root(ca) -> None:
    ca.run(ownca_permitted_names=["example.org"])
    file = ca.path / "root.pem"
    content = file.read_bytes()
    needs = {"ownca_permitted_names": ["example.net", "example.org"]}
    for damaged, mode, message in (
        (content, 0o644, "others than its owner"),
        (content[:-30], 0o600, "root.pem, the file of a root, can't be used: it is cut off"),
        (content * 2, 0o600, "root.pem, the file of a root, can't be used"),
    ):
        file.write_bytes(damaged)
        file.chmod(mode)
        before = ca.files()
        with pytest.raises(MailError, match=message):
            ca.run("mail.example.net", **needs)
        assert ca.files() == before
    file.write_bytes(content)
    file.rename(ca.path.parent / "elsewhere")
    file.symlink_to(ca.path.parent / "elsewhere")
    with pytest.raises(MailError, match="symbolic link"):
        ca.run("mail.example.net", **needs)


def test_a_name_outside_is_refused_before_anything_is_written(ca) -> None:
    given = {"ownca_permitted_names": ["example.org"]}
    with pytest.raises(MailError, match=r"^ownca_permitted_names: 'mail.example.net' is not wi"):
        ca.run("mail.example.net", **given)
    assert not ca.path.exists() or ca.files() == {}
    ca.run(**given)
    files = ca.files()
    for dry in (True, False):
        with pytest.raises(MailError, match=r"^ownca_permitted_names: "):
            ca.run("mail.example.org", "mail.example.net", dry=dry, **given)
    assert ca.files() == files


def test_a_domain_is_added(ca) -> None:
    ca.run(ownca_permitted_names=["example.org"])
    before = ca.read()
    wider = {"ownca_permitted_names": ["example.net", "example.org"]}
    # What no certificate needs costs nothing, least of all the root's key.
    (ca.path / "root.pem").rename(ca.path.parent / "kept")
    assert not ca.changed(**wider)
    with pytest.raises(MailError, match=r"is needed to sign for mail\.example\.net"):
        ca.run("mail.example.net", **wider)
    (ca.path.parent / "kept").rename(ca.path / "root.pem")
    assert ca.changed("mail.example.net", **wider)
    assert ca.anchors() == before.anchors
    assert ca.problem(*ca.anchors(), name="mail.example.net") is None
    # A host with other domains in its variables takes none away.
    assert ca.changed(ownca_permitted_names=["example.org"])
    assert constraints.of(ca.read().certificates[0]) == ("example.net", "example.org")


@pytest.mark.parametrize("unlimited", [False, True])
def test_hosts_of_different_domains_need_one_run(ca, unlimited: bool) -> None:
    hosts = {f"mail.{domain}.example": [f"{domain}.example"] for domain in "abc"}
    if unlimited:
        hosts["mail.b.example"] = []

    def changed(host: str, **given: t.Any) -> bool:
        path = ca.path / "issued" / f"{host}.pem"
        return ca.changed(host, path=path, ownca_permitted_names=hosts[host], **given)

    # Each of them has the intermediate widened under those before it.
    assert [changed(host) for host in hosts] == [True, True, True]
    files = ca.files()
    assert [changed(host) for host in reversed(hosts)] == [False, False, False]
    assert ca.files() == files
    # The next intermediate is for all.
    assert [changed(host, at=ca.now + 800 * DAY) for host in hosts] == [True, True, True]
    assert unlimited or len(constraints.of(ca.read().certificates[0])) == 3
    assert not any(changed(host, at=ca.now + 800 * DAY) for host in hosts)


def test_an_authority_that_was_handed_over_is_limited_by_its_certificates(ca, apply) -> None:
    ca.run(ownca_permitted_names=["example.org"])
    given = {"ownca_create": False, "path": ca.path / "other.pem"}
    ca.run("a.example.org", **given)
    with pytest.raises(MailError, match=r"^names: 'a.example.net' is outside"):
        ca.run("a.example.net", **given)
    with pytest.raises(MailError, match=r"^ownca_permitted_names: "):
        ca.run("a.example.org", ownca_permitted_names=["example.net"], **given)
    with pytest.raises(MailError, match=r"^ownca_rollover: .* needs ownca_create"):
        ca.run("a.example.org", ownca_rollover=ca.day(9), **given)


def test_an_authority_without_its_root_is_limited_by_its_certificate(ca, root, now) -> None:
    made = hierarchy.intermediate(root, ("example.org",), now)
    alone = authority.Authority(made.key, made.certificates[:1])
    ca.path.mkdir()
    (ca.path / "authority.pem").write_bytes(alone.render("secret"))
    (ca.path / "authority.pem").chmod(0o600)
    assert ca.changed()
    with pytest.raises(MailError, match=r"^names: 'mail.example.net' is outside"):
        ca.run("mail.example.net")


def test_a_directory_of_the_first_release_stays_as_it_is(old_ca, older) -> None:
    ca = old_ca
    authority_file = ca.files()["authority.pem"]
    given = {"ownca_permitted_names": ["example.org"]}
    assert ca.changed(**given)
    assert not ca.changed(**given)
    assert ca.problem(*older.certificates) is None
    assert ca.changed(at=ca.now + 390 * DAY, **given)
    assert set(ca.files()) == {"authority.pem", "ca.pem", "issued/mail.pem"}
    assert ca.files()["authority.pem"] == authority_file
    assert ca.anchors() == older.certificates


@pytest.mark.parametrize("generation", ["first release", "intermediate"])
def test_a_rollover(request, generation: str) -> None:
    ca = request.getfixturevalue("old_ca" if generation == "first release" else "ca")
    # The handshakes are today's, and today is the day of the change.
    ca.now -= 101 * DAY
    limits = {"ownca_permitted_names": ["example.org"]}
    ca.run(**limits)
    (old,) = ca.anchors()
    # The present root's key isn't needed.
    (ca.path / "root.pem").unlink(missing_ok=True)

    given = {"ownca_rollover": ca.day(100), **limits}
    before = ca.files()
    assert ca.changed(dry=True, **given)
    assert ca.files() == before
    assert ca.changed(**given)
    assert not ca.changed(**given)
    assert not ca.changed(**limits)
    assert ca.anchors()[0] == old
    new = ca.anchors()[1]
    assert new.subject != old.subject
    assert (ca.problem(old), ca.problem(new), ca.problem(old, new)) == (None, None, None)

    # Nothing but the day ends it, and then it ends by itself.
    assert not ca.changed(at=ca.now + 99 * DAY, **limits)
    assert ca.changed(at=ca.now + 101 * DAY, **limits)
    assert ca.anchors() == (new,)
    assert ca.problem(new) is None
    assert ca.problem(old)
    for later in (limits, given):
        assert not ca.changed(at=ca.now + 101 * DAY, **later)
    assert len(ca.read().certificates) == 2


def test_a_rollover_is_ended_early_or_late(ca) -> None:
    ca.run()
    ca.run(ownca_rollover=ca.day(100))
    new = ca.anchors()[1]
    assert ca.changed(ownca_rollover=ca.day(200))
    assert not ca.changed(ownca_rollover=ca.day(200))
    assert not ca.changed(at=ca.now + 150 * DAY)
    assert ca.anchors()[1] == new
    assert ca.changed(ownca_rollover=ca.day(-2))
    assert ca.anchors() == (new,)
    assert not ca.changed(ownca_rollover=ca.day(-2))


def test_a_change_whose_root_is_elsewhere_is_put_off_and_then_asked_for(ca) -> None:
    ca.run()
    ca.run(ownca_rollover=ca.day(10))
    anchors = ca.anchors()
    (file,) = ca.path.glob("root-*.pem")
    file.rename(ca.path.parent / "kept")
    outcome = ca.run(at=ca.now + 12 * DAY)
    assert "the key of the root 'Mail CA 2' is needed to take over" in outcome.warnings[0]
    assert ca.anchors() == anchors
    with pytest.raises(MailError, match="is needed to take over from Mail CA"):
        ca.run(at=ca.now + 80 * DAY)
    (ca.path.parent / "kept").rename(file)
    assert ca.changed(at=ca.now + 80 * DAY)
    assert ca.anchors() == anchors[1:]


@pytest.mark.parametrize("fixture", ["ca", "old_ca"])
def test_domains_are_added_during_a_rollover(request, fixture: str) -> None:
    ca = request.getfixturevalue(fixture)
    ca.run(ownca_permitted_names=["example.org"])
    ca.run(ownca_permitted_names=["example.org"], ownca_rollover=ca.day(10))
    wider = {"ownca_permitted_names": ["example.net"], "ownca_rollover": ca.day(10)}
    assert ca.changed("mail.example.net", **wider)
    for anchor in ca.anchors():
        assert ca.problem(anchor, name="mail.example.net") is None
    assert not ca.changed("mail.example.net", **wider)
    assert len(list(ca.path.glob("root-*.pem"))) == 1


@pytest.mark.parametrize("fixture", ["ca", "old_ca"])
def test_domains_of_others_change_nothing_during_a_rollover(request, fixture: str) -> None:
    ca = request.getfixturevalue(fixture)
    given = {"ownca_permitted_names": ["example.org"], "ownca_rollover": ca.day(100)}
    ca.run(**given)
    other = {"path": ca.path / "issued" / "other.pem", "ownca_permitted_names": ["example.net"]}
    assert ca.changed("mail.example.net", **{**given, **other})
    assert not ca.changed(**given)
    for anchor in ca.anchors():
        assert ca.problem(anchor) is None
    # Nor does another day, until its certificates from before come to their end.
    later = {**given, "ownca_rollover": ca.day(300)}
    assert ca.changed("mail.example.net", **{**later, **other})
    assert not ca.changed(at=ca.now + 150 * DAY, **later)
    assert ca.changed(at=ca.now + 165 * DAY, **later)
    assert not ca.changed(at=ca.now + 165 * DAY, **later)


@pytest.mark.parametrize("fixture", ["ca", "old_ca"])
def test_a_rollover_ends_for_certificates_of_any_length(request, fixture: str) -> None:
    """What the former root has signed goes on the day, though the new one vouches for it."""
    ca = request.getfixturevalue(fixture)
    short = {"validity": 45, "renew_before": 15}
    ca.run(ownca_rollover=ca.day(100), at=ca.now + 95 * DAY, **short)
    assert ca.changed(at=ca.now + 102 * DAY, **short)
    leaf, *chain = model.parse((ca.path / "issued" / "mail.pem").read_bytes()).certificates
    assert signing.issued_by(leaf, ca.read().certificates[0])
    assert tuple(chain) == ca.read().chain


@pytest.mark.parametrize("renew_before", [30, 200])
def test_during_a_rollover_no_certificate_outlives_what_vouches_for_it(ca, renew_before) -> None:
    given = {"ownca_rollover": ca.day(10), "renew_before": renew_before}
    ca.run(**given)
    leaf = model.parse((ca.path / "issued" / "mail.pem").read_bytes()).certificates[0]
    assert signing.not_after(leaf) == signing.not_after(ca.read().handover.cross)
    outcome = ca.run(**given)
    assert (outcome.before == outcome.after, outcome.warnings) == (True, ())


def test_the_next_rollover_makes_a_root_of_its_own(ca) -> None:
    ca.run()
    ca.run(ownca_rollover=ca.day(10))
    ca.run(at=ca.now + 12 * DAY)
    second = ca.anchors()
    ca.run(at=ca.now + 20 * DAY, ownca_rollover=ca.day(50))
    assert ca.anchors()[0] == second[0]
    assert facts.common_name_of(ca.anchors()[1]) == "Mail CA 3"
    assert len(list(ca.path.glob("root*.pem"))) == 3


def test_a_root_near_its_end_is_told_of(ca) -> None:
    ca.run()
    assert ca.run(at=ca.now + 2800 * DAY).warnings == ()
    assert "ownca_rollover" in ca.run(at=ca.now + 3000 * DAY).warnings[0]
    with pytest.raises(MailError, match="authority expired on"):
        ca.run(at=ca.now + 3651 * DAY)


@pytest.mark.parametrize("text", ["soon", "2027-02-30", "30.06.2027", "9999-12-31", "true"])
def test_days_that_are_none(ca, text: str) -> None:
    with pytest.raises(MailError, match=r"^ownca_rollover: .* is no day"):
        ca.run(ownca_rollover=text)
    assert not ca.path.exists()
