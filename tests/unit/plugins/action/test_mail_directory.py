# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin as a playbook runs it, over a connection to this machine."""

from __future__ import annotations

import contextlib
import grp
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.errors import AnsibleActionFail
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.assurmer.mail.plugins.action.mail_directory import _as_json, _names
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Content
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sqlite import SqliteStore

HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
FILES = {
    "domains.yml": "domains: [{name: a.example}]",
    "people.csv": f"address,name,password_hash\nx@a.example,{{{{ 1 + 1 }}}},{HASH}\n",
    "one.yaml": "mailboxes:\n  - address: y@a.example\n    quota: 5\n    active: no\n"
    f"    password_hash: '{HASH}'\n",
    "broken.yml": "domains:\n  - {name: [s3cret-s3cret\n",
    "latin.yml": b"domains:\n  - name: \xe9\n",
    "dated.yml": "domains: [{name: 2026-11-24}]",
    "mistaken.csv": "address\nx\n",
}
# The name of a task's result, and the options of the call.
CALLS: dict[str, dict[str, t.Any]] = {
    "checked": {"src": ["domains.yml", "people.csv"]},
    "created": {"src": ["domains.yml", "people.csv"], "purge": ["domains", "mailboxes"]},
    "again": {"src": ["domains.yml", "people.csv"], "purge": ["domains", "mailboxes"]},
    "vault": {"src": "secret.json", "src_names": ["mine.csv"]},
    "yaml": {"src": "one.yaml"},
    "empty": {"src": []},
    "broken": {"src": "broken.yml"},
    "latin": {"src": "latin.yml"},
    "dated": {"src": "dated.yml"},
    "missing": {"src": "nowhere.csv"},
    "mistaken": {"src": ["domains.yml", "mistaken.csv"]},
    "wrong": {"src": {"a": 1}},
}


class Played(t.NamedTuple):
    results: dict[str, t.Any]
    output: str
    remote_tmp: Path
    content: Content


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Run a playbook with all calls, once."""
    folder = tmp_path_factory.mktemp("play")
    (folder / "files").mkdir()
    (folder / "vault_password").write_text("vault-password")
    for name, data in FILES.items():
        (folder / "files" / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    plain = {"mailboxes": [{"address": "v@a.example", "password_hash": HASH}]}
    vault = VaultLib([(DEFAULT_VAULT_ID_MATCH, VaultSecret(b"vault-password"))])
    (folder / "files" / "secret.json").write_bytes(vault.encrypt(json.dumps(plain)))
    (folder / "play.yml").write_text(json.dumps([_play(folder)]))
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-vv", "--diff", "play.yml"],
        cwd=folder,
        env={
            **os.environ,
            "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
            "ANSIBLE_VAULT_PASSWORD_FILE": str(folder / "vault_password"),
            "ANSIBLE_COLLECTIONS_PATH": str(Path(".cache/collections").absolute()),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with contextlib.closing(SqliteStore(folder / "d" / "d.sqlite", None, True)) as store:
        store.open()
        content = store.read_all()
    results = json.loads((folder / "results.json").read_text())
    return Played(results, done.stdout + done.stderr, folder / "remote", content)


def _play(folder: Path) -> dict[str, t.Any]:
    common = {
        "dsn": f"sqlite:{folder}/d/d.sqlite",
        "group": grp.getgrgid(os.getegid()).gr_name,
        "store": f"{folder}/mail",
    }
    tasks: list[dict[str, t.Any]] = [
        {
            "assurmer.mail.mail_directory": {**common, **options},
            "check_mode": name == "checked",
            "ignore_errors": True,
            "register": name,
        }
        for name, options in CALLS.items()
    ]
    results = ", ".join(f"'{name}': {name}" for name in CALLS)
    content = f"{{{{ {{ {results} }} | to_json }}}}"
    copy = {"content": content, "dest": f"{folder}/results.json", "mode": "0600"}
    return {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable},
        "tasks": [*tasks, {"ansible.builtin.copy": copy, "no_log": True}],
    }


def test_files_of_every_format_are_brought_to_the_host_and_templated_nowhere(
    played: Played,
) -> None:
    assert played.results["checked"]["changed"]
    assert played.results["created"]["diff"] == played.results["checked"]["diff"]
    assert not played.results["again"]["changed"]
    mailboxes = played.content.mailboxes
    assert sorted(mailboxes) == ["v@a.example", "x@a.example", "y@a.example"]
    assert mailboxes["x@a.example"].name == "{{ 1 + 1 }}"
    assert (mailboxes["y@a.example"].quota, mailboxes["y@a.example"].active) == (5, False)
    assert not played.results["empty"]["changed"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("broken", "src: broken.yml, line 3: This is no YAML."),
        ("latin", "src: latin.yml, line 2: The text is not valid UTF-8."),
        (
            "dated",
            "src: dated.yml: The file holds a value that JSON does not know, like a date; "
            "write it in quotes.",
        ),
        ("missing", "src: Could not find or access 'nowhere.csv'"),
        ("mistaken", "mistaken.csv, line 2, address: 'x' has no domain"),
        ("wrong", "src: This is neither the name of a file nor a list of names."),
    ],
)
def test_a_mistake_is_told_with_the_name_of_the_file(
    played: Played, name: str, sentence: str
) -> None:
    assert played.results[name]["failed"]
    assert played.results[name]["msg"].startswith(sentence)


def test_no_secret_is_shown_and_no_file_is_left(played: Played) -> None:
    assert "s3cret" not in played.output
    assert HASH not in played.output
    assert "vault-password" not in played.output
    assert list(played.remote_tmp.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "null"),
        (b"\xef\xbb\xbfdomains: []", '{"domains": []}'),
        (b"a: &x {b: 1}\nc: {<<: *x, b: 2}", '{"a": {"b": 1}, "c": {"b": 2}}'),
        ("name: Ren\u00e9".encode(), '{"name": "Ren\\u00e9"}'),
    ],
)
def test_yaml_becomes_json(data: bytes, text: str) -> None:
    assert _as_json("a.yml", data) == text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"a: 1\nb:\n  - {c: 1, c: s3cret}\n", ", line 3: 'c' is named twice in one object."),
        (b"mailboxes: [a]\nmailboxes: []\n", ", line 2: 'mailboxes' is named twice in one object."),
        (b"[" * 5000, ": This is no YAML."),
        (b"a: \x00", ": This is no YAML."),
        (b"a: !!python/name:os.system s3cret", ", line 1: This is no YAML."),
        (b"? [a, b]\n: 1", ", line 1: This is no YAML."),
        (b"a: &x [*x]", ": The file holds a value that JSON does not know, like a date; "),
        (b"a: 2026-13-45", ": The file holds a value that JSON does not know, like a date; "),
    ],
)
def test_yaml_that_json_does_not_know_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(AnsibleActionFail) as refused:
        _as_json("a.yml", data)
    assert str(refused.value).startswith(f"src: a.yml{sentence}")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("src", "names"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("a.csv", ["a.csv"]),
        (["a.csv", "b.yml"], ["a.csv", "b.yml"]),
    ],
)
def test_one_name_is_a_list_of_one(src: t.Any, names: list[str]) -> None:
    assert _names(src) == names


@pytest.mark.parametrize("src", [1, {"a": "b"}, [1], ["a.csv", None]])
def test_what_names_no_file_is_refused(src: t.Any) -> None:
    with pytest.raises(AnsibleActionFail, match="neither the name of a file"):
        _names(src)
