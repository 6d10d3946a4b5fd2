# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansiballz.py <CALLS: writes modules with their arguments, as Ansible sends them to a host.

CALLS is JSON: a list of [module, arguments, file]. A program of its own, because whoever imports
Ansible's executor is larger than the modules whose memory is measured.
"""

import json
import os
import sys

from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, module_loader
from ansible.template import Templar

init_plugin_loader([])
templar = Templar(DataLoader())
for name, arguments, file in json.load(sys.stdin):
    found = module_loader.find_plugin_with_context(name)
    built = modify_module(
        module_name=found.resolved_fqcn,
        module_path=found.plugin_resolved_path,
        module_args=arguments,
        templar=templar,
        task_vars={"ansible_python_interpreter": sys.executable},
        module_compression="ZIP_DEFLATED",
    )
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o700)
    with open(descriptor, "wb") as module:
        module.write(built.b_module_data)
