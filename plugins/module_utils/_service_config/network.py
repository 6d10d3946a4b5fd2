# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give a fresh network namespace the addresses of its host, all on the loopback interface.

PRIVATE to the collection. It can have breaking changes at any time.

A configuration may bind an address of the host; see netdevice(7) for the requests.
"""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import socket
import struct
import time
from collections.abc import Iterable

from ansible_collections.assurmer.mail.plugins.module_utils._service_config.daemon import command

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_PATIENCE = 2.0  # seconds
_SIOCSIFADDR, _SIOCSIFNETMASK = 0x8916, 0x891C


def own_addresses() -> tuple[str, ...]:
    """Return the host's addresses but for the loopback ones and the link-local ones."""
    return tuple(command("hostname", "--all-ip-addresses").output.split())


def set_up_loopback(addresses: Iterable[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = fcntl.ioctl(control, _SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack("16sH14x", request)[1] | _IFF_UP
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags))
    for number, text in enumerate(addresses):
        address = ipaddress.ip_address(text)
        # A namespace without IPv6 has no use for the address either.
        with contextlib.suppress(OSError):
            if isinstance(address, ipaddress.IPv4Address):
                _add_ipv4(f"lo:{number}", address)
            else:
                _add_ipv6(address)


def _add_ipv4(label: str, address: ipaddress.IPv4Address) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for request, value in (
            (_SIOCSIFADDR, address.packed),
            (_SIOCSIFNETMASK, b"\xff\xff\xff\xff"),
        ):
            content = struct.pack("16sHH4s8x", label.encode(), socket.AF_INET, 0, value)
            fcntl.ioctl(control, request, content)


def _add_ipv6(address: ipaddress.IPv6Address) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
        content = struct.pack("=16sIi", address.packed, 128, socket.if_nametoindex("lo"))
        fcntl.ioctl(control, _SIOCSIFADDR, content)
    # The kernel looks for duplicates before it lets an address be used, even here.
    deadline = time.monotonic() + _PATIENCE
    while not _usable(address) and time.monotonic() < deadline:
        time.sleep(0.005)


def _usable(address: ipaddress.IPv6Address) -> bool:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((str(address), 0))
        except OSError:
            return False
        return True
