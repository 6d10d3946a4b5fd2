# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that follow a script, for clients that talk to mail servers."""

from __future__ import annotations

import contextlib
import socket
import ssl

# A server's part of a conversation: lines that it sends, "<" and the line that it must hear then,
# TLS for a handshake. It hangs up at the end, or keeps silent after HANG.
Script = list[str]
TLS = "TLS"
HANG = "HANG"


def talk(script: Script, connection: socket.socket, context: ssl.SSLContext) -> None:
    stream = connection.makefile("rwb")
    for step in script:
        if step == TLS:
            connection = context.wrap_socket(connection, server_side=True)
            stream = connection.makefile("rwb")
        elif step == HANG:
            connection.recv(1)
        elif step.startswith("<"):
            heard = stream.readline().decode().rstrip("\r\n")
            if heard != step[1:]:
                stream.write(f"500 I heard {heard}\r\n".encode())
                break
        else:
            stream.write(f"{step}\r\n".encode())
            stream.flush()
    # Closing with something unread would reset the connection under what was sent.
    with contextlib.suppress(OSError):
        stream.close()
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(2)
        while connection.recv(4096):
            pass
    connection.close()
