"""
The contract: the feed of changes, read and followed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from carrierpost.model import AccountState, Change, ChangeKind
from carrierpost.store import Store
from tests.store.conftest import Place, SteadyClock
from tests.store.values import FOLDERS, Mailbox, mail

FIRST = len(FOLDERS)  # changes that a new mailbox begins with


async def test_the_feed_is_read_from_a_position(store: Store, box: Mailbox) -> None:
    """Whoever remembers a number gets all that came after it, in order, in pages of any size."""
    for number in range(5):
        await box.sync(adds=(mail(number),))
    everything = await store.feed(box.id)
    assert [one.number for one in everything] == list(range(1, FIRST + 6))
    assert await store.feed(box.id, FIRST + 3) == everything[-2:]
    assert await store.feed(box.id, FIRST, limit=2) == everything[FIRST : FIRST + 2]
    assert await store.feed(box.id, 10_000) == ()


async def test_each_account_counts_for_itself(store: Store, box: Mailbox) -> None:
    """Numbers of two accounts do not interleave."""
    other = await Mailbox.begin(store, "bea@elm.example")
    for one in (box, other, box):
        await one.sync(adds=(mail(len(await one.held())),))
    for one in (box, other):
        changes = await store.feed(one.id)
        assert [change.number for change in changes] == list(range(1, len(changes) + 1))
        assert {change.account_id for change in changes} == {one.id}


async def test_changes_read_later_are_those_that_were_told(store: Store, box: Mailbox) -> None:
    """What a commit returns and what the feed keeps are equal in every field."""
    told = list(await box.sync(adds=(mail(1, announce=True), mail(2)), note="odd"))
    told += await box.sync(updates=(await box.update("m1", subject="Other", read=True),))
    told += await box.sync(removals=(await box.removal("m2", left_window=True),))
    assert list(await store.feed(box.id, FIRST)) == told


async def take(changes: AsyncIterator[Change], count: int) -> list[Change]:
    """Take some changes, each of which must come soon."""
    return [await asyncio.wait_for(anext(changes), 10) for _ in range(count)]


async def test_a_follower_hears_what_is_committed_from_now_on(store: Store, box: Mailbox) -> None:
    """Past changes are not repeated; those of all accounts come, a new account's too."""
    following = store.follow()
    waiting = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0.05)  # it has to be listening
    [told] = await box.sync(adds=(mail(1),))
    assert await asyncio.wait_for(waiting, 10) == told
    other = await Mailbox.begin(store, "bea@elm.example")
    assert {one.account_id for one in await take(following, FIRST)} == {other.id}
    await following.aclose()  # type: ignore[attr-defined]


async def test_a_follower_begins_where_it_left_off(store: Store, box: Mailbox) -> None:
    """With a position it gets what it missed, then what comes; one account's follower hears of no other."""
    other = await Mailbox.begin(store, "bea@elm.example")
    missed = await box.sync(adds=tuple(mail(number) for number in range(450)))
    following = store.follow(box.id, {box.id: FIRST})
    assert tuple(await take(following, 450)) == missed
    waiting = asyncio.ensure_future(anext(following))
    await other.sync(adds=(mail(1),))
    [told] = await box.sync(adds=(mail(1000),))
    assert await asyncio.wait_for(waiting, 10) == told
    await following.aclose()  # type: ignore[attr-defined]


async def test_a_follower_hears_of_every_kind_of_change(store: Store, box: Mailbox) -> None:
    """Settings of a folder and the state of an account are told at once, like mail."""
    following = store.follow(box.id, {box.id: FIRST})
    await store.update_collection((await box.folder()).id, minutes=30)
    await store.update_account(box.id, state=AccountState.STOPPED, reason="no password")
    await store.wipe_account(box.id, "the server ordered a wipe")
    kinds = [one.kind for one in await take(following, 3)]
    assert kinds == [ChangeKind.COLLECTION_CHANGED, ChangeKind.ACCOUNT_CHANGED, ChangeKind.ACCOUNT_CHANGED]
    await following.aclose()  # type: ignore[attr-defined]


async def test_a_removed_account_ends_nobodys_following(store: Store, box: Mailbox) -> None:
    """The follower of all accounts goes on with the others."""
    other = await Mailbox.begin(store, "bea@elm.example")
    following = store.follow(None, {box.id: 0})
    await take(following, 2)
    await store.remove_account(box.id)
    [told] = await other.sync(adds=(mail(1),))
    rest = [one async for one in _until(following, told)]
    assert rest[-1] == told
    await following.aclose()  # type: ignore[attr-defined]


async def _until(changes: AsyncIterator[Change], last: Change) -> AsyncIterator[Change]:
    while True:
        [change] = await take(changes, 1)
        yield change
        if change == last:
            return


async def test_following_ends_when_the_store_closes(place: Place, clock: SteadyClock) -> None:
    """A follower that waits is not left waiting for ever; its loop simply ends."""
    store = await place.open(clock)
    box = await Mailbox.begin(store)
    heard: list[Change] = []

    async def listen() -> None:
        async for change in store.follow(box.id, {box.id: 0}):
            heard.append(change)  # noqa: PERF401 - seen from outside while it goes on

    task = asyncio.ensure_future(listen())
    while len(heard) < FIRST:
        await asyncio.sleep(0.01)
    await store.close()
    await asyncio.wait_for(task, 10)
    assert len(heard) == FIRST


async def test_a_cancelled_commit_is_told_if_it_was_made(store: Store, box: Mailbox) -> None:
    """Whoever called has gone away, but the change is in the store: followers hear of it."""
    following = store.follow(box.id, {box.id: FIRST})
    waiting = asyncio.ensure_future(anext(following))
    commit = await box.commit(adds=(mail(1),))
    task = asyncio.ensure_future(store.commit_sync(commit))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    told = await asyncio.wait_for(waiting, 10)
    assert told.kind is ChangeKind.ITEM_ADDED
    await following.aclose()  # type: ignore[attr-defined]
