"""
What a week usually looks like: a histogram by weekday and hour, kept as values.

One is learned from when a person opens the app, another from when mail comes. What is long past counts less: after four
weeks half, so a new job or a new time zone is learned within weeks. An hour that was seen too seldom borrows from the
same hour of the other days.
"""

from __future__ import annotations

import datetime as dt
import math

import msgspec

__all__ = ["Weekly"]

_SLOTS = 7 * 24
_HALF_LIFE = 4.0  # weeks
_BORROWED = 1.0  # weeks' worth of the same hour on other days
_WEEK = dt.timedelta(weeks=1)
_ENOUGH = dt.timedelta(days=3, hours=12)


class Weekly(msgspec.Struct, frozen=True, kw_only=True):
    """
    How often something happens at each hour of a week.

    Times are handed in with the zone that the week is to be seen in: the device's own.

    Attributes:
        counts: how often it happened at each hour from Monday 0:00 on, faded to `latest`; empty before anything did.
        begun: since when it is watched, or `None` for not at all.
        latest: when it last happened, or `begun`.
    """

    counts: tuple[float, ...] = ()
    begun: dt.datetime | None = None
    latest: dt.datetime | None = None

    @property
    def knows(self) -> bool:
        """
        Tell whether enough was learned to go by: after half a week. A first day says nothing about the other hours.
        """
        return self.begun is not None and self.latest is not None and self.latest - self.begun >= _ENOUGH

    def noted(self, moment: dt.datetime) -> Weekly:
        """
        Learn that it happened at a moment.
        """
        counts = list(self._faded(moment)) or [0.0] * _SLOTS
        counts[_slot(moment)] += 1.0
        begun, latest = min(self.begun or moment, moment), max(self.latest or moment, moment)
        return Weekly(counts=tuple(counts), begun=begun, latest=latest)

    def expected(self, moment: dt.datetime) -> float:
        """
        Tell how often it happens in the hour from a moment on, going by what was learned; 0 when nothing was.
        """
        if not self.counts:
            return 0.0
        weeks = self._weeks(moment)
        share = (moment.minute * 60 + moment.second) / 3600
        slot = _slot(moment)
        rate = (1 - share) * self._rate(slot, weeks) + share * self._rate((slot + 1) % _SLOTS, weeks)
        return rate * self._fade(moment)

    def _rate(self, slot: int, weeks: float) -> float:
        """
        Give the rate of an hour, as if one week more had been watched in which all days are alike.
        """
        same_hour = sum(self.counts[slot % 24 :: 24]) / 7 / weeks
        return (self.counts[slot] + same_hour * _BORROWED) / (weeks + _BORROWED)

    def _faded(self, moment: dt.datetime) -> tuple[float, ...]:
        fade = self._fade(moment)
        return tuple(one * fade for one in self.counts)

    def _fade(self, moment: dt.datetime) -> float:
        if self.latest is None:
            return 1.0
        return math.pow(0.5, max(0.0, (moment - self.latest) / _WEEK) / _HALF_LIFE)

    def _weeks(self, moment: dt.datetime) -> float:
        """
        Tell how many weeks were watched, faded like the counts; a first week counts as a whole one.
        """
        age = max(0.0, (moment - self.begun) / _WEEK) if self.begun is not None else 0.0
        return max(1.0, _HALF_LIFE / math.log(2) * (1 - math.pow(0.5, age / _HALF_LIFE)))


def _slot(moment: dt.datetime) -> int:
    return moment.weekday() * 24 + moment.hour
