"""
Meetings as they travel by mail: iCalendar to events and back, as far as invitations need it (RFC 5545, RFC 5546).

What iCalendar can say and ActiveSync cannot is left out here. Nothing outside of this module knows iCalendar.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import zoneinfo
from collections.abc import Sequence
from typing import Any

import icalendar
import msgspec

from carrierpost.protocol.classes import Attendee, Body, BodyType, Event, EventException, Recurrence, RecurrenceType
from carrierpost.protocol.classes.occurrences import event_days, event_zone
from carrierpost.protocol.text import html_to_text
from carrierpost.protocol.timezone import blob_of

__all__ = ["Invitation", "global_object_id", "read_itip", "write_itip"]

_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_STATUSES = {0: "NEEDS-ACTION", 2: "TENTATIVE", 3: "ACCEPTED", 4: "DECLINED", 5: "NEEDS-ACTION"}
_STATUS_OF = {"TENTATIVE": 2, "ACCEPTED": 3, "DECLINED": 4, "NEEDS-ACTION": 0}
_ROLES = {1: "REQ-PARTICIPANT", 2: "OPT-PARTICIPANT", 3: "NON-PARTICIPANT"}
_TYPE_OF = {"OPT-PARTICIPANT": 2, "NON-PARTICIPANT": 3}
_FREQUENCIES = {
    RecurrenceType.DAILY: "DAILY",
    RecurrenceType.WEEKLY: "WEEKLY",
    RecurrenceType.MONTHLY: "MONTHLY",
    RecurrenceType.MONTHLY_NTH: "MONTHLY",
    RecurrenceType.YEARLY: "YEARLY",
    RecurrenceType.YEARLY_NTH: "YEARLY",
}
_CLASS_ID = bytes.fromhex("040000008200E00074C5B7101A82E008")


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a mail says about a meeting.

    Attributes:
        method: `REQUEST`, `REPLY`, `CANCEL`, `COUNTER`...
        event: the meeting, with its UID, organizer and attendees; of a reply with the one who answers.
        occurrence: start of the occurrence that is meant, of a series; `None` for the whole.
        sequence: grows with each change of the meeting.
    """

    method: str
    event: Event
    occurrence: dt.datetime | None = None
    sequence: int = 0


def global_object_id(uid: str) -> str:
    """
    Write a UID as versions up to 14.1 have it in meeting requests ([MS-ASEMAIL] GlobalObjId).

    A UID that is the hexadecimal form of such an id becomes that id again; any other one is put into it.
    """
    try:
        raw = bytes.fromhex(uid)
    except ValueError:
        raw = b""
    if not raw.startswith(_CLASS_ID):
        data = b"vCal-Uid\x01\x00\x00\x00" + uid.encode("ascii", "replace") + b"\0"
        raw = _CLASS_ID + bytes(20) + len(data).to_bytes(4, "little") + data
    return base64.b64encode(raw).decode()


# -- reading


def read_itip(text: bytes) -> Invitation | None:
    """
    Read a `text/calendar` part; `None` for one that is about no event or cannot be read.
    """
    try:
        calendar = icalendar.Calendar.from_ical(text)
        events: list[Any] = list(calendar.walk("VEVENT"))
        if not events:
            return None
        master = next((one for one in events if "RECURRENCE-ID" not in one), None)
        method = str(calendar.get("METHOD", "PUBLISH")).upper()
        return _invitation(method, master if master is not None else events[0], events)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, binascii.Error):
        return None


def _invitation(method: str, master: Any, events: Sequence[Any]) -> Invitation:
    event = _event(master)
    exceptions = [_exception(one) for one in events if one is not master and "RECURRENCE-ID" in one]
    exceptions += [EventException(exception_start_time=one, deleted=True) for one in _dates(master.get("EXDATE"))]
    if exceptions:
        event = msgspec.structs.replace(event, exceptions=tuple(exceptions))
    occurrence = master.get("RECURRENCE-ID")
    return Invitation(
        method=method,
        event=event,
        occurrence=None if occurrence is None else _moment(occurrence.dt),
        sequence=int(master.get("SEQUENCE", 0)),
    )


def _event(one: Any) -> Event:
    start = one["DTSTART"].dt
    whole = not isinstance(start, dt.datetime)
    end = _end(one, start, whole)
    organizer = one.get("ORGANIZER")
    text = str(one.get("DESCRIPTION", ""))
    return Event(
        uid=str(one["UID"]),
        subject=str(one.get("SUMMARY", "")),
        location=str(one["LOCATION"]) if one.get("LOCATION") else None,
        body=Body(type=BodyType.PLAIN, data=text.replace("\r\n", "\n").replace("\n", "\r\n")) if text else None,
        start_time=_moment(start),
        end_time=_moment(end),
        all_day_event=whole,
        timezone=_blob(start),
        dt_stamp=_moment(one["DTSTAMP"].dt) if "DTSTAMP" in one else None,
        organizer_email=_address(organizer) if organizer is not None else None,
        organizer_name=str(organizer.params.get("CN", "")) if organizer is not None else None,
        attendees=tuple(map(_attendee, _listed(one.get("ATTENDEE")))) or None,
        recurrence=_recurrence(one["RRULE"]) if "RRULE" in one else None,
        response_requested=any(one.params.get("RSVP") == "TRUE" for one in _listed(one.get("ATTENDEE"))) or None,
    )


def _end(one: Any, start: dt.datetime | dt.date, whole: bool) -> dt.datetime | dt.date:
    if "DTEND" in one:
        found: dt.datetime | dt.date = one["DTEND"].dt
        return found
    if "DURATION" in one:
        length: dt.timedelta = one["DURATION"].dt
        return start + length
    return start + dt.timedelta(days=1) if whole else start


def _exception(one: Any) -> EventException:
    event = _event(one)
    return EventException(
        exception_start_time=_moment(one["RECURRENCE-ID"].dt),
        subject=event.subject,
        location=event.location,
        start_time=event.start_time,
        end_time=event.end_time,
    )


def _moment(value: dt.datetime | dt.date) -> dt.datetime:
    """
    Give a date as midnight UTC, and a time without zone as UTC.
    """
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time(), dt.UTC)
    return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _blob(start: dt.datetime | dt.date) -> str | None:
    zone = getattr(start, "tzinfo", None)
    if zone is None:
        return None
    try:
        return blob_of(getattr(zone, "key", None) or "UTC", start.year)
    except ValueError:
        return None


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _dates(value: Any) -> list[dt.datetime]:
    return [_moment(each.dt) for one in _listed(value) for each in one.dts]


def _address(value: Any) -> str:
    text = str(value)
    return text[7:] if text.lower().startswith("mailto:") else text


def _attendee(value: Any) -> Attendee:
    status = _STATUS_OF.get(str(value.params.get("PARTSTAT", "")).upper(), 0)
    kind = 3 if str(value.params.get("CUTYPE", "")).upper() == "RESOURCE" else 0
    return Attendee(
        email=_address(value),
        name=str(value.params.get("CN", "")) or _address(value),
        attendee_status=status,
        attendee_type=kind or _TYPE_OF.get(str(value.params.get("ROLE", "")).upper(), 1),
    )


def _recurrence(rule: Any) -> Recurrence | None:
    """
    Read a rule as far as ActiveSync has words for it; one that it has not becomes no rule.
    """
    frequency = str(rule["FREQ"][0]).upper()
    days = [str(one).upper() for one in rule.get("BYDAY", [])]
    mask = sum(1 << _DAYS.index(one[-2:]) for one in days) or None
    numbers = {int(one[:-2]) for one in days if one[:-2]}
    nth = next(iter(numbers or [int(one) for one in rule.get("BYSETPOS", [])]), None)
    month, day = rule.get("BYMONTH", [None])[0], rule.get("BYMONTHDAY", [None])[0]
    if len(numbers) > 1 or frequency not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        return None
    if day is not None and int(day) == -1:
        day, nth, mask = None, -1, 127
    kinds = {"DAILY": RecurrenceType.DAILY, "WEEKLY": RecurrenceType.WEEKLY}
    by_nth = nth is not None and mask is not None
    kinds["MONTHLY"] = RecurrenceType.MONTHLY_NTH if by_nth else RecurrenceType.MONTHLY
    kinds["YEARLY"] = RecurrenceType.YEARLY_NTH if by_nth else RecurrenceType.YEARLY
    until = rule.get("UNTIL", [None])[0]
    return Recurrence(
        type=kinds[frequency],
        interval=int(rule.get("INTERVAL", [1])[0]),
        occurrences=int(rule["COUNT"][0]) if "COUNT" in rule else None,
        until=None if until is None else _moment(until),
        day_of_week=mask,
        day_of_month=None if day is None or by_nth else int(day),
        week_of_month=None if not by_nth or nth is None else (5 if nth < 0 else nth),
        month_of_year=None if month is None else int(month),
    )


# -- writing


def write_itip(
    method: str,
    event: Event,
    attendees: Sequence[Attendee],
    *,
    now: dt.datetime,
    sequence: int = 0,
    occurrence: dt.datetime | None = None,
    exceptions: bool = True,
) -> bytes:
    """
    Write a `text/calendar` part.

    Args:
        method: `REQUEST`, `REPLY`, `CANCEL` or `COUNTER`.
        event: the meeting, or one occurrence of it.
        attendees: who is invited, or who answers.
        now: the time of writing.
        sequence: the meeting's sequence number.
        occurrence: start of the occurrence that is meant; `None` for the whole.
        exceptions: write the series' exceptions, too.
    """
    calendar = icalendar.Calendar()
    calendar.add("PRODID", "-//Carrierpost//Exchange//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method)
    zone, told = event_zone(event, "UTC")
    written = _written(method, event, attendees, now=now, sequence=sequence, zone=zone if told else dt.UTC)
    if occurrence is not None:
        written.add("RECURRENCE-ID", _time(occurrence, event, dt.UTC))
    elif event.recurrence is not None:
        written.add("RRULE", _rule(event.recurrence))
    calendar.add_component(written)
    if exceptions and occurrence is None:
        for one in event.exceptions or ():
            _write_exception(calendar, written, event, one, now)
    if isinstance(zone, zoneinfo.ZoneInfo) and told and not event.all_day_event:
        calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _written(
    method: str, event: Event, attendees: Sequence[Attendee], *, now: dt.datetime, sequence: int, zone: dt.tzinfo
) -> icalendar.Event:
    assert event.start_time is not None
    one = icalendar.Event()
    one.add("UID", event.uid or "")
    one.add("DTSTAMP", now.astimezone(dt.UTC).replace(microsecond=0))
    one.add("SEQUENCE", sequence)
    named = zone if getattr(zone, "key", None) else dt.UTC
    if event.all_day_event:
        first, after = event_days(event.start_time, event.end_time, event_zone(event, "UTC")[0])
        one.add("DTSTART", first)
        one.add("DTEND", after)
    else:
        one.add("DTSTART", event.start_time.astimezone(named))
        one.add("DTEND", (event.end_time or event.start_time).astimezone(named))
    one.add("SUMMARY", event.subject or "")
    if event.location:
        one.add("LOCATION", event.location)
    if event.body is not None and event.body.data:
        html = event.body.type is BodyType.HTML
        one.add("DESCRIPTION", html_to_text(event.body.data) if html else event.body.data)
    if method == "CANCEL":
        one.add("STATUS", "CANCELLED")
    one.add("ORGANIZER", _person(event.organizer_email, event.organizer_name))
    for attendee in attendees:
        person = _person(attendee.email, attendee.name)
        person.params["PARTSTAT"] = _STATUSES.get(attendee.attendee_status or 0, "NEEDS-ACTION")
        person.params["ROLE"] = _ROLES.get(attendee.attendee_type or 1, "REQ-PARTICIPANT")
        if method == "REQUEST" and event.response_requested is not False:
            person.params["RSVP"] = "TRUE"
        one.add("ATTENDEE", person)
    return one


def _person(address: str | None, name: str | None) -> icalendar.vCalAddress:
    person = icalendar.vCalAddress(f"mailto:{address or ''}")
    if name:
        person.params["CN"] = name
    return person


def _time(moment: dt.datetime, event: Event, zone: dt.tzinfo) -> dt.datetime | dt.date:
    if event.all_day_event:
        return event_days(moment, None, event_zone(event, "UTC")[0])[0]
    return moment.astimezone(zone)


def _write_exception(
    calendar: icalendar.Calendar, master: icalendar.Event, series: Event, one: EventException, now: dt.datetime
) -> None:
    if one.exception_start_time is None:
        return
    if one.deleted:
        master.add("EXDATE", _time(one.exception_start_time, series, dt.UTC))
        return
    length = (series.end_time or one.exception_start_time) - (series.start_time or one.exception_start_time)
    start = one.start_time or one.exception_start_time
    changed = msgspec.structs.replace(
        series,
        start_time=start,
        end_time=one.end_time or start + length,
        subject=series.subject if one.subject is None else one.subject,
        location=series.location if one.location is None else one.location,
    )
    written = _written("REQUEST", changed, series.attendees or (), now=now, sequence=0, zone=dt.UTC)
    written.add("RECURRENCE-ID", _time(one.exception_start_time, series, dt.UTC))
    calendar.add_component(written)


def _rule(pattern: Recurrence) -> icalendar.vRecur:
    assert pattern.type is not None
    frequency = _FREQUENCIES[pattern.type]
    days = [_DAYS[day] for day in range(7) if (pattern.day_of_week or 0) >> day & 1]
    rule: dict[str, Any] = {}
    if pattern.type is RecurrenceType.DAILY and days:
        frequency = "WEEKLY"
    rule["FREQ"] = frequency
    if (pattern.interval or 1) > 1:
        rule["INTERVAL"] = pattern.interval
    if pattern.week_of_month is not None and pattern.type in (RecurrenceType.MONTHLY_NTH, RecurrenceType.YEARLY_NTH):
        nth = -1 if pattern.week_of_month == 5 else pattern.week_of_month
        if len(days) == 1:
            rule["BYDAY"] = [f"{nth}{days[0]}"]
        else:
            rule |= {"BYDAY": days, "BYSETPOS": nth}
    elif days:
        rule["BYDAY"] = days
    if pattern.type in (RecurrenceType.MONTHLY, RecurrenceType.YEARLY) and pattern.day_of_month is not None:
        rule["BYMONTHDAY"] = pattern.day_of_month
    if pattern.month_of_year is not None:
        rule["BYMONTH"] = pattern.month_of_year
    if pattern.occurrences:
        rule["COUNT"] = pattern.occurrences
    elif pattern.until is not None:
        rule["UNTIL"] = pattern.until
    return icalendar.vRecur(rule)
