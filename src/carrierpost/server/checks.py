"""
What a server does not take of a client's item, and why: it answers Status 6 ([MS-ASCAL], [MS-ASTASK], [MS-ASCNTC]...).
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost import wbxml
from carrierpost.protocol.classes import (
    ApplicationData,
    BusyStatus,
    Contact,
    Email,
    Event,
    Flag,
    FlagStatus,
    NoteItem,
    Task,
)
from carrierpost.protocol.classes.recurrence import problems
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Calendar

__all__ = ["objection", "objection_to_occurrence", "with_times"]

_MOST_PICTURE = 36 * 1024  # bytes, which are 48 KB of base64
_MOST_UID = 300
_MOST_EXCEPTIONS = 256
_HALF_HOUR = dt.timedelta(minutes=30)
_SERVERS = ("uid", "dt_stamp", "organizer_name", "organizer_email")


def objection(data: ApplicationData, version: Version) -> str:
    """
    Say what is wrong with the properties of an Add or a Change; empty when nothing is.
    """
    match data:
        case Email():
            return _mail(data)
        case Event():
            return _event(data, version)
        case Contact():
            return _contact(data, version)
        case Task():
            return _task(data)
        case NoteItem():
            wrong = data.message_class is not None and not data.message_class.startswith("IPM.StickyNote")
            return "a note's MessageClass begins with IPM.StickyNote" if wrong else ""


def _mail(data: Email) -> str:
    if data.conversation_id is not None:
        return "the conversation cannot be changed"
    if data.sender is not None:
        return "the sender cannot be changed"
    return _flag(data.flag) if data.flag is not None else ""


def _flag(flag: Flag) -> str:
    dates = (flag.start_date, flag.utc_start_date, flag.due_date, flag.utc_due_date)
    if any(dates) and not all(dates):
        return "a flag has all four of StartDate, UtcStartDate, DueDate and UtcDueDate, or none"
    if flag.status is FlagStatus.COMPLETE and not (flag.complete_time and flag.date_completed):
        return "a flag that is complete has CompleteTime and DateCompleted"
    return ""


def _event(data: Event, version: Version) -> str:
    if data.recurrence is not None and data.recurrence.type is not None and (wrong := problems(data.recurrence)):
        return wrong[0]
    if data.uid is not None and len(data.uid) > _MOST_UID:
        return f"UID is longer than {_MOST_UID} characters"
    if data.start_time is not None and data.end_time is not None and data.end_time < data.start_time:
        return "the event ends before it begins"
    if len(data.exceptions or ()) > _MOST_EXCEPTIONS:
        return f"more than {_MOST_EXCEPTIONS} exceptions"
    if version < Version.V16_0:
        return ""
    named = next((name for name in _SERVERS if getattr(data, name) is not None), None)
    if named is not None:
        return f"{named} is the server's to say"
    if data.exceptions is not None:
        return "exceptions are told one at a time, by InstanceId"
    if data.all_day_event and data.timezone is not None:
        return "whole days have no zone"
    if data.busy_status is BusyStatus.WORKING_ELSEWHERE:
        return "BusyStatus 4 is not taken from a client"
    if data.body is not None and data.body.estimated_data_size is not None:
        return "EstimatedDataSize is not taken from a client"
    return ""


def objection_to_occurrence(data: Event, series: Event) -> str:
    """
    Say what is wrong with the properties of one occurrence; empty when nothing is.
    """
    if data.other is not None and any(
        tag == Calendar.Deleted for tag, _ in wbxml.pairs(wbxml.decode(data.other).value)
    ):
        return "an occurrence is deleted by a Delete"
    if data.timezone is not None or data.recurrence is not None:
        return "an occurrence has no zone and no recurrence of its own"
    if data.all_day_event is not None and data.all_day_event != bool(series.all_day_event):
        return "an occurrence lasts whole days if the series does"
    return _event(data, Version.V16_0)


def with_times(event: Event, now: dt.datetime) -> Event | None:
    """
    Complete the times of a new event ([MS-ASCAL] 3.2.4.4); `None` when they cannot be.
    """
    start, end = event.start_time, event.end_time
    next_half = _next_half_hour(now)
    if start is None and end is None:
        start, end = next_half, next_half + _HALF_HOUR
    elif start is None and end is not None and end > now:
        start = next_half
    elif end is None and start is not None and start <= now:
        end = next_half + _HALF_HOUR
    if start is None or end is None:
        return None
    return msgspec.structs.replace(event, start_time=start, end_time=end)


def _next_half_hour(now: dt.datetime) -> dt.datetime:
    past = dt.timedelta(minutes=now.minute % 30, seconds=now.second, microseconds=now.microsecond)
    return now if not past else now - past + _HALF_HOUR


def _contact(data: Contact, version: Version) -> str:
    if data.picture is not None and len(data.picture) > _MOST_PICTURE:
        return "the picture has more than 48 KB"
    if version < Version.V16_0:
        return ""
    if data.cleared or any(getattr(data, name) in ("", ()) for name in data.__struct_fields__):
        return "an empty element; what is to be cleared is left out"
    if data.body is not None and data.body.estimated_data_size is not None:
        return "EstimatedDataSize is not taken from a client"
    return ""


def _task(data: Task) -> str:
    if data.complete and data.date_completed is None:
        return "what is complete has DateCompleted"
    if (data.start_date is None) != (data.utc_start_date is None):
        return "StartDate and UtcStartDate come together"
    if (data.due_date is None) != (data.utc_due_date is None):
        return "DueDate and UtcDueDate come together"
    if data.reminder_set and data.reminder_time is None:
        return "a reminder has a time"
    if data.recurrence is not None and (wrong := problems(data.recurrence)):
        return wrong[0]
    return ""
