"""
A hub as a process of its own: the store encrypted in a file, the connection over TLS, as `carrierpost sync` works.

    python -m benchmarks.hub HOME first-sync
    python -m benchmarks.hub HOME nothing-new
    python -m benchmarks.hub HOME arrivals COUNT

`prepare` makes the directory and adds the account before, so a process begins where a person's next call would.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.account import ADDRESS, PASSWORD
from benchmarks.child import peak_memory, say
from carrierpost.bootstrap import Hub, open_hub
from carrierpost.engine import Committed, EngineSettings, Event, Progressed, Waiting
from carrierpost.model import Account, ChangeKind, Secret
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType

__all__ = ["Arrived", "prepare", "watching"]

_STORE = ("store.db", "store.db-wal")


async def prepare(home: Path, url: str, ca_file: Path) -> None:
    """
    Make a hub's directory with one account in it.
    """
    async with open_hub(home=home, environment={}) as hub:
        await hub.add_account(ADDRESS, Secret(PASSWORD), url=url, ca_file=str(ca_file))


def _force_to_disk(home: Path) -> None:
    """
    Wait until all that was committed is on the disk; a commit alone only promises that the store stays whole.
    """
    for name in _STORE:
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(home / name, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


async def _first_sync(hub: Hub, account: Account) -> None:
    times: dict[str, float] = {}
    cpu: dict[str, float] = {}
    peak = 0

    def listener(event: Event) -> None:
        nonlocal peak
        if isinstance(event, Progressed) and event.finished and event.collection.type is FolderType.INBOX:
            times["complete"] = time.monotonic()
            assert hub.home is not None
            _force_to_disk(hub.home)
            times["on_disk"] = time.monotonic()
            peak = peak_memory()
            cpu["cpu"] = time.process_time()

    async with hub.runner(account, listener=listener, settings=EngineSettings(estimates=True)) as runner:
        troubles = await runner.sync_once()
    times["indexed"] = time.monotonic()
    held = (await hub.store.count(account.id)).get(ContentClass.EMAIL, 0)
    cpu["cpu_indexed"] = time.process_time()
    say(**times, **cpu, held=held, troubles=troubles, peak=peak, peak_indexed=peak_memory())


async def _nothing_new(hub: Hub, account: Account) -> None:
    """
    Synchronize once, and then as often as asked, when there is nothing new.
    """
    async with hub.runner(account) as runner:
        await runner.sync_once()
        say(held=(await hub.store.count(account.id)).get(ContentClass.EMAIL, 0))
        while line := await asyncio.to_thread(sys.stdin.readline):
            cpu, wall = [], []
            for _ in range(json.loads(line)["rounds"]):
                before = time.process_time(), time.perf_counter()
                await runner.sync_once()
                cpu.append(time.process_time() - before[0])
                wall.append(time.perf_counter() - before[1])
            say(cpu=cpu, wall=wall)


class Arrived:
    """
    Listens until a number of mails has arrived.

    Attributes:
        holding: set as soon as a connection is held.
        complete: set when all have arrived.
        committed: monotonic seconds at which each was in the store, by the item's id there.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self.holding = asyncio.Event()
        self.complete = asyncio.Event()
        self.committed: dict[int, float] = {}

    def hear(self, event: Event) -> None:
        """
        Take an event of the engine.
        """
        match event:
            case Waiting(held=True):
                self.holding.set()
            case Committed(changes, monotonic):
                for change in changes:
                    if change.kind is ChangeKind.ITEM_ADDED and change.announce and change.item_id is not None:
                        self.committed[change.item_id] = monotonic
                if len(self.committed) >= self._count:
                    self.complete.set()

    async def by_server_id(self, hub: Hub, account: Account) -> dict[str, float]:
        """
        Give the times by the server's ids.
        """
        items = await hub.store.items(account.id, content_class=ContentClass.EMAIL)
        return {str(item.server_id): self.committed[item.id] for item in items if item.id in self.committed}


@contextlib.asynccontextmanager
async def watching(hub: Hub, account: Account, arrived: Arrived) -> AsyncIterator[None]:
    """
    Keep an account in sync, from the moment when its connection is held.
    """
    async with hub.runner(account, listener=arrived.hear) as runner:
        running = asyncio.ensure_future(runner.run())
        holding = asyncio.ensure_future(arrived.holding.wait())
        try:
            await asyncio.wait([running, holding], return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            yield
        finally:
            for task in (running, holding):
                task.cancel()
            await asyncio.gather(running, holding, return_exceptions=True)


async def _arrivals(hub: Hub, account: Account, count: int) -> None:
    arrived = Arrived(count)
    async with watching(hub, account, arrived):
        say(holding=True)
        await arrived.complete.wait()
    say(committed=await arrived.by_server_id(hub, account))


async def _main(home: Path, what: str, *numbers: str) -> None:
    async with open_hub(home=home, environment={}) as hub:
        [account] = await hub.store.accounts()
        match what:
            case "first-sync":
                await _first_sync(hub, account)
            case "nothing-new":
                await _nothing_new(hub, account)
            case "arrivals":
                await _arrivals(hub, account, int(numbers[0]))


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), *sys.argv[2:]))
