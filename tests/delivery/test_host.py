"""
An app's life lived with the real engine against the built-in server, in virtual time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from carrierpost.client.errors import ClientError
from carrierpost.delivery import EventNotPossible, NativeHost, Way
from carrierpost.engine import HostedAccount, within
from carrierpost.model import AppState, Channel, DeviceLife, Platform
from carrierpost.server import faults
from tests.delivery.devices import device_of
from tests.support.hub import Bench, bench, mail
from tests.support.virtual import virtual


class App:
    """
    An app with Ada's account, that was synchronized before and is closed.
    """

    def __init__(self, made: Bench, platform: Platform, conditions: dict[str, Any]) -> None:
        self.made = made
        self.clock = made.clock
        life = DeviceLife(state=AppState.TERMINATED, since=made.clock.now(), **conditions)
        engine = HostedAccount(made.store, made.account_id, made.runner)
        self.host = NativeHost(device_of(platform), life, engine, limit=within, now=made.clock.now)

    async def leave(self) -> None:
        """
        Open the app, leave it, and let the grace period pass.
        """
        await self.host.foreground()
        await self.clock.sleep(60.0)
        delivery = await self.host.background()
        if self.host.life.state is AppState.GRACE:
            assert delivery.until is not None
            await self.clock.sleep((delivery.until - self.clock.now()).total_seconds())
            await self.host.grace_ended()

    def deadline(self, seconds: float = 25.0) -> dt.datetime:
        return self.clock.now() + dt.timedelta(seconds=seconds)

    async def is_connected(self) -> bool:
        """
        Tell whether a mail that comes now is committed within a second; the server decides, nothing is asked here.
        """
        before = len(self.made.announced())
        mail(self.made.mailbox, 99)
        await self.clock.sleep(1.0)
        return len(self.made.announced()) > before


@asynccontextmanager
async def app(platform: Platform = Platform.IOS, **conditions: Any) -> AsyncIterator[App]:
    """
    Make an app.
    """
    async with bench() as made:
        await made.new_runner().sync_once()
        using = App(made, platform, conditions)
        yield using
        await using.host.terminate()


@virtual
async def test_open_app_sees_mail_at_once_and_in_its_grace_period_too() -> None:
    """On iOS the connection is held while the app is open and until the grace period is over; then it is let go of."""
    async with app(background_refresh=False) as phone:
        assert (await phone.host.foreground()).way is Way.LIVE
        await phone.clock.sleep(60.0)
        assert await phone.is_connected()
        delivery = await phone.host.background()
        assert delivery.until == phone.clock.now() + dt.timedelta(seconds=30)
        await phone.clock.sleep(28.0)
        assert await phone.is_connected()
        await phone.clock.sleep(1.0)
        assert (await phone.host.grace_ended()).way is Way.NOTHING
        assert not await phone.is_connected()
        assert (await phone.host.foreground()).way is Way.LIVE
        await phone.clock.sleep(2.0)
        assert len(phone.made.announced()) == 3  # what came meanwhile is there as soon as the app is opened


@virtual
async def test_android_stays_connected_in_the_background() -> None:
    """An Android app that was left goes on as it was."""
    async with app(Platform.ANDROID) as phone:
        await phone.leave()
        assert phone.host.life.state is AppState.BACKGROUND
        await phone.clock.sleep(3600.0)
        assert await phone.is_connected()


@virtual
async def test_refresh_fetches_and_lets_go() -> None:
    """A refresh brings what came, disconnects, and says when the next one is wished for."""
    async with app() as phone:
        await phone.leave()
        mail(phone.made.mailbox, 1)
        mail(phone.made.mailbox, 2)
        await phone.clock.sleep(1200.0)
        refreshed = await phone.host.refresh(phone.deadline())
        assert (refreshed.found, refreshed.finished) == (2, True)
        assert phone.host.life.state is AppState.SUSPENDED
        assert refreshed.delivery.way is Way.REFRESH
        assert refreshed.next is not None
        assert refreshed.next.at is not None
        assert refreshed.next.at >= phone.clock.now() + dt.timedelta(minutes=15)
        assert not await phone.is_connected()


@virtual
async def test_refresh_is_cut_at_its_deadline_and_the_next_goes_on() -> None:
    """A slow server does not make the app overrun; what was committed stays, and the rest comes the next time."""
    async with app() as phone:
        await phone.leave()
        for number in range(150):
            mail(phone.made.mailbox, number)
        phone.made.server.faults.add(faults.delay(10.0), command="Sync", times=None)
        began = phone.clock.now()
        cut = await phone.host.refresh(phone.deadline(28.0))
        assert not cut.finished
        assert phone.clock.now() - began <= dt.timedelta(seconds=28)
        assert phone.host.life.state is AppState.SUSPENDED
        phone.made.server.faults.clear()
        await phone.clock.sleep(900.0)
        rest = await phone.host.refresh(phone.deadline(28.0))
        assert rest.finished
        assert cut.found + rest.found == 150
        assert await phone.made.contradictions() == []


@virtual
async def test_refresh_without_time_touches_nothing() -> None:
    """A deadline that is nearly over is not begun: there would be no time to end in good order."""
    async with app() as phone:
        await phone.leave()
        asked = len(phone.made.server.log)
        refreshed = await phone.host.refresh(phone.deadline(1.5))
        assert not refreshed.finished
        assert len(phone.made.server.log) == asked


@virtual
async def test_refresh_that_fails_leaves_the_app_suspended() -> None:
    """Without a network the engine's own error reaches the host; the attempt counts, and is not repeated at once."""
    async with app() as phone:
        await phone.leave()
        await phone.clock.sleep(3600.0)
        phone.made.line.cut()
        with pytest.raises(ClientError):
            await phone.host.refresh(phone.deadline())
        assert phone.host.life.state is AppState.SUSPENDED
        wished = phone.host.next_refresh()
        assert wished is not None
        assert wished.at is not None
        assert wished.at >= phone.clock.now() + dt.timedelta(minutes=15)
        phone.made.line.restore()


@virtual
async def test_notice_wakes_a_suspended_app() -> None:
    """A push lets the app fetch what it was sent for, and sleep again."""
    async with app(channel=Channel.APNS) as phone:
        await phone.leave()
        assert phone.host.delivery().way is Way.NOTIFY
        assert phone.host.next_refresh() is None
        mail(phone.made.mailbox, 1)
        woken = await phone.host.push({}, phone.deadline())
        assert (woken.found, woken.finished) == (1, True)
        assert phone.host.life.state is AppState.SUSPENDED
        assert not await phone.is_connected()


@virtual
async def test_notice_for_a_closed_app_starts_nothing() -> None:
    """On iOS the system shows the notice by itself; the app stays gone, and asks nobody."""
    async with app(channel=Channel.APNS) as phone:
        asked = len(phone.made.server.log)
        assert (await phone.host.push({}, phone.deadline())).found == 0
        assert phone.host.life.state is AppState.TERMINATED
        assert len(phone.made.server.log) == asked


@virtual
async def test_notice_during_a_refresh_is_not_lost() -> None:
    """A mail that comes while a refresh is about to end is fetched by it: it asks once more."""
    async with app() as phone:
        await phone.leave()
        phone.made.server.faults.add(faults.delay(3.0), command="Sync", times=None)
        refreshing = asyncio.ensure_future(phone.host.refresh(phone.deadline(120.0)))
        await phone.clock.sleep(7.0)
        assert not refreshing.done()
        mail(phone.made.mailbox, 1)
        assert not (await phone.host.push({}, phone.deadline())).finished
        refreshed = await refreshing
        assert (refreshed.found, refreshed.finished) == (1, True)
        assert phone.host.life.state is AppState.SUSPENDED


@virtual
async def test_app_that_is_opened_during_a_refresh_stays_connected() -> None:
    """The end of the refresh does not take away the connection of somebody who looks."""
    async with app() as phone:
        await phone.leave()
        phone.made.server.faults.add(faults.delay(2.0), command="Sync", times=None)
        refreshing = asyncio.ensure_future(phone.host.refresh(phone.deadline(120.0)))
        await phone.clock.sleep(1.0)
        await phone.host.foreground()
        assert (await refreshing).finished
        phone.made.server.faults.clear()
        assert phone.host.life.state is AppState.FOREGROUND
        await phone.clock.sleep(60.0)
        assert await phone.is_connected()


@virtual
async def test_late_timer_of_the_grace_period_closes_nothing() -> None:
    """A host's timer that fires after the app was opened again is harmless."""
    async with app() as phone:
        await phone.host.foreground()
        await phone.host.background()
        await phone.host.foreground()
        assert (await phone.host.grace_ended()).way is Way.LIVE
        await phone.clock.sleep(60.0)
        assert await phone.is_connected()


@virtual
async def test_what_cannot_happen_is_refused() -> None:
    """No refresh begins in an open app; conditions do not change the state behind the lifecycle's back."""
    async with app() as phone:
        await phone.host.foreground()
        with pytest.raises(EventNotPossible, match="refresh begun"):
            await phone.host.refresh(phone.deadline())
        with pytest.raises(TypeError, match="state is no condition"):
            phone.host.changed(state=AppState.BACKGROUND)


@virtual
async def test_openings_are_learned() -> None:
    """The host learns when its person opens the app, once for each opening, in the device's own zone."""
    async with app() as phone:
        for _ in range(6):
            await phone.leave()
            await phone.clock.sleep(86_400.0)
            await phone.host.foreground()
            await phone.host.foreground()  # a repeated report is no second opening
        assert phone.host.habits.opened.knows
        assert sum(phone.host.habits.opened.counts) < 8
