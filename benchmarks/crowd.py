"""
A server with very many people, as a process of its own.

    python -m benchmarks.crowd COUNT [TLS_DIRECTORY]
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import ssl
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.child import allow_files, say
from carrierpost.server import ExchangeServer
from carrierpost.server.serve import serving

__all__ = ["PASSWORD", "address"]

PASSWORD = "correct horse"


def address(number: int) -> str:
    """
    Give the address of one of them.
    """
    return f"p{number}@larch.example"


async def _trickle(server: ExchangeServer, count: int, a_second: float, people: int) -> dict[str, float]:
    """
    Let mail arrive by chance, now for one, now for another.

    Returns:
        Monotonic seconds at which each was there, by its subject.
    """
    chance = random.Random(3)
    committed: dict[str, float] = {}
    for number in range(count):
        await asyncio.sleep(chance.expovariate(a_second))
        whose = server.mailbox(address(chance.randrange(people)))
        item = whose.deliver(f"Mail {number}", "text", sender="bea@elm.example")
        committed[f"Mail {number}"] = item.committed
    return committed


async def _obey(server: ExchangeServer, order: dict[str, Any], people: int) -> None:
    match order["do"]:
        case "spent":
            say(cpu=time.process_time(), holding=server.holding)
        case "trickle":
            say(committed=await _trickle(server, order["count"], order["a_second"], people))
        case "everybody":
            begun = time.monotonic()
            for number in range(people):
                server.mailbox(address(number)).deliver("To all", "text", sender="bea@elm.example")
            say(begun=begun)


async def _mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """
    Hold a connection and say nothing: what the bare peer waits at.
    """
    with contextlib.suppress(OSError):
        while await reader.read(4096):
            pass
    writer.close()


def _context(directory: Path | None) -> ssl.SSLContext | None:
    if directory is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(directory / "server.crt", directory / "server.key")
    return context


async def _main(people: int, directory: Path | None) -> None:
    allow_files(people + 1000)
    server = ExchangeServer(compresses=False)
    for number in range(people):
        server.add_user(address(number), PASSWORD)
    files = (directory / "server.crt", directory / "server.key") if directory is not None else (None, None)
    host = "localhost" if directory is not None else "127.0.0.1"
    async with serving(server, host, certificate=files[0], key=files[1]) as running:
        mute = await asyncio.start_server(_mute, "127.0.0.1", 0, backlog=1000, ssl=_context(directory))
        say(url=running.url, mute=mute.sockets[0].getsockname()[1])
        while line := await asyncio.to_thread(sys.stdin.readline):
            await _obey(server, json.loads(line), people)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
