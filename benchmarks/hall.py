"""
A hub that holds very many accounts, as a process of its own; or, as a peer, bare connections of the same number.

    python -m benchmarks.hall hub HOME COUNT URL [CA_FILE]
    python -m benchmarks.hall bare HOME COUNT URL [CA_FILE]

The hub works as `carrierpost serve` does: an encrypted store in a file, a device for each account, the listener. Bare
connections are aiohttp's, one session for each, with the small TLS buffer that the hub uses, too: what no client on
that library can go below.
"""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import contextlib
import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.child import allow_files, resident_memory, say
from benchmarks.crowd import PASSWORD, address
from carrierpost.bootstrap import Hub, open_hub
from carrierpost.client.login.kept import PasswordLogin, encode
from carrierpost.client.tls import tls_context
from carrierpost.delivery import DeliveryPolicy
from carrierpost.engine import Committed, Event, Listener
from carrierpost.model import Account, AppState, DeviceLife, NewAccount, NewDevice, Platform, Secret

__all__: list[str] = []

_TLS_BUFFER = 16 * 1024


class _Heard:
    """
    When each new mail was handed on, and how many.
    """

    def __init__(self) -> None:
        self.at: list[tuple[int, float]] = []
        self.wanted = 0
        self.complete = asyncio.Event()

    def hear(self, account_id: int, event: Event) -> None:
        """
        Take an event of the listener.
        """
        if isinstance(event, Committed):
            now = time.monotonic()
            self.at += [(one.item_id, now) for one in event.changes if one.announce and one.item_id is not None]
            if self.wanted and len(self.at) >= self.wanted:
                self.complete.set()


async def _people(hub: Hub, count: int, url: str, ca_file: str | None) -> None:
    now = hub.clock.now()
    life = DeviceLife(state=AppState.FOREGROUND, since=now, last_seen=now)
    for number in range(count):
        account = await hub.store.add_account(
            NewAccount(
                address=address(number), login=address(number), url=url, device_id=f"D{number}", ca_file=ca_file,
                user_agent="Carrierpost",
            )
        )  # fmt: skip
        await hub.store.put_secret(account.id, "login", encode(PasswordLogin(password=Secret(PASSWORD))))
        device = NewDevice(account_id=account.id, name="phone", platform=Platform.ANDROID)
        await hub.store.add_device(device, life=life)


async def _obey(hub: Hub, heard: _Heard, order: dict[str, Any]) -> None:
    match order["do"]:
        case "spent":
            gc.collect()
            say(cpu=time.process_time(), memory=resident_memory())
        case "expect":
            heard.at.clear()
            heard.complete.clear()
            heard.wanted = order["count"]
            say(expecting=True)
        case "heard":
            await heard.complete.wait()
            subjects = {}
            for item_id, at in heard.at:
                subjects[getattr((await hub.store.item(item_id)).data, "subject", "")] = at
            say(heard=subjects, last=heard.at[-1][1])


async def _hub(home: Path, count: int, url: str, ca_file: str | None) -> None:
    async with open_hub(home=home, environment={}) as hub:
        await _people(hub, count, url, ca_file)
        gc.collect()
        say(memory=resident_memory())
        heard = _Heard()

        async def policy(account: Account) -> DeliveryPolicy:
            return DeliveryPolicy(silence_seconds=1e6)

        listener = Listener(hub.store, hub.runner, policy, clock=hub.clock, chance=hub.chance, tell=heard.hear)
        async with listener:
            connected = -1
            while connected < count:
                await asyncio.sleep(1.0)
                connected = listener.status().connected
                say(connected=connected)
            while line := await asyncio.to_thread(sys.stdin.readline):
                await _obey(hub, heard, json.loads(line))


async def _bare(count: int, url: str, ca_file: str | None) -> None:
    asyncio.sslproto.SSLProtocol.max_size = _TLS_BUFFER  # per connection, as the hub has
    trusted = tls_context(ca_file)
    gc.collect()
    say(memory=resident_memory())

    async def hold(session: aiohttp.ClientSession) -> None:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=None)):
            pass

    async with contextlib.AsyncExitStack() as stack:
        held = []
        for number in range(count):
            session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted, limit=2))
            held.append(asyncio.ensure_future(hold(await stack.enter_async_context(session))))
            if number % 50 == 49:
                await asyncio.sleep(0.05)
        await asyncio.sleep(3.0)
        gc.collect()
        say(memory=resident_memory(), broken=sum(one.done() for one in held))
        for one in held:
            one.cancel()
        await asyncio.gather(*held, return_exceptions=True)


async def _main(what: str, home: Path, count: int, url: str, ca_file: str | None) -> None:
    allow_files(count + 1000)
    await (_hub(home, count, url, ca_file) if what == "hub" else _bare(count, url, ca_file))


if __name__ == "__main__":
    _, what_, home_, count_, url_, *ca_ = sys.argv
    asyncio.run(_main(what_, Path(home_), int(count_), url_, ca_[0] if ca_ else None))
