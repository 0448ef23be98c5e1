"""
iCalendar as events and tasks ([RFC 5545]).

What ActiveSync cannot say is not stretched into something that it can: it becomes a reason beside what was read, and
the reason tells whether the rest still means the same. Nothing raises.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Collection

import msgspec

from carrierpost.formats.contentlines import Component, Property, read_components
from carrierpost.formats.icalendar_values import (
    Time,
    absolute_reminder,
    address_of,
    attendee_of,
    body_of,
    busy_of,
    categories_of,
    importance_of,
    place_of,
    read_duration,
    read_time,
    reminder_of,
    sensitivity_of,
    sequence_of,
    utc_time,
)
from carrierpost.formats.icalendar_words import (
    CalendarFile,
    ReadEvent,
    ReadTask,
    Reason,
)
from carrierpost.formats.rules import read_rule
from carrierpost.formats.zones import read_zone
from carrierpost.protocol.classes import (
    Event,
    EventException,
    Task,
    TaskRecurrence,
)
from carrierpost.protocol.classes.recurrence import Recurrence, expand
from carrierpost.protocol.timezone import blob_of, tzinfo_of
from carrierpost.protocol.version import Version

__all__ = ["read_calendar"]

_SECOND = dt.timedelta(seconds=1)
_MEETING, _RECEIVED, _CANCELLED = 1, 2, 4  # MeetingStatus
_ALL_DAY_ALONE = "whole days and times of day cannot be mixed in one series"


def read_calendar(
    text: str, *, zone: str = "UTC", version: Version = Version.V16_1, own: Collection[str] = ()
) -> CalendarFile:
    """
    Read a calendar file.

    Args:
        text: the file.
        zone: IANA name of the person's zone, for times that name none.
        version: in whose words whole days are said: as days from 16.0 on, before as midnight of the person's zone.
        own: the person's addresses, by which their own meetings are known.

    Returns:
        Its events and tasks, each with what could not be said of it.
    """
    roots, notes = read_components(text)
    events: list[ReadEvent] = []
    tasks: list[ReadTask] = []
    method: str | None = None
    if not any(one.name == "VCALENDAR" for one in roots):
        notes = (*notes, "this is no calendar: BEGIN:VCALENDAR is missing")
    for root in (one for one in roots if one.name == "VCALENDAR"):
        method = root.text("METHOD").strip().upper() or method
        zones = {one.text("TZID"): one for one in root.children if one.name == "VTIMEZONE"}
        reader = _Reader(zones, zone, version, frozenset(one.lower() for one in own))
        by_uid: dict[str, list[Component]] = {}
        for number, one in enumerate(one for one in root.children if one.name == "VEVENT"):
            by_uid.setdefault(one.text("UID") or f"\0{number}", []).append(one)
        for group in by_uid.values():
            events += reader.events(group)
        tasks += [reader.task(one) for one in root.children if one.name == "VTODO"]
        for name in ("VJOURNAL", "VFREEBUSY", "VAVAILABILITY"):
            if any(one.name == name for one in root.children):
                notes = (*notes, f"{name} has no counterpart and is left out")
    return CalendarFile(method=method, events=tuple(events), tasks=tuple(tasks), notes=notes)


_UNSAID = {
    "ATTACH": Reason("ATTACH", "attachments are not taken over from calendar files", changes_meaning=False),
    "RDATE": Reason("RDATE", "additional dates beside a rule cannot be said"),
    "EXRULE": Reason("EXRULE", "a rule for exceptions cannot be said"),
    "EXDATE": Reason("EXDATE", "exceptions of a task cannot be said"),
}


class _Reader:
    """
    Reads the components of one calendar.
    """

    def __init__(self, zones: dict[str, Component], zone: str, version: Version, own: frozenset[str]) -> None:
        self._zones = zones
        try:
            zoneinfo.ZoneInfo(zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            zone = "UTC"
        self._default = zone
        self._version = version
        self._own = own

    # -- times

    def _blob(self, time: Time, reasons: list[Reason]) -> str | None:
        """
        Give the blob of a time's zone; of the person's zone where it names none.
        """
        year = min(max(time.wall.year, 1970), 2100)
        if time.utc:
            return blob_of("Etc/UTC", year)
        if time.whole:
            return None if self._version >= Version.V16_0 else blob_of(self._default, year)
        if not time.tzid:
            reasons.append(
                Reason("DTSTART", f"a time without a zone is taken for one in {self._default}", changes_meaning=False)
            )
            return blob_of(self._default, year)
        blob = read_zone(time.tzid, self._zones.get(time.tzid), year)
        if blob is None:
            reasons.append(Reason("TZID", f"nobody says which zone {time.tzid[:60]!r} is"))
            return blob_of(self._default, year)
        return blob

    def _moment(self, time: Time, reasons: list[Reason]) -> dt.datetime:
        if time.whole and self._version >= Version.V16_0:
            return time.wall.replace(tzinfo=dt.UTC)
        quiet: list[Reason] = []
        blob = self._blob(time, quiet)
        reasons += [one for one in quiet if one.changes_meaning and one not in reasons]
        zone, _ = tzinfo_of(blob, default=self._default, year=time.wall.year)
        try:
            return time.wall.replace(tzinfo=zone).astimezone(dt.UTC)
        except OverflowError:
            return time.wall.replace(tzinfo=dt.UTC)

    # -- events

    def events(self, group: list[Component]) -> list[ReadEvent]:
        """
        Read the components of one UID: an event or series, with what differs from it.
        """
        mains = [one for one in group if one.first("RECURRENCE-ID") is None]
        others = [one for one in group if one.first("RECURRENCE-ID") is not None]
        if not mains:
            return [read for one in others if (read := self._alone(one)) is not None]
        main = max(mains, key=sequence_of)  # of several revisions the newest
        reasons: list[Reason] = []
        start = self._start(main, reasons)
        event = self._event(main, start, reasons)
        if start is None:
            return [ReadEvent(event=event, reasons=tuple(reasons), sequence=sequence_of(main))]
        recurrence = self._recurrence(main, start, event, reasons)
        if recurrence is not None:
            event = msgspec.structs.replace(event, recurrence=recurrence)
            exceptions = self._deleted(main, start, event, reasons)
            for one in others:
                exception = self._exception(one, event, reasons)
                if exception is not None and exception.exception_start_time is not None:
                    exceptions[exception.exception_start_time] = exception
            if exceptions:
                event = msgspec.structs.replace(event, exceptions=tuple(exceptions[one] for one in sorted(exceptions)))
        elif others:
            reasons.append(Reason("RECURRENCE-ID", "an occurrence differs, of something that does not repeat"))
        return [ReadEvent(event=event, reasons=tuple(dict.fromkeys(reasons)), sequence=sequence_of(main))]

    def _alone(self, one: Component) -> ReadEvent | None:
        reasons: list[Reason] = []
        event = self._event(one, self._start(one, reasons), reasons)
        original = self._time(one.first("RECURRENCE-ID"), reasons)
        moment = self._moment(original, reasons) if original is not None else None
        return ReadEvent(event=event, reasons=tuple(reasons), recurrence_id=moment, sequence=sequence_of(one))

    def _time(self, one: Property | None, reasons: list[Reason]) -> Time | None:
        if one is None:
            return None
        time = read_time(one.value, one.parameters.get("TZID", ""))
        if time is None:
            reasons.append(Reason(one.name, f"{one.value[:40]!r} is no date or time"))
        return time

    def _start(self, one: Component, reasons: list[Reason]) -> Time | None:
        start = self._time(one.first("DTSTART"), reasons)
        if start is None:
            reasons.append(Reason("DTSTART", "it has no start"))
        return start

    def _event(self, one: Component, start: Time | None, reasons: list[Reason]) -> Event:
        text, html = one.text("DESCRIPTION"), one.first("X-ALT-DESC")
        event = Event(
            uid=one.text("UID") or None,
            subject=one.text("SUMMARY") or None,
            location=one.text("LOCATION") or None,
            place=place_of(one),
            body=body_of(text, html),
            categories=categories_of(one),
            sensitivity=sensitivity_of(one),
            busy_status=busy_of(one),
            reminder=reminder_of(one, reasons),
            dt_stamp=utc_time(one.text("DTSTAMP")),
            disallow_new_time_proposal=True if one.text("X-MICROSOFT-DISALLOW-COUNTER").upper() == "TRUE" else None,
        )
        event = msgspec.structs.replace(event, **self._people(one))
        reasons += [_UNSAID[name] for name in ("ATTACH", "RDATE", "EXRULE") if one.first(name) is not None]
        if start is None:
            return event
        return msgspec.structs.replace(
            event,
            all_day_event=start.whole,
            timezone=self._blob(start, reasons),
            start_time=self._moment(start, reasons),
            end_time=self._end(one, start, reasons),
        )

    def _end(self, one: Component, start: Time, reasons: list[Reason]) -> dt.datetime | None:
        begin = self._moment(start, reasons)
        end = self._time(one.first("DTEND"), reasons)
        if end is None:
            if (duration := one.first("DURATION")) is not None:
                return self._after(start, duration.value, reasons)
            return self._moment(Time(start.wall + dt.timedelta(days=1), True, False, ""), []) if start.whole else None
        if end.whole != start.whole:
            reasons.append(Reason("DTEND", "it begins at a time and ends with a day, or the other way round"))
            return None
        moment = self._moment(end, reasons)
        if moment < begin:
            reasons.append(Reason("DTEND", "it ends before it begins"))
            return None
        return moment

    def _after(self, start: Time, value: str, reasons: list[Reason]) -> dt.datetime | None:
        """
        Give the end of a duration: days count on the clock, hours as they pass ([RFC 5545] 3.3.6).
        """
        length = read_duration(value)
        if length is None or length < dt.timedelta() or (start.whole and length.seconds):
            reasons.append(Reason("DURATION", f"{value[:40]!r} is no length that this event can have"))
            return None
        days = dt.timedelta(days=length.days)
        try:
            wall = msgspec.structs.replace(start, wall=start.wall + days)
            return self._moment(wall, reasons) + (length - days)
        except OverflowError:
            reasons.append(Reason("DURATION", f"{value[:40]!r} leads out of the calendar"))
            return None

    def _people(self, one: Component) -> dict[str, object]:
        organizer = one.first("ORGANIZER")
        attendees = tuple(person for each in one.each("ATTENDEE") if (person := attendee_of(each)) is not None)
        cancelled = _CANCELLED if one.text("STATUS").upper() == "CANCELLED" else 0
        if organizer is None and not attendees:
            return {"meeting_status": cancelled or None}
        address = address_of(organizer.value) if organizer is not None else None
        received = _RECEIVED if address is not None and address.lower() not in self._own else 0
        return {
            "organizer_email": address,
            "organizer_name": organizer.parameters.get("CN") if organizer is not None else None,
            "attendees": attendees or None,
            "meeting_status": _MEETING | received | cancelled,
            "response_requested": any(p.parameters.get("RSVP", "").upper() == "TRUE" for p in one.each("ATTENDEE"))
            or None,
        }

    # -- series

    def _recurrence(self, one: Component, start: Time, event: Event, reasons: list[Reason]) -> Recurrence | None:
        rules = list(one.each("RRULE"))
        if not rules:
            return None
        if len(rules) > 1:
            reasons.append(Reason("RRULE", "it has several rules, and one can be said"))
        try:
            pattern, until = read_rule(rules[0].value, start.wall)
        except ValueError as error:
            reasons.append(Reason("RRULE", f"{rules[0].value[:80]}: {error}"))
            return None
        if pattern.first_day_of_week not in (None, 0) and self._version < Version.V14_1:
            reasons.append(Reason("WKST", f"version {self._version} cannot say that the week does not begin on Sunday"))
        if until is None:
            return pattern
        last = read_time(until, start.tzid)
        if last is None:
            reasons.append(Reason("RRULE", f"UNTIL={until[:40]} is no date or time"))
            return None
        if last.whole and not start.whole:  # against the specification, but common: the whole last day is meant
            last = msgspec.structs.replace(start, wall=last.wall + dt.timedelta(hours=23, minutes=59, seconds=59))
        if start.whole and not last.whole:
            last = Time(dt.datetime.combine(last.wall.date(), dt.time()), True, False, "")
        return msgspec.structs.replace(pattern, until=self._moment(last, reasons))

    def _is_occurrence(self, event: Event, moment: dt.datetime) -> bool:
        assert event.recurrence is not None
        assert event.start_time is not None
        zone, _ = tzinfo_of(event.timezone, default=self._default, year=event.start_time.year)
        if event.all_day_event and self._version >= Version.V16_0:
            zone = dt.UTC
        try:
            return moment in expand(event.recurrence, event.start_time, zone, moment, moment + _SECOND)
        except OverflowError:
            return False

    def _deleted(
        self, one: Component, start: Time, event: Event, reasons: list[Reason]
    ) -> dict[dt.datetime, EventException]:
        found: dict[dt.datetime, EventException] = {}
        for each in one.each("EXDATE"):
            for value in each.value.split(","):
                time = self._time(Property("EXDATE", value, each.parameters), reasons)
                if time is None:
                    continue
                if time.whole and not start.whole:  # the occurrence of that day
                    time = msgspec.structs.replace(start, wall=dt.datetime.combine(time.wall, start.wall.time()))
                elif start.whole and not time.whole:
                    time = Time(dt.datetime.combine(time.wall, dt.time()), True, False, "")
                moment = self._moment(time, reasons)
                if self._is_occurrence(event, moment):  # else there is nothing to take out
                    found[moment] = EventException(deleted=True, exception_start_time=moment)
        return found

    def _exception(self, one: Component, series: Event, reasons: list[Reason]) -> EventException | None:
        marker = one.first("RECURRENCE-ID")
        assert marker is not None
        if "RANGE" in marker.parameters:
            reasons.append(Reason("RECURRENCE-ID", "a change of this and all later occurrences cannot be said"))
            return None
        original, start = self._time(marker, reasons), self._start(one, reasons)
        if original is None or start is None:
            return None
        if start.whole != bool(series.all_day_event) or original.whole != start.whole:
            reasons.append(Reason("RECURRENCE-ID", _ALL_DAY_ALONE))
            return None
        moment = self._moment(original, reasons)
        if not self._is_occurrence(series, moment):
            reasons.append(Reason("RECURRENCE-ID", f"{marker.value[:40]} is no occurrence of the series"))
            return None
        if one.first("RRULE") is not None:
            reasons.append(Reason("RRULE", "an occurrence that repeats by itself cannot be said"))
        return self._differing(self._event(one, start, reasons), series, moment)

    def _differing(self, event: Event, series: Event, moment: dt.datetime) -> EventException:
        """
        Make the exception that says in what an occurrence differs; what it has lost is named in `cleared`.
        """
        assert series.start_time is not None
        length = (series.end_time or series.start_time) - series.start_time
        changes: dict[str, object] = {}
        cleared = set()
        if event.start_time != moment or (event.end_time or event.start_time) != moment + length:
            changes |= {"start_time": event.start_time, "end_time": event.end_time or event.start_time}
        for name in (
            "subject",
            "location",
            "body",
            "categories",
            "sensitivity",
            "busy_status",
            "reminder",
            "attendees",
        ):
            value, general = getattr(event, name), getattr(series, name)
            if value == general:
                continue
            if value is not None:
                changes[name] = value
            elif name in ("subject", "location"):
                changes[name] = ""
            elif name in ("categories", "attendees"):
                changes[name] = ()
            else:
                cleared.add(name)
        status = event.meeting_status
        if status != series.meeting_status and status is not None:
            changes["meeting_status"] = status
        exception = EventException(exception_start_time=moment, cleared=frozenset(cleared))
        return msgspec.structs.replace(exception, **changes)

    # -- tasks

    def task(self, one: Component) -> ReadTask:
        """
        Read a task.
        """
        reasons: list[Reason] = []
        start, due = self._time(one.first("DTSTART"), reasons), self._time(one.first("DUE"), reasons)
        if due is None and start is not None and (duration := one.first("DURATION")) is not None:
            length = read_duration(duration.value)
            if length is None or length < dt.timedelta():
                reasons.append(Reason("DURATION", f"{duration.value[:40]!r} is no length that a task can have"))
            else:
                due = msgspec.structs.replace(start, wall=start.wall + length)
        complete = one.text("STATUS").upper() == "COMPLETED" or one.first("COMPLETED") is not None
        reminder = absolute_reminder(one, reasons)
        if one.text("STATUS").upper() == "CANCELLED":
            reasons.append(Reason("STATUS", "a task that was called off cannot be said"))
        task = Task(
            subject=one.text("SUMMARY") or None,
            body=body_of(one.text("DESCRIPTION"), one.first("X-ALT-DESC")),
            categories=categories_of(one),
            sensitivity=sensitivity_of(one),
            importance=importance_of(one.text("PRIORITY")),
            complete=complete,
            date_completed=utc_time(one.text("COMPLETED")) if complete else None,
            reminder_set=True if reminder is not None else None,
            reminder_time=reminder,
            recurrence=self._task_rule(one, start or due, reasons),
        )
        for name, time in (("start", start), ("due", due)):
            if time is not None:
                local, moment = self._task_times(time, reasons)
                task = msgspec.structs.replace(task, **{f"{name}_date": local, f"utc_{name}_date": moment})
        unsaid = ("ATTACH", "RDATE", "EXRULE", "EXDATE")
        reasons += [_UNSAID[name] for name in unsaid if one.first(name) is not None]
        if one.first("RECURRENCE-ID") is not None:
            reasons.append(Reason("RECURRENCE-ID", "single occurrences of a task cannot be said"))
        return ReadTask(task=task, uid=one.text("UID"), reasons=tuple(dict.fromkeys(reasons)))

    def _task_times(self, time: Time, reasons: list[Reason]) -> tuple[dt.datetime, dt.datetime]:
        """
        Give the pair of dates that a task has: on the clock, written as if it were UTC, and in UTC.
        """
        if time.utc:
            moment = time.wall.replace(tzinfo=dt.UTC)
            return moment.astimezone(zoneinfo.ZoneInfo(self._default)).replace(tzinfo=dt.UTC), moment
        zoned = Time(time.wall, False, False, time.tzid or self._default)
        return time.wall.replace(tzinfo=dt.UTC), self._moment(zoned, reasons)

    def _task_rule(self, one: Component, start: Time | None, reasons: list[Reason]) -> TaskRecurrence | None:
        rules = list(one.each("RRULE"))
        if not rules:
            return None
        if len(rules) > 1:
            reasons.append(Reason("RRULE", "it has several rules, and one can be said"))
        if start is None:
            reasons.append(Reason("RRULE", "the series does not say when it begins"))
            return None
        try:
            pattern, until = read_rule(rules[0].value, start.wall)
        except ValueError as error:
            reasons.append(Reason("RRULE", f"{rules[0].value[:80]}: {error}"))
            return None
        values = {name: getattr(pattern, name) for name in pattern.__struct_fields__}
        last = read_time(until, "") if until is not None else None
        values["until"] = last.wall.replace(tzinfo=dt.UTC) if last is not None else None
        return TaskRecurrence(**values, start=start.wall.replace(tzinfo=dt.UTC))
