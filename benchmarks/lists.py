"""
The first page of a folder's mail and of its conversations, with few and with many mails held. It must not cost more
with many: a person opens lists all day, and old mail is what one has most of.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import Part, Target, median
from carrierpost.model import CollectionEntry, HierarchyCommit, NewAccount, NewItem, Progress, SyncCommit
from carrierpost.protocol.classes import Body, BodyType, ContentClass, Email
from carrierpost.protocol.clock import SystemClock
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.store import Store, open_store

__all__ = ["measure"]

_MOST = 2.0
_PAGE = 50
_BATCH = 500
_MAILS_OF_A_THREAD = 4
_BEGIN = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def measure(*, sizes: Sequence[int] = (1000, 10_000, 50_000), rounds: int = 40) -> Part:
    """
    Measure.

    Args:
        sizes: how many mails are held, smallest first.
        rounds: how often each list is read.
    """
    figures: list[dict[str, Any]] = [asyncio.run(_measured(count, rounds)) for count in sizes]
    lines = tuple(
        f"  {one['held']:>7} held: {one['mails_ms']:.2f} ms for {_PAGE} mails, "
        f"{one['threads_ms']:.2f} ms for {_PAGE} conversations"
        for one in figures
    )
    first, last = figures[0], figures[-1]
    targets = tuple(
        Target(f"{words} of {last['held']} beside {first['held']} mails", last[key] / first[key], _MOST, least=False)
        for key, words in (("mails_ms", "first page"), ("threads_ms", "first conversations"))
    )
    return Part("lists", {"sizes": figures}, lines, targets)


async def _measured(count: int, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="carrierpost-bench-") as place:
        async with await open_store(Path(place) / "store.db", secrets.token_bytes(32), clock=SystemClock()) as store:
            account_id, inbox = await _filled(store, count)

            async def mails() -> int:
                return len(await store.items(account_id, collection_id=inbox, limit=_PAGE))

            async def threads() -> int:
                return len(await store.threads(account_id, collection_id=inbox, limit=_PAGE))

            return {
                "held": count,
                "mails_ms": await _milliseconds(mails, rounds),
                "threads_ms": await _milliseconds(threads, rounds),
            }


async def _milliseconds(read: Callable[[], Awaitable[int]], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        if await read() != _PAGE:
            raise RuntimeError("the list is not as long as a page")
        taken.append(time.perf_counter() - begin)
    return median(taken) * 1000


async def _filled(store: Store, count: int) -> tuple[int, int]:
    account = await store.add_account(
        NewAccount(address="a@larch.example", login="a", url="https://larch.example/", device_id="DEVICE01")
    )
    inbox = CollectionEntry(server_id="1", parent_id="0", display_name="Inbox", type=FolderType.INBOX)
    await store.commit_hierarchy(
        HierarchyCommit(account_id=account.id, from_key="0", to_key="1", upserts=(inbox,), whole=True)
    )
    [folder] = await store.collections(account.id)
    for begin in range(0, count, _BATCH):
        numbers = range(begin, min(begin + _BATCH, count))
        await store.commit_sync(
            SyncCommit(
                collection_id=folder.id,
                from_key=str(begin),
                to_key=str(begin + _BATCH),
                progress=Progress.COMPLETE,
                adds=tuple(_mail(number, count) for number in numbers),
            )
        )
    return account.id, folder.id


def _mail(number: int, count: int) -> NewItem:
    # A prime spreads the mails of a conversation over the years.
    thread = number * 7919 % max(1, count // _MAILS_OF_A_THREAD)
    data = Email(
        subject=f"Rows of larches, part {thread}",
        from_="Bea Elm <bea@elm.example>",
        date_received=_BEGIN + dt.timedelta(minutes=number),
        read=number % 3 > 0,
        conversation_id=thread.to_bytes(16, "big"),
        body=Body(type=BodyType.PLAIN, data="The northern row is planted. " * 8, estimated_data_size=232),
    )
    return NewItem(server_id=f"1:{number}", content_class=ContentClass.EMAIL, data=data)
