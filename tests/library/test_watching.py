"""
Watching: changes as they come, for one or several, until there is a reason to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

import carrierpost
from carrierpost import BackgroundExchange, Change, ChangeKind, FolderType, Mailbox
from tests.library.conftest import Connecting


async def _next_news(changes: AsyncIterator[Change]) -> Change:
    while True:
        change = await asyncio.wait_for(anext(changes), 20)
        if change.announce:
            return change


async def _subject(mailbox: Mailbox, change: Change) -> str:
    assert change.item_id is not None
    return (await mailbox.item(change.item_id)).data.subject  # type: ignore[union-attr, return-value]


async def test_what_arrives_is_told(exchange_server: BackgroundExchange, connecting: Connecting) -> None:
    """What was there is no news; what comes while the connection is held is, and can be read at once."""
    exchange_server.deliver("alice", "Old", "x")
    async with connecting() as mailbox:
        await mailbox.sync()
        async with aclosing(mailbox.watch(after=0)) as changes:
            async for change in changes:
                assert not change.announce
                if change.kind is ChangeKind.ITEM_ADDED:
                    assert await _subject(mailbox, change) == "Old"
                    break
            exchange_server.deliver("alice", "New", "x")
            assert await _subject(mailbox, await _next_news(changes)) == "New"


async def test_several_may_watch(exchange_server: BackgroundExchange, connecting: Connecting) -> None:
    """Each hears everything; when one leaves, the others go on; somebody may synchronize meanwhile."""
    async with connecting() as mailbox:
        await mailbox.sync()
        async with aclosing(mailbox.watch()) as one:
            async with aclosing(mailbox.watch()) as two:
                waiting = [asyncio.ensure_future(_next_news(each)) for each in (one, two)]
                await asyncio.sleep(0)
                exchange_server.deliver("alice", "For both", "x")
                told = await asyncio.gather(*waiting)
                assert told[0] == told[1]
            exchange_server.deliver("alice", "For one", "x")
            await mailbox.sync()
            assert await _subject(mailbox, await _next_news(one)) == "For one"


async def test_what_is_done_here_goes_out_at_once(exchange_server: BackgroundExchange, connecting: Connecting) -> None:
    """While somebody watches, the server hears of an edit without anybody asking for it."""
    exchange_server.deliver("alice", "Read me", "x")
    async with connecting() as mailbox:
        await mailbox.sync()
        [item] = [item async for item in mailbox.items("Inbox")]
        async with aclosing(mailbox.watch(after=(await mailbox.account()).feed_position)) as changes:
            waiting = asyncio.ensure_future(anext(changes))
            await mailbox.mark_read(item)
            assert (await asyncio.wait_for(waiting, 20)).fields == ("read",)
            while not exchange_server.items("alice", FolderType.INBOX)[0].read:  # type: ignore[union-attr]
                await asyncio.sleep(0.01)


async def test_a_stopped_account_ends_it(exchange_server: BackgroundExchange, connecting: Connecting) -> None:
    """With the reason, after the change that says so: a program must not wait for ever for what cannot come."""
    async with connecting() as mailbox:
        await mailbox.sync()
        exchange_server.call(lambda: exchange_server.server.add_user("alice@exchange.example", "another"))
        changes = mailbox.watch()
        while (await anext(changes)).kind is not ChangeKind.ACCOUNT_CHANGED:
            pass
        with pytest.raises(carrierpost.AccountStopped, match="login name or password"):
            await anext(changes)


async def test_closing_the_mailbox_ends_it(connecting: Connecting) -> None:
    """Nobody is left waiting."""
    async with connecting() as mailbox:
        waiting = asyncio.ensure_future(anext(mailbox.watch()))
        while not waiting.done():
            await asyncio.sleep(0.01)
        changes = mailbox.watch(after=10**6)
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
    with pytest.raises(carrierpost.AccountStopped, match="closed"):
        await asyncio.wait_for(waiting, 20)
