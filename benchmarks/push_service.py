"""
The built-in push receiver in a process of its own: it checks and decrypts everything that it is sent.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import sys

import uvicorn

from benchmarks.child import say
from carrierpost.protocol.clock import SystemClock
from carrierpost.server.lock_screen import LockScreen
from carrierpost.server.push_receiver import PushReceiver


async def _serve(key: str) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    receiver = PushReceiver(
        f"http://127.0.0.1:{listener.getsockname()[1]}", clock=SystemClock(), random=secrets.token_bytes
    )
    phone = receiver.subscribe(key)
    config = uvicorn.Config(LockScreen(receiver, lambda: ""), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve([listener]))
    say(**phone.address)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        assert json.loads(line)["do"] == "count"
        say(delivered=len(phone.delivered), last=phone.delivered[-1].said["id"] if phone.delivered else "")
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
