"""
When a device that refreshes in the background does so next, and why then. Pure.

Since the device was last up to date the wish to refresh grows, from 0 to 1 in the usual time; faster while the person
tends to open the app or much mail comes, slower with little battery, in low power mode, over costly networks, and when
the last refreshes found nothing. When it is 1 the refresh is due. Since every factor acts on how fast the wish grows,
what speaks for later can never make it sooner. Whatever the factors say, a refresh is never sooner than the floor
after the last, and never beyond the budget of any 24 hours.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

from carrierpost.delivery.habit import Weekly
from carrierpost.delivery.settings import RefreshPolicy
from carrierpost.model import DeviceLife, Network

__all__ = ["Factor", "Habits", "NextRefresh", "RefreshMemory", "next_refresh"]

_STEP = dt.timedelta(minutes=5)
_DAY = dt.timedelta(days=1)
_REMEMBERED = 6  # results of refreshes


@dataclasses.dataclass(frozen=True, slots=True)
class Factor:
    """
    Something that makes the next refresh sooner or later.

    Attributes:
        name: what it is about, one word.
        times: how much longer it takes; below 1 is sooner.
        words: what is so, as half a sentence.
    """

    name: str
    times: float
    words: str


@dataclasses.dataclass(frozen=True, slots=True)
class Habits:
    """
    What was learned of a person: when the app is opened, and when mail comes. In the device's own zone.
    """

    opened: Weekly = dataclasses.field(default_factory=Weekly)
    mail: Weekly = dataclasses.field(default_factory=Weekly)


@dataclasses.dataclass(frozen=True, slots=True)
class RefreshMemory:
    """
    What is remembered of refreshes.

    Attributes:
        current_at: when the device was last up to date: refreshed, or open.
        done: when it refreshed in the last 24 hours, the oldest first.
        found: how many new items the last refreshes found, the latest last.
    """

    current_at: dt.datetime
    done: tuple[dt.datetime, ...] = ()
    found: tuple[int, ...] = ()

    def refreshed(self, at: dt.datetime, found: int) -> RefreshMemory:
        """
        Remember a refresh.
        """
        done = (*(one for one in self.done if at - one < _DAY), at)
        return RefreshMemory(at, done, (*self.found, found)[-_REMEMBERED:])

    def opened(self, at: dt.datetime) -> RefreshMemory:
        """
        Remember that the app was open, and so up to date, until then.
        """
        return dataclasses.replace(self, current_at=max(at, self.current_at))


@dataclasses.dataclass(frozen=True, slots=True)
class NextRefresh:
    """
    When the next refresh is.

    Attributes:
        at: when, UTC; `None` when it waits for something that nobody can foresee.
        factors: what made it so, the strongest first.
        reason: a sentence: "next about 14:20, because ...".
    """

    at: dt.datetime | None
    factors: tuple[Factor, ...]
    reason: str


def next_refresh(
    memory: RefreshMemory, habits: Habits, life: DeviceLife, policy: RefreshPolicy, now: dt.datetime, zone: dt.tzinfo
) -> NextRefresh:
    """
    Decide when a device refreshes next.

    Args:
        memory: what the last refreshes were like.
        habits: what was learned of the person.
        life: battery, power and network.
        policy: floor and budget.
        now: the time.
        zone: the device's zone; habits and the sentence are in it.
    """
    if life.network is Network.NONE:
        words = "there is no network"
        return NextRefresh(None, (Factor("network", math.inf, words),), f"next as soon as it can, because {words} now")
    steady = _steady(memory, life, policy, now)
    slowness = math.prod(one.times for one in steady)
    wished, hours = _wished(memory.current_at.astimezone(zone), habits, slowness * policy.usual_minutes)
    wished = min(wished, memory.current_at + dt.timedelta(minutes=policy.most_minutes))
    at, bound = _bounded(wished, memory, policy)
    at = _whole_minute(max(at, now))
    factors = [*steady, *hours]
    factors.sort(key=lambda one: (-abs(math.log(one.times)), one.name))
    told = tuple(one for one in factors if one.words)
    return NextRefresh(at.astimezone(dt.UTC), told, _sentence(at.astimezone(zone), now.astimezone(zone), told, bound))


def _wished(start: dt.datetime, habits: Habits, usual: float) -> tuple[dt.datetime, list[Factor]]:
    """
    Let the wish grow from when the device was up to date, in steps, until it is 1.

    Returns:
        When that is, and what the hours on the way did, in the mean.
    """
    wish, moment = 0.0, start.astimezone(dt.UTC)
    most = moment + _DAY
    logarithms: dict[str, list[float]] = {}
    while moment < most:
        hour = _hourly(habits, moment.astimezone(start.tzinfo))
        for name, times in hour.items():
            logarithms.setdefault(name, []).append(math.log(times))
        grown = _STEP.total_seconds() / 60 / (usual * math.prod(hour.values()))
        if wish + grown >= 1:
            moment += _STEP * ((1 - wish) / grown)
            break
        wish += grown
        moment += _STEP
    means = {name: math.exp(sum(some) / len(some)) for name, some in logarithms.items()}
    return moment, [Factor(name, times, _hourly_words(name, times)) for name, times in means.items()]


def _bounded(wished: dt.datetime, memory: RefreshMemory, policy: RefreshPolicy) -> tuple[dt.datetime, str]:
    """
    Apply floor and budget.
    """
    at, bound = wished, ""
    latest = max((memory.current_at, *memory.done[-1:]))
    floor = latest + dt.timedelta(minutes=policy.floor_minutes)
    if at < floor:
        at, bound = floor, f"no sooner than {policy.floor_minutes:g} minutes after the last"
    if len(memory.done) >= policy.daily_budget:
        free = memory.done[-policy.daily_budget] + _DAY
        if at < free:
            at, bound = free, f"the {policy.daily_budget} refreshes of a day are used up until then"
    return at, bound


def _whole_minute(moment: dt.datetime) -> dt.datetime:
    """
    Round up: rounding down could fall below the floor.
    """
    down = moment.replace(second=0, microsecond=0)
    return down if down == moment else down + dt.timedelta(minutes=1)


def _steady(memory: RefreshMemory, life: DeviceLife, policy: RefreshPolicy, now: dt.datetime) -> list[Factor]:
    """
    List what holds at whatever hour.
    """
    return [_found(memory), _thrift(memory, policy, now), *_power(life), _network(life)]


def _hourly(habits: Habits, moment: dt.datetime) -> dict[str, float]:
    """
    Say how much longer it takes at an hour: the rarer the app is opened within two hours from then, and the less mail
    comes.
    """
    times = {}
    if habits.opened.knows:
        openings = habits.opened.expected(moment) + habits.opened.expected(moment + dt.timedelta(hours=1)) / 2
        times["habit"] = min(3.0, max(0.5, 0.6 / math.sqrt(openings))) if openings > 0 else 3.0
    if habits.mail.knows:
        mails = habits.mail.expected(moment)
        times["mail"] = min(2.0, max(0.6, math.pow(mails, -1 / 3))) if mails > 0 else 2.0
    return times


def _hourly_words(name: str, times: float) -> str:
    if 0.85 <= times <= 1.25:
        return ""
    if name == "habit":
        return f"you {'often' if times < 1 else 'rarely'} open the app at this time"
    return f"{'much' if times < 1 else 'little'} mail is expected"


def _found(memory: RefreshMemory) -> Factor:
    empty = 0
    for found in reversed(memory.found):
        if found:
            break
        empty += 1
    if empty == 0:
        return Factor("found", 0.8, "the last refresh found mail") if memory.found else Factor("found", 1.0, "")
    times = min(2.5, math.pow(1.2, empty))
    return Factor("found", times, f"the last {empty} refreshes found nothing" if empty > 1 else "")


def _thrift(memory: RefreshMemory, policy: RefreshPolicy, now: dt.datetime) -> Factor:
    """
    Spend the second half of the budget more slowly, so that a busy morning leaves something for the evening.
    """
    used = sum(1 for one in memory.done if now - one < _DAY)
    share = used / policy.daily_budget
    words = f"{used} of the day's {policy.daily_budget} refreshes are used"
    return Factor("budget", 1.0 + max(0.0, share - 0.5) * 3, words if share > 0.6 else "")


def _power(life: DeviceLife) -> list[Factor]:
    factors = []
    if life.low_power:
        factors.append(Factor("low power", 3.0, "low power mode is on"))
    if life.charging:
        factors.append(Factor("battery", 0.8, "the phone is being charged"))
    elif life.battery is not None and life.battery < 50:
        low = life.battery < 20
        factors.append(Factor("battery", 2.0 if low else 1.2, f"the battery is at {life.battery} %" if low else ""))
    return factors


def _network(life: DeviceLife) -> Factor:
    if life.roaming:
        return Factor("network", 3.0, "the phone is roaming")
    if life.network is Network.CELLULAR:
        return Factor("network", 1.25, "it goes over the mobile network")
    return Factor("network", 1.0, "")


def _sentence(at: dt.datetime, now: dt.datetime, factors: tuple[Factor, ...], bound: str) -> str:
    days = (at.date() - now.date()).days
    day = "" if days == 0 else " tomorrow" if days == 1 else f" on {at:%A}"
    sooner = _listed([one.words for one in factors if one.times < 1])
    later = _listed([one.words for one in factors if one.times > 1])
    if sooner and later:
        because = f": sooner because {sooner}; later because {later}"
    elif sooner or later:
        because = f", because {sooner or later}"
    else:
        because = ", as usual"
    return f"next about {at:%H:%M}{day}{because}" + (f"; {bound}" if bound else "")


def _listed(words: list[str]) -> str:
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last
