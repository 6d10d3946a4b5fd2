# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a directory with one mailbox in an SQLite file."""

import os
import sqlite3
import sys

with sqlite3.connect(sys.argv[1]) as directory:
    directory.execute("CREATE TABLE mailboxes (address TEXT PRIMARY KEY, password TEXT)")
    directory.execute("INSERT INTO mailboxes VALUES ('alice@assurmer.example', '{PLAIN}secret')")
os.chmod(sys.argv[1], 0o644)
