# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What probes that broke off or were killed have left in a mailbox.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib

from ansible_collections.assurmer.mail.plugins.module_utils._probe.imap import ImapSession
from ansible_collections.assurmer.mail.plugins.module_utils._probe.journal import FAILURES
from ansible_collections.assurmer.mail.plugins.module_utils._probe.message import SUBJECT

FOLDER_PREFIX = "mail_probe-"

# Another probe of the same mailbox may be at work: what is younger than an hour is its own.
_ABANDONED_SECONDS = 3600
_TWO_WEEKS_SECONDS = 14 * 86400


def remove_folder(device: ImapSession, folder: str) -> None:
    if folder in device.folders():
        device.delete_folder(folder)


def sweep(device: ImapSession) -> None:
    """Delete messages in INBOX that came after their probe had given up.

    A server without RFC 5032 (WITHIN) refuses the search; the probe itself doesn't depend on it.
    """
    with contextlib.suppress(*FAILURES):
        age = ("OLDER", str(_ABANDONED_SECONDS), "YOUNGER", str(_TWO_WEEKS_SECONDS))
        for uid in device.search(
            *age, "SUBJECT", f'"{SUBJECT} "', "HEADER", "Auto-Submitted", "auto-generated"
        ):
            device.expunge(uid)
