"""
A hub with a server, an engine, devices, and a channel that remembers what it was handed: all in virtual time.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import msgspec

from carrierpost.model import (
    AppState,
    Channel,
    Device,
    DeviceLife,
    NewDevice,
    NewSubscription,
    NoticeSettings,
    Platform,
    Subscription,
)
from carrierpost.notify.channel import Accepted, Kind, Message, Outcome
from carrierpost.notify.dispatcher import Dispatcher
from carrierpost.notify.notifier import Notifier
from carrierpost.notify.settings import NotifySettings
from carrierpost.protocol.clock import Clock
from carrierpost.store import Store
from tests.support.hub import Bench, bench

__all__ = ["Recorder", "Sent", "Stage", "names", "stage"]


@dataclasses.dataclass(frozen=True)
class Sent:
    """
    Something that the channel was handed.
    """

    at: float
    device_id: int
    subscription_id: int
    message: Message

    @property
    def words(self) -> tuple[str, str]:
        """What a person reads; empty for nothing."""
        text = self.message.text
        return (text.title, text.body) if text is not None else ("", "")


class Recorder:
    """
    A channel that accepts everything and remembers it, unless it is told to answer otherwise.
    """

    def __init__(self, channel: Channel, clock: Clock) -> None:
        self._channel = channel
        self._clock = clock
        self.sent: list[Sent] = []
        self.answer: Callable[[Subscription, Message], Outcome] = lambda subscription, message: Accepted("p1")
        self.delay: Callable[[Subscription], float] = lambda subscription: 0.0
        self.under_way = self.most_under_way = 0

    @property
    def channel(self) -> Channel:
        """Which it is."""
        return self._channel

    def may_be_silent(self, subscription: Subscription) -> bool:
        """Anything may be."""
        return True

    async def send(self, subscription: Subscription, message: Message) -> Outcome:
        """Remember it."""
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if (delay := self.delay(subscription)) > 0:
                await self._clock.sleep(delay)
            self.sent.append(Sent(self._clock.monotonic(), subscription.device_id, subscription.id, message))
            return self.answer(subscription, message)
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        """Nothing is open."""

    def visible(self, device: Device | None = None) -> list[Sent]:
        """List what shows something, perhaps of one device."""
        silent = {Kind.WAKE, Kind.BADGE, Kind.WITHDRAW}
        return [
            one
            for one in self.sent
            if one.message.kind not in silent and (device is None or one.device_id == device.id)
        ]

    def of(self, kind: Kind) -> list[Sent]:
        """List what is of a kind."""
        return [one for one in self.sent if one.message.kind is kind]


def names(prefix: str = "n") -> Callable[[], str]:
    """
    Give names one after the other.
    """
    numbers: Iterator[int] = count(1)
    return lambda: f"{prefix}{next(numbers)}"


class Stage:
    """
    The hub with its devices.
    """

    def __init__(self, bench: Bench, tuning: NotifySettings) -> None:
        self.bench = bench
        self.clock = bench.clock
        self.store: Store = bench.store
        self.tuning = tuning
        self.channels = {one: Recorder(one, bench.clock) for one in Channel}
        self.errors: list[Exception] = []
        self._name = names()
        self.new_hub()

    @property
    def push(self) -> Recorder:
        """The channel that most devices use here."""
        return self.channels[Channel.WEB_PUSH]

    def new_hub(self) -> None:
        """Make notifier and dispatcher as after a restart."""
        self.dispatcher = Dispatcher(
            self.store,
            self.channels,
            clock=self.clock,
            chance=random.Random(3),
            tuning=self.tuning,
            failed=lambda device_id, error: self.errors.append(error),
        )
        self.notifier = Notifier(
            self.store, clock=self.clock, name=self._name, tuning=self.tuning, wake=self.dispatcher.wake
        )

    async def device(
        self,
        platform: Platform = Platform.ANDROID,
        state: AppState = AppState.TERMINATED,
        channel: Channel | None = Channel.WEB_PUSH,
        *,
        name: str = "",
        settings: NoticeSettings | None = None,
        zone: str = "UTC",
        **life: Any,
    ) -> Device:
        """Register a device, by default a closed Android phone with Web Push."""
        device = await self.store.add_device(
            NewDevice(account_id=self.bench.account_id, name=name or f"{platform}", platform=platform, time_zone=zone),
            life=DeviceLife(state=state, since=self.clock.now(), last_seen=self.clock.now(), **life),
        )
        if channel is not None:
            await self.subscribe(device, channel)
        if settings is not None:
            await self.store.set_notice_settings(device.id, settings)
        return device

    async def subscribe(self, device: Device, channel: Channel = Channel.WEB_PUSH, host: str = "push") -> Subscription:
        """Set a channel up on a device."""
        place = f"https://{host}.example/{device.id}/{self.clock.monotonic()}"
        return await self.store.put_subscription(
            NewSubscription(device_id=device.id, channel=channel, address={"endpoint": place, "token": place})
        )

    async def live(self, device: Device, state: AppState, **values: Any) -> None:
        """Let a device say where its app is."""
        now = self.clock.now()
        await self.store.change_device_life(
            device.id,
            lambda life: msgspec.structs.replace(
                life, state=state, since=now if state is not life.state else life.since, last_seen=now, **values
            ),
        )

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """Let notifier and dispatcher work in the background."""
        working = [asyncio.ensure_future(self.notifier.run()), asyncio.ensure_future(self.dispatcher.run())]
        try:
            await self.clock.sleep(0.01)
            yield
            for one in working:
                if one.done():
                    await one
        finally:
            for one in working:
                one.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let the engine hold the account as well."""
        async with self.bench.running(), self.telling():
            yield

    async def mail(self, number: int = 1, **values: Any) -> Any:
        """Let Bea write."""
        fields: dict[str, Any] = {
            "subject": f"Mail {number}",
            "sender": "Bea Elm <bea@elm.example>",
            "text": f"Text {number}",
            "received": self.clock.now(),
        }
        made = self.bench.mailbox.deliver(**fields | values)
        await self.clock.sleep(0.5)
        return made

    async def reasons(self, item_id: int) -> dict[int, str]:
        """Give why each device was told of an item, or not."""
        steps = await self.store.trace_of_item(item_id)
        return {one.device_id: one.detail for one in steps if one.device_id is not None and one.step == "decided"}


@asynccontextmanager
async def stage(*, tuning: NotifySettings | None = None, **options: Any) -> AsyncIterator[Stage]:
    """
    Make a hub with a server; the store is checked when it closes.
    """
    async with bench(**options) as made:
        set_up = Stage(made, tuning or NotifySettings())
        yield set_up
        assert set_up.errors == []
