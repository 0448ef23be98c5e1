"""
A process that holds connections, and tells how much memory each costs: `python -m tests.client.holding PORT CA COUNT`.

It is a process of its own, so that nothing but the client is measured.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from pathlib import Path
from typing import Any

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.login import BasicLogin
from carrierpost.protocol.message import HTTPRequest
from carrierpost.protocol.secret import Secret


def resident() -> int:
    """
    Tell the bytes of memory that this process has.
    """
    gc.collect()
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise LookupError("VmRSS")


async def hold(port: int, ca_file: str, count: int) -> float:
    """
    Hold a connection for each of many accounts.

    Returns:
        Bytes of memory for each, its whole transport included.
    """
    request = HTTPRequest(url=f"https://localhost:{port}/", hold=3540, body=b"ping")
    transports: list[HTTPTransport] = []
    tasks: list[asyncio.Task[Any]] = []

    async def more(number: int) -> None:
        for _ in range(number):
            transports.append(HTTPTransport(BasicLogin(f"user{len(transports)}", Secret("x")), ca_file=ca_file))
            tasks.append(asyncio.create_task(transports[-1].send(request)))
        while True:
            connectors: list[Any] = [one._session.connector if one._session else None for one in transports]
            if all(one and any(getattr(c, "transport", None) for c in one._acquired) for one in connectors):
                return
            await asyncio.sleep(0.01)

    await more(20)  # what the first connections load is not theirs alone
    before = resident()
    for _ in range(count // 10):  # a few at a time, as accounts come up
        await more(10)
    used = resident() - before
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for transport in transports:
        await transport.close()
    return used / count


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(hold(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))))
