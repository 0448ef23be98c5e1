"""
What must hold however the hub ends: no notice is lost, none is made twice, nothing grows without end.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from carrierpost.model import AppState, FolderType, NoticeState, Step
from carrierpost.notify.channel import Kind
from carrierpost.notify.settings import NotifySettings
from tests.notify.stage import Stage, stage
from tests.support.virtual import virtual

_WRITES = ("commit_notices", "move_notices")


class Fate:
    """
    Ends the hub at the so-many-th write, before it is carried out or right after.
    """

    def __init__(self, hub: Stage, number: int, after: bool) -> None:
        self._left = number
        self._after = after
        self.struck = False
        for name in _WRITES:
            setattr(hub.store, name, self._guarded(getattr(hub.store, name)))

    def _guarded(self, write: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def guarded(*args: Any, **values: Any) -> Any:
            self._left -= 1
            if self._left > 0:
                return await write(*args, **values)
            if self._left == 0 and self._after:
                await write(*args, **values)
            self.struck = True
            return await asyncio.Event().wait()  # whoever is dead goes no further

        return guarded


async def until_killed(hub: Stage, fate: Fate, seconds: float) -> None:
    """Let the hub work until its fate strikes; what runs then has no chance to put anything in order."""
    working = [asyncio.ensure_future(hub.notifier.run()), asyncio.ensure_future(hub.dispatcher.run())]
    for _ in range(int(seconds / 0.05)):
        await hub.clock.sleep(0.05)
        if fate.struck:
            break
    for one in working:
        one.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    for name in _WRITES:
        delattr(hub.store, name)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 6))
@virtual
async def test_SK6_killed_at_any_write_no_notice_is_lost_and_none_is_doubled(number: int, after: bool) -> None:
    """
    Ended before or right after each write of notifier and dispatcher, and started again: every mail is told, under one
    name for each device. Handed over twice is only what the channel may not have taken, and then under the same name,
    by which provider and device know it again.
    """
    async with stage() as hub:
        devices = [await hub.device(), await hub.device()]
        async with hub.bench.running():
            for one in range(3):
                hub.bench.mailbox.deliver(subject=f"Mail {one}", sender="bea@elm.example", received=hub.clock.now())
            await hub.clock.sleep(5)
            fate = Fate(hub, number, after)
            await until_killed(hub, fate, 10)
            assert fate.struck
            hub.errors.clear()
            hub.new_hub()
            async with hub.telling():
                await hub.clock.sleep(120)
        for device in devices:
            notices = await hub.store.notices(1, device_id=device.id)
            assert len(notices) == 3
            assert {one.state for one in notices} == {NoticeState.ACCEPTED}
            names = [one.message.notice_id for one in hub.push.visible(device)]
            doubled = [name for name in set(names) if names.count(name) > 1]
            for name in doubled:
                steps = [one for one in await hub.store.trace_of_notice(name) if one.step is Step.HANDED]
                assert len(steps) > 1
        assert await hub.store.check() == ()


@virtual
async def test_a_restart_tells_nothing_again() -> None:
    """Stopped in good order and started again, three times: each mail is told once."""
    async with stage() as hub:
        await hub.device()
        for number in range(3):
            async with hub.running():
                await hub.mail(number)
                await hub.clock.sleep(5)
            hub.new_hub()
        assert [one.words[1] for one in hub.push.visible()] == [f"Mail {one}\nText {one}" for one in range(3)]


@virtual
async def test_SC1_a_feed_that_was_forgotten_is_stepped_over() -> None:
    """A hub that rested for so long that the feed does not go back that far goes on with what is there."""
    async with stage() as hub:
        device = await hub.device()
        async with hub.bench.running():
            for number in range(30):
                await hub.mail(number)
            await hub.clock.sleep(60)
        await hub.clock.sleep(40 * 86400)
        while await hub.store.forget_changes(days=30, keep=5):
            pass
        await hub.live(device, AppState.TERMINATED)
        async with hub.running():
            await hub.clock.sleep(10)
            hub.push.sent.clear()
            await hub.mail(99)
            assert [one.words for one in hub.push.visible()] == [("Bea Elm", "Mail 99\nText 99")]
            position = (await hub.store.notify_positions())[1]
            assert position == (await hub.store.account(1)).feed_position


@virtual
async def test_SC3_thirty_days_of_mail_leave_the_store_flat() -> None:
    """What is kept of notices after thirty days of mail and reading is no more than after ten."""
    tuning = NotifySettings(keep=dt.timedelta(days=5))
    async with stage(tuning=tuning) as hub:
        await hub.device()
        sizes = []
        box = hub.bench.mailbox
        for day in range(30):
            async with hub.running():
                mails = [await hub.mail(10 * day + number) for number in range(6)]
                for mail in mails[::2]:
                    box.change(box.folder(FolderType.INBOX), mail, read=True)
                await hub.clock.sleep(10)
                await hub.notifier.keep_house()
                steps = len(await hub.store.trace(1, limit=100_000))
                sizes.append((len(await hub.store.notices(1, limit=100_000)), steps))
            hub.new_hub()
            await hub.clock.sleep(86400)
        assert max(one[0] for one in sizes[10:]) <= max(one[0] for one in sizes[5:10]) + 10
        assert max(one[1] for one in sizes[10:]) <= max(one[1] for one in sizes[5:10]) + 50
        assert sizes[-1][0] > 20  # something is kept all the same


@virtual
async def test_another_account_is_told_of_its_own_mail_only() -> None:
    """Two accounts of one hub, a device each: neither hears of the other's mail."""
    async with stage() as hub:
        await hub.device()
        other = await hub.bench.second("cy@birch.example", device_id="TESTDEVICE02")
        async with hub.running(), other.running():
            await hub.mail(1)
            other.mailbox.deliver(subject="For Cy", sender="bea@elm.example", received=hub.clock.now())
            await hub.clock.sleep(5)
            assert [one.words[1] for one in hub.push.visible()] == ["Mail 1\nText 1"]
            assert hub.push.of(Kind.FULL)[0].message.badge == 1
