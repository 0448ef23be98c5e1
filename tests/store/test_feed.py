"""
The contract: the feed of changes, read and followed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator

import pytest

from carrierpost.engine import Editor, wake_by_edits
from carrierpost.model import AccountState, Change, ChangeKind, IntentKind, NewOutboxEntry, Passage
from carrierpost.store import FeedForgotten, Store
from tests.store.conftest import Place, SteadyClock
from tests.store.values import FOLDERS, NOW, Mailbox, mail

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


async def test_a_slow_follower_loses_nothing(store: Store, box: Mailbox) -> None:
    """It is busy with one change while thousands come; it gets them all, in order, and each once."""
    following = store.follow(box.id, {box.id: FIRST})
    waiting = asyncio.ensure_future(anext(following))
    await box.sync(adds=(mail(0),))
    first = await asyncio.wait_for(waiting, 10)
    for page in range(6):
        await box.sync(adds=tuple(mail(1 + page * 250 + number) for number in range(250)))
    rest = await take(following, 1500)
    assert [one.number for one in (first, *rest)] == list(range(FIRST + 1, FIRST + 1502))
    await following.aclose()  # type: ignore[attr-defined]


async def test_a_follower_hears_what_another_process_commits(
    store: Store, box: Mailbox, place: Place, clock: SteadyClock
) -> None:
    """Through another connection, as by a command beside a running hub: told without anybody's call, and once."""
    following = store.follow()
    waiting = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0.05)  # it has to be listening
    async with await place.open(clock) as other:
        [one] = await Mailbox(other, box.account).sync(adds=(mail(1),))
        assert await asyncio.wait_for(waiting, 10) == one
        entry = NewOutboxEntry(account_id=box.id, kind=IntentKind.SEND, client_id="a")
        await other.queue(entry)
    [two] = await take(following, 1)
    assert (two.kind, two.number) == (ChangeKind.OUTBOX_CHANGED, one.number + 1)
    await following.aclose()  # type: ignore[attr-defined]


async def _forgotten(store: Store, days: float, keep: int) -> int:
    total = 0
    while some := await store.forget_changes(days=days, keep=keep):
        total += some
    return total


async def test_SC3_what_is_old_is_forgotten_but_for_the_newest(store: Store, box: Mailbox, clock: SteadyClock) -> None:
    """Old and many: gone, in several bites. Young, or among an account's newest: kept. Numbers go on as ever."""
    other = await Mailbox.begin(store, "bea@elm.example")
    await box.sync(adds=tuple(mail(number) for number in range(1200)))
    clock.time += dt.timedelta(days=31)
    assert await store.forget_changes(days=30, keep=5000) == 0
    last = await box.sync(adds=tuple(mail(number) for number in range(1200, 1210)))
    assert await _forgotten(store, 30, 100) == FIRST + 1110
    kept = await store.feed(box.id, (await store.account(box.id)).feed_horizon)
    assert [one.number for one in kept] == list(range(FIRST + 1111, FIRST + 1211))
    assert kept[-10:] == last
    assert len(await store.feed(other.id)) == FIRST
    assert await _forgotten(store, 30, 0) == 90 + FIRST
    assert await store.feed(box.id, FIRST + 1200) == last
    [told] = await other.sync(adds=(mail(1),))
    assert told.number == FIRST + 1


async def test_SC3_who_comes_back_too_late_is_told_to_read_everything_anew(
    store: Store, box: Mailbox, clock: SteadyClock
) -> None:
    """Never a gap: a number below what is held is refused, by reading and by following; others go on."""
    await box.sync(adds=tuple(mail(number) for number in range(10)))
    clock.time += dt.timedelta(days=31)
    position = (await store.account(box.id)).feed_position
    await _forgotten(store, 30, 5)
    with pytest.raises(FeedForgotten, match="read everything anew") as refused:
        await store.feed(box.id, 3)
    assert (refused.value.account_id, refused.value.horizon) == (box.id, position - 5)
    with pytest.raises(FeedForgotten):
        await anext(store.follow(None, {box.id: position - 6}))
    assert len(await store.feed(box.id, position - 5)) == 5
    following = store.follow(None, {box.id: position - 5})
    assert len(await take(following, 5)) == 5
    await following.aclose()  # type: ignore[attr-defined]


async def test_how_a_change_came_is_kept_with_it(store: Store, box: Mailbox) -> None:
    """When it was heard of, asked for and answered, of every change of a commit, and for good."""
    passage = Passage(heard_at=NOW, asked_at=NOW + dt.timedelta(seconds=1), answered_at=NOW + dt.timedelta(seconds=2))
    told = await box.sync(adds=(mail(1, announce=True), mail(2)), passage=passage)
    assert [one.passage for one in told] == [passage, passage]
    assert await store.feed(box.id, FIRST) == told


async def test_an_edit_in_another_process_wakes_who_works_on_the_account(
    store: Store, box: Mailbox, place: Place, clock: SteadyClock
) -> None:
    """What a person does beside a running watch is told to the server at once; what the server brings wakes nobody."""
    await box.sync(adds=(mail(1),))
    woken: asyncio.Queue[None] = asyncio.Queue()
    waking = asyncio.ensure_future(wake_by_edits(store, box.id, lambda: woken.put_nowait(None)))
    await asyncio.sleep(0.05)  # it has to be listening
    await box.sync(adds=(mail(2),))
    assert woken.empty()
    async with await place.open(clock) as other:
        await Editor(other, box.id, clock=clock, chance=random.Random(1)).mark_read((await box.item("m1")).id)
        await asyncio.wait_for(woken.get(), 10)
    waking.cancel()
    await asyncio.gather(waking, return_exceptions=True)
