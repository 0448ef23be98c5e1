"""
Killed at any moment of a first synchronisation, as often as one likes: in the end the store equals the mailbox,
nothing is doubled, and nothing was told as new twice.

A process with a real store synchronizes from a server on a real port and is ended by SIGKILL: while it starts, while it
waits for an answer, while it writes. After each death the store must be free of contradictions and must not hold less
than before; after the last, one run without interruption has to bring the rest.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
import sys
from collections import Counter
from pathlib import Path

from carrierpost.bootstrap import open_hub
from carrierpost.engine import EngineSettings
from carrierpost.model import ChangeKind, Item, Secret
from carrierpost.protocol.classes import differences
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer
from carrierpost.server.faults import mutate_between
from carrierpost.server.mailbox import Mailbox
from carrierpost.server.serve import serving
from carrierpost.store import Store

__all__ = ["Deaths", "kill"]

_ADDRESS, _PASSWORD = "ada@larch.example", "correct horse"
_LATE = "Mail in between"  # may be news, if the rest was there when it came
_STARTING = 0.8  # seconds in which a process that starts is killed
_WORKING = 0.02  # seconds after a request in which one is killed: about the time of an answer and its commit
_PATIENCE = 120.0  # seconds for one run


@dataclasses.dataclass(frozen=True)
class Deaths:
    """
    What became of it.

    Attributes:
        held: mails held after each death, in order.
        starting: deaths before the first request of a run.
        survived: runs that had ended before they were killed.
        mails: mails held in the end.
        wrongs: what is wrong, a sentence each.
    """

    held: tuple[int, ...]
    starting: int
    survived: int
    mails: int
    wrongs: tuple[str, ...]

    def __str__(self) -> str:
        steps = f"{len(self.held)} deaths ({self.starting} while starting), {self.survived} runs ended before"
        fate = "; ".join(self.wrongs[:20]) or "store equals mailbox, nothing doubled"
        return f"{steps}; mails held after each: {', '.join(map(str, self.held))}; then {self.mails}: {fate}"


async def kill(home: Path, *, mails: int, kills: int, page: int, chance: random.Random) -> Deaths:
    """
    Kill a hub again and again while it synchronizes for the first time, then let it finish, and compare.

    Args:
        home: an empty directory for the hub.
        mails: mails in the mailbox at first; one more arrives with each death.
        kills: how often it is killed.
        page: mails that it asks for at once.
        chance: decides the moments.
    """
    server = ExchangeServer(chance=random.Random(chance.random()))
    mailbox = server.add_user(_ADDRESS, _PASSWORD)
    for number in range(mails):
        mailbox.deliver(f"Mail {number}", f"The text of mail {number}.\r\n" * (1 + number % 7))
    async with serving(server) as running:
        async with open_hub(home=home) as hub:
            await hub.add_account(_ADDRESS, Secret(_PASSWORD), url=running.url)
        most = 2 * mails // (page * kills)  # requests until a death, so that the last one comes shortly before the end
        held: list[int] = []
        wrongs: list[str] = []
        starting = survived = 0
        for number in range(kills):
            requests = chance.randint(0, most)
            died = await _run(server, home, page, requests, chance)
            starting += requests == 0
            survived += not died
            count, found = await _look(home)
            if held and count < held[-1]:
                found.append(f"after death {number} only {count} mails were held, before it {held[-1]}")
            wrongs += found
            held.append(count)
            mailbox.deliver(f"{_LATE} {number}", "It came while nobody looked.")
        if await _run(server, home, page, None, chance):
            wrongs.append("the last run was killed")
    async with open_hub(home=home) as hub:
        wrongs += await _compare(hub.store, mailbox)
        mails = sum((await hub.store.count(1)).values())
    return Deaths(tuple(held), starting, survived, mails, tuple(wrongs))


async def _run(server: ExchangeServer, home: Path, page: int, requests: int | None, chance: random.Random) -> bool:
    """
    Let a hub run, and kill it after a number of requests; with `None` it may finish.

    Returns:
        Whether it was killed.
    """
    loop = asyncio.get_running_loop()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fuzz._killed", str(home), str(page), stderr=asyncio.subprocess.PIPE
    )
    seen = 0

    def kill() -> None:
        if process.returncode is None:
            process.kill()

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen == requests:
            loop.call_later(chance.uniform(0.0, _WORKING), kill)

    server.faults.clear()
    if requests is not None:
        server.faults.add(mutate_between(count), command="Sync", times=None)
        if requests == 0:
            loop.call_later(chance.uniform(0.0, _STARTING), kill)
    try:
        async with asyncio.timeout(_PATIENCE):
            _, said = await process.communicate()
    finally:
        kill()
    if process.returncode not in (0, -9):
        raise RuntimeError(f"the hub ended by itself ({process.returncode}): {said.decode(errors='replace')[-2000:]}")
    return process.returncode == -9


async def _look(home: Path) -> tuple[int, list[str]]:
    """
    Open what a dead hub has left: how many mails it holds, and what contradicts itself.
    """
    async with open_hub(home=home) as hub:
        return sum((await hub.store.count(1)).values()), list(await hub.store.check())


async def _compare(store: Store, mailbox: Mailbox) -> list[str]:
    """
    Compare all mail with the mailbox, item by item, and the feed with what it must have told.
    """
    inbox = mailbox.folder(FolderType.INBOX)
    [collection] = [one for one in await store.collections(1) if one.server_id == inbox.server_id]
    items = await store.items(1, collection_id=collection.id)
    found = list(await store.check())
    names = Counter(one.server_id for one in items)
    found += [f"{name} is held {times} times" for name, times in names.items() if times > 1]
    found += [f"{name} is missing" for name in inbox.items.keys() - names.keys()]
    found += [f"{name} is too much" for name in names.keys() - inbox.items.keys()]
    for one in items:
        if one.server_id in inbox.items:
            found += await _differences(store, one, mailbox)
    feed = await store.feed(1, limit=1_000_000)
    if [one.number for one in feed] != list(range(1, len(feed) + 1)):
        found.append("the feed's numbers have gaps")
    told = Counter(one.item_id for one in feed if one.kind is ChangeKind.ITEM_ADDED)
    found += [f"item {item_id} was told {times} times" for item_id, times in told.items() if times > 1]
    if set(told) != {one.id for one in items}:
        found.append("the feed tells of other items than are held")
    late = {one.id for one in items if (getattr(one.data, "subject", "") or "").startswith(_LATE)}
    found += [f"item {one.item_id} was told as new" for one in feed if one.announce and one.item_id not in late]
    return found


async def _differences(store: Store, held: Item, mailbox: Mailbox) -> list[str]:
    from tests.support.things import as_received

    there = mailbox.folder(FolderType.INBOX).items[held.server_id or ""]
    expected = as_received(there, held.content_class, Version.V16_1, EngineSettings())
    found = [f"{held.server_id} differs in {name}" for name in differences(held.data, expected) if name != "body"]
    body = await store.body(held.id)
    if body is None or body.data != expected.body.data:
        found.append(f"{held.server_id} has another text")
    return found
