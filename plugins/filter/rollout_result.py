# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rollout did with one host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_result
author:
  - The assurmer.mail authors (@assurmer)
version_added: 0.1.0
short_description: Tell what a rollout did with one host
description:
  - Reads what the roles and the playbook C(assurmer.mail.site) registered.
positional: _input, rollout, check_mode
options:
  _input:
    description: The host's variables.
    type: dict
    required: true
  rollout:
    description: The name of the rollout. What an earlier one noted is passed over.
    type: str
    required: true
  check_mode:
    description: Whether it was a dry run, which replaces nothing.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ hostvars[inventory_hostname] | assurmer.mail.rollout_result(mail_rollout_id) }}"
"""

RETURN = r"""
_value:
  description: >-
    Has C(changed), C(probe_ms), C(certificate_days), C(queue), C(state), C(message) and C(pairs).
  type: dict
"""

import typing as t
from collections.abc import Callable, Mapping

# What the roles register where they write.
_REGISTERED: Mapping[str, tuple[str, ...]] = {
    "directory": ("__directory_filled",),
    "certificate": ("__certificate_issued", "__certificate_placed", "__certificate_renewed"),
    "dovecot": ("__dovecot_configured",),
    "postfix": ("__postfix_configured",),
}
_RESTORABLE = ("dovecot", "postfix")


def rollout_result(
    host: Mapping[str, t.Any], rollout: str, check_mode: bool = False
) -> dict[str, t.Any]:
    """Return what is to be told of the host."""
    changed = [
        part
        for part, names in _REGISTERED.items()
        if any(_registered(host, name).get("changed") for name in names)
    ]
    failure = host.get("__mail_failure") or {}
    failed = failure.get("rollout") == rollout
    restored = _restored(host) if failed else []
    queue, days = _looked(host)
    return {
        "changed": [part for part in changed if part not in restored],
        "probe_ms": _rounded(_registered(host, "__mail_probe").get("milliseconds")),
        "certificate_days": days,
        "queue": queue,
        "state": "failed" if failed else "ok",
        "message": _message(host, failure, changed, restored, check_mode) if failed else "",
        "pairs": [
            _pair(probe) for probe in _registered(host, "__mail_between").get("probes") or ()
        ],
    }


def _registered(host: Mapping[str, t.Any], name: str) -> Mapping[str, t.Any]:
    return host.get(name) or {}


def _restored(host: Mapping[str, t.Any]) -> list[str]:
    return [
        result["__mail_service"]
        for result in _registered(host, "__mail_restored").get("results") or ()
        if result.get("changed") and not result.get("failed")
    ]


def _message(
    host: Mapping[str, t.Any],
    failure: Mapping[str, t.Any],
    changed: list[str],
    restored: list[str],
    check_mode: bool,
) -> str:
    message = f"{failure['message'].rstrip('.')}."
    return message if check_mode else f"{message} {_consequence(host, changed, restored)}"


def _consequence(host: Mapping[str, t.Any], changed: list[str], restored: list[str]) -> str:
    results = _registered(host, "__mail_restored").get("results") or ()
    problems = [
        str(result.get("msg", "it could not be put back"))
        for result in results
        if result.get("failed") or result.get("unreachable")
    ]
    new = [part for part in _RESTORABLE if part in changed and part not in restored]
    sentences = []
    if restored:
        sentences.append(
            f"The previous configuration of {' and '.join(restored)} is in force again."
        )
    if problems:
        sentences.extend(problems)
    elif new:
        sentences.append(
            f"There is none of {' and '.join(new)} from before this run: the new one stays."
        )
    elif not restored:
        sentences.append("This run had not replaced any configuration.")
    return " ".join(sentences)


def _pair(probe: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return a probe that playbooks/vars/rollout.yml has named after the two hosts."""
    sending, _to, reading = probe["name"].partition(" to ")
    return {
        "from": sending,
        "to": reading,
        "milliseconds": probe["milliseconds"],
        "ok": probe["ok"],
    }


def _rounded(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds)


def _looked(host: Mapping[str, t.Any]) -> tuple[int | None, int | None]:
    lines = _registered(host, "__mail_looked").get("stdout_lines") or ()
    numbers = [int(line) if line.lstrip("-").isdecimal() else None for line in lines]
    queue, days = [*numbers, None, None][:2]
    return queue, days


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"rollout_result": rollout_result}
