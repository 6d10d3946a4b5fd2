# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates and keys on disk: do they fit, and did they change?

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterable
from pathlib import Path

from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Certificate,
)


def digests(certificates: Iterable[Certificate]) -> dict[str, str]:
    """Return the SHA-256 of each certificate and key file; an absent one has the empty text."""
    return digests_of(each for pair in certificates for each in (pair.path, pair.key))


def digests_of(paths: Iterable[str]) -> dict[str, str]:
    """Return the same for files whose paths are known."""
    found = {}
    for path in sorted(set(paths)):
        try:
            found[path] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        except FileNotFoundError:
            found[path] = ""
        except OSError as error:
            raise MailError(f"certificates: {path} can't be read: {error.strerror}.") from error
    return found


def check_pair(pair: Certificate) -> None:
    """Load certificate and key as a TLS server does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # A passphrase would be asked for on the terminal: an empty one fails instead.
        context.load_cert_chain(pair.path, pair.key, password="")
    except FileNotFoundError:
        missing = next(path for path in (pair.path, pair.key) if not Path(path).exists())
        raise MailError(f"certificates: the file {missing} does not exist.") from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise MailError(
                f"certificates: the key in {pair.key} does not fit the certificate in {pair.path}."
            ) from None
        raise MailError(
            f"certificates: {pair.path} with the key in {pair.key} can't be used: {error}."
        ) from None
    except OSError as error:
        raise MailError(f"certificates: {pair.path} can't be read: {error.strerror}.") from error
