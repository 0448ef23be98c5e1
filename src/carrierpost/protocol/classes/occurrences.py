"""
When an event takes place: single events and series, exceptions applied, whole days as days.

The two generations say whole days differently. Up to 14.1 they begin at midnight of the event's own zone, said in UTC;
from 16.0 on they are plain dates written as midnight UTC, without a zone. Here a whole day is a date, wherever the
person who looks at it is ([MS-ASCAL] AllDayEvent).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo

from carrierpost.protocol.classes.calendar import Event, EventException
from carrierpost.protocol.classes.recurrence import expand
from carrierpost.protocol.timezone import tzinfo_of

__all__ = ["Occurrence", "event_days", "event_zone", "occurrences"]

_DAY = dt.timedelta(days=1)
_MARGIN = dt.timedelta(days=2)


@dataclasses.dataclass(frozen=True, slots=True)
class Occurrence:
    """
    One time at which an event takes place.

    Attributes:
        start: its start; for whole days midnight in the zone of the person.
        end: its end, exclusive, likewise.
        all_day: whether it lasts whole days.
        subject: its title.
        location: its place.
        original_start: for one of a series the start by the pattern, UTC; else `None`.
        exception: what differs from the series, or `None`.
    """

    start: dt.datetime
    end: dt.datetime
    all_day: bool
    subject: str
    location: str
    original_start: dt.datetime | None = None
    exception: EventException | None = None


def event_zone(event: Event, default_zone: str) -> tuple[dt.tzinfo, bool]:
    """
    Give the zone in which an event's wall-clock time stays the same, and whether the event says so itself.
    """
    year = event.start_time.year if event.start_time is not None else 2000
    return tzinfo_of(event.timezone, default=default_zone, year=year)


def _date(moment: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """
    Give the date that a whole day's border means.

    Midnight UTC means the date itself, whatever zone the event names: from 16.0 on all borders are written so, some
    servers always did, and only where local time is UTC do clocks show midnight then. A border that is midnight
    neither in UTC nor in the event's zone is taken for the nearest one: servers and phones are known to write such
    borders in a zone of their own.
    """
    utc = moment.astimezone(dt.UTC)
    if utc.time() == dt.time():
        return utc.date()
    return (moment.astimezone(zone).replace(tzinfo=None) + dt.timedelta(hours=12)).date()


def event_days(start: dt.datetime, end: dt.datetime | None, zone: dt.tzinfo) -> tuple[dt.date, dt.date]:
    """
    Give the first day and the day after the last of an event that lasts whole days.

    Args:
        start: the start as it was sent.
        end: the end as it was sent, exclusive; `None` for a single day.
        zone: the event's zone.
    """
    first = _date(start, zone)
    after = _date(end, zone) if end is not None else first + _DAY
    return first, max(after, first + _DAY)


def occurrences(event: Event, begin: dt.datetime, end: dt.datetime, *, default_zone: str = "UTC") -> list[Occurrence]:
    """
    List when an event takes place in a window.

    Args:
        event: the event or series, in the hub's form.
        begin: the window's begin, with a zone; what is under way then belongs to it.
        end: the window's end, exclusive, with a zone.
        default_zone: IANA name of the person's zone.

    Returns:
        Occurrences in order; none for an event without start.
    """
    if event.start_time is None:
        return []
    zone, _ = event_zone(event, default_zone)
    viewer = zoneinfo.ZoneInfo(default_zone)
    whole = bool(event.all_day_event)
    length = max((event.end_time or event.start_time) - event.start_time, dt.timedelta())
    if event.recurrence is None:
        found = [_occurrence(event, None, event.start_time, length, zone, viewer)]
        found[0] = dataclasses.replace(found[0], original_start=None)
    else:
        pattern_zone = dt.UTC if whole and _at_midnight(event.start_time) else zone
        starts = expand(event.recurrence, event.start_time, pattern_zone, begin - length - _MARGIN, end + _MARGIN)
        found = _with_exceptions(event, starts, length, zone, viewer)
    inside = [one for one in found if one.start < end and (one.end > begin or one.start >= begin)]
    return sorted(inside, key=lambda one: (one.start, one.end))


def _at_midnight(moment: dt.datetime) -> bool:
    return moment.astimezone(dt.UTC).time() == dt.time()


def _with_exceptions(
    event: Event,
    starts: list[dt.datetime],
    length: dt.timedelta,
    zone: dt.tzinfo,
    viewer: dt.tzinfo,
) -> list[Occurrence]:
    exceptions = {}
    for one in event.exceptions or ():
        if one.exception_start_time is not None:
            exceptions[_mark(event, one.exception_start_time, zone)] = one
    found = []
    for start in starts:
        exception = exceptions.pop(_mark(event, start, zone), None)
        if exception is None or not exception.deleted:
            found.append(_occurrence(event, exception, start, length, zone, viewer))
    for exception in exceptions.values():  # moved here from outside the window
        original = exception.exception_start_time
        if not exception.deleted and exception.start_time is not None and original is not None:
            found.append(_occurrence(event, exception, original, length, zone, viewer))
    return found


def _mark(event: Event, start: dt.datetime, zone: dt.tzinfo) -> object:
    """
    Give that by which an exception and its occurrence find each other: the moment, or for whole days the date.
    """
    return _date(start, zone) if event.all_day_event else start


def _occurrence(
    event: Event,
    exception: EventException | None,
    start: dt.datetime,
    length: dt.timedelta,
    zone: dt.tzinfo,
    viewer: dt.tzinfo,
) -> Occurrence:
    original = start
    whole = bool(event.all_day_event)
    finish = start + length
    if exception is not None:
        whole = whole if exception.all_day_event is None else exception.all_day_event
        start = exception.start_time or start
        finish = exception.end_time or start + length
    if whole:
        first, after = event_days(start, finish if finish > start else None, zone)
        start = dt.datetime.combine(first, dt.time(), viewer)
        finish = dt.datetime.combine(after, dt.time(), viewer)
    subject = _either(exception.subject if exception is not None else None, event.subject)
    location = _either(exception.location if exception is not None else None, event.location)
    return Occurrence(start, max(finish, start), whole, subject, location, original, exception)


def _either(own: str | None, general: str | None) -> str:
    return (own if own is not None else general) or ""
