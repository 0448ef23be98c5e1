"""
Single values of iCalendar: times, lengths, people, reminders ([RFC 5545] 3.2, 3.3, 3.8).
"""

from __future__ import annotations

import datetime as dt
import re

import msgspec

from carrierpost.formats.contentlines import Component, Property, split_values
from carrierpost.formats.icalendar_words import BUSY, CLASSES, ROLES, STATUSES, Reason
from carrierpost.protocol.classes import Attendee, Body, BodyType, BusyStatus, Importance, Location

__all__ = [
    "Time",
    "absolute_reminder",
    "address_of",
    "attendee_of",
    "body_of",
    "busy_of",
    "categories_of",
    "importance_of",
    "place_of",
    "read_duration",
    "read_time",
    "reminder_of",
    "sensitivity_of",
    "sequence_of",
    "utc_time",
]

_DURATION = re.compile(r"([+-])?P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?")


class Time(msgspec.Struct, frozen=True):
    """
    A time as it was written.

    Attributes:
        wall: the time on the clock of its zone; midnight for a day.
        whole: whether it is a day.
        utc: whether it is said in UTC.
        tzid: the name of its zone, or empty.
    """

    wall: dt.datetime
    whole: bool
    utc: bool
    tzid: str


def read_time(value: str, tzid: str) -> Time | None:
    """
    Read a date or time; `None` for what is none, or lies outside of what ActiveSync has numbers for.
    """
    match = _TIME.fullmatch(value.strip())
    if match is None:
        return None
    numbers = [int(one) for one in match.groups()[:6] if one is not None]
    try:
        if len(numbers) == 6:
            numbers[5] = min(numbers[5], 59)
        wall = dt.datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001 - its zone is beside it
    except ValueError:
        return None
    if not 1601 <= wall.year <= 4500:  # what ActiveSync has numbers for
        return None
    return Time(wall, len(numbers) == 3, bool(match[7]), tzid.strip('"'))


def utc_time(value: str) -> dt.datetime | None:
    """
    Read a moment; whatever zone it names, it is taken for UTC.
    """
    time = read_time(value, "")
    return time.wall.replace(tzinfo=dt.UTC) if time is not None else None


def read_duration(value: str) -> dt.timedelta | None:
    """
    Read a length; `None` for what is none.
    """
    match = _DURATION.fullmatch(value.strip().upper())
    if match is None or not any(match.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in match.groups()[1:])
    length = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if match[1] == "-" else length


def sequence_of(one: Component) -> int:
    """
    Give the number of a component's revision.
    """
    text = one.text("SEQUENCE").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def body_of(text: str, html: Property | None) -> Body | None:
    """
    Give the text, as HTML where there is some.
    """
    if html is not None and html.parameters.get("FMTTYPE", "").lower() == "text/html" and html.value:
        return Body(type=BodyType.HTML, data=html.text())
    return Body(type=BodyType.PLAIN, data=text) if text else None


def categories_of(one: Component) -> tuple[str, ...] | None:
    """
    Give the categories, each once.
    """
    found = [text for each in one.each("CATEGORIES") for text in split_values(each.value) if text]
    return tuple(dict.fromkeys(found)) or None


def sensitivity_of(one: Component) -> int | None:
    """
    Give the sensitivity; a class that nobody knows is private.
    """
    name = one.text("CLASS").upper()
    if not name:
        return None
    return next((number for number, word in CLASSES.items() if word == name), 2)


def busy_of(one: Component) -> BusyStatus | None:
    """
    Give how the time is shown to others.
    """
    name = one.text("X-MICROSOFT-CDO-BUSYSTATUS").upper()
    for status, word in BUSY.items():
        if word == name:
            return status
    match one.text("TRANSP").upper():
        case "TRANSPARENT":
            return BusyStatus.FREE
        case "OPAQUE":
            return BusyStatus.TENTATIVE if one.text("STATUS").upper() == "TENTATIVE" else BusyStatus.BUSY
    return BusyStatus.TENTATIVE if one.text("STATUS").upper() == "TENTATIVE" else None


def place_of(one: Component) -> Location | None:
    """
    Give the place in parts, where its position is known.
    """
    latitude, mark, longitude = one.text("GEO").partition(";")
    if not mark:
        return None
    return Location(display_name=one.text("LOCATION") or None, latitude=latitude, longitude=longitude)


def importance_of(text: str) -> Importance | None:
    """
    Give the importance that a priority means ([RFC 5545] 3.8.1.9).
    """
    if not text.isdecimal() or text == "0":
        return None
    number = int(text[:3])
    return Importance.HIGH if number < 5 else Importance.NORMAL if number == 5 else Importance.LOW


def address_of(value: str) -> str:
    """
    Give the mail address in a calendar address.
    """
    value = value.strip()
    return value[7:] if value[:7].lower() == "mailto:" else value


def attendee_of(one: Property) -> Attendee | None:
    """
    Read an attendee; `None` for one without a mail address.
    """
    address = address_of(one.value)
    if "@" not in address:
        return None
    role, kind = one.parameters.get("ROLE", "").upper(), one.parameters.get("CUTYPE", "").upper()
    number = next((number for number, word in ROLES.items() if word == role), 1 if role else None)
    if kind in ("RESOURCE", "ROOM"):
        number = 3
    status = one.parameters.get("PARTSTAT", "").upper()
    return Attendee(
        email=address,
        name=one.parameters.get("CN") or None,
        attendee_type=number,
        attendee_status=next((number for number, word in STATUSES.items() if word == status), 0),
    )


def _alarms(one: Component, reasons: list[Reason]) -> list[Property]:
    found = []
    for alarm in one.children:
        if alarm.name != "VALARM" or (trigger := alarm.first("TRIGGER")) is None:
            continue
        if alarm.text("ACTION").upper() == "EMAIL":
            reasons.append(Reason("VALARM", "a reminder by mail cannot be said", changes_meaning=False))
        else:
            found.append(trigger)
    return found


def reminder_of(one: Component, reasons: list[Reason]) -> int | None:
    """
    Give the reminder in minutes before the start: of several the earliest.
    """
    minutes = []
    for trigger in _alarms(one, reasons):
        length = read_duration(trigger.value)
        if length is None or length > dt.timedelta() or trigger.parameters.get("RELATED", "").upper() == "END":
            why = f"{trigger.value[:40]!r} is no time before the start"
            reasons.append(Reason("VALARM", why, changes_meaning=False))
            continue
        minutes.append(-length // dt.timedelta(minutes=1))
    if len(set(minutes)) > 1:
        why = f"of {len(set(minutes))} reminders only the earliest is kept"
        reasons.append(Reason("VALARM", why, changes_meaning=False))
    return max(minutes, default=None)


def absolute_reminder(one: Component, reasons: list[Reason]) -> dt.datetime | None:
    """
    Give the moment of a task's reminder: of several the earliest.
    """
    times = []
    for trigger in _alarms(one, reasons):
        moment = utc_time(trigger.value)
        if moment is None:
            why = f"{trigger.value[:40]!r} is no moment, and a task's reminder has to be one"
            reasons.append(Reason("VALARM", why, changes_meaning=False))
        else:
            times.append(moment)
    if len(set(times)) > 1:
        why = f"of {len(set(times))} reminders only the earliest is kept"
        reasons.append(Reason("VALARM", why, changes_meaning=False))
    return min(times, default=None)
