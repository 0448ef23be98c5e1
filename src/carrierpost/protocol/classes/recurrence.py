"""
Recurrence patterns as ActiveSync says them, as iCalendar says them, and in words ([MS-ASCAL] Recurrence).

A pattern here is the same for events, tasks and meeting requests; each class has a record of its own only because
the elements stand on different code pages.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING, Annotated

from carrierpost.protocol.record import At, Form, Record
from carrierpost.wbxml.pages import Calendar, Email, Email2, Tasks

if TYPE_CHECKING:
    from dateutil import rrule

__all__ = [
    "MeetingRecurrence",
    "Pattern",
    "Recurrence",
    "RecurrenceType",
    "TaskRecurrence",
    "describe",
    "expand",
    "problems",
    "rule_of",
]

GREGORIAN = (0, 1, 2, 9, 10, 11, 12)  # [MS-ASCAL] CalendarType: default and the Gregorian ones


class RecurrenceType(enum.IntEnum):
    """
    The kind of a pattern ([MS-ASCAL] Type).
    """

    DAILY = 0
    WEEKLY = 1
    MONTHLY = 2
    MONTHLY_NTH = 3
    YEARLY = 5
    YEARLY_NTH = 6


class Recurrence(Record, frozen=True):
    """
    The pattern of an event; see `Pattern`.
    """

    type: Annotated[RecurrenceType | None, At(Calendar.Type)] = None
    occurrences: Annotated[int | None, At(Calendar.Occurrences)] = None
    interval: Annotated[int | None, At(Calendar.Interval)] = None
    week_of_month: Annotated[int | None, At(Calendar.WeekOfMonth)] = None
    day_of_week: Annotated[int | None, At(Calendar.DayOfWeek)] = None
    month_of_year: Annotated[int | None, At(Calendar.MonthOfYear)] = None
    until: Annotated[dt.datetime | None, At(Calendar.Until, form=Form.COMPACT)] = None
    day_of_month: Annotated[int | None, At(Calendar.DayOfMonth)] = None
    calendar_type: Annotated[int | None, At(Calendar.CalendarType)] = None
    is_leap_month: Annotated[bool | None, At(Calendar.IsLeapMonth)] = None
    first_day_of_week: Annotated[int | None, At(Calendar.FirstDayOfWeek)] = None


class TaskRecurrence(Record, frozen=True):
    """
    The pattern of a task; see `Pattern`.

    Attributes:
        start: when the series begins; servers differ on whether this is UTC or local time.
        regenerate: the next task is due counting from the completion of the one before.
        dead_occur: this is a completed occurrence, no longer part of the series.

    """

    type: Annotated[RecurrenceType | None, At(Tasks.Type)] = None
    start: Annotated[dt.datetime | None, At(Tasks.Start)] = None
    until: Annotated[dt.datetime | None, At(Tasks.Until)] = None
    occurrences: Annotated[int | None, At(Tasks.Occurrences)] = None
    interval: Annotated[int | None, At(Tasks.Interval)] = None
    day_of_week: Annotated[int | None, At(Tasks.DayOfWeek)] = None
    day_of_month: Annotated[int | None, At(Tasks.DayOfMonth)] = None
    week_of_month: Annotated[int | None, At(Tasks.WeekOfMonth)] = None
    month_of_year: Annotated[int | None, At(Tasks.MonthOfYear)] = None
    regenerate: Annotated[bool | None, At(Tasks.Regenerate)] = None
    dead_occur: Annotated[bool | None, At(Tasks.DeadOccur)] = None
    calendar_type: Annotated[int | None, At(Tasks.CalendarType)] = None
    is_leap_month: Annotated[bool | None, At(Tasks.IsLeapMonth)] = None
    first_day_of_week: Annotated[int | None, At(Tasks.FirstDayOfWeek)] = None


class MeetingRecurrence(Record, frozen=True):
    """
    The pattern of a meeting request; see `Pattern`.
    """

    type: Annotated[RecurrenceType | None, At(Email.Type)] = None
    interval: Annotated[int | None, At(Email.Interval)] = None
    until: Annotated[dt.datetime | None, At(Email.Until, form=Form.COMPACT)] = None
    occurrences: Annotated[int | None, At(Email.Occurrences)] = None
    week_of_month: Annotated[int | None, At(Email.WeekOfMonth)] = None
    day_of_month: Annotated[int | None, At(Email.DayOfMonth)] = None
    day_of_week: Annotated[int | None, At(Email.DayOfWeek)] = None
    month_of_year: Annotated[int | None, At(Email.MonthOfYear)] = None
    calendar_type: Annotated[int | None, At(Email2.CalendarType)] = None
    is_leap_month: Annotated[bool | None, At(Email2.IsLeapMonth)] = None
    first_day_of_week: Annotated[int | None, At(Email2.FirstDayOfWeek)] = None


Pattern = Recurrence | TaskRecurrence | MeetingRecurrence
"""
What all recurrence records have in common:

`type` is the kind; `occurrences` how many there are, and wins over `until`, the last start (inclusive); `interval`
every how many days, weeks, months or years, where absent and 0 mean 1; `week_of_month` 1 to 5, 5 is the last;
`day_of_week` a sum of Sunday 1, Monday 2, Tuesday 4, Wednesday 8, Thursday 16, Friday 32, Saturday 64; `month_of_year`
1 to 12; `day_of_month` 1 to 31; `calendar_type` which calendar the numbers are of; `is_leap_month` whether a leap month
is meant; `first_day_of_week` 0 for Sunday.
"""


_NEEDED: dict[RecurrenceType, tuple[str, ...]] = {
    RecurrenceType.DAILY: (),
    RecurrenceType.WEEKLY: ("day_of_week",),
    RecurrenceType.MONTHLY: ("day_of_month",),
    RecurrenceType.MONTHLY_NTH: ("week_of_month", "day_of_week"),
    RecurrenceType.YEARLY: ("day_of_month", "month_of_year"),
    RecurrenceType.YEARLY_NTH: ("week_of_month", "day_of_week", "month_of_year"),
}
_RANGES = {
    "day_of_week": (1, 127),
    "day_of_month": (1, 31),
    "week_of_month": (1, 5),
    "month_of_year": (1, 12),
    "first_day_of_week": (0, 6),
    "interval": (0, 999),
    "occurrences": (1, 999),
}
_DAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ORDINALS = ("first", "second", "third", "fourth", "last")


def problems(pattern: Pattern) -> tuple[str, ...]:
    """
    Say what is wrong with a pattern; a server answers each of these with Status 6.

    Returns:
        One sentence each; none for a pattern that can be followed.

    """
    if pattern.type is None:
        return ("the recurrence has no type",)
    needed = _NEEDED[pattern.type]
    found = [f"{name} is missing" for name in needed if getattr(pattern, name) is None]
    for name, (least, most) in _RANGES.items():
        value = getattr(pattern, name)
        if value is not None and not least <= value <= most:
            found.append(f"{name} is {value}, allowed is {least} to {most}")
    if pattern.calendar_type is not None and pattern.calendar_type not in GREGORIAN:
        found.append(f"calendar type {pattern.calendar_type} is not Gregorian and is kept without being followed")
    return tuple(found)


def _days(mask: int) -> list[int]:
    return [day for day in range(7) if mask >> day & 1]


def rule_of(pattern: Pattern, start: dt.datetime) -> rrule.rrule:
    """
    Make the rule that gives a series' starts.

    Args:
        pattern: a pattern without `problems`.
        start: the first start as local wall-clock time, without zone; `until` must be turned likewise by the caller.

    Returns:
        A rule over wall-clock times without zone.

    Raises:
        ValueError: the pattern has problems.

    """
    from dateutil import rrule  # programs that only read mail start without it

    if wrong := problems(pattern):
        raise ValueError("; ".join(wrong))
    assert pattern.type is not None
    weekdays = (rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA)
    mask = pattern.day_of_week or 0
    arguments: dict[str, object] = {"interval": pattern.interval or 1}
    frequency = rrule.DAILY
    if pattern.type is RecurrenceType.WEEKLY or (pattern.type is RecurrenceType.DAILY and mask):
        frequency = rrule.WEEKLY
        arguments["byweekday"] = [weekdays[day] for day in _days(mask)]
        if pattern.first_day_of_week is not None:
            arguments["wkst"] = weekdays[pattern.first_day_of_week]
        else:
            arguments["wkst"] = rrule.SU
    elif pattern.type in (RecurrenceType.MONTHLY, RecurrenceType.YEARLY):
        frequency = rrule.MONTHLY if pattern.type is RecurrenceType.MONTHLY else rrule.YEARLY
        # The 31st means the last day in months that are shorter.
        day = pattern.day_of_month or 1
        if day > 28:
            arguments |= {"bymonthday": list(range(28, day + 1)), "bysetpos": -1}
        else:
            arguments["bymonthday"] = day
    elif pattern.type in (RecurrenceType.MONTHLY_NTH, RecurrenceType.YEARLY_NTH):
        frequency = rrule.MONTHLY if pattern.type is RecurrenceType.MONTHLY_NTH else rrule.YEARLY
        nth = pattern.week_of_month or 1
        arguments |= {"byweekday": [weekdays[day] for day in _days(mask)], "bysetpos": -1 if nth == 5 else nth}
    if pattern.type in (RecurrenceType.YEARLY, RecurrenceType.YEARLY_NTH):
        arguments["bymonth"] = pattern.month_of_year
    if pattern.occurrences:
        arguments["count"] = pattern.occurrences
    elif pattern.until is not None:
        arguments["until"] = pattern.until.replace(tzinfo=None)
    return rrule.rrule(frequency, dtstart=start, **arguments)  # type: ignore[arg-type]


def expand(
    pattern: Pattern,
    start: dt.datetime,
    zone: dt.tzinfo,
    since: dt.datetime,
    until: dt.datetime,
    *,
    most: int = 2000,
) -> list[dt.datetime]:
    """
    List a series' starts in a window, following the zone's daylight saving.

    Args:
        pattern: the pattern; its `until` is UTC.
        start: the first start, with a zone.
        zone: the series' own zone, in which the wall-clock time stays the same.
        since: the window's begin, with a zone; inclusive.
        until: the window's end, with a zone; exclusive.
        most: no more than this many are listed.

    Returns:
        Starts in UTC, in order; without exceptions applied. A pattern with problems gives only its first start.

    """
    local = start.astimezone(zone).replace(tzinfo=None)
    if problems(pattern):
        return [start] if since <= start < until else []
    last = pattern.until
    rule = rule_of(pattern, local)
    if last is not None and not pattern.occurrences:
        # Until is inclusive, and given in UTC: compare in the wall-clock time of the series' zone.
        rule = rule.replace(until=last.astimezone(zone).replace(tzinfo=None))
    begin = since.astimezone(zone).replace(tzinfo=None) - dt.timedelta(days=1)
    end = until.astimezone(zone).replace(tzinfo=None) + dt.timedelta(days=1)
    found: list[dt.datetime] = []
    for wall in rule.xafter(begin, inc=True):
        if wall > end or len(found) >= most:
            break
        moment = wall.replace(tzinfo=zone).astimezone(dt.UTC)
        if since <= moment < until:
            found.append(moment)
    return found


def describe(pattern: Pattern) -> str:
    """
    Say a pattern in words: `every second week on Monday and Friday, 10 times`.
    """
    if wrong := problems(pattern):
        return f"a recurrence that cannot be followed: {'; '.join(wrong)}"
    assert pattern.type is not None
    every = pattern.interval or 1
    mask = pattern.day_of_week or 0
    days = _list([_DAY_NAMES[day] for day in _days(mask)])
    if mask == 127:
        days = "day"
    elif mask == 62:
        days = "weekday"
    elif mask == 65:
        days = "weekend day"
    month = _MONTHS[(pattern.month_of_year or 1) - 1]
    nth = _ORDINALS[(pattern.week_of_month or 1) - 1]
    match pattern.type:
        case RecurrenceType.DAILY if not mask:
            text = _every(every, "day")
        case RecurrenceType.DAILY | RecurrenceType.WEEKLY:
            text = f"{_every(every, 'week')} on {days if mask not in (127, 62, 65) else 'every ' + days}"
        case RecurrenceType.MONTHLY:
            text = f"{_every(every, 'month')} on day {pattern.day_of_month}"
        case RecurrenceType.MONTHLY_NTH:
            text = f"{_every(every, 'month')} on the {nth} {days}"
        case RecurrenceType.YEARLY:
            text = f"{_every(every, 'year')} on {pattern.day_of_month} {month}"
        case _:
            text = f"{_every(every, 'year')} on the {nth} {days} of {month}"
    if pattern.occurrences:
        return f"{text}, {pattern.occurrences} times"
    if pattern.until is not None:
        return f"{text}, until {pattern.until:%Y-%m-%d}"
    return text


def _every(interval: int, unit: str) -> str:
    return f"every {unit}" if interval == 1 else f"every {interval} {unit}s"


def _list(words: list[str]) -> str:
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"
