# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a TLS client would accept a bundle: a handshake of OpenSSL with itself, in memory.

PRIVATE to the collection. It can have breaking changes at any time.

The client is Python's own with the strict rules that are its default since 3.13, so that the
answer is the same on every host.
"""

from __future__ import annotations

import ssl

# A handshake with itself has a few flights; more rounds than that mean that it hangs.
_MOST_ROUNDS = 10


def problem_of(bundle_path: str, name: str, ca_path: str) -> str | None:
    """Return OpenSSL's words when a client that trusts this CA refuses the bundle."""
    # Files are loaded by OpenSSL itself: what a daemon can't load, this can't either.
    try:
        server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_context.load_cert_chain(bundle_path)
        context = client_context(ca_path)
    except (ssl.SSLError, OSError) as error:
        return f"OpenSSL can't load it: {words(error)}"
    try:
        return _shake_hands(context, server_context, name)
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except (ssl.SSLError, ValueError) as error:
        return words(error)


def client_context(ca_path: str) -> ssl.SSLContext:
    """Return the context of a client that trusts these authorities alone, and is strict."""
    context = ssl.create_default_context(cafile=ca_path)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def _shake_hands(context: ssl.SSLContext, server_context: ssl.SSLContext, name: str) -> str | None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for _round in range(_MOST_ROUNDS):
        done = [_step(side) for side in (client, server)]
        if all(done):
            return None
    return "the handshake doesn't end"


def _step(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def words(error: Exception) -> str:
    """Return what OpenSSL or the system said, without Python's wrapping."""
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
