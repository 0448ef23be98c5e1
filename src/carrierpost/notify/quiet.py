"""
Quiet hours by the clock on a device's wall. Pure.

A clock may show a time twice or not at all, when summer begins or ends. Quiet is kept the longer way: it begins when
its time is first shown, or would have been, and ends when its end is shown for the last time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from carrierpost.model import QuietHours

__all__ = ["quiet_until"]

_DAY = dt.timedelta(days=1)
_MOST_LINKS = 15  # a row of quiet times that never ends is cut here, after a week at least


def quiet_until(hours: Iterable[QuietHours], now: dt.datetime, zone: dt.tzinfo) -> dt.datetime | None:
    """
    Tell until when it is quiet; `None` when it is not.

    Quiet times that follow each other without a gap are one.

    Args:
        hours: the quiet times.
        now: the time, with a zone.
        zone: the device's zone.

    Returns:
        The end, in the device's zone.
    """
    every = tuple(hours)
    moment, end = now, None
    for _ in range(_MOST_LINKS):
        later = _end(every, moment, zone)
        if later is None:
            break
        moment = end = later
    return end.astimezone(zone) if end is not None else None


def _end(hours: tuple[QuietHours, ...], now: dt.datetime, zone: dt.tzinfo) -> dt.datetime | None:
    """
    Give the latest end of the quiet times around a moment, in UTC.
    """
    today = now.astimezone(zone).date()
    ends = []
    for one in hours:
        for day in (today - _DAY, today):
            if day.weekday() not in one.days:
                continue
            start = min(_moments(day, one.start, zone))
            end = max(_moments(day if one.end > one.start else day + _DAY, one.end, zone))
            if start <= now < end:
                ends.append(end)
    return max(ends, default=None)


def _moments(day: dt.date, time: dt.time, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """
    Give, in UTC, the two moments at which a clock shows a time, or would; nearly always they are one.
    """
    first, second = (dt.datetime.combine(day, time.replace(fold=fold), zone).astimezone(dt.UTC) for fold in (0, 1))
    return first, second
