# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every input, hostile ones above all."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
import json
import typing as t
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.assurmer.mail.plugins.module_utils._address import (
    parse_address,
    parse_alias_address,
    parse_destination,
    parse_domain,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.argspec import COLUMNS
from ansible_collections.assurmer.mail.plugins.module_utils._directory.columns import (
    parse_columns,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    parse_entry,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import Asked, ensure
from ansible_collections.assurmer.mail.plugins.module_utils._directory.export import as_files
from ansible_collections.assurmer.mail.plugins.module_utils._directory.files import open_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.homes import (
    NO_OFFICES,
    Homes,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KINDS,
    Content,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import Plan
from ansible_collections.assurmer.mail.plugins.module_utils._directory.problems import Problems
from ansible_collections.assurmer.mail.plugins.module_utils._directory.quota import parse_quota
from ansible_collections.assurmer.mail.plugins.module_utils._directory.request import Lists
from ansible_collections.assurmer.mail.plugins.module_utils._directory.rows import (
    declared_mailbox_row,
    declared_mailbox_rows,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.shapes import shape
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import (
    Entry,
    OptionLists,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.wish import Wish
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import (
    Scheme,
    check_plain,
    make_hash,
    parse_hash,
    verify,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.asking import (
    entries_of,
    store_of,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.companies import (
    CHARACTERS,
    DOMAINS,
    HASHES,
    LOCAL_PARTS,
    NAMES,
    OFFICES,
    QUOTAS,
    TEXTS,
    companies,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
    SqliteDatabase,
    new_postgresql,
)

HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
SECRET = "Never-told"
# Fewer examples where each takes several transactions.
FEW = settings(max_examples=settings().max_examples // 10)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def directory(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> t.Iterator[Database]:
    """A database for all examples of a test; each of them purges it."""
    if request.param == "sqlite":
        yield SqliteDatabase(tmp_path_factory.mktemp("sqlite") / "d" / "d.sqlite", "root")
    else:
        with new_postgresql() as database:
            yield database


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def declare(database: Database, *files: Path, **lists: t.Any) -> Plan:
    """Make the directory hold files and lists, and nothing else."""
    sources = [OptionLists(lists), *(open_file(str(path), path.name) for path in files)]
    request = Lists(sources, KINDS, Scheme.ARGON2ID, verify=True)
    passwords = Passwords(Scheme.ARGON2ID, update_always=True, predict=False)
    return ensure(database.store(), Asked(request, passwords, MailStore(Path("/nowhere")))).plan


def write(folder: Path, files: dict[str, str]) -> list[Path]:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return [folder / name for name in files]


NOTHING: dict[str, t.Any] = {kind: [] for kind in KINDS}


@FEW
@given(company=companies())
def test_what_is_exported_leads_to_the_same_directory(
    directory: Database, folder: Path, company: dict[str, t.Any]
) -> None:
    declare(directory, **company)
    before = directory.content()
    names = {mailbox["address"].lower(): mailbox["name"] for mailbox in company["mailboxes"]}
    assert sorted(names.values()) == sorted(found.name for found in before.mailboxes.values())
    for form in ("csv", "json"):
        files = as_files(before, form, hashes=True)
        paths = write(folder, files)
        assert declare(directory, *paths).edits == ()
        declare(directory, **NOTHING)
        assert directory.content() == Content()
        declare(directory, *paths)
        assert directory.content() == before
        assert as_files(directory.content(), form, hashes=True) == files


@FEW
@given(local_parts=st.lists(LOCAL_PARTS, unique_by=str.lower, min_size=2, max_size=8))
def test_near_misses_stay_apart(directory: Database, local_parts: list[str]) -> None:
    there, *absent = [f"{local_part.lower()}@a.example" for local_part in local_parts]
    asked = [there, *absent, there.upper(), there.replace("a", "%"), there.replace("a", "_")]
    mailbox = {"address": there.upper(), "password_hash": HASH}
    declare(directory, domains=[{"name": "a.example"}], mailboxes=[mailbox], aliases=[])
    with store_of(directory.content()) as store:
        assert list(store.mailboxes(asked)) == [there]
        assert store.aliases(asked) == {}
    others = [{"address": address, "password_hash": HASH} for address in absent]
    plan = declare(directory, domains=[{"name": "a.example"}], mailboxes=others, aliases=[])
    assert {edit.key for edit in plan.edits} == {there, *absent}
    assert set(directory.content().mailboxes) == set(absent)


def errors_of(path: Path) -> list[str]:
    """Return what a run says to a file: a traceback is a failure of the test."""
    request = Lists([open_file(str(path), path.name)], (), Scheme.ARGON2ID, verify=True)
    with store_of(Content()) as store:
        problems = request.declare(store)
        try:
            problems.raise_first()
        except MailError as error:
            return t.cast("list[str]", error.details["errors"])
        request.declaration(store)
    return []


def judge(path: Path) -> None:
    for error in errors_of(path):
        assert error.startswith(path.name)
        assert error.isprintable()
        assert error.endswith(".")
        assert SECRET not in error


CELLS = TEXTS | st.sampled_from(["x@a.example", "5G", "yes", "a.example", HASH, "nobody"])
COLUMN_NAMES = st.sampled_from(sorted({name for names in COLUMNS.values() for name in names}))


@given(
    data=st.binary(max_size=200)
    | st.text(CHARACTERS).map(lambda text: text.encode("utf-8", "replace"))
)
@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_no_file_breaks_its_reader(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    for start in (b"", b"address,name\n", b"name;alias_of\n", b'{"mailboxes": [{"address": '):
        path.write_bytes(start + data)
        judge(path)


@given(
    header=st.lists(COLUMN_NAMES, unique=True, max_size=6),
    rows=st.lists(st.lists(CELLS, max_size=6), max_size=6),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_no_table_breaks_its_reader(
    folder: Path, header: list[str], rows: list[list[str]], mark: str
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["password", *header], *([SECRET, *row] for row in rows)])
    path = folder / "a.csv"
    path.write_bytes((mark + text.getvalue()).encode("utf-8", "replace"))
    judge(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
ENTRIES = st.dictionaries(COLUMN_NAMES, VALUES, max_size=6).map(
    lambda entry: {"address": "x@a.example", **entry, "password": SECRET + "\n"}
)


@given(
    lists=st.dictionaries(
        st.sampled_from(KINDS) | TEXTS, st.lists(ENTRIES | VALUES, max_size=4) | VALUES, max_size=3
    )
)
def test_no_object_breaks_its_reader(folder: Path, lists: t.Any) -> None:
    path = folder / "a.json"
    path.write_text(json.dumps(lists))
    judge(path)


TABLE = st.lists(
    # Before Python 3.13, its writer leaves a lone carriage return without quotes.
    st.tuples(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")), NAMES),
    min_size=1,
    max_size=5,
)


@given(
    rows=TABLE,
    delimiter=st.sampled_from(",;"),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_every_cell_is_read_as_it_was_written(
    folder: Path, rows: list[tuple[str, str]], delimiter: str, end: str, quoting: t.Any, mark: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["Address", "password", "name"])
    writer.writerows([f"u{number}@a.example", *row] for number, row in enumerate(rows))
    (path,) = write(folder, {"a.csv": mark + text.getvalue()})
    problems = Problems()
    entries = list(entries_of(open_file(str(path), "a.csv"), problems))
    assert not problems
    read = [(entry.options.get("password", ""), entry.options.get("name", "")) for entry in entries]
    assert read == rows


LINES = st.fixed_dictionaries(
    {
        "address": st.builds("{}@{}".format, LOCAL_PARTS, DOMAINS) | TEXTS,
        "name": NAMES | TEXTS,
        "password_hash": HASHES | st.just("") | TEXTS,
        "quota": QUOTAS | st.just("") | TEXTS,
        "office": OFFICES | st.just("Q") | TEXTS,
        "host": st.sampled_from(["", "", "", "One.example"]),
        "active": st.sampled_from(["", "yes", "No", "0", "maybe"]),
        "restore": st.sampled_from(["", "", "yes"]),
    }
)


def homes_of(office: str, exceptions: Sequence[str]) -> Homes:
    """Return offices of one host, of several and of none, and one whose name is given."""
    given = [("one.example", office), ("a.example", "Q"), ("b.example", "Q"), ("c.example", "")]
    hosts = [{"name": name, "office": office} for name, office in given]
    homes = dict.fromkeys(exceptions, "one.example")
    return Homes.parse({"host": "", "hosts": hosts, "homes": homes, "lost_hosts": []}, shared=True)


HOMES = st.just(NO_OFFICES) | st.builds(
    homes_of, OFFICES, st.lists(st.just("usual0@a.example"), max_size=1)
)


@settings(max_examples=10 * settings().max_examples)
@given(line=LINES, usual=st.integers(0, 2), homes=HOMES)
def test_a_column_is_read_as_its_lines_are(line: dict[str, str], usual: int, homes: Homes) -> None:
    """Beside lines that are in order, so that only the one counts."""
    others = [{**dict.fromkeys(line, ""), "address": f"usual{n}@a.example"} for n in range(usual)]
    lines = [line, *others]
    columns = parse_columns({name: tuple(each[name] for each in lines) for name in line}, homes)
    if columns is not None:
        wishes = [wish_of_line(each, homes) for each in lines]
        assert list(declared_mailbox_rows(columns)) == list(map(declared_mailbox_row, wishes))


def wish_of_line(line: dict[str, str], homes: Homes) -> Wish:
    options: dict[str, t.Any] = {name: text for name, text in line.items() if text}
    problems = Problems()
    entry = Entry("mailboxes", options, "")
    shape(options, [name for name in ("active", "restore") if name in options], entry, problems)
    problems.raise_first()
    wish = parse_entry("mailboxes", options, str, Scheme.ARGON2ID)
    home = homes.of(wish.key, wish.fields["office"], wish.fields["home"], str)
    return dataclasses.replace(wish, fields={**wish.fields, "home": home})


ADDRESSES = TEXTS | st.builds("{}@{}".format, LOCAL_PARTS | TEXTS, DOMAINS | TEXTS)
ARGUMENTS = st.one_of(
    st.tuples(st.sampled_from([parse_address, parse_alias_address, parse_destination]), ADDRESSES),
    st.tuples(st.just(parse_domain), TEXTS | DOMAINS),
    st.tuples(st.just(parse_quota), TEXTS | QUOTAS),
    st.tuples(st.just(parse_hash), HASHES | st.builds("{}{}".format, HASHES, TEXTS)),
)


@settings(max_examples=10 * settings().max_examples)
@given(arguments=ARGUMENTS)
def test_what_is_taken_once_is_taken_again_unchanged(
    arguments: tuple[Callable[[str, str], t.Any], str],
) -> None:
    parse, text = arguments
    try:
        stored = str(parse(text, "option"))
    except MailError as error:
        sentence = str(error)
    else:
        again(parse, stored)
        return
    assert sentence.startswith("option: ")
    assert sentence.isprintable()


def again(parse: Callable[[str, str], t.Any], stored: str) -> None:
    assert str(parse(stored, "option")) == stored
    assert stored.isascii()
    assert stored.isprintable()
    if parse in (parse_address, parse_alias_address, parse_destination, parse_domain):
        assert stored == stored.lower()
        assert not set(stored) & set('%*"\\`$|(){}[]<>;:!?#/, ')


@FEW
@given(plain=TEXTS, other=TEXTS, scheme=st.sampled_from(Scheme))
def test_a_password_that_is_taken_logs_in_and_no_other(
    plain: str, other: str, scheme: Scheme
) -> None:
    with contextlib.suppress(MailError):
        check_plain(plain, scheme, "password")
        check_plain(other, scheme, "password")
        only_itself_logs_in(plain, other, scheme)


def only_itself_logs_in(plain: str, other: str, scheme: Scheme) -> None:
    hashed = parse_hash(str(make_hash(plain, scheme)), "password_hash")
    assert verify(plain, hashed)
    assert verify(other, hashed) == (plain == other)
