# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every role says the same in defaults/main.yml and in meta/argument_specs.yml.

The rule: a variable stands in defaults/main.yml exactly when its option has a default, and with
the same value. An option without a default is either required or may be left undefined; it has no
place in defaults/main.yml. What begins with two underscores is internal and belongs in vars/.
"""

from __future__ import annotations

import pathlib
import sys
from typing import Any

import yaml

ROLES = pathlib.Path(__file__).parents[2] / "roles"


def load(path: pathlib.Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text()) or {} if path.exists() else {}


def differences(role: pathlib.Path) -> list[str]:
    specs = role / "meta" / "argument_specs.yml"
    if not specs.exists():
        return ["meta/argument_specs.yml is missing"]
    options = load(specs)["argument_specs"]["main"].get("options", {})
    defaults = load(role / "defaults" / "main.yml")
    found = [f"{name}: internal, belongs in vars/" for name in defaults if name.startswith("__")]
    found += [
        f"{name}: in defaults/main.yml, but no option" for name in defaults if name not in options
    ]
    for name, option in options.items():
        found += compare(name, option, defaults)
    return found


def compare(name: str, option: dict[str, Any], defaults: dict[str, Any]) -> list[str]:
    found = []
    if "default" in option and option.get("required"):
        found.append(f"{name}: required, so a default means nothing")
    if "default" in option and name not in defaults:
        found.append(f"{name}: the option has a default, defaults/main.yml has not")
    if "default" not in option and name in defaults:
        found.append(f"{name}: defaults/main.yml has a value, the option has no default")
    if "default" in option and name in defaults and not same(option["default"], defaults[name]):
        found.append(f"{name}: {option['default']!r} by the option, {defaults[name]!r} in fact")
    return found


def same(one: object, other: object) -> bool:
    """Equal, and of equal type: true is not 1, and 5 is not "5"."""
    return one == other and type(one) is type(other)


def main() -> int:
    roles = sorted(path for path in ROLES.glob("*") if path.is_dir())
    if not roles:
        print("roles/ holds no role")
        return 1
    found = [f"roles/{role.name}: {text}" for role in roles for text in differences(role)]
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
