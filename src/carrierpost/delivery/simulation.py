"""
A story run through the real delivery code in virtual time: when would each mail be noticed, on which phone?

Each phone is a `NativeHost` as an app would use it; only the system around it is played: when it opens the app, when it
ends the grace period, when it grants a refresh (a little later than wished for, by chance), when it hands over a
notice. Nothing waits: the clock jumps from one event to the next.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import heapq
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from carrierpost.delivery.cadence import Habits, RefreshMemory
from carrierpost.delivery.decision import Way
from carrierpost.delivery.host import NativeHost
from carrierpost.delivery.settings import DeliveryPolicy
from carrierpost.delivery.story import Change, Close, Happening, Mail, Open, Story, learned, told
from carrierpost.model import AppState, Channel, Device, DeviceLife, Network, Platform

__all__ = ["PHONES", "Course", "Notice", "Phone", "Span", "simulate"]

T = TypeVar("T")

STREAM_SECONDS = 1.0
"""From a mail's arrival at the server to an app that is connected."""
NOTIFY_SECONDS = 3.0
"""From a mail's arrival at the server to a notice on the screen."""
_LATEST_GRANT = dt.timedelta(minutes=10)  # a system grants a refresh up to so much later than it was wished for
_GRANTED = dt.timedelta(seconds=25)  # and gives it so much time


@dataclasses.dataclass(frozen=True, slots=True)
class Phone:
    """
    One way to own a phone.

    Attributes:
        key: its name for programs.
        name: its name for people.
        platform: what it runs.
        channel: the notify channel that is set up, or `None`.
        background_refresh: whether background app refresh is on.
    """

    key: str
    name: str
    platform: Platform
    channel: Channel | None
    background_refresh: bool


PHONES = (
    Phone("ios-push", "iOS, push", Platform.IOS, Channel.APNS, background_refresh=True),
    Phone("ios-refresh", "iOS, refresh", Platform.IOS, None, background_refresh=True),
    Phone("ios-none", "iOS, neither", Platform.IOS, None, background_refresh=False),
    Phone("android", "Android", Platform.ANDROID, None, background_refresh=True),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """
    What became of a mail.

    Attributes:
        mail: its subject.
        arrived: when it came to the server, UTC.
        noticed: when the phone had it, or `None` for not by the end of the story.
        how: `live`, `push`, `refresh` or `opened`; empty when it was not.
        reason: how mail reached the phone when it came, and why.
    """

    mail: str
    arrived: dt.datetime
    noticed: dt.datetime | None
    how: str
    reason: str

    @property
    def wait(self) -> dt.timedelta | None:
        """
        Tell how long the mail waited.
        """
        return None if self.noticed is None else self.noticed - self.arrived


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """
    A time in which mail reached the phone in one way.
    """

    way: Way
    begin: dt.datetime
    end: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Course:
    """
    How a story went on one phone.

    Attributes:
        phone: the phone.
        notices: every mail, in the order of arrival.
        spans: how mail reached it, in order, without a gap.
        connections: how often a held connection was begun.
        held: how long one was held in all.
        refreshes: when it refreshed, and how many mails that found.
        wishes: why each of those was wished for when it was.
        pushes: how many notices were sent.
    """

    phone: Phone
    notices: tuple[Notice, ...]
    spans: tuple[Span, ...]
    connections: int
    held: dt.timedelta
    refreshes: tuple[tuple[dt.datetime, int], ...]
    wishes: tuple[str, ...]
    pushes: int


def simulate(story: Story, chance: Callable[[], Callable[[], float]]) -> tuple[Course, ...]:
    """
    Run a story on every phone.

    Args:
        story: the story.
        chance: makes a source of numbers from 0 up to 1, the same each time, so that all phones get the same mail.
    """
    happenings, habits = told(story, chance()), learned(story, chance())
    return tuple(_Run(story, phone, habits, chance()).course(happenings) for phone in PHONES)


class _Line:
    """
    Plays the engine: has all mail that waits, whenever it is asked, and remembers whether it holds a connection.
    """

    def __init__(self, fetch: Callable[[], int]) -> None:
        self._fetch = fetch

    async def connect(self) -> None:
        """
        Do nothing: how long a connection is held is told by the way.
        """

    async def disconnect(self) -> None:
        """
        Do nothing, likewise.
        """

    async def sync(self, found: Callable[[int], None]) -> None:
        """
        Fetch all that waits, in no time.
        """
        found(self._fetch())


async def _unlimited(work: Awaitable[None], seconds: float) -> bool:
    await work
    return True


def _done(coroutine: Coroutine[Any, Any, T]) -> T:
    """
    Run a coroutine that waits for nothing, since whatever it awaits is played here.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    raise AssertionError("what is played here waits for nothing")


class _Run:
    """
    One story on one phone.
    """

    def __init__(self, story: Story, phone: Phone, habits: Habits, chance: Callable[[], float]) -> None:
        self._zone = ZoneInfo(story.zone)
        self._begin = dt.datetime.combine(story.start, dt.time(), self._zone).astimezone(dt.UTC)
        end = dt.datetime.combine(story.start + dt.timedelta(days=story.days), dt.time(), self._zone)
        self._end = end.astimezone(dt.UTC)
        self._now = self._begin
        self._phone, self._chance = phone, chance
        self._host = NativeHost(
            Device(
                id=1, account_id=1, name=phone.name, platform=phone.platform, time_zone=story.zone,
                created_at=self._begin,
            ),
            DeviceLife(
                state=AppState.SUSPENDED, since=self._begin, channel=phone.channel,
                background_refresh=phone.background_refresh, network=Network.WIFI,
            ),
            _Line(lambda: self._deliver("refresh")),
            limit=_unlimited,
            now=lambda: self._now,
            policy=DeliveryPolicy(grace_seconds=story.grace_seconds),
            habits=habits,
            memory=RefreshMemory(self._begin),
        )  # fmt: skip
        self._order = itertools.count()
        self._queue: list[tuple[dt.datetime, int, Callable[[], None]]] = []
        self._waiting: list[int] = []
        self._notices: list[Notice] = []
        self._spans: list[Span] = []
        self._open_until = self._begin
        self._wished: dt.datetime | None = None
        self._refreshes: list[tuple[dt.datetime, int]] = []
        self._wishes: list[str] = []
        self._pushes = 0

    def course(self, happenings: tuple[Happening, ...]) -> Course:
        """
        Run it to its end.
        """
        for one in happenings:
            self._at(one.at, self._act(one.what))
        way = self._host.delivery().way
        self._wish()
        while self._queue and self._queue[0][0] < self._end:
            moment, _, act = heapq.heappop(self._queue)
            self._span(way, moment)
            self._now = moment
            act()
            way = self._host.delivery().way
            self._catch_up(way)
            self._wish()
        self._span(way, self._end)
        held = [one for one in self._spans if one.way in (Way.LIVE, Way.NOTIFY)]
        begun = [one for one in held if not any(other.end == one.begin for other in held)]
        return Course(
            self._phone,
            tuple(self._notices),
            tuple(self._spans),
            len(begun),
            sum((one.end - one.begin for one in held), dt.timedelta()),
            tuple(self._refreshes),
            tuple(self._wishes),
            self._pushes,
        )

    # -- what happens

    def _act(self, what: Open | Mail | Change | Close) -> Callable[[], None]:
        match what:
            case Open():
                return lambda: self._opened(dt.timedelta(minutes=what.minutes))
            case Mail():
                return lambda: self._arrived(what)
            case Change():
                return lambda: self._changed(what)
            case Close():
                return self._closed

    def _opened(self, length: dt.timedelta) -> None:
        _done(self._host.foreground())
        if self._host.life.network is not Network.NONE:
            self._deliver("opened")
        self._open_until = max(self._open_until, self._now + length)
        self._at(self._open_until, self._left)

    def _left(self) -> None:
        if not self._is(AppState.FOREGROUND) or self._now < self._open_until:
            return
        delivery, since = _done(self._host.background()), self._now
        if self._is(AppState.GRACE) and delivery.until is not None:
            self._at(delivery.until, lambda: self._grace_over(since))

    def _grace_over(self, since: dt.datetime) -> None:
        if self._is(AppState.GRACE) and self._host.life.since == since:
            _done(self._host.grace_ended())

    def _closed(self) -> None:
        self._open_until = self._now
        _done(self._host.terminate())

    def _changed(self, change: Change) -> None:
        self._host.changed(**change.conditions())

    def _arrived(self, mail: Mail) -> None:
        self._waiting.append(len(self._notices))
        name = mail.subject or f"Mail {len(self._notices) + 1}"
        self._notices.append(Notice(name, self._now, None, "", self._host.delivery().reason))

    def _refresh(self, wished: dt.datetime, reason: str) -> None:
        if wished != self._wished:
            return  # something has changed meanwhile, and another time was wished for
        self._wished = None
        refreshed = _done(self._host.refresh(self._now + _GRANTED))
        self._refreshes.append((self._now, refreshed.found))
        self._wishes.append(reason)

    def _is(self, state: AppState) -> bool:
        return self._host.life.state is state

    # -- what follows

    def _catch_up(self, way: Way) -> None:
        """
        Let what waits reach a phone that is connected or can be notified, if it has a network.
        """
        if not self._waiting or self._host.life.network is Network.NONE:
            return
        if way is Way.LIVE:
            self._deliver("live")
        elif way is Way.NOTIFY:
            self._pushes += 1  # what waits together is told together
            self._deliver("push")
            _done(self._host.push({}, self._now + _GRANTED))

    def _deliver(self, how: str) -> int:
        """
        Let everything that waits be noticed now.
        """
        habits = self._host.habits
        moment = self._now + dt.timedelta(seconds={"live": STREAM_SECONDS, "push": NOTIFY_SECONDS}.get(how, 0.0))
        for number in self._waiting:
            notice = self._notices[number]
            self._notices[number] = dataclasses.replace(notice, noticed=moment, how=how)
            habits = dataclasses.replace(habits, mail=habits.mail.noted(notice.arrived.astimezone(self._zone)))
        self._host.habits = habits
        count = len(self._waiting)
        self._waiting.clear()
        return count

    def _wish(self) -> None:
        """
        Ask the system for the next refresh, when another time is wished for than before.
        """
        wished = self._host.next_refresh()
        if wished is None or wished.at is None:
            self._wished = None
        elif wished.at != self._wished:
            self._wished = wished.at
            moment, reason = wished.at, wished.reason
            self._at(moment + _LATEST_GRANT * self._chance(), lambda: self._refresh(moment, reason))

    def _at(self, moment: dt.datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (moment, next(self._order), act))

    def _span(self, way: Way, until: dt.datetime) -> None:
        begin = self._spans[-1].end if self._spans else self._begin
        if until <= begin:
            return
        if self._spans and self._spans[-1].way is way:
            self._spans[-1] = dataclasses.replace(self._spans[-1], end=until)
        else:
            self._spans.append(Span(way, begin, until))
