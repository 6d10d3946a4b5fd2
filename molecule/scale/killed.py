# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""killed.py DIRECTORY.SQLITE: a writer that is killed inside its commit, and leaves a hot journal."""

import os
import signal
import sqlite3
import sys

writer = sqlite3.connect(sys.argv[1], isolation_level=None)
# A cache this small is written to the file before the commit.
writer.execute("PRAGMA cache_size = 5")
writer.execute("BEGIN IMMEDIATE")
writer.execute("UPDATE mailboxes SET active = 0")
names = ((f"{number}.example", None) for number in range(5000))
writer.executemany("INSERT INTO domains (name, alias_of) VALUES (?, ?)", names)
os.kill(os.getpid(), signal.SIGKILL)
