# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a module's options to its result.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._directory import argspec
from ansible_collections.assurmer.mail.plugins.module_utils._directory.dsn import (
    Access,
    is_shared,
    open_store,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import (
    Asked,
    Outcome,
    ensure,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.export import (
    as_files,
    listed,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.files import open_file
from ansible_collections.assurmer.mail.plugins.module_utils._directory.homes import Homes
from ansible_collections.assurmer.mail.plugins.module_utils._directory.mailstore import MailStore
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import (
    KINDS,
    Kind,
    Misplaced,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import describe, show
from ansible_collections.assurmer.mail.plugins.module_utils._directory.removals import (
    RemovalLimits,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.request import (
    Lists,
    OneObject,
    Request,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.sources import (
    OptionLists,
    Source,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError
from ansible_collections.assurmer.mail.plugins.module_utils._module import Result
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def ensure_one(module: AnsibleModule, kind: Kind, name: str) -> Result:
    """The body of a module for one object, which is returned under `name`."""
    request = OneObject(kind, module.params, _scheme(module))
    outcome = _ensure(module, request, None)
    record = outcome.content.of(kind).get(request.key)
    return _result(outcome, 1, {name: describe(record) if record else {}})


def ensure_all(module: AnsibleModule) -> Result:
    """The body of the module for the whole directory."""
    params = module.params
    options = dict(params)
    for kind in KINDS:
        # Ansible returns the options, having searched each of their texts for each of the secrets.
        if options[kind] is not None:
            params[kind] = f"{len(options[kind])} entries"
    limits = RemovalLimits(params["removal_limit"], params["removal_limit_percent"])
    if params["diff_limit"] < 0:
        raise InvalidOption("diff_limit", params["diff_limit"], "is negative")
    sources = [OptionLists(options), *_files(params["src"] or [], params["src_names"])]
    homes = Homes.parse(params, shared=is_shared(params["dsn"]))
    request = Lists(sources, params["purge"], _scheme(module), _verifies(module), homes)
    outcome = _ensure(module, request, limits)
    if outcome.misplaced:
        module.warn(_told_misplaced(outcome.misplaced))
    misplaced = [dataclasses.asdict(each) for each in outcome.misplaced]
    values = {"counts": outcome.plan.counts(), "misplaced": misplaced}
    return _result(outcome, params["diff_limit"], values)


def _told_misplaced(misplaced: Sequence[Misplaced]) -> str:
    first = misplaced[0]
    others = f", and so do {len(misplaced) - 1} others" if len(misplaced) > 1 else ""
    return (
        f"{first.address} stays at home on {first.home}, for its mail is there, whatever is declared"
        f"{others}."
    )


def _files(paths: list[str], names: list[str] | None) -> list[Source]:
    return [open_file(path, name) for path, name in zip(paths, names or paths, strict=True)]


def read(module: AnsibleModule) -> Result:
    """The body of the module that only reads."""
    params = module.params
    hashes = params["hashes"]
    if hashes and not module.no_log:
        raise MailError(
            "hashes: The result would be shown and logged, with all hashes in it; "
            "set no_log: true for the task."
        )
    access = Access(password=params["dsn_password"] or "", read_only=True)
    with contextlib.closing(open_store(params["dsn"], access)) as store:
        before, _after = store.open()
        content = store.read_all()
    values: dict[str, t.Any] = {"exists": before.get("schema") != 0}
    if params["format"] is None:
        values.update(listed(content, hashes))
    else:
        values["files"] = as_files(content, params["format"], hashes)
    return Result(values=values)


def _ensure(module: AnsibleModule, request: Request, limits: RemovalLimits | None) -> Outcome:
    params = module.params
    passwords = Passwords(_scheme(module), _verifies(module), predict=module.check_mode)
    access = Access(params["group"], params["dsn_password"] or "", read_only=module.check_mode)
    store = open_store(params["dsn"], access)
    mail = MailStore(Path(params.get("store") or argspec.DEFAULT_STORE))
    asked = Asked(request, passwords, mail, limits, module.check_mode)
    outcome = ensure(store, asked)
    for warning in outcome.warnings:
        module.warn(warning)
    return outcome


def _scheme(module: AnsibleModule) -> Scheme:
    return Scheme(module.params.get("password_scheme", Scheme.ARGON2ID.value))


def _verifies(module: AnsibleModule) -> bool:
    return module.params.get("update_password") == "always"


def _result(outcome: Outcome, shown: int, values: dict[str, t.Any]) -> Result:
    before, after = show(outcome.plan, shown)
    moved = [{"address": moved.address, "to": moved.to} for moved in outcome.moved[:shown]]
    if moved and not outcome.plan.edits:
        # What an earlier run was kept from.
        after["moved_mail"] = moved
    values = {**values, "moved_mail": moved}
    return Result({**outcome.store_before, **before}, {**outcome.store_after, **after}, values)
