# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statements that read, compare and write a directory, in the SQL of every store.

PRIVATE to the collection. It can have breaking changes at any time.

A parameter is a `?`. `{among}` stands for the database's way to say "is one of these", which
takes one parameter however many there are, and `{find}` for the name of its function that finds
a text in another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import Kind


@dataclass(frozen=True, slots=True)
class Write:
    """A statement that writes any number of rows, which stand for `{rows}` in it.

    `columns` are their types, a letter each: `t` for a text, `i` for an integer.
    """

    statement: str
    columns: str


ALL_DOMAINS = "SELECT name, alias_of, active FROM domains"
ALL_MAILBOXES = "SELECT address, name, password, quota, office, home, active FROM mailboxes"
ALL_ALIASES = """
    SELECT address, active, destination FROM aliases LEFT JOIN alias_destinations ON alias = address
    ORDER BY address, position
"""

DOMAINS = f"{ALL_DOMAINS} WHERE name {{among}}"
MAILBOXES = f"{ALL_MAILBOXES} WHERE address {{among}}"
ALIASES = """
    SELECT address, active, destination FROM aliases LEFT JOIN alias_destinations ON alias = address
    WHERE address {among} ORDER BY address, position
"""
MAILBOXES_IN = "SELECT address FROM mailboxes WHERE domain = ? LIMIT ?"
ALIASES_IN = "SELECT address FROM aliases WHERE domain = ? LIMIT ?"
ALIAS_DOMAINS_OF = "SELECT name FROM domains WHERE alias_of {among}"
ALIASES_TO = "SELECT DISTINCT alias FROM alias_destinations WHERE destination {among}"
ALIASES_INTO = """
    SELECT DISTINCT alias FROM alias_destinations
    WHERE substr(destination, {find}(destination, '@') + 1) = ?
"""

# What is declared, in tables that only this connection sees and that end with it.
DECLARED_TABLES: Mapping[str, str] = {
    "declared_domains": "name {text} NOT NULL PRIMARY KEY, alias_of {text}, active {integer} NOT NULL",
    # The password is a given hash; where there is none, `plain` tells whether there is a plain one.
    "declared_mailboxes": """
        address {text} NOT NULL PRIMARY KEY, name {text} NOT NULL, quota {integer} NOT NULL,
        office {text} NOT NULL, home {text}, active {integer} NOT NULL, password {text},
        plain {integer} NOT NULL, restore {integer} NOT NULL, rename_from {text}
    """,
    # The hosts that a mailbox can be at home on.
    "declared_hosts": "name {text} NOT NULL PRIMARY KEY",
    # Where `given` is 0, the destinations stay as they are.
    "declared_aliases": """
        address {text} NOT NULL PRIMARY KEY, active {integer} NOT NULL, given {integer} NOT NULL
    """,
    "declared_destinations": """
        alias {text} NOT NULL, position {integer} NOT NULL, destination {text} NOT NULL,
        PRIMARY KEY (alias, position)
    """,
}
DECLARE: Mapping[str, Write] = {
    "declared_domains": Write("INSERT INTO declared_domains {rows}", "tti"),
    "declared_mailboxes": Write("INSERT INTO declared_mailboxes {rows}", "ttittitiit"),
    "declared_hosts": Write("INSERT INTO declared_hosts {rows}", "t"),
    "declared_aliases": Write("INSERT INTO declared_aliases {rows}", "tii"),
    "declared_destinations": Write("INSERT INTO declared_destinations {rows}", "tit"),
}
ALL_DECLARED: Mapping[str, str] = {
    "declared_domains": "SELECT * FROM declared_domains",
    "declared_mailboxes": "SELECT * FROM declared_mailboxes",
    "declared_hosts": "SELECT * FROM declared_hosts",
    "declared_aliases": "SELECT * FROM declared_aliases",
    "declared_destinations": "SELECT * FROM declared_destinations",
}
COUNT: Mapping[Kind, str] = {
    "domains": "SELECT count(*) FROM domains",
    "mailboxes": "SELECT count(*) FROM mailboxes",
    "aliases": "SELECT count(*) FROM aliases",
}
COUNT_HOMES = "SELECT home, count(*) FROM mailboxes GROUP BY home ORDER BY home"
DECLARED: Mapping[Kind, str] = {
    "domains": "SELECT count(*) FROM declared_domains",
    "mailboxes": "SELECT count(*) FROM declared_mailboxes",
    "aliases": "SELECT count(*) FROM declared_aliases",
}
UNDECLARED: Mapping[Kind, str] = {
    "domains": """
        SELECT name FROM domains r
        WHERE NOT EXISTS (SELECT 1 FROM declared_domains d WHERE d.name = r.name)
    """,
    "mailboxes": """
        SELECT address FROM mailboxes r
        WHERE NOT EXISTS (SELECT 1 FROM declared_mailboxes d WHERE d.address = r.address)
    """,
    "aliases": """
        SELECT address FROM aliases r
        WHERE NOT EXISTS (SELECT 1 FROM declared_aliases d WHERE d.address = r.address)
    """,
}
DIFFERING_DOMAINS = """
    SELECT d.name, d.alias_of, d.active
    FROM declared_domains d LEFT JOIN domains r ON r.name = d.name
    WHERE r.name IS NULL OR d.active <> r.active
       OR COALESCE(d.alias_of, '') <> COALESCE(r.alias_of, '')
"""
# Where a mailbox's mail is: that of one that is renamed is where the other's is.
_HOME = "COALESCE(r.home, (SELECT o.home FROM mailboxes o WHERE o.address = d.rename_from))"
# Whether mail lies elsewhere than is declared, and this host (the parameter, twice) knows it for
# certain: it has the mail, or is to get it. An empty parameter stands for a directory that all hosts
# share, which always knows.
_MISPLACED = """
    d.home <> {home} AND (? = '' OR ? IN ({home}, d.home))
    AND {home} IN (SELECT name FROM declared_hosts)
"""
# What a mailbox is at home on stays until its mail has been moved. The parameters are those of
# `_MISPLACED`, twice, and whether the passwords of mailboxes that exist are compared, 1 or 0.
DIFFERING_MAILBOXES = f"""
    SELECT d.address, d.name, d.quota, d.office,
      COALESCE(CASE WHEN {_MISPLACED.format(home=_HOME)} THEN {_HOME} ELSE d.home END, {_HOME}, ''),
      d.active, d.password, d.restore, d.rename_from
    FROM declared_mailboxes d LEFT JOIN mailboxes r ON r.address = d.address
    WHERE r.address IS NULL OR d.active <> r.active
       OR d.name <> r.name OR d.quota <> r.quota OR d.office <> r.office
       OR d.home <> r.home AND NOT ({_MISPLACED.format(home="r.home")})
       OR ? = 1 AND (d.plain = 1 OR d.password <> r.password)
"""  # noqa: S608 - of constants alone
MISPLACED_MAILBOXES = f"""
    SELECT d.address, {_HOME}, d.home
    FROM declared_mailboxes d LEFT JOIN mailboxes r ON r.address = d.address
    WHERE {_MISPLACED.format(home=_HOME)}
    ORDER BY d.address
"""  # noqa: S608 - of constants alone
# Hosts that are gone and have left mailboxes behind.
LOST_HOSTS = f"""
    SELECT home, count(*) FROM (
      SELECT {_HOME} AS home
      FROM declared_mailboxes d LEFT JOIN mailboxes r ON r.address = d.address
    ) found
    WHERE home <> '' AND home NOT IN (SELECT name FROM declared_hosts)
    GROUP BY home
    ORDER BY home
"""  # noqa: S608 - of constants alone
DIFFERING_ALIASES = """
    SELECT d.address, d.active, d.given, t.destination
    FROM declared_aliases d
    LEFT JOIN aliases r ON r.address = d.address
    LEFT JOIN declared_destinations t ON t.alias = d.address
    WHERE r.address IS NULL OR d.active <> r.active
       OR d.given = 1 AND (
         (SELECT count(*) FROM declared_destinations x WHERE x.alias = d.address)
           <> (SELECT count(*) FROM alias_destinations y WHERE y.alias = d.address)
         OR EXISTS (
           SELECT 1 FROM declared_destinations x
           WHERE x.alias = d.address AND NOT EXISTS (
             SELECT 1 FROM alias_destinations y
             WHERE y.alias = x.alias AND y.destination = x.destination AND y.position = x.position
           )
         )
       )
    ORDER BY d.address, t.position
"""

DELETE: Mapping[Kind, Write] = {
    "domains": Write("DELETE FROM domains WHERE name IN ({rows})", "t"),
    "mailboxes": Write("DELETE FROM mailboxes WHERE address IN ({rows})", "t"),
    "aliases": Write("DELETE FROM aliases WHERE address IN ({rows})", "t"),
}
PUT_DOMAIN = Write(
    """
    INSERT INTO domains (name, alias_of, active) {rows}
    ON CONFLICT (name) DO UPDATE SET alias_of = excluded.alias_of, active = excluded.active
    """,
    "tti",
)
PUT_MAILBOX = Write(
    """
    INSERT INTO mailboxes (address, local_part, domain, name, password, quota, office, home, active)
    {rows}
    ON CONFLICT (address) DO UPDATE SET name = excluded.name, password = excluded.password,
      quota = excluded.quota, office = excluded.office, home = excluded.home,
      active = excluded.active
    """,
    "tttttitti",
)
PUT_ALIAS = Write(
    """
    INSERT INTO aliases (address, domain, active) {rows}
    ON CONFLICT (address) DO UPDATE SET active = excluded.active
    """,
    "tti",
)
DELETE_DESTINATIONS = Write("DELETE FROM alias_destinations WHERE alias IN ({rows})", "t")
PUT_DESTINATION = Write(
    "INSERT INTO alias_destinations (alias, position, destination) {rows}", "tit"
)

DEPARTURES = "SELECT address, since, renamed_to FROM departures ORDER BY since, address"
DEPART = Write(
    """
    INSERT INTO departures (address, since, renamed_to) {rows}
    ON CONFLICT (address) DO UPDATE SET since = excluded.since, renamed_to = excluded.renamed_to
    """,
    "ttt",
)
RETURN = Write("DELETE FROM departures WHERE address IN ({rows})", "t")
FORGET = Write("DELETE FROM departures WHERE since < ({rows})", "t")

HOMES = "SELECT address, home, held_until FROM mailboxes WHERE address {among}"
HOLD = """
    UPDATE mailboxes SET held_until = ? WHERE home = ? AND address {among} RETURNING address
"""
GIVE = """
    UPDATE mailboxes SET home = ? WHERE home = ? AND held_until = ? AND address {among}
    RETURNING address
"""
TAKE = """
    UPDATE mailboxes SET home = ?, held_until = 0 WHERE home IN (?, ?) AND address {among}
    RETURNING address
"""
