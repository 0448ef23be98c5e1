"""
The life of an app, for the native host that lives it.

A phone's system tells an app when it is opened and left, gives it seconds to refresh, and hands it notices. A host (a
BeeWare or Kivy app, a service) passes each of these on to the method of the same name; `NativeHost` connects and
disconnects the engine, lets it work within the time that there is, and says what comes next and why. It keeps no time
and starts nothing by itself: the clock, the engine and the way to limit how long something takes are handed in.

What is cut at its deadline is not lost: an engine commits each answer with its key, so the last commit is the
checkpoint, and the next occasion goes on from there.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec

from carrierpost.delivery.cadence import Habits, NextRefresh, RefreshMemory, next_refresh
from carrierpost.delivery.decision import Delivery, Way, decide
from carrierpost.delivery.lifecycle import LifeEvent, lived
from carrierpost.delivery.settings import DeliveryPolicy, RefreshPolicy
from carrierpost.model import AppState, Device, DeviceLife, Platform

__all__ = ["Engine", "NativeHost", "Refreshed"]

_RESERVE = 2.0  # seconds of each deadline that are kept for disconnecting in good order


class Engine(Protocol):
    """
    What a host drives; `carrierpost.engine.HostedAccount` is one.
    """

    async def connect(self) -> None:
        """
        Begin to hold the connection, so that news is there at once; does nothing when it is held.
        """

    async def disconnect(self) -> None:
        """
        Let go of every connection; does nothing when there is none. A suspended process must not keep any.
        """

    async def sync(self, found: Callable[[int], None]) -> None:
        """
        Fetch what is new, once, and return. May be cancelled at any moment; what was committed stays.

        Args:
            found: is told how many new items were committed, each time some were.
        """


class Limit(Protocol):
    """
    Lets work take no longer than some seconds; see `carrierpost.engine.within`.
    """

    async def __call__(self, work: Awaitable[None], seconds: float) -> bool:
        """Tell whether it was done in time; otherwise it was cancelled, and has ended."""


@dataclasses.dataclass(frozen=True, slots=True)
class Refreshed:
    """
    What came of a refresh.

    Attributes:
        found: how many new items were committed.
        finished: whether everything was fetched; otherwise the next occasion goes on where this one was cut, or another
            refresh was under way, which fetches it.
        delivery: how mail reaches the device from now on.
        next: when the next refresh is wished for; `None` when none is, because mail comes otherwise or not at all.
    """

    found: int
    finished: bool
    delivery: Delivery
    next: NextRefresh | None


class NativeHost:
    """
    Lives an app's life.

    Args:
        device: the device that it is.
        life: what is known of its life; after a start of the process, `AppState.TERMINATED`.
        engine: does the work.
        limit: cuts it off when its time is over.
        now: tells the time, UTC.
        policy: what holds for the device.
        refresh_policy: floor and budget of background refresh.
        habits: what was learned of the person; to be kept, see `habits`.
        memory: what is remembered of refreshes; likewise, see `memory`.
    """

    def __init__(
        self,
        device: Device,
        life: DeviceLife,
        engine: Engine,
        *,
        limit: Limit,
        now: Callable[[], dt.datetime],
        policy: DeliveryPolicy | None = None,
        refresh_policy: RefreshPolicy | None = None,
        habits: Habits | None = None,
        memory: RefreshMemory | None = None,
    ) -> None:
        self.device = device
        self.life = life
        self.habits = habits or Habits()
        self.memory = memory or RefreshMemory(life.since)
        self._engine = engine
        self._limit = limit
        self._now = now
        self._policy = policy or DeliveryPolicy()
        self._refresh_policy = refresh_policy or RefreshPolicy()
        self._zone = ZoneInfo(device.time_zone)
        self._busy = False
        self._again = False
        self._found = 0

    # -- what the system tells

    async def foreground(self) -> Delivery:
        """
        Begin to hold the connection: the app was opened.
        """
        if self.life.state is not AppState.FOREGROUND:
            opened = self.habits.opened.noted(self._now().astimezone(self._zone))
            self.habits = dataclasses.replace(self.habits, opened=opened)
        self._live(LifeEvent.FOREGROUND)
        await self._engine.connect()
        return self.delivery()

    async def background(self) -> Delivery:
        """
        Go on without being seen: the app was left. On iOS that lasts until `Delivery.until`; call `grace_ended` then,
        or when the system says that the time is over.

        Raises:
            EventNotPossible: the app was not open.
        """
        self._live(LifeEvent.BACKGROUND)
        self.memory = self.memory.opened(self._now())
        return await self._settle()

    async def grace_ended(self) -> Delivery:
        """
        Disconnect: the time is over that the system gave the app after it was left. Does nothing when it has been
        opened again meanwhile, since the timer of a host may be late.
        """
        if self.life.state is AppState.GRACE:
            self._live(LifeEvent.GRACE_ENDED)
            self.memory = self.memory.opened(self._now())
        return await self._settle()

    async def refresh(self, deadline: dt.datetime) -> Refreshed:
        """
        Fetch what is new, and be done by the deadline: the system gave time to refresh.

        One that is cut or fails counts, too, for floor and budget.

        Args:
            deadline: when the time is over, UTC. Two seconds of it are kept for disconnecting.

        Raises:
            EventNotPossible: no refresh begins while the app is open.
            Exception: whatever the engine raises; the app is suspended again then, and disconnected.
        """
        if self._busy:
            return self._join()
        self._live(LifeEvent.REFRESH_BEGUN)
        self._found = 0
        try:
            finished = await self._fetch(deadline)
        finally:
            self._live(LifeEvent.REFRESH_ENDED)
            self.memory = self.memory.refreshed(self._now(), self._found)
            await self._settle()
        return self._outcome(self._found, finished=finished)

    async def push(self, payload: Mapping[str, object], deadline: dt.datetime) -> Refreshed:
        """
        Fetch what is new if the app was woken: a notice came. An app that is open has it already, and one that is gone
        is not started for it.

        Args:
            payload: what came. It wakes, whatever it says: what is in it may be stale, what is fetched is not.
            deadline: when the system's time for it is over, UTC.

        Raises:
            Exception: whatever the engine raises, as with `refresh`.
        """
        del payload
        self._live(LifeEvent.PUSH_RECEIVED)
        if self._busy:
            return self._join()
        if self.life.state is not AppState.BACKGROUND:
            return self._outcome(0, finished=True)
        self._found = 0
        try:
            finished = await self._fetch(deadline)
        finally:
            if self.life.state is AppState.BACKGROUND and self.device.platform is Platform.IOS:
                self._live(LifeEvent.SUSPENDED)
            await self._settle()
        if finished:
            self.memory = self.memory.opened(self._now())
        return self._outcome(self._found, finished=finished)

    async def terminate(self) -> Delivery:
        """
        Let go of everything, quickly: the app ends.
        """
        self._live(LifeEvent.TERMINATED)
        await self._limit(self._engine.disconnect(), _RESERVE)
        return self.delivery()

    def changed(self, **conditions: object) -> Delivery:
        """
        Tell what has changed about the device: `background_refresh`, `low_power`, `battery`, `charging`, `network`,
        `roaming`, `channel`, `channel_allowed`.

        Raises:
            TypeError: there is no such condition.
            ValueError: it cannot be so.
        """
        if wrong := {"state", "since", "last_seen"} & set(conditions):
            raise TypeError(f"{min(wrong)} is no condition; it follows from what the app goes through")
        self.life = msgspec.structs.replace(self.life, **conditions)
        return self.delivery()

    # -- what follows

    def delivery(self) -> Delivery:
        """
        Tell how mail reaches the device now, and why. Whoever asks itself is not silent.
        """
        now = self._now()
        return decide(self.device, msgspec.structs.replace(self.life, last_seen=now), self._policy, now)

    def next_refresh(self) -> NextRefresh | None:
        """
        Tell when the next refresh is wished for: what to ask the system for. `None` when mail comes otherwise or not
        at all.
        """
        now = self._now()
        delivery = self.delivery()
        if delivery.way is not Way.REFRESH:
            return None
        return next_refresh(self.memory, self.habits, self.life, self._refresh_policy, now, self._zone)

    def _live(self, event: LifeEvent) -> None:
        self.life = lived(self.device.platform, self.life, event, self._now())

    async def _settle(self) -> Delivery:
        """
        Let the connection be what the way asks for; a refresh that is under way disconnects by itself.
        """
        delivery = self.delivery()
        if delivery.way is Way.LIVE:
            await self._engine.connect()
        elif not self._busy:
            await self._limit(self._engine.disconnect(), _RESERVE)
        return delivery

    async def _fetch(self, deadline: dt.datetime) -> bool:
        """
        Fetch what is new within the deadline; once more when somebody asked for it meanwhile, while there is time.

        Returns:
            Whether everything was fetched.
        """
        self._busy = self._again = True
        try:
            while self._again:
                self._again = False
                seconds = (deadline - self._now()).total_seconds() - _RESERVE
                if seconds <= 0 or not await self._limit(self._engine.sync(self._note), seconds):
                    return False
            return True
        finally:
            self._busy = self._again = False

    def _note(self, found: int) -> None:
        self._found += found

    def _join(self) -> Refreshed:
        """
        Leave it to the refresh that is under way: it asks once more in the end, and nothing falls in between.
        """
        self._again = True
        return self._outcome(0, finished=False)

    def _outcome(self, found: int, *, finished: bool) -> Refreshed:
        return Refreshed(found, finished, self.delivery(), self.next_refresh())
