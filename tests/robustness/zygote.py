# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""zygote.py: makes processes that are mail_directory from their first moment on.

Each is a fork of this one, which has imported the module: 200 of them cost no 200 starts, and
none is killed while Python starts. A line of JSON, [arguments, file of the answer], makes one, and
its number is printed; an empty line waits for its end, and its exit code is printed.
"""

import json
import os
import sys

from ansible.module_utils import basic

from ansible_collections.assurmer.mail.plugins.modules import mail_directory


def run(arguments: object, file: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    mail_directory.main()


child = 0
for line in sys.stdin:
    if line.strip():
        child = os.fork()
        if child == 0:
            # The module ends with SystemExit.
            run(*json.loads(line))
        print(child, flush=True)
    else:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
