# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run found, what it left, and the diff between the two.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.assurmer.mail.plugins.module_utils._module import Result
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import State


class ConfigurationResult(Result):
    """A diff of texts, file by file, and one of what else decides."""

    def diff(self) -> list[dict[str, str]]:
        before, after = self.before["files"], self.after["files"]
        texts = [
            {
                "before_header": path,
                "after_header": path,
                "before": before[path].shown() if path in before else "",
                "after": after[path].shown() if path in after else "",
            }
            for path in sorted({*before, *after})
            if before.get(path) != after.get(path)
        ]
        return [*texts, *self._rest()]

    def _rest(self) -> list[dict[str, str]]:
        rest = [
            "".join(f"{key}: {value}\n" for key, value in sorted(state.items()) if key != "files")
            for state in (self.before, self.after)
        ]
        if rest[0] == rest[1]:
            return []
        return [
            {
                "before_header": "service",
                "after_header": "service",
                "before": rest[0],
                "after": rest[1],
            }
        ]


def compared(
    before: State, after: State, action: str, proof: list[dict[str, t.Any]]
) -> ConfigurationResult:
    def view(state: State) -> Mapping[str, t.Any]:
        return {
            "files": state.files,
            "certificates": dict(state.certificates),
            "in_force": state.in_force,
            "enabled": state.enabled,
        }

    paths = {*before.files, *after.files}
    changed = sorted(path for path in paths if before.files.get(path) != after.files.get(path))
    return ConfigurationResult(
        before=view(before),
        after=view(after),
        values={"files": changed, "action": action, "proof": proof},
    )
