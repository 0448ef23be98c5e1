"""
The contract: several at once, cancelled calls, and the end of a store in the middle of them.
"""

from __future__ import annotations

import asyncio
import random

import pytest

from carrierpost.model import IntentKind, NewOutboxEntry
from carrierpost.store import StaleCommit, Store, StoreError
from tests.store.conftest import Place, SteadyClock
from tests.store.values import FOLDERS, Mailbox, account, mail


async def test_of_two_equal_commits_one_is_made(store: Store, box: Mailbox, place: Place, clock: SteadyClock) -> None:
    """Two who decided on the same state, through two connections: one is told that it was late."""
    async with await place.open(clock) as other:
        commit = await box.commit(adds=(mail(1), mail(2)))
        results = await asyncio.gather(
            store.commit_sync(commit), other.commit_sync(commit), store.commit_sync(commit), return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in results) == ["StaleCommit", "StaleCommit", "tuple"]
        assert await other.check() == ()
    assert len(await box.held()) == 2


async def test_two_connections_see_each_others_commits(
    store: Store, box: Mailbox, place: Place, clock: SteadyClock
) -> None:
    """What one has committed the other reads at once, and may build on."""
    async with await place.open(clock) as other:
        there = Mailbox(other, box.account)
        for number in range(10):
            await (box, there)[number % 2].sync(adds=(mail(number),))
        assert await there.held() == await box.held()
        assert await other.feed(box.id) == await store.feed(box.id)
        assert len(await other.search(box.id, "mail")) == 10


async def test_a_new_store_is_made_once(place: Place, clock: SteadyClock) -> None:
    """Several who open a place for the first time at the same moment get the same store."""
    stores = await asyncio.gather(*(place.open(clock) for _ in range(4)))
    made = await stores[0].add_account(account())
    for one in stores:
        assert await one.accounts() == (made,)
        assert await one.check() == ()
        await one.close()


async def test_many_writers_take_turns(store: Store, place: Place, clock: SteadyClock) -> None:
    """Accounts written at once through two connections all arrive, their feeds without gaps."""
    async with await place.open(clock) as other:
        boxes = [await Mailbox.begin((store, other)[n % 2], f"p{n}@larch.example") for n in range(4)]

        async def fill(box: Mailbox) -> None:
            for number in range(15):
                await box.sync(adds=(mail(number, "linden"),))
                await box.store.queue(NewOutboxEntry(account_id=box.id, kind=IntentKind.SEND, client_id=f"c{number}"))

        await asyncio.gather(*map(fill, boxes), store.index(), other.index(), store.check())
        assert await other.check() == ()
    for box in boxes:
        assert len(await store.items(box.id)) == len(await store.outbox(box.id)) == 15
        assert len(await store.search(box.id, "linden")) == 15


async def test_a_reader_sees_whole_commits_only(store: Store, box: Mailbox) -> None:
    """While pages of twenty arrive, a list never shows a part of one, and the key fits the items."""

    async def write() -> None:
        for page in range(20):
            await box.sync(adds=tuple(mail(page * 20 + number) for number in range(20)))

    writing = asyncio.ensure_future(write())
    seen = set()
    while not writing.done():
        seen.add(len(await box.held()))
    await writing
    assert {count % 20 for count in seen} == {0}
    assert len(await box.held()) == 400


@pytest.mark.parametrize("turns", range(6))
async def test_a_cancelled_call_is_made_or_not_made(store: Store, box: Mailbox, turns: int) -> None:
    """Whenever a commit is cancelled, its key and its items are there together or not at all, and the store goes on."""
    chance = random.Random(turns)
    for page in range(10):
        adds = tuple(mail(page * 10 + number) for number in range(10))
        task = asyncio.ensure_future(store.commit_sync(await box.commit(adds=adds)))
        for _ in range(chance.randrange(turns + 1)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(await box.held()) % 10 == 0
        made = await _commit_at_last(box)
        assert len(await box.held()) == 10 * (int(made.lstrip("s")) - page - 1)


async def _commit_at_last(box: Mailbox) -> str:
    """Commit an empty page; what was under way before it is over then, made or not. Gives the new key."""
    while True:
        commit = await box.commit()
        try:
            await box.store.commit_sync(commit)
        except StaleCommit:
            continue
        return commit.to_key


async def test_a_cancelled_failure_disturbs_nobody(
    store: Store, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    """A call that would have been refused after it was cancelled leaves no complaint behind."""
    commit = await box.commit(from_key="wrong")
    task = asyncio.ensure_future(store.commit_sync(commit))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await box.sync(adds=(mail(1),))
    assert caplog.records == []


async def test_closing_waits_for_what_is_under_way(place: Place, clock: SteadyClock) -> None:
    """Calls that began before the end are finished; later ones are refused with a sentence; the rest is there."""
    store = await place.open(clock)
    box = await Mailbox.begin(store)
    commit = await box.commit()
    calls = [
        asyncio.ensure_future(store.commit_sync(await box.commit(adds=tuple(mail(n, "x" * 4000) for n in range(500))))),
        *(
            asyncio.ensure_future(
                store.queue(NewOutboxEntry(account_id=box.id, kind=IntentKind.SEND, client_id=str(n)))
            )
            for n in range(5)
        ),
        asyncio.ensure_future(store.items(box.id)),
    ]
    await asyncio.sleep(0)
    await asyncio.gather(store.close(), store.close())
    await asyncio.gather(*calls)
    await store.close()
    for late in (store.accounts(), store.commit_sync(commit), store.search(box.id, "x"), store.check()):
        with pytest.raises(StoreError, match="the store is closed"):
            await late
    async with await place.open(clock) as again:
        assert len(await again.items(box.id)) == 500
        assert len(await again.outbox(box.id)) == 5
        assert await again.check() == ()


async def test_closing_keeps_nobody_waiting(place: Place, clock: SteadyClock) -> None:
    """While a store finishes its last work, the loop goes on with everything else."""
    store = await place.open(clock)
    box = await Mailbox.begin(store)
    commit = asyncio.ensure_future(
        store.commit_sync(await box.commit(adds=tuple(mail(n, "x" * 20_000) for n in range(1000))))
    )
    await asyncio.sleep(0)
    turns = 0
    closing = asyncio.ensure_future(store.close())
    while not closing.done():
        await asyncio.sleep(0)
        turns += 1
    assert len(await commit) == 1000
    assert turns > 20


async def test_the_loop_goes_on_while_the_store_works(store: Store, box: Mailbox) -> None:
    """A large commit does not hold up a small one's caller's other business."""
    work = asyncio.ensure_future(box.sync(adds=tuple(mail(n, "x" * 20_000) for n in range(1000))))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 20
    assert len(await store.feed(box.id, len(FOLDERS))) == 1000
    with pytest.raises(StaleCommit):
        await box.sync(from_key="0")
