# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one way from a module's body to its result.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


@dataclass(frozen=True)
class Result:
    """What a module found, what it left, and what else it has to say.

    `before` and `after` are what the diff shows; `changed` is computed from the same two, so
    that one can't contradict the other. Neither may hold a secret. `values` are the module's
    further return values.
    """

    before: Mapping[str, t.Any] = field(default_factory=dict)
    after: Mapping[str, t.Any] = field(default_factory=dict)
    values: Mapping[str, t.Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def diff(self) -> t.Any:
        """Return Ansible's diff structure; override it where objects read better as texts."""
        return {"before": dict(self.before), "after": dict(self.after)}


def run(module: AnsibleModule, body: Callable[[], Result]) -> t.NoReturn:
    """Run a module's body and end the module: the only `fail_json` for our own errors."""
    try:
        result = body()
    except MailError as error:
        module.fail_json(msg=str(error), **error.details)
        raise  # Not reached: fail_json ends the process.
    answer: dict[str, t.Any] = {"changed": result.changed, **result.values}
    if module._diff:
        answer["diff"] = result.diff()
    module.exit_json(**answer)
    raise SystemExit(0)  # Not reached: exit_json ends the process.
