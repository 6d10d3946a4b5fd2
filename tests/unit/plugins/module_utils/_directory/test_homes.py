# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from collections import Counter
from pathlib import Path

import pytest

from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import Outcome
from ansible_collections.assurmer.mail.plugins.module_utils._directory.files import open_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.homes import (
    NO_OFFICES,
    Homes,
    choose,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Misplaced
from ansible_collections.assurmer.mail.plugins.module_utils._directory.request import (
    Lists,
    OneObject,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import OptionLists
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.databases import (
    Database,
    SqliteDatabase,
)
from ansible_collections.assurmer.mail.tests.unit.plugins.module_utils._directory.records import (
    opened,
)

Apply = t.Callable[..., Outcome]

HASH = "{BLF-CRYPT}$2y$12$" + "a" * 53
X = "x@a.example"
PARIS, LYON, BRUSSELS = "mail.p.example", "mail.l.example", "mail.b.example"
HOSTS = (
    {"name": PARIS, "office": "paris"},
    {"name": LYON, "office": "lyon"},
    {"name": BRUSSELS, "office": "brussels"},
)
# An office of two, where other addresses belong to the one and to the other.
PAIR = ["one.p.example", "two.p.example"]
TWO = [*({"name": name, "office": "paris"} for name in PAIR), {"name": LYON, "office": "lyon"}]
ON_FIRST, ON_SECOND = "n4@a.example", "n0@a.example"


def homes(host: str = "", hosts: t.Any = HOSTS, **options: t.Any) -> Homes:
    """Return the homes of a run on a host, or without one, of a run that is for all hosts."""
    given = {"host": host, "hosts": hosts, "homes": None, "lost_hosts": [], **options}
    return Homes.parse(given, shared=not host)


def option(name: str) -> str:
    return f"mailboxes[0].{name}"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"hosts": [{"name": "", "office": ""}]}, "hosts[0].name: '' is no name of a host."),
        (
            {"hosts": [HOSTS[0], {"name": "Mail.P.example", "office": "lyon"}]},
            "hosts[1].name: 'Mail.P.example' is named twice.",
        ),
        ({"hosts": [{"name": "p", "office": ""}]}, "hosts[0].name: 'p' has a domain of one label"),
        (
            {"hosts": [HOSTS[0], {"name": LYON, "office": "../x"}]},
            "hosts[1].office: '../x' is no office",
        ),
        ({"host": "x.example"}, "host: 'x.example' is none of the hosts."),
        ({"host": None}, "host: '' is none of the hosts."),
        ({"homes": {X: "q.example"}}, f"homes[{X}]: 'q.example' is none of the hosts."),
        ({"homes": {X: 5}}, f"homes[{X}]: '5' is no name of a host."),
        ({"homes": {"x": PARIS}}, "homes: 'x' has no domain"),
        ({"lost_hosts": ["q"]}, "lost_hosts: 'q' has a domain of one label"),
    ],
)
def test_a_mistake_is_told_with_its_option(options: dict[str, t.Any], sentence: str) -> None:
    given = {"host": PARIS, "hosts": HOSTS, "homes": None, "lost_hosts": [], **options}
    with pytest.raises(InvalidOption) as refused:
        Homes.parse(given, shared=False)
    assert str(refused.value).startswith(sentence)


def test_names_are_taken_in_any_case() -> None:
    hosts = [{"name": "Mail.P.example", "office": "paris"}]
    found = homes("MAIL.p.example", hosts, homes={"X@A.example": "mail.P.Example"})
    assert found == Homes(PARIS, {"paris": [PARIS]}, {X: PARIS})


def test_a_shared_directory_needs_no_host() -> None:
    assert homes().host == ""
    assert (
        Homes.parse({"host": PARIS, "hosts": HOSTS, "homes": {}, "lost_hosts": []}, True).host == ""
    )


@pytest.mark.parametrize("hosts", [None, []])
def test_without_hosts_there_are_no_offices(hosts: t.Any) -> None:
    assert homes("x.example", hosts) == NO_OFFICES
    assert NO_OFFICES.of(X, "paris", None, option) is None
    assert NO_OFFICES.of(X, "paris", "any.example", option) == "any.example"


ADDRESSES = [f"user{number}@a.example" for number in range(3000)]
SEVERAL = ["a.p.example", "b.p.example", "c.p.example"]


def test_the_mailboxes_of_an_office_are_spread_evenly_over_its_hosts() -> None:
    found = Counter(choose(address, SEVERAL) for address in ADDRESSES)
    assert sorted(found) == SEVERAL
    assert all(abs(number - 1000) < 100 for number in found.values())


def test_a_host_that_joins_an_office_only_takes() -> None:
    more = [*SEVERAL, "d.p.example"]
    moved = [(choose(a, SEVERAL), choose(a, more)) for a in ADDRESSES]
    taken = [after for before, after in moved if before != after]
    assert set(taken) == {"d.p.example"}
    assert abs(len(taken) - 750) < 100


def test_the_order_of_hosts_does_not_matter() -> None:
    assert [choose(a, SEVERAL) for a in ADDRESSES] == [choose(a, SEVERAL[::-1]) for a in ADDRESSES]


def test_where_an_address_belongs_never_changes() -> None:
    """Another hash would move the mail of everybody."""
    found = [SEVERAL.index(choose(address, SEVERAL)) for address in ADDRESSES[:12]]
    assert found == [1, 1, 0, 2, 2, 0, 1, 0, 2, 1, 0, 0]
    assert [choose(address, PAIR) for address in (ON_FIRST, ON_SECOND)] == PAIR


@pytest.mark.parametrize(
    ("office", "host", "home"),
    [
        ("paris", None, PARIS),
        ("paris", "", PARIS),
        ("paris", LYON, LYON),
        ("", LYON, LYON),
        ("", None, ""),
    ],
)
def test_a_mailbox_is_at_home_in_its_office_or_where_it_is_stated(
    office: str, host: str | None, home: str
) -> None:
    found = homes(PARIS, [*HOSTS, {"name": "d.example", "office": ""}])
    assert found.of(X, office, host, option) == home


def test_what_no_host_can_be_found_for_is_told() -> None:
    with pytest.raises(InvalidOption) as refused:
        homes(PARIS, [*HOSTS, {"name": "d.example", "office": ""}]).of(X, "rome", None, option)
    assert str(refused.value) == (
        "mailboxes[0].office: 'rome' has no mail host; these have one: brussels, lyon, paris."
    )
    with pytest.raises(InvalidOption) as refused:
        homes(PARIS, [{"name": PARIS, "office": ""}]).of(X, "rome", None, option)
    assert str(refused.value) == "mailboxes[0].office: 'rome' has no mail host."
    with pytest.raises(InvalidOption) as refused:
        homes(PARIS).of(X, "paris", "q.example", option)
    assert str(refused.value) == "mailboxes[0].host: 'q.example' is none of the hosts."


def test_many_are_at_home_as_each_by_itself() -> None:
    hosts = [*TWO, {"name": "d.example", "office": ""}]
    at = homes(LYON, hosts, homes={"told@a.example": LYON})
    offices = ("paris", "paris", "lyon", "")
    found = at.of_columns((ON_FIRST, ON_SECOND, "x@a.example", "y@a.example"), offices)
    assert found == [*PAIR, LYON, ""]
    # What is told of another host, and a mistake, is looked at by itself.
    assert at.of_columns((ON_FIRST, "told@a.example"), ("paris", "paris")) is None
    assert at.of_columns((ON_FIRST, ON_SECOND), ("paris", "rome")) is None
    assert NO_OFFICES.of_columns((ON_FIRST, ON_SECOND), ("paris", "rome")) == [None, None]


Run = t.Callable[..., Outcome]


@pytest.fixture
def run(apply: Apply) -> Run:
    """Run on a host, with one mailbox."""

    def ran(at: Homes, address: str = X, check_mode: bool = False, **fields: t.Any) -> Outcome:
        mailbox = {"address": address, "password_hash": HASH, **fields}
        domains = [{"name": "a.example"}]
        return apply(homes=at, domains=domains, mailboxes=[mailbox], check_mode=check_mode)

    return ran


def home(database: Database, address: str = X) -> str:
    return database.content().mailboxes[address].home


def test_a_new_mailbox_is_at_home_where_it_is_declared(run: Run, database: Database) -> None:
    assert run(homes(LYON), office="paris").misplaced == ()
    assert home(database) == PARIS
    untouched = database.fingerprint()
    assert run(homes(LYON), office="paris").plan.edits == ()
    assert database.fingerprint() == untouched


# The last one is of a directory that all hosts share.
@pytest.mark.parametrize("host", [PARIS, LYON, ""])
def test_who_has_the_mail_or_is_to_get_it_keeps_the_home_until_it_is_moved(
    run: Run, database: Database, host: str
) -> None:
    run(homes(host), office="paris")
    predicted = run(homes(host), office="lyon", check_mode=True)
    done = run(homes(host), office="lyon")
    assert predicted.plan == done.plan
    assert predicted.misplaced == done.misplaced == (Misplaced(X, PARIS, LYON),)
    mailbox = database.content().mailboxes[X]
    assert (mailbox.office, mailbox.home) == ("lyon", PARIS)
    untouched = database.fingerprint()
    again = run(homes(host), office="lyon")
    assert again.plan.edits == ()
    assert again.misplaced == done.misplaced
    assert database.fingerprint() == untouched
    # Another change meanwhile moves nothing.
    run(homes(host), office="lyon", name="X")
    assert home(database) == PARIS


def test_what_waits_for_its_move_is_no_wish(run: Run, database: Database) -> None:
    """Of an office that changes hosts as a whole, thousands would be looked at in each run."""
    run(homes(PARIS), office="paris")
    run(homes(PARIS), office="lyon")
    declared = OptionLists({"mailboxes": [{"address": X, "office": "lyon"}]})
    request = Lists([declared], [], Scheme.ARGON2ID, verify=True, homes=homes(PARIS))
    with opened(database) as store:
        request.declare(store).raise_first()
        assert request.declaration(store).mailboxes == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_is_opened_anew_knows_the_hosts_still(
    run: Run, database: SqliteDatabase
) -> None:
    run(homes(PARIS), office="paris")
    database.path.chmod(0o644)
    done = run(homes(PARIS), office="lyon")
    assert done.store_before["file"]["mode"] == "0644"
    assert done.misplaced == (Misplaced(X, PARIS, LYON),)
    assert home(database) == PARIS


def test_other_hosts_follow_at_once(run: Run, database: Database) -> None:
    run(homes(BRUSSELS), office="paris")
    assert run(homes(BRUSSELS), office="lyon").misplaced == ()
    assert home(database) == LYON
    assert run(homes(BRUSSELS), office="lyon").plan.edits == ()


def test_a_move_ends_it(apply: Apply, run: Run, database: Database) -> None:
    run(homes(LYON), office="paris")
    assert run(homes(LYON), office="lyon").misplaced
    moved = {"state": "present", "address": X, "host": LYON}
    apply(OneObject("mailboxes", moved, Scheme.ARGON2ID))
    assert home(database) == LYON
    again = run(homes(LYON), office="lyon")
    assert (again.plan.edits, again.misplaced) == ((), ())


def test_a_mailbox_of_no_office_becomes_one_of_an_office(run: Run, database: Database) -> None:
    run(NO_OFFICES, office="lyon")
    assert home(database) == ""
    assert run(homes(PARIS), office="lyon").misplaced == ()
    assert home(database) == LYON


def test_a_mailbox_that_leaves_its_office_stays_where_its_mail_is(
    run: Run, database: Database
) -> None:
    run(homes(PARIS), office="paris")
    assert run(homes(PARIS)).misplaced == (Misplaced(X, PARIS, ""),)
    assert home(database) == PARIS


def test_without_hosts_mailboxes_stay_where_they_are(
    apply: Apply, run: Run, database: Database
) -> None:
    run(homes(BRUSSELS), office="paris")
    assert run(NO_OFFICES, office="lyon").misplaced == ()
    assert home(database) == PARIS
    renamed = {"state": "present", "address": X, "name": "X"}
    apply(OneObject("mailboxes", renamed, Scheme.ARGON2ID))
    assert home(database) == PARIS


def test_what_another_host_has_told_counts_for_a_new_mailbox(run: Run, database: Database) -> None:
    told = homes(BRUSSELS, homes={"X@a.example": PARIS})
    assert run(told, office="lyon").misplaced == ()
    assert home(database) == PARIS
    assert run(told, office="lyon").plan.edits == ()
    # Where nobody tells any more, it has been moved.
    run(homes(BRUSSELS), office="lyon")
    assert home(database) == LYON


def test_a_host_that_is_missing_is_refused_unless_it_is_lost(run: Run, database: Database) -> None:
    run(homes(BRUSSELS), office="paris")
    untouched = database.fingerprint()
    for check_mode in (True, False):
        with pytest.raises(MailError) as refused:
            run(homes(BRUSSELS, HOSTS[1:]), office="lyon", check_mode=check_mode)
        assert str(refused.value) == (
            f"hosts: '{PARIS}' is missing, and 1 mailboxes are at home there; move them first, or "
            "name it in lost_hosts if their mail is lost."
        )
    assert database.fingerprint() == untouched
    at = homes(LYON, HOSTS[1:], lost_hosts=[PARIS.upper()])
    assert run(at, office="lyon").misplaced == ()
    assert home(database) == LYON


def test_a_mailbox_that_is_removed_keeps_no_host(
    apply: Apply, run: Run, database: Database
) -> None:
    run(homes(BRUSSELS), office="paris")
    apply(homes=homes(BRUSSELS, HOSTS[1:]), mailboxes=[], purge=["mailboxes"])
    assert database.content().mailboxes == {}


def renamed(run: Run, at: Homes, check_mode: bool = False) -> Outcome:
    options = {"office": "paris", "rename_from": ON_FIRST}
    return run(at, ON_SECOND, check_mode=check_mode, **options)


@pytest.mark.parametrize("host", [*PAIR, ""])
def test_a_mailbox_that_is_renamed_stays_where_its_mail_is(
    run: Run, database: Database, host: str
) -> None:
    at = homes(host, TWO)
    run(at, ON_FIRST, office="paris")
    predicted = renamed(run, at, check_mode=True)
    done = renamed(run, at)
    assert predicted.plan == done.plan
    assert predicted.misplaced == done.misplaced == (Misplaced(ON_SECOND, *PAIR),)
    assert home(database, ON_SECOND) == PAIR[0]
    assert ON_FIRST not in database.content().mailboxes
    again = renamed(run, at)
    assert (again.plan.edits, again.misplaced) == ((), done.misplaced)


def test_a_mailbox_that_is_renamed_without_hosts_keeps_its_home(
    run: Run, database: Database
) -> None:
    run(homes(LYON, TWO), ON_FIRST, office="paris")
    renamed(run, NO_OFFICES)
    assert home(database, ON_SECOND) == PAIR[0]


def test_a_mailbox_is_not_renamed_away_from_a_lost_host(run: Run) -> None:
    run(homes(LYON, TWO), ON_FIRST, office="paris")
    with pytest.raises(MailError, match=r"^hosts: 'one\.p\.example' is missing, and 1 mailboxes"):
        renamed(run, homes(LYON, TWO[1:]))


def test_a_mailbox_that_is_held_stays_so_whatever_is_written(
    apply: Apply, run: Run, database: Database
) -> None:
    run(homes(PARIS), office="paris")
    database.execute("UPDATE mailboxes SET held_until = 99")
    run(homes(PARIS), office="lyon", name="X", quota="5G")
    run(homes(BRUSSELS), office="lyon")
    moved = {"state": "present", "address": X, "host": PARIS, "active": False}
    apply(OneObject("mailboxes", moved, Scheme.ARGON2ID))
    assert database.execute("SELECT home, active, held_until FROM mailboxes") == [(PARIS, 0, 99)]


def test_a_table_states_hosts_too(apply: Apply, database: Database, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    lines = [f"x@a.example,paris,{LYON}", "y@a.example,paris,", "z@a.example,,"]
    table.write_text("\n".join(["address,office,host", *lines]))
    at = homes(PARIS)

    def taken() -> Outcome:
        source = open_file(str(table), "people.csv")
        return apply(homes=at, domains=[{"name": "a.example"}], sources=[source])

    with pytest.raises(MailError, match="neither password"):
        taken()
    lines = [f"{line},{HASH}" for line in lines]
    table.write_text("\n".join(["address,office,host,password_hash", *lines]))
    taken()
    found = database.content().mailboxes
    assert [found[f"{name}@a.example"].home for name in "xyz"] == [LYON, PARIS, ""]
    assert taken().plan.edits == ()
    table.write_text("address,office,host\nx@a.example,rome,\ny@a.example,paris,q.example\n")
    with pytest.raises(MailError) as refused:
        taken()
    assert refused.value.details["errors"] == [
        "people.csv, line 2, office: 'rome' has no mail host; these have one: brussels, lyon, "
        "paris.",
        "people.csv, line 3, host: 'q.example' is none of the hosts.",
    ]


def test_a_table_that_states_none_is_at_home_in_its_offices(
    apply: Apply, database: Database, tmp_path: Path
) -> None:
    table = tmp_path / "people.csv"
    table.write_text(f"address,office,password_hash\nx@a.example,lyon,{HASH}\n")
    source = open_file(str(table), "people.csv")
    apply(homes=homes(PARIS), domains=[{"name": "a.example"}], sources=[source])
    assert home(database) == LYON
