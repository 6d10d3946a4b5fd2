# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""assurmer-mail-certificates: what a host runs by its timer, or an administrator by hand.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime

from ansible_collections.assurmer.mail.plugins.module_utils._certificate import argspec
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.inspection import Endpoint
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import job, renew

# sd-daemon(3)
_ERROR, _NOTICE = "<3>", "<5>"


def main(arguments: list[str]) -> int:
    given = _parser().parse_args(arguments)
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        jobs = [each for each in job.jobs(given.directory) if given.name in (None, each.name)]
        if given.name is not None and not jobs:
            raise MailError(f"{given.directory} has no bundle {given.name} to renew.")
        run = renew.Round(tuple(given.listener), given.timeout, now, given.force)
        results = run.run(jobs)
        for each, result in results.items():
            job.note(each.path, job.Last(now, result.problems))
    except MailError as error:
        _say(_ERROR, str(error))
        return 1
    for each, result in results.items():
        if result.text:
            _say(_NOTICE, f"{each.name}: {result.text}")
        for problem in result.problems:
            _say(_ERROR, f"{each.name}: {problem}")
    return 1 if any(result.problems for result in results.values()) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="assurmer-mail-certificates",
        description="Renew the certificates of this host that are due, and see that they are served.",
    )
    parser.add_argument("name", nargs="?", help="one bundle alone")
    parser.add_argument("--force", action="store_true", help="renew what is not due, too")
    parser.add_argument("--directory", default=argspec.DIRECTORY, help="where the bundles are")
    parser.add_argument(
        "--listener",
        action="append",
        default=[],
        type=_endpoint,
        metavar="PROTOCOL:TLS:PORT[:ADDRESS]",
        help="a port that has to serve them, such as imap:implicit:993",
    )
    parser.add_argument(
        "--timeout", type=float, default=10, help="seconds until they have to be served (10)"
    )
    return parser


def _endpoint(text: str) -> Endpoint:
    protocol, tls, port, address = (*text.split(":", 3), "127.0.0.1")[:4]
    if protocol not in renew.DAEMONS or tls not in ("starttls", "implicit"):
        raise ValueError(text)
    return Endpoint(protocol, int(port), tls == "implicit", address)


def _say(level: str, text: str) -> None:
    """Print a line; into the journal with its level."""
    prefix = level if "JOURNAL_STREAM" in os.environ else ""
    sys.stdout.write(f"{prefix}{text}\n")
