# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The renewal as one executable file, made of the very code that this module runs with.

PRIVATE to the collection. It can have breaking changes at any time.

The file is a zip archive with Python's sources, which Python runs (zipapp): `unzip -p` shows them.
The same sources make the same bytes.
"""

from __future__ import annotations

import importlib
import io
import sys
import typing as t
import zipfile
from collections.abc import Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import main

PATH = "/usr/local/sbin/assurmer-mail-certificates"

# Isolated: neither the environment nor the current directory brings other code in.
_SHEBANG = b"#!/usr/bin/python3 -I\n"
_OURS = "ansible_collections.assurmer.mail.plugins.module_utils."
# What is for modules of Ansible alone, which the host's Python does not know.
_MODULES_ALONE = (f"{_OURS}_module", f"{_OURS}_certificate.library", f"{_OURS}_renewal.install")
# What other modules load when they need it.
_WHEN_NEEDED = (f"{_OURS}_certificate.acme.client", f"{_OURS}_certificate.acme.dns_update")
# zip's first day
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_START = f"""\
import sys

from {main.__name__} import main

sys.exit(main(sys.argv[1:]))
"""


def assemble(sources: Mapping[str, str]) -> bytes:
    """Return the program that consists of these modules, by their full names."""
    files = {"__main__.py": _START}
    for name, source in sources.items():
        parts = name.split(".")
        for depth in range(1, len(parts)):
            files.setdefault("/".join((*parts[:depth], "__init__.py")), "")
        files["/".join(parts) + ".py"] = source
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path])
    return _SHEBANG + content.getvalue()


def loaded_sources() -> dict[str, str]:
    """Return the sources of this collection that are loaded, from wherever Python has them."""
    for name in _WHEN_NEEDED:
        importlib.import_module(name)
    found = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith(_OURS) and name not in _MODULES_ALONE:
            loader: t.Any = module.__spec__.loader if module.__spec__ else None
            source = loader.get_source(name) if hasattr(loader, "get_source") else None
            if source is not None:
                found[name] = source
    if main.__name__ not in found:
        raise MailError("The renewal program can't be made: Python does not give its sources.")
    return found
