"""
Times as people type them, made into what an event says: start, end or length, whole days, how it repeats.

Everything is put into the words of iCalendar and read by the room that knows them, so that a rule typed here means
what the same rule means in a calendar file, and what ActiveSync cannot say is refused with the same reason.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo

import click

from carrierpost.formats.icalendar_in import read_calendar
from carrierpost.protocol.classes import Event
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.version import Version

__all__ = ["REPEATS", "Zone", "moment_of", "original_start", "rule_text", "times_of"]

REPEATS = ("daily", "weekdays", "weekly", "monthly", "yearly")
_FREQUENCIES = {
    "daily": "FREQ=DAILY",
    "weekdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "weekly": "FREQ=WEEKLY;BYDAY={day}",
    "monthly": "FREQ=MONTHLY;BYMONTHDAY={number}",
    "yearly": "FREQ=YEARLY",
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
_LENGTH = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m(?:in)?)?")
_DAY = dt.timedelta(days=1)


class Zone(click.ParamType[str]):
    """
    An IANA zone.
    """

    name = "zone"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """
        Refuse what is no zone.
        """
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone; write it like Europe/Berlin", param, ctx)
        return value


def _wall(text: str, option: str) -> tuple[dt.datetime, bool]:
    """
    Read what a person typed.

    Returns:
        The time on the clock, and whether only a day was given.
    """
    for form in _FORMS:
        try:
            return dt.datetime.strptime(text.strip(), form), form == _FORMS[-1]  # noqa: DTZ007 - the zone is beside it
        except ValueError:
            continue
    raise click.UsageError(f"{option} {text!r} cannot be read; write 2026-05-04 14:30, or 2026-05-04 for a whole day")


def moment_of(text: str, zone: str, option: str) -> dt.datetime:
    """
    Read a time of day in a zone.

    Raises:
        click.UsageError: it is none.
    """
    wall, whole = _wall(text, option)
    if whole:
        raise click.UsageError(f"{option} {text!r} names a day; a time belongs to it, like {text} 14:30")
    return wall.replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)


def _length(text: str) -> dt.timedelta:
    match = _LENGTH.fullmatch(text.strip())
    days, hours, minutes = (int(one or 0) for one in match.groups()) if match else (0, 0, 0)
    found = dt.timedelta(days=days, hours=hours, minutes=minutes)
    if not found:
        raise click.UsageError(f"--for {text!r} cannot be read; write 45m, 1h30m or 2d")
    return found


def rule_text(
    repeat: str | None, rrule: str | None, every: int, times: int | None, until: str | None, start: str
) -> str:
    """
    Write how an event repeats as a rule of iCalendar; empty for one that does not.

    Args:
        repeat: one of `REPEATS`.
        rrule: a rule as it stands in calendar files, instead.
        every: only every so many days, weeks, months or years.
        times: how often it takes place.
        until: the last day.
        start: the start as it was typed.

    Raises:
        click.UsageError: the options contradict each other.
    """
    if repeat is None and rrule is None:
        if times or until or every != 1:
            raise click.UsageError("--every, --times and --until go together with --repeat")
        return ""
    if rrule is not None:
        if repeat or times or until or every != 1:
            raise click.UsageError("--rrule says all by itself; leave --repeat, --every, --times and --until out")
        return rrule.removeprefix("RRULE:")
    if times and until:
        raise click.UsageError("give --times or --until, not both")
    wall, _ = _wall(start, "--start")
    rule = _FREQUENCIES[repeat or ""].format(day=_DAYS[wall.weekday()], number=wall.day)
    if every != 1:
        rule += f";INTERVAL={every}"
    if times:
        rule += f";COUNT={times}"
    if until:
        rule += f";UNTIL={_wall(until, '--until')[0]:%Y%m%d}"
    return rule


def times_of(
    start: str, end: str | None, length: str | None, rule: str, zone: str, version: Version, *, all_day: bool = False
) -> Event:
    """
    Give an event with its times and its pattern, and nothing else.

    Args:
        start: the start; a day alone makes it last whole days.
        end: the end, of whole days the last day.
        length: how long it lasts, instead.
        rule: how it repeats, a rule of iCalendar.
        zone: IANA name of the zone in which the times are meant.
        version: the version spoken, which decides how whole days are said.
        all_day: whole days are wanted.

    Raises:
        click.UsageError: something cannot be read, or cannot be said by ActiveSync.
    """
    wall, whole = _wall(start, "--start")
    if end is not None and length is not None:
        raise click.UsageError("give --end or --for, not both")
    whole = whole or all_day
    if end is not None:
        finish, day_only = _wall(end, "--end")
        if day_only and not whole:
            raise click.UsageError("--end names a day, but --start a time; write both alike")
        finish = finish.replace(hour=0, minute=0) + _DAY if whole else finish
    else:
        finish = wall + (_length(length) if length else _DAY if whole else dt.timedelta(hours=1))
    if finish <= wall:
        raise click.UsageError("the event ends before it begins; check --start and --end")
    if whole:
        lines = [f"DTSTART;VALUE=DATE:{wall:%Y%m%d}", f"DTEND;VALUE=DATE:{finish:%Y%m%d}"]
    else:
        lines = [f"DTSTART;TZID={zone}:{wall:%Y%m%dT%H%M%S}", f"DTEND;TZID={zone}:{finish:%Y%m%dT%H%M%S}"]
    lines += [f"RRULE:{' '.join(rule.split())}"] if rule else []
    text = "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:x", *lines, "END:VEVENT", "END:VCALENDAR", ""])
    read = read_calendar(text, zone=zone, version=version).events
    if not read:
        raise click.UsageError("these times cannot be read; write them like 2026-05-04 14:30")
    if read[0].held_back:
        raise click.UsageError("; ".join(str(one) for one in read[0].reasons if one.changes_meaning))
    event = read[0].event
    return Event(
        start_time=event.start_time,
        end_time=event.end_time,
        all_day_event=bool(event.all_day_event),
        timezone=event.timezone,
        recurrence=event.recurrence,
    )


def original_start(series: Event, text: str, zone: str) -> dt.datetime:
    """
    Find the occurrence that a person means by its day, or by day and time if there are several on it.

    Returns:
        The start that it has by the pattern.

    Raises:
        click.UsageError: there is none, or several.
    """
    wall, whole = _wall(text, "--occurrence")
    begin = wall.replace(hour=0, minute=0, tzinfo=zoneinfo.ZoneInfo(zone))
    at = wall.replace(tzinfo=begin.tzinfo)
    found = [
        one
        for one in occurrences(series, begin, begin + _DAY, default_zone=zone)
        if one.start >= begin and (whole or one.all_day or one.start == at)
    ]
    if len(found) > 1:
        raise click.UsageError(f"there are several occurrences on {wall:%Y-%m-%d}; name the time as well")
    if not found or found[0].original_start is None:
        what = "there is no occurrence" if series.recurrence is not None else "the event does not repeat: nothing is"
        raise click.UsageError(f"{what} on {text}; carrierpost calendar list shows when it takes place")
    return found[0].original_start
