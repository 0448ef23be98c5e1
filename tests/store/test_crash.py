"""
A process that dies: at whatever step of a change, the store is what it was before, or what it was to become.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any

import apsw
import msgspec
import pytest

from carrierpost.model import (
    CollectionEntry,
    HierarchyCommit,
    IntentKind,
    NewOutboxEntry,
    NewSetAside,
    NoticeWithdrawal,
    Secret,
)
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.store import Store, open_store
from tests.store.conftest import KEY, SteadyClock
from tests.store.values import FOLDERS, Mailbox, mail, phone, told

TRIALS = 24
STEPS_A_TICK = 25  # of SQLite's virtual machine

Work = Callable[[Mailbox], Awaitable[object]]


async def sync(box: Mailbox) -> None:
    """Commit something of everything that a Sync can bring."""
    await box.sync(
        adds=tuple(mail(100 + number, "birch " * 300) for number in range(5)),
        updates=(await box.update("m1", subject="Other"),),
        removals=(await box.removal("m2"),),
        set_aside=(NewSetAside(server_id="x", reason="odd"),),
    )


async def list_folders(box: Mailbox) -> None:
    """Commit a list of folders in which the one with the mail is missing."""
    new = CollectionEntry(server_id="9", parent_id="0", display_name="New", type=FolderType.USER_MAIL)
    upserts = (*FOLDERS[1:], new)
    await box.store.commit_hierarchy(
        HierarchyCommit(account_id=box.id, from_key="h1", to_key="h2", upserts=upserts, whole=True)
    )


async def index(box: Mailbox) -> None:
    """Index what waits, in two turns."""
    await box.store.index(5)
    await box.store.index(5)


async def remove(box: Mailbox) -> None:
    """Forget the account."""
    await box.store.remove_account(box.id)


async def wipe(box: Mailbox) -> None:
    """Wipe the account."""
    await box.store.wipe_account(box.id, "ordered")


async def queue(box: Mailbox) -> None:
    """Queue something to send."""
    await box.store.queue(NewOutboxEntry(account_id=box.id, kind=IntentKind.SEND, client_id="new", payload=b"x" * 5000))


async def tell(box: Mailbox) -> None:
    """Decide on a piece of the feed: something is to be told, something no more, and all of it has a trace."""
    decided = told(box.id, 1, "mail:2", "mail:3", after=1, position=9)
    withdrawal = NoticeWithdrawal(item_id=1, reason="it was read elsewhere")
    await box.store.commit_notices(msgspec.structs.replace(decided, withdrawals=(withdrawal,)))


async def state(store: Store) -> tuple[object, ...]:
    """Give everything that a store holds, words included."""
    assert await store.check() == ()
    found: list[object] = []
    for one in await store.accounts():
        items = await store.items(one.id)
        found += [one, await store.collections(one.id), items, [await store.body(item.id) for item in items]]
        found += [await store.secret(one.id, "password"), await store.outbox(one.id), await store.feed(one.id)]
        found += [
            await store.set_aside(one.id),
            await store.search(one.id, "birch"),
            await store.search(one.id, "mail"),
        ]
        found += [await store.notices(one.id), await store.trace(one.id)]
    found.append(await store.notify_positions())
    return tuple(found)


async def state_of(path: Path) -> tuple[object, ...]:
    """Give the same of a file."""
    async with await open_store(path, KEY, clock=SteadyClock(), inline=True) as store:
        return await state(store)


def die_at(tick: int) -> Callable[[], int]:
    """
    Kill this process at a step: a line of the store's code, or some steps of SQLite's; gives the counter.
    """
    count = 0

    def step(*_: object) -> bool:
        nonlocal count
        count += 1
        if count == tick:
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        if "carrierpost/store" not in frame.f_code.co_filename:
            return None
        step()
        return trace

    apsw.connection_hooks.append(lambda connection: connection.set_progress_handler(step, STEPS_A_TICK))
    sys.settrace(trace)
    return lambda: count


def in_a_process(work: Callable[[], int]) -> tuple[int, int]:
    """Run work in a process of its own; gives the signal that ended it, and the number that it gave."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, str(work()).encode())
        finally:
            os._exit(0)  # nothing of the test's own ending happens here, and nothing is closed
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as stream:
        return status & 0x7F, int(stream.read() or b"0")


def attempt(path: Path, work: Work, tick: int) -> tuple[int, int]:
    """Open the store and do the work, and die at a step; 0 is never."""

    async def main() -> None:
        store = await open_store(path, KEY, clock=SteadyClock(), inline=True)
        await work(Mailbox(store, (await store.accounts())[0]))

    def child() -> int:
        steps = die_at(tick)
        asyncio.run(main())
        return steps()

    return in_a_process(child)


@pytest.mark.parametrize("work", [sync, list_folders, index, remove, wipe, queue, tell], ids=lambda work: work.__name__)
def test_SK6_whoever_dies_leaves_one_of_two_states(tmp_path: Path, work: Work) -> None:
    """
    Killed at any step, a change was made or was not made; key, items, feed and words always belong together.
    """

    async def begin() -> None:
        async with await open_store(tmp_path / "base.db", KEY, clock=SteadyClock(), inline=True) as store:
            box = await Mailbox.begin(store)
            await box.sync(adds=tuple(mail(number, "linden " * 300) for number in range(10)))
            await store.put_secret(box.id, "password", Secret("secret"))
            device = await store.add_device(phone(box.id))
            await store.commit_notices(told(box.id, device.id, "mail:1", after=0))
            await store.queue(NewOutboxEntry(account_id=box.id, kind=IntentKind.SEND, client_id="old"))

    asyncio.run(begin())
    before, (_, whole) = asyncio.run(state_of(copied(tmp_path, "before"))), attempt(copied(tmp_path, "whole"), work, 0)
    after = asyncio.run(state_of(tmp_path / "whole.db"))
    assert whole > 100
    assert (before == after) == (work is index)  # indexing changes nothing that can be seen

    seen = []
    for tick in (*(1 + trial * whole // TRIALS for trial in range(TRIALS)), whole):
        path = copied(tmp_path, "trial")
        killed, _ = attempt(path, work, tick)
        assert killed == signal.SIGKILL
        seen.append(asyncio.run(state_of(path)))
    assert [one for one in seen if one not in (before, after)] == []
    assert (seen[0], seen[-1]) == (before, after)
    assert seen == sorted(seen, key=lambda one: one == after)  # from some step on it is made, and stays made


def copied(tmp_path: Path, name: str) -> Path:
    """Give a fresh copy of the store to begin with."""
    for old in tmp_path.glob(f"{name}.db*"):
        old.unlink()
    return shutil.copyfile(tmp_path / "base.db", tmp_path / f"{name}.db")


def test_SK6_whoever_dies_while_a_store_is_made_leaves_none_or_a_whole_one(tmp_path: Path) -> None:
    """The file appears with its whole schema or not at all; the next one finds or makes it."""

    def child(path: Path, tick: int) -> Callable[[], int]:
        def work() -> int:
            steps = die_at(tick)
            asyncio.run(make(path))
            return steps()

        return work

    async def make(path: Path) -> None:
        await open_store(path, KEY, clock=SteadyClock(), inline=True)

    _, whole = in_a_process(child(tmp_path / "whole.db", 0))
    empty = asyncio.run(state_of(tmp_path / "whole.db"))
    there = []
    for trial in range(TRIALS):
        path = tmp_path / f"trial{trial}.db"
        killed, _ = in_a_process(child(path, 1 + trial * whole // TRIALS))
        assert killed == signal.SIGKILL
        there.append(path.exists())
        assert asyncio.run(state_of(path)) == empty
    assert set(there) == {False, True}


WRITER = """
import asyncio, sys
from pathlib import Path
from carrierpost.store import open_store
from tests.store.conftest import KEY, SteadyClock
from tests.store.values import Mailbox, mail

async def main() -> None:
    store = await open_store(Path(sys.argv[1]), KEY, clock=SteadyClock())
    box = await Mailbox.begin(store)
    for page in range(10_000):
        await box.sync(adds=tuple(mail(page * 20 + number, "x" * 3000) for number in range(20)))
        indexing = asyncio.ensure_future(store.index(10))
        print(page, flush=True)
        await indexing

asyncio.run(main())
"""


@pytest.mark.parametrize("pages", [1, 5, 30])
async def test_SK6_kill_minus_nine_while_pages_arrive(tmp_path: Path, clock: SteadyClock, pages: int) -> None:
    """
    A real process, with its threads and in full flight, is killed: what it had said to be committed is there, in whole
    pages only, and the last key fits them.
    """
    path = tmp_path / "store.db"
    child = subprocess.Popen(  # noqa: ASYNC220 - its output is awaited by reading it
        [sys.executable, "-c", WRITER, str(path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert child.stdout is not None
    with child:
        said = [child.stdout.readline() for _ in range(pages)][-1]
        child.kill()
    async with await open_store(path, KEY, clock=clock) as store:
        assert await store.check() == ()
        [account] = await store.accounts()
        folder = (await store.collections(account.id))[0]
        kept = int(folder.sync_key.lstrip("s"))
        assert kept >= int(said) + 1
        assert len(await store.items(account.id)) == kept * 20
        assert len(await store.search(account.id, "mail", limit=100_000)) == kept * 20
