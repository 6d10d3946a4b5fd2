# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stranger.py LOG [CERTIFICATE.PEM]: a host in the way takes for itself what is meant for an office.

It greets like a mail server on the ports between offices, offers TLS with the certificate, or no TLS at
all, agrees to everything, and writes down what it is told.
"""

import contextlib
import socket
import ssl
import sys
import threading

LOG = sys.argv[1]
CONTEXT = None
if len(sys.argv) > 2:
    CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CONTEXT.load_cert_chain(sys.argv[2])
OFFER = "STARTTLS" if CONTEXT else "SIZE"
GREETINGS = {
    10025: "220 mail.lyon.example ESMTP\r\n",
    143: f"* OK [CAPABILITY IMAP4rev1 {OFFER} AUTH=PLAIN LOGIN] ready\r\n",
}


def write_down(port: int, line: str) -> None:
    with open(LOG, "a", encoding="utf-8") as stream:
        stream.write(f"{port} {line.rstrip()}\n")


def answer(port: int, line: str) -> str:
    if port == 143:
        tag = line.split(maxsplit=1)[0] if line.split() else "*"
        capability = f"* CAPABILITY IMAP4rev1 {OFFER} AUTH=PLAIN\r\n" if "CAPA" in line else ""
        return f"{capability}{tag} OK done\r\n"
    if line.upper().startswith("EHLO"):
        return f"250-mail.lyon.example\r\n250 {OFFER}\r\n"
    return "220 go on\r\n" if line.upper().startswith("STARTTLS") else "250 ok\r\n"


def serve(port: int, client: socket.socket) -> None:
    with contextlib.suppress(OSError, UnicodeError), client:
        client.sendall(GREETINGS[port].encode())
        stream = client.makefile("rb")
        while line := stream.readline().decode():
            write_down(port, line)
            client.sendall(answer(port, line).encode())
            if "STARTTLS" in line.upper() and CONTEXT and not isinstance(client, ssl.SSLSocket):
                client = CONTEXT.wrap_socket(client, server_side=True)
                stream = client.makefile("rb")


def listen(port: int) -> None:
    server = socket.create_server(("0.0.0.0", port))
    while True:
        client, _address = server.accept()
        write_down(port, "connected")
        threading.Thread(target=serve, args=(port, client), daemon=True).start()


threads = [threading.Thread(target=listen, args=(port,)) for port in GREETINGS]
for thread in threads:
    thread.start()
