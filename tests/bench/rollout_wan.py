# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rollout_wan.py MILLISECONDS HERE=THERE...: addresses that lead to hosts as far away as that.

TCP as over a line with this round-trip time, for kernels that have no netem. What it leaves out is
the slow start of a connection, and loss.
"""

import asyncio
import functools
import sys
from collections.abc import Awaitable, Callable

PORTS = (22, 25, 143, 465, 587, 993)


async def pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, half: float, since: float
) -> None:
    """Write each piece half a round trip after it was read; the first not before `since`."""
    clock = asyncio.get_running_loop().time
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def read() -> None:
        data = b"begin"
        while data:
            try:
                data = await reader.read(65536)
            except ConnectionError:
                data = b""
            await pieces.put((max(clock() + half, since), data))

    reading = asyncio.create_task(read())
    data = b"begin"
    while data:
        due, data = await pieces.get()
        await asyncio.sleep(due - clock())
        try:
            writer.write(data)
            await writer.drain()
            if not data and writer.can_write_eof():
                writer.write_eof()
        except (ConnectionError, OSError):
            break
    await reading


async def serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    there: str,
    port: int,
    trip: float,
) -> None:
    # SYN, SYN and ACK, ACK: so long it takes until the server knows that it has a client.
    begin = asyncio.get_running_loop().time()
    await asyncio.sleep(1.5 * trip)
    try:
        far_reader, far_writer = await asyncio.open_connection(there, port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(
        pass_on(reader, far_writer, trip / 2, begin + 1.5 * trip),
        pass_on(far_reader, writer, trip / 2, begin),
    )
    for each in (writer, far_writer):
        each.close()


async def main(trip: float, ways: list[tuple[str, str]]) -> None:
    servers = []
    for here, there in ways:
        for port in PORTS:
            answer: Callable[..., Awaitable[None]] = functools.partial(
                serve, there=there, port=port, trip=trip
            )
            servers.append(await asyncio.start_server(answer, here, port))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    MILLISECONDS, *WAYS = sys.argv[1:]
    asyncio.run(main(float(MILLISECONDS) / 1000, [tuple(way.split("=")) for way in WAYS]))
