"""
Events and tasks as iCalendar ([RFC 5545]; the Microsoft names as [MS-OXCICAL] has them).

The wall-clock time of an event's own zone is written, so that a series stays where it is when clocks change; whole days
are dates. Exceptions become overriding components, what is deleted an EXDATE.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from carrierpost.formats.contentlines import Component, escape, write_components
from carrierpost.formats.icalendar_words import BUSY, CLASSES, PRIORITIES, ROLES, STATUSES, Reason
from carrierpost.formats.rules import write_rule
from carrierpost.formats.zones import tzid_of, write_zone
from carrierpost.protocol.classes import Attendee, Body, BodyType, BusyStatus, Event, EventException, Task
from carrierpost.protocol.classes.occurrences import event_days, event_zone
from carrierpost.protocol.classes.recurrence import Pattern, problems, rule_of
from carrierpost.protocol.text import html_to_text
from carrierpost.protocol.timezone import ZoneRules

__all__ = [
    "Times",
    "event_components",
    "mark_occurrence",
    "occurrence_of",
    "task_component",
    "write_calendar",
    "write_events",
    "write_tasks",
]

_PRODUCT = "-//Carrierpost//Carrierpost//EN"
_CANCELLED = 4  # MeetingStatus
_DAY = dt.timedelta(days=1)


def write_calendar(components: Iterable[Component], method: str | None = None) -> str:
    """
    Put components into a calendar, each zone once.
    """
    calendar = Component("VCALENDAR")
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", _PRODUCT)
    if method is not None:
        calendar.add("METHOD", method)
    seen: set[str] = set()
    rest = []
    for one in components:
        if one.name != "VTIMEZONE":
            rest.append(one)
        elif one.text("TZID") not in seen:
            seen.add(one.text("TZID"))
            calendar.children.append(one)
    calendar.children += rest
    return write_components([calendar])


def write_events(events: Iterable[Event], *, now: dt.datetime, default_zone: str = "UTC") -> tuple[str, list[Reason]]:
    """
    Write events as a calendar file.

    Args:
        events: events and series, each with a UID.
        now: the time of writing, for events that do not say when they were changed.
        default_zone: IANA name of the zone of events that name none.

    Returns:
        The text, and what it does not say of the events.
    """
    components: list[Component] = []
    reasons: list[Reason] = []
    for event in events:
        made, why = event_components(event, now=now, default_zone=default_zone)
        components += made
        reasons += why
    return write_calendar(components), reasons


class Times:
    """
    How the times of one event are written.
    """

    def __init__(self, event: Event, default_zone: str) -> None:
        assert event.start_time is not None
        self.whole = bool(event.all_day_event)
        self.zone, told = event_zone(event, default_zone)
        self.tzid: str | None = None
        self.rules: ZoneRules | None = None
        # A single event without a zone is a moment; only what repeats needs a wall clock.
        if not self.whole and (told or event.recurrence is not None):
            tzid, rules = tzid_of(event.timezone, default_zone, event.start_time.year)
            if tzid not in ("UTC", "Etc/UTC"):
                self.tzid, self.rules = tzid, rules

    def add(self, component: Component, name: str, moment: dt.datetime) -> None:
        """
        Add a time, or for whole days the day that begins then.
        """
        if self.whole:
            component.add(name, f"{self.day(moment):%Y%m%d}", {"VALUE": "DATE"})
        elif self.tzid is None:
            component.add(name, utc(moment))
        elif (local := moment.astimezone(self.zone)).fold and name in ("DTSTART", "DTEND"):
            component.add(name, utc(moment))  # the clock shows this hour twice, and means the first ([RFC 5545] 3.3.5)
        else:
            component.add(name, f"{local:%Y%m%dT%H%M%S}", {"TZID": self.tzid})

    def day(self, moment: dt.datetime) -> dt.date:
        """
        Give the day that a border of whole days means.
        """
        return event_days(moment, None, self.zone)[0]

    def wall(self, moment: dt.datetime) -> dt.datetime:
        """
        Give the time that the event's clock shows, without a zone.
        """
        if self.whole:
            return dt.datetime.combine(self.day(moment), dt.time())
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def moment(self, wall: dt.datetime, like: dt.datetime) -> dt.datetime:
        """
        Give the moment at which the event's clock shows a time; whole days in the form of another border.
        """
        if self.whole and like.astimezone(dt.UTC).time() == dt.time():
            return wall.replace(tzinfo=dt.UTC)
        return wall.replace(tzinfo=self.zone).astimezone(dt.UTC)


def utc(moment: dt.datetime) -> str:
    """
    Write a moment in UTC.
    """
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}".rjust(16, "0")


def event_components(
    event: Event, *, now: dt.datetime, default_zone: str = "UTC", sequence: int | None = None
) -> tuple[list[Component], list[Reason]]:
    """
    Make the components of an event: its zone, itself, and the occurrences of a series that differ.

    Args:
        event: the event or series, in the hub's form.
        now: the time of writing.
        default_zone: IANA name of the zone of an event that names none.
        sequence: the number of its revision, for invitations.

    Returns:
        The components, and what they do not say. An event without a start, or without a UID, has none.
    """
    if event.start_time is None:
        return [], [Reason("DTSTART", f"{event.subject or 'an event'!r} has no start")]
    if not (event.uid or event.client_uid):
        return [], [Reason("UID", f"{event.subject or 'an event'!r} has no id that others could know it by")]
    times = Times(event, default_zone)
    reasons: list[Reason] = []
    first = event
    rule: str | None = None
    if event.recurrence is not None:
        if wrong := problems(event.recurrence):
            reasons.append(Reason("RRULE", f"the series cannot be followed: {'; '.join(wrong)}"))
        else:
            first = _from_its_first_day(event, times)
            rule = write_rule(event.recurrence, _until(event.recurrence, times))
    main = _component(first, times, now, sequence)
    if rule is not None:
        main.add("RRULE", rule)
    components = [main]
    for one in (event.exceptions or ()) if rule is not None else ():
        if one.exception_start_time is None:
            reasons.append(Reason("RECURRENCE-ID", "an exception does not say which occurrence it is about"))
        elif one.deleted:
            times.add(main, "EXDATE", one.exception_start_time)
        else:
            components.append(_overriding(first, one, times, now, sequence))
    if times.tzid is not None and times.rules is not None:
        components.insert(0, write_zone(times.tzid, times.rules))
    return components, reasons


def _from_its_first_day(event: Event, times: Times) -> Event:
    """
    Let a series begin with the first start that its pattern gives, which in iCalendar is always one of them.
    """
    assert event.recurrence is not None
    assert event.start_time is not None
    wall = times.wall(event.start_time)
    first = next(iter(rule_of(event.recurrence, wall)), wall)
    start = times.moment(first, event.start_time)
    if start == event.start_time:
        return event
    length = (event.end_time or event.start_time) - event.start_time
    return msgspec.structs.replace(event, start_time=start, end_time=start + length if event.end_time else None)


def _until(pattern: Pattern, times: Times) -> str | None:
    if pattern.until is None or pattern.occurrences:
        return None
    return f"{times.day(pattern.until):%Y%m%d}" if times.whole else utc(pattern.until)


def _overriding(series: Event, one: EventException, times: Times, now: dt.datetime, sequence: int | None) -> Component:
    """
    Make the component of an occurrence that differs.
    """
    assert one.exception_start_time is not None
    component = _component(occurrence_of(series, one.exception_start_time, one), times, now, sequence)
    mark_occurrence(component, times, one.exception_start_time)
    return component


def mark_occurrence(component: Component, times: Times, original: dt.datetime) -> None:
    """
    Say of a component which occurrence it is, in front of its own start.
    """
    where = component.properties.index(next(component.each("DTSTART")))
    marker = Component("X")
    times.add(marker, "RECURRENCE-ID", original)
    component.properties[where:where] = marker.properties


def occurrence_of(series: Event, original: dt.datetime, one: EventException | None = None) -> Event:
    """
    Give an occurrence of a series as an event: whatever its exception does not mention is as in the series.

    Args:
        series: the series.
        original: the start that the occurrence has by the pattern.
        one: its exception; looked for in the series where it is left out.
    """
    if one is None:
        held = (each for each in series.exceptions or () if each.exception_start_time == original)
        one = next(held, EventException())
    length = (series.end_time or original) - (series.start_time or original)
    start = one.start_time or original
    end = one.end_time or (start + length if series.end_time is not None else None)
    changes: dict[str, object] = {"start_time": start, "end_time": end, "recurrence": None, "exceptions": None}
    for name in _SHARED:
        value = getattr(one, name)
        if value is not None:
            changes[name] = value
        elif name in one.cleared:
            changes[name] = None
    return msgspec.structs.replace(series, **changes)


_SHARED = (
    *("subject", "body", "location", "categories", "sensitivity", "busy_status", "reminder", "dt_stamp"),
    *("meeting_status", "attendees", "online_meeting_external_link"),
)


def _component(event: Event, times: Times, now: dt.datetime, sequence: int | None) -> Component:
    assert event.start_time is not None
    one = Component("VEVENT")
    one.add_text("UID", event.uid or event.client_uid)
    one.add("DTSTAMP", utc(event.dt_stamp or now))
    if sequence is not None:
        one.add("SEQUENCE", str(sequence))
    times.add(one, "DTSTART", event.start_time)
    if times.whole:
        after = event_days(event.start_time, event.end_time, times.zone)[1]
        one.add("DTEND", f"{after:%Y%m%d}", {"VALUE": "DATE"})
    elif event.end_time is not None and event.end_time >= event.start_time:
        times.add(one, "DTEND", event.end_time)
    one.add_text("SUMMARY", event.subject)
    one.add_text("LOCATION", event.location)
    place = event.place
    if place is not None and place.latitude and place.longitude:
        one.add("GEO", f"{escape(place.latitude)};{escape(place.longitude)}")
    _add_common(one, event.body, event.categories, event.sensitivity)
    if event.busy_status is not None:
        one.add("TRANSP", "TRANSPARENT" if event.busy_status is BusyStatus.FREE else "OPAQUE")
        one.add("X-MICROSOFT-CDO-BUSYSTATUS", BUSY[event.busy_status])
    if (event.meeting_status or 0) & _CANCELLED:
        one.add("STATUS", "CANCELLED")
    if event.organizer_email:
        _add_person(one, "ORGANIZER", event.organizer_email, event.organizer_name, {})
    for attendee in event.attendees or ():
        if attendee.email:
            _add_person(one, "ATTENDEE", attendee.email, attendee.name, _roles(attendee, event.response_requested))
    one.add_text("URL", event.online_meeting_external_link or event.online_meeting_conf_link)
    if event.disallow_new_time_proposal:
        one.add("X-MICROSOFT-DISALLOW-COUNTER", "TRUE")
    if event.reminder is not None:
        _add_alarm(one, f"-PT{event.reminder}M", event.subject)
    return one


def _add_common(one: Component, body: Body | None, categories: tuple[str, ...] | None, sensitivity: int | None) -> None:
    if body is not None and body.data:
        if body.type is BodyType.HTML:
            one.add_text("DESCRIPTION", html_to_text(body.data))
            one.add_text("X-ALT-DESC", body.data, {"FMTTYPE": "text/html"})
        elif body.type in (BodyType.PLAIN, None):
            one.add_text("DESCRIPTION", body.data)
    if categories:
        one.add("CATEGORIES", ",".join(map(escape, categories)))
    if sensitivity is not None:
        one.add("CLASS", CLASSES.get(sensitivity, "PRIVATE"))


def _add_person(one: Component, name: str, address: str, shown: str | None, parameters: dict[str, str]) -> None:
    clean = "".join(address.split())
    one.add(name, f"mailto:{clean}", {**({"CN": shown} if shown else {}), **parameters})


def _roles(attendee: Attendee, response_requested: bool | None) -> dict[str, str]:
    parameters = {}
    if attendee.attendee_type is not None:
        parameters["ROLE"] = ROLES.get(attendee.attendee_type, "REQ-PARTICIPANT")
        if attendee.attendee_type == 3:
            parameters["CUTYPE"] = "RESOURCE"
    if status := STATUSES.get(attendee.attendee_status or 0):
        parameters["PARTSTAT"] = status
    if response_requested:
        parameters["RSVP"] = "TRUE"
    return parameters


def _add_alarm(one: Component, trigger: str, words: str | None, parameters: dict[str, str] | None = None) -> None:
    alarm = Component("VALARM")
    alarm.add("ACTION", "DISPLAY")
    alarm.add("TRIGGER", trigger, parameters)
    alarm.add_text("DESCRIPTION", words or "Reminder")
    one.children.append(alarm)


def write_tasks(tasks: Iterable[tuple[str, Task]], *, now: dt.datetime) -> tuple[str, list[Reason]]:
    """
    Write tasks as a calendar file.

    Args:
        tasks: each with a UID, which ActiveSync has none of.
        now: the time of writing.

    Returns:
        The text, and what it does not say of the tasks.
    """
    components = []
    reasons: list[Reason] = []
    for uid, task in tasks:
        made, why = task_component(task, uid, now=now)
        components.append(made)
        reasons += why
    return write_calendar(components), reasons


def task_component(task: Task, uid: str, *, now: dt.datetime) -> tuple[Component, list[Reason]]:
    """
    Make the component of a task, and tell what it does not say.
    """
    one = Component("VTODO")
    reasons: list[Reason] = []
    one.add_text("UID", uid)
    one.add("DTSTAMP", utc(now))
    one.add_text("SUMMARY", task.subject)
    _add_task_time(one, "DTSTART", task.start_date, task.utc_start_date)
    _add_task_time(one, "DUE", task.due_date, task.utc_due_date)
    _add_common(one, task.body, task.categories, task.sensitivity)
    if task.importance is not None:
        one.add("PRIORITY", str(PRIORITIES[task.importance]))
    if task.complete is not None:
        one.add("STATUS", "COMPLETED" if task.complete else "NEEDS-ACTION")
    if task.complete:
        one.add("PERCENT-COMPLETE", "100")
        if task.date_completed is not None:
            one.add("COMPLETED", utc(task.date_completed))
    if task.recurrence is not None:
        reasons += _add_task_rule(one, task)
    if task.reminder_set and task.reminder_time is not None:
        _add_alarm(one, utc(task.reminder_time), task.subject, {"VALUE": "DATE-TIME"})
    return one, reasons


def _add_task_rule(one: Component, task: Task) -> list[Reason]:
    pattern = task.recurrence
    assert pattern is not None
    if pattern.regenerate:
        return [Reason("RRULE", "the next task counts from the completion of the one before, which cannot be said")]
    if wrong := problems(pattern):
        return [Reason("RRULE", f"the series cannot be followed: {'; '.join(wrong)}")]
    if one.first("DTSTART") is None:
        start = pattern.start or task.due_date or task.utc_due_date
        if start is None:
            return [Reason("RRULE", "the series does not say when it begins")]
        one.add("DTSTART", f"{start:%Y%m%d}", {"VALUE": "DATE"})
    one.add("RRULE", write_rule(pattern, f"{pattern.until:%Y%m%d}" if pattern.until is not None else None))
    return []


def _add_task_time(one: Component, name: str, local: dt.datetime | None, moment: dt.datetime | None) -> None:
    """
    Add a task's date. Tasks have days; a time of day is kept where both forms say one.
    """
    day = local or moment
    if day is None:
        return
    if local is not None and moment is not None and (local.time() != dt.time()):
        one.add(name, utc(moment))
    else:
        one.add(name, f"{day:%Y%m%d}", {"VALUE": "DATE"})
