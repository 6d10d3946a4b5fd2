"""From a module's options to its result.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.assurmer.mail.plugins.module_utils._directory.declaration import (
    Declaration,
    declare_all,
    declare_one,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.dsn import open_store
from ansible_collections.assurmer.mail.plugins.module_utils._directory.ensure import Outcome, ensure
from ansible_collections.assurmer.mail.plugins.module_utils._directory.model import KINDS, Kind
from ansible_collections.assurmer.mail.plugins.module_utils._directory.passwords import Passwords
from ansible_collections.assurmer.mail.plugins.module_utils._directory.plan import describe, show
from ansible_collections.assurmer.mail.plugins.module_utils._module import Result
from ansible_collections.assurmer.mail.plugins.module_utils._password import Scheme

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def ensure_one(module: AnsibleModule, kind: Kind, name: str) -> Result:
    """The body of a module for one object, which is returned under `name`."""
    declaration = declare_one(kind, module.params, _scheme(module))
    outcome = _ensure(module, declaration)
    (key,) = declaration.of(kind)
    record = outcome.content.of(kind).get(key)
    return _result(outcome, {name: describe(record) if record else {}})


def ensure_all(module: AnsibleModule) -> Result:
    """The body of the module for the whole directory."""
    options = dict(module.params)
    for kind in KINDS:
        # Ansible returns the options, having searched each of their texts for each of the secrets.
        if options[kind] is not None:
            module.params[kind] = f"{len(options[kind])} entries"
    outcome = _ensure(module, declare_all(options, _scheme(module)))
    return _result(outcome, {"counts": outcome.plan.counts()})


def read(dsn: str) -> Result:
    """The body of the module that only reads."""
    with contextlib.closing(open_store(dsn, None, read_only=True)) as store:
        before, _after = store.open()
        content = store.read_all()
    records: dict[str, t.Any] = {
        kind: [describe(record) for _key, record in sorted(content.of(kind).items())]
        for kind in KINDS
    }
    return Result(values={"exists": before.get("schema") != 0, **records})


def _ensure(module: AnsibleModule, declaration: Declaration) -> Outcome:
    params = module.params
    passwords = Passwords(
        _scheme(module), params.get("update_password") == "always", predict=module.check_mode
    )
    store = open_store(params["dsn"], params["group"], read_only=module.check_mode)
    outcome = ensure(store, declaration, passwords, module.check_mode)
    for warning in outcome.warnings:
        module.warn(warning)
    return outcome


def _scheme(module: AnsibleModule) -> Scheme:
    return Scheme(module.params.get("password_scheme", Scheme.ARGON2ID.value))


def _result(outcome: Outcome, values: dict[str, t.Any]) -> Result:
    before, after = show(outcome.plan)
    return Result({**outcome.store_before, **before}, {**outcome.store_after, **after}, values)
