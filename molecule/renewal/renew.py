# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""renew.py NUMBER NAME BUNDLE.PEM CA.PEM COMMAND...: renews the host's certificate NUMBER times with a command.

All the time clients shake hands on each of the six ports. Each handshake that begins after the command
has returned, or 5 s after the new file is in its place, has to show the new certificate.
"""

import hashlib
import imaplib
import pathlib
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

NUMBER, NAME, BUNDLE, CA, *COMMAND = sys.argv[1:]
# Seconds: how old a file may be that is not served, how long a client waits, and how often one comes.
GRACE, PATIENCE, PACE = 5, 30, 0.2
trust = ssl.create_default_context(cafile=CA)
# What is known of the handshakes has grown.
grown = threading.Condition()
over = threading.Event()
wrong: list[str] = []


def smtp(port: int) -> bytes:
    with smtplib.SMTP(NAME, port, "client.example.org", timeout=PATIENCE) as client:
        client.starttls(context=trust)
        return client.sock.getpeercert(True)


def smtps(port: int) -> bytes:
    with smtplib.SMTP_SSL(
        NAME, port, "client.example.org", context=trust, timeout=PATIENCE
    ) as client:
        return client.sock.getpeercert(True)


def imap(port: int) -> bytes:
    with imaplib.IMAP4(NAME, port, timeout=PATIENCE) as client:
        client.starttls(trust)
        return client.sock.getpeercert(True)


def imaps(port: int) -> bytes:
    with imaplib.IMAP4_SSL(NAME, port, ssl_context=trust, timeout=PATIENCE) as client:
        return client.sock.getpeercert(True)


def sieve(port: int) -> bytes:
    def answer() -> None:
        lines = b""
        while not lines.endswith(b"\r\n") or not lines.splitlines()[-1].startswith(b"OK"):
            received = client.recv(4096)
            if not received:
                raise ConnectionResetError("ManageSieve hung up")
            lines += received

    client = socket.create_connection((NAME, port), PATIENCE)
    try:
        answer()
        client.sendall(b"STARTTLS\r\n")
        answer()
        client = secure = trust.wrap_socket(client, server_hostname=NAME)
        answer()
        client.sendall(b"LOGOUT\r\n")
        answer()
        return secure.getpeercert(True)
    finally:
        client.close()


@dataclass(frozen=True, slots=True)
class Handshake:
    begin: float
    end: float
    fingerprint: str


class Port(threading.Thread):
    """Clients of one port, one after the other."""

    def __init__(self, number: int, shake: Callable[[int], bytes]) -> None:
        super().__init__()
        self.number, self.shake = number, shake
        self.handshakes: list[Handshake] = []
        self.start()

    def run(self) -> None:
        while not over.wait(PACE):
            begin = time.time()
            try:
                fingerprint = hashlib.sha256(self.shake(self.number)).hexdigest()
            except (OSError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
                wrong.append(f"port {self.number}: {error!r}")
                continue
            with grown:
                self.handshakes.append(Handshake(begin, time.time(), fingerprint))
                grown.notify_all()

    def seen_since(self, moment: float) -> bool:
        return any(handshake.begin > moment for handshake in reversed(self.handshakes))


@dataclass(frozen=True, slots=True)
class Certificate:
    """One that was in the file, from when on, and from when on it has to be served."""

    fingerprint: str
    swapped: float
    due: float


def in_file(returned: float) -> Certificate:
    pem = pathlib.Path(BUNDLE).read_text("ascii")
    leaf = pem[pem.index("-----BEGIN CERTIFICATE") :]
    leaf = leaf[: leaf.index("-----END CERTIFICATE-----") + 25]
    # A rename is a change of the inode.
    swapped = pathlib.Path(BUNDLE).stat().st_ctime
    fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf)).hexdigest()
    return Certificate(fingerprint, swapped, min(returned, swapped + GRACE))


def everybody_was_there() -> None:
    now = time.time()
    with grown:
        if not grown.wait_for(lambda: all(port.seen_since(now) for port in ports), PATIENCE):
            missing = [str(port.number) for port in ports if not port.seen_since(now)]
            sys.exit(f"no handshake within {PATIENCE} s on port {', '.join(missing)}")


def judge(port: Port) -> list[float]:
    """Note what is wrong on a port; return how many seconds it took to serve each certificate."""
    order = {certificate.fingerprint: rank for rank, certificate in enumerate(certificates)}
    taken = []
    for handshake in port.handshakes:
        rank = order.get(handshake.fingerprint, -1)
        newest = max(
            (rank for rank, each in enumerate(certificates) if each.due < handshake.begin),
            default=0,
        )
        if rank < newest:
            late = handshake.begin - certificates[newest].swapped
            wrong.append(
                f"port {port.number}: certificate {newest} is not served after {late:.1f} s, but {rank}"
            )
    for rank, certificate in enumerate(certificates[1:], start=1):
        after = [each for each in port.handshakes if each.begin > certificate.swapped]
        stale = [n for n, each in enumerate(after) if order.get(each.fingerprint, -1) < rank]
        fresh = after[stale[-1] + 1 :] if stale else after
        if fresh:
            taken.append(fresh[0].end - certificate.swapped)
    return taken


certificates = [in_file(0)]
ports = [
    Port(number, shake)
    for number, shake in {
        25: smtp,
        465: smtps,
        587: smtp,
        143: imap,
        993: imaps,
        4190: sieve,
    }.items()
]
durations = []
try:
    everybody_was_there()
    for number in range(1, int(NUMBER) + 1):
        begin = time.time()
        done = subprocess.run(COMMAND, check=False, capture_output=True, text=True)
        durations.append(time.time() - begin)
        if done.returncode:
            wrong.append(f"renewal {number}: {done.stdout}{done.stderr}")
        certificates.append(in_file(time.time()))
        if certificates[-1].fingerprint == certificates[-2].fingerprint:
            wrong.append(f"renewal {number}: the certificate is still the same")
        everybody_was_there()
finally:
    over.set()
    for port in ports:
        port.join()

slowest = {port.number: max(judge(port), default=0) for port in ports}
handshakes = sum(len(port.handshakes) for port in ports)
print(f"{NUMBER} renewals, the slowest {max(durations):.1f} s; {handshakes} handshakes")
print(
    "from file to port, the slowest, in ms:",
    ", ".join(f"{port} {seconds * 1000:.0f}" for port, seconds in slowest.items()),
)
sys.exit("\n".join(wrong) or None)
