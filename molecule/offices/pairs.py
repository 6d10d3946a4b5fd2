# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pairs.py COMPANY.json: mail from every office to every office, and users at offices that are not theirs."""

import imaplib
import itertools
import smtplib
import sys
import time

from company import PATIENCE, Office, address_of, at_once, company, new_mark, refused, until

OFFICES = company(sys.argv[1])
MARK = new_mark()


def subject(here: Office, sender: str, recipient: str) -> str:
    return f"{MARK}-{here.name}-{sender}-{recipient}"


def every_way() -> None:
    """Sent at one office, by a user of each, to a user of each; read at all three."""
    ways = [
        (here, sender.users[0], recipient.users[1])
        for here, sender, recipient in itertools.product(OFFICES, repeat=3)
    ]
    at_once(lambda way=way: way[0].send(way[1], way[2], subject(*way)) for way in ways)
    for reader in (office.users[1] for office in OFFICES):
        expected = {subject(*way): 1 for way in ways if way[2] == reader}
        for office in OFFICES:
            until(
                f"{reader} reads at {office.name}",
                PATIENCE,
                lambda: str(
                    dict(expected.items() ^ office.subjects(reader, MARK).items())  # noqa: B023 - it is asked at once
                ).strip("{}"),
            )
    print(f"{len(ways)} messages by 9 pairs of offices, each there once, read at all three")


def an_alias_over_offices() -> None:
    OFFICES[1].send(OFFICES[1].users[0], "all", f"{MARK}-all")
    for office, reader in zip(OFFICES, OFFICES[1:] + OFFICES[:1], strict=True):
        user = office.users[0]
        until(
            f"{user} gets what went to all, and reads it at {reader.name}",
            PATIENCE,
            lambda: "" if reader.subjects(user, f"{MARK}-all").total() == 1 else "not there",  # noqa: B023 - it is asked at once
        )


def two_devices() -> None:
    """Two devices of one user, at two offices that are not his: one marks, the other is told."""
    user = OFFICES[1].users[1]
    one, two = OFFICES[0].imap(user), OFFICES[2].imap(user)
    for client in (one, two):
        client.select()
    number = one.search(None, "SUBJECT", MARK)[1][0].split()[0].decode()
    began = time.monotonic()
    one.store(number, "+FLAGS", r"(\Flagged \Answered)")

    def told() -> str:
        two.noop()
        flags = two.fetch(number, "(FLAGS)")[1][0].decode()
        return "" if r"\Flagged" in flags and r"\Answered" in flags else flags

    until("the other device sees the flags", 5, told)
    print(f"the other device sees the flags after {time.monotonic() - began:.2f} s")
    for client in (one, two):
        client.logout()


def nobody_else() -> None:
    for office in OFFICES:
        client = office.submission(office.users[0])
        client.ehlo()
        client.mail(address_of(office.users[0]))
        code, words = client.rcpt("nobody-of-that-name@company.example")
        client.close()
        if code != 550:
            sys.exit(f"{office.name} takes mail for nobody: {code} {words!r}")
        for user in (OFFICES[0].users[0], OFFICES[1].users[0]):
            refused(
                f"a wrong password of {user} at {office.name}",
                imaplib.IMAP4.error,
                "AUTHENTICATIONFAILED",
                lambda: office.imap(user, "wrong"),  # noqa: B023 - it is tried at once
            )


def strangers() -> None:
    """The port between offices is for who has a certificate of the company's authority."""
    for office in OFFICES:
        with smtplib.SMTP(office.host, 10025, timeout=PATIENCE) as client:
            code, words = client.mail("x@stranger.example")
            if code != 530:
                sys.exit(f"{office.name} talks to strangers in the clear: {code} {words!r}")

        with smtplib.SMTP(office.host, 10025, timeout=PATIENCE) as client:
            client.starttls(context=office.trust)
            code, words = client.ehlo()
            if code != 421 or b"ertificate" not in words:
                sys.exit(f"{office.name} talks to who has no certificate: {code} {words!r}")


def no_relay() -> None:
    """Who has one hands in mail for mailboxes, and nothing for anybody else."""
    for office, other in zip(OFFICES, OFFICES[1:] + OFFICES[:1], strict=True):
        trust = office.trust
        trust.load_cert_chain(f"{sys.argv[1]}.{other.name}.pem")
        with smtplib.SMTP(office.host, 10025, timeout=PATIENCE) as client:
            client.starttls(context=trust)
            client.ehlo()
            client.mail("x@stranger.example")
            code, words = client.rcpt("y@elsewhere.example")
            if code != 554 or b"Relay access denied" not in words:
                sys.exit(f"{office.name} relays: {code} {words!r}")
            code, words = client.rcpt(address_of(office.users[0]))
            if code != 250:
                sys.exit(f"{office.name} refuses a colleague's host: {code} {words!r}")


for step in (every_way, an_alias_over_offices, two_devices, nobody_else, strangers, no_relay):
    step()
