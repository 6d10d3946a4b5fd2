# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of `mail_directory_readers` to its result.

PRIVATE to the collection. It can have breaking changes at any time.

Apart from the other bodies, which do not wait for a PostgreSQL library that they may not need.
"""

from __future__ import annotations

import typing as t

from ansible_collections.assurmer.mail.plugins.module_utils._directory.dsn import (
    POSTGRESQL_SCHEMES,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.postgresql_roles import (
    PostgresqlRoles,
)
from ansible_collections.assurmer.mail.plugins.module_utils._directory.readers import (
    ensure_readers,
    parse_readers,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._module import Result

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def ensure_readers_of(module: AnsibleModule) -> Result:
    """The body of the module for the roles that read a directory."""
    params = module.params
    readers = parse_readers(params["readers"])
    if params["dsn"].partition(":")[0] not in POSTGRESQL_SCHEMES:
        raise MailError("dsn: Only a directory in PostgreSQL has readers of its own.")
    store = PostgresqlRoles(params["dsn"], params["dsn_password"] or "", module.check_mode)
    return Result(*ensure_readers(store, readers, module.check_mode))
