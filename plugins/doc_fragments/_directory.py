# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that the modules of the directory share.

PRIVATE to the collection. It can have breaking changes at any time.

Keep them in step with `module_utils/_directory/argspec.py`.
"""

from __future__ import annotations


class ModuleDocFragment:
    # Where the directory is, for modules that only read.
    READING = r"""
options:
  dsn:
    description:
      - The database that holds the directory, as V(sqlite:) and the absolute path of a file, or
        as a URI of PostgreSQL, V(postgresql://OWNER@HOST/DATABASE), in the form that libpq takes.
      - A file needs a folder of its own, whose parent exists. The modules that write create
        both, the folder with mode C(0750) and the file with mode C(0640), owned by the user who
        runs the module, and repair owner, group and mode where they differ.
      - A PostgreSQL server, version 15 or newer, has to have the database and its owner. The modules
        that write create the tables. A server that is not on this host must prove who it is, with
        V(sslmode=verify-full) unless the URI says V(sslmode=verify-ca), by a certificate that
        C(sslrootcert) trusts, V(/etc/ssl/certs/ca-certificates.crt) by default. This host needs the
        Python library psycopg 3, Debian's C(python3-psycopg).
    type: str
    default: sqlite:/var/lib/assurmer.mail/directory.sqlite
  dsn_password:
    description:
      - The password of the owner of a PostgreSQL database. It must not stand in O(dsn).
    type: str
"""

    # Where the directory is, for modules that write.
    DOCUMENTATION = r"""
options:
  dsn:
    description:
      - The database that holds the directory, as V(sqlite:) and the absolute path of a file, or
        as a URI of PostgreSQL, V(postgresql://OWNER@HOST/DATABASE), in the form that libpq takes.
      - A file needs a folder of its own, whose parent exists. The modules that write create
        both, the folder with mode C(0750) and the file with mode C(0640), owned by the user who
        runs the module, and repair owner, group and mode where they differ.
      - A PostgreSQL server, version 15 or newer, has to have the database and its owner. The modules
        that write create the tables. A server that is not on this host must prove who it is, with
        V(sslmode=verify-full) unless the URI says V(sslmode=verify-ca), by a certificate that
        C(sslrootcert) trusts, V(/etc/ssl/certs/ca-certificates.crt) by default. This host needs the
        Python library psycopg 3, Debian's C(python3-psycopg).
    type: str
    default: sqlite:/var/lib/assurmer.mail/directory.sqlite
  dsn_password:
    description:
      - The password of the owner of a PostgreSQL database. It must not stand in O(dsn).
    type: str
  group:
    description:
      - The group whose members may read the directory, password hashes included. It must exist,
        except in check mode.
      - The mail daemons join it.
    type: str
    default: maildaemons
"""

    # Where the mail of mailboxes is, for modules that remove and rename them.
    MAIL = r"""
options:
  store:
    description:
      - The directory with the mail of all users on this host, each at C(DOMAIN/LOCAL PART) in it,
        where the role C(dovecot) keeps it. Where it does not exist, nothing is moved.
      - The mail of a removed mailbox is moved to C(.quarantine/MOMENT.ADDRESS) in it, with the
        moment in UTC. A run that is killed before it has done so is finished by the next one.
      - Everything there is done as the user who owns it.
    type: path
    default: /var/vmail
"""

    # The object of a module shall be there or not.
    STATE = r"""
options:
  state:
    description:
      - Whether the object shall be in the directory.
    type: str
    choices:
      - present
      - absent
    default: present
"""

    # How passwords become hashes.
    PASSWORDS = r"""
options:
  password_scheme:
    description:
      - The scheme of the hash that is made of a plain password.
      - V(ARGON2ID) uses 19456 KiB of memory, 2 passes and 1 lane; V(BLF-CRYPT) uses 12 rounds and
        takes passwords of at most 72 octets; V(SHA512-CRYPT) uses 100000 rounds.
      - A stored hash that is weaker than this scheme is replaced when the plain password is
        given. The order is V(SHA512-CRYPT), V(BLF-CRYPT), V(ARGON2ID).
      - Needs Debian's packages C(python3-passlib), and C(python3-argon2) for V(ARGON2ID) or
        C(python3-bcrypt) for V(BLF-CRYPT). A given hash needs none of them.
    type: str
    choices:
      - ARGON2ID
      - BLF-CRYPT
      - SHA512-CRYPT
    default: ARGON2ID
  update_password:
    description:
      - With V(always), a plain password is verified against the stored hash, and hashed again
        when it does not match or the hash is weaker than O(password_scheme). This takes about
        0.04 s of one core for each V(ARGON2ID) hash, and all cores are used. A given hash is
        compared as text and replaces the stored one.
      - With V(on_create), the password of a mailbox that exists is left as it is, which also
        saves the verification.
    type: str
    choices:
      - always
      - on_create
    default: always
"""
