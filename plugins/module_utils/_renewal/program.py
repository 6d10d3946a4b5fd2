# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The renewal as one executable file, made of the very code that the module runs with.

PRIVATE to the collection. It can have breaking changes at any time.

The file is a zip archive with Python's sources, which Python runs (zipapp): `unzip -p` shows them.
The same sources make the same bytes.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import typing as t
import zipfile
from collections.abc import Iterator, Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._renewal import main

PATH = "/usr/local/sbin/assurmer-mail-certificates"

# Isolated: neither the environment nor the current directory brings other code in.
_SHEBANG = b"#!/usr/bin/python3 -I\n"
_OURS = "ansible_collections.assurmer.mail.plugins.module_utils"
# zip's first day
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_START = f"""\
import sys

from {main.__name__} import main

sys.exit(main(sys.argv[1:]))
"""


def assemble(modules: Mapping[str, str]) -> bytes:
    """Return the program that consists of these modules, by their full names."""
    files = {"__main__.py": _START}
    for name, source in modules.items():
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


def sources() -> dict[str, str]:
    """Return the sources of the program's first module and of all that it imports of ours."""
    found: dict[str, str] = {}
    waiting = [main.__name__]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _source_of(name)
            waiting += _imported_by(found[name])
    return found


def _source_of(name: str) -> str:
    """Return a module's source, from wherever Python has it: files, or the archive of a task."""
    spec = importlib.util.find_spec(name)
    loader: t.Any = spec.loader if spec else None
    source = loader.get_source(name) if hasattr(loader, "get_source") else None
    if source is None:
        raise MailError(f"The renewal program can't be made: Python has no source of {name}.")
    return str(source)


def _imported_by(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_OURS):
            package = str(node.module)
            modules = [name for name in _names_in(package, node) if _is_module(name)]
            yield from modules or [package]


def _names_in(package: str, node: ast.ImportFrom) -> Iterator[str]:
    return (f"{package}.{alias.name}" for alias in node.names)


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # It is in a module, which is no package.
        return False
