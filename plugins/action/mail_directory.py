# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bringing the lists of `mail_directory` from the workstation to the host.

A list of 100,000 mailboxes goes as a file: Ansible templates none of it.
"""

from __future__ import annotations

import json
import os
import tempfile
import typing as t
from pathlib import Path

import yaml
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.text.converters import to_text
from ansible.plugins.action import ActionBase

YAML_SUFFIXES = (".yml", ".yaml")


class ActionModule(ActionBase):
    """Copies the files of `src`, decrypted where Ansible Vault encrypted them, and runs the module.

    They lie in the task's own temporary folder on the host, which nobody else may enter and which
    is removed when the module has ended. YAML becomes JSON here: a managed host knows no YAML.
    """

    _supports_check_mode = True
    _supports_diff = True

    def run(
        self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None
    ) -> dict[str, t.Any]:
        result = t.cast("dict[str, t.Any]", super().run(tmp, task_vars))
        arguments = dict(self._task.args)
        arguments.pop("src_names", None)
        names = _names(arguments.pop("src", None))
        try:
            if names:
                arguments["src"] = self._transferred(names)
                arguments["src_names"] = names
            result.update(self._execute_module(module_args=arguments, task_vars=task_vars))
        finally:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _transferred(self, names: list[str]) -> list[str]:
        """Copy the files to the host, and return their paths there."""
        folder = self._connection._shell.tmpdir or self._make_tmp_path()
        paths = []
        for index, name in enumerate(names):
            path = self._connection._shell.join_path(folder, f"list-{index}")
            self._transfer(name, path)
            paths.append(path)
        self._fixup_perms2([folder, *paths], execute=False)
        return paths

    def _transfer(self, name: str, path: str) -> None:
        try:
            found = self._find_needle("files", name)
            decrypted = self._loader.get_real_file(found)
        except AnsibleError as error:
            raise AnsibleActionFail(f"src: {to_text(error)}") from error
        try:
            if name.lower().endswith(YAML_SUFFIXES):
                self._transfer_yaml(name, decrypted, path)
            else:
                self._transfer_file(decrypted, path)
        finally:
            self._loader.cleanup_tmp_file(decrypted)

    def _transfer_yaml(self, name: str, decrypted: str, path: str) -> None:
        text = _as_json(name, Path(decrypted).read_bytes())
        # Only its owner may read a temporary file.
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            self._transfer_file(file.name, path)


class _Loader(yaml.SafeLoader):
    """Refuses what YAML forbids and the library takes: of two lists of a name, it drops one."""

    def construct_mapping(self, node: t.Any, deep: bool = False) -> t.Any:
        seen: set[str] = set()
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"{key.value!r} is named twice in one object"
                    raise _TwiceError(None, None, problem, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


class _TwiceError(yaml.constructor.ConstructorError):
    pass


def _as_json(name: str, data: bytes) -> str:
    """Return the lists of a YAML file. The text around a mistake may hold a password."""
    try:
        text = data.decode("utf-8-sig")
        return json.dumps(yaml.load(text, _Loader))  # noqa: S506 - it is a SafeLoader
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AnsibleActionFail(f"src: {name}, line {line}: The text is not valid UTF-8.") from None
    except _TwiceError as error:
        raise AnsibleActionFail(f"src: {name}{_place(error)}: {error.problem}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise AnsibleActionFail(f"src: {name}{_place(error)}: This is no YAML.") from None
    except (TypeError, ValueError):
        raise AnsibleActionFail(
            f"src: {name}: The file holds a value that JSON does not know, like a date; "
            "write it in quotes."
        ) from None


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}" if mark else ""


def _names(src: t.Any) -> list[str]:
    if src is None or src == "":
        return []
    if isinstance(src, str):
        return [src]
    if isinstance(src, list) and all(isinstance(name, str) for name in src):
        return list(src)
    raise AnsibleActionFail("src: This is neither the name of a file nor a list of names.")
