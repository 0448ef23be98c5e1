"""
When to remind of events. Pure.

An event says how many minutes before its start a person wants to be reminded, a series says it for each of its
occurrences, and an occurrence may differ. Whole days begin at midnight where the device is.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo

from carrierpost.notify.zones import zone_of
from carrierpost.protocol.classes import Event, EventException
from carrierpost.protocol.classes.occurrences import Occurrence, occurrences

__all__ = ["DECLINED", "Reminder", "is_cancelled", "reminder_key", "reminders"]

DECLINED = 4
"""[MS-ASCAL] ResponseType: the person said no."""

_CANCELLED = 4  # [MS-ASCAL] MeetingStatus is a sum; this part of it says that the meeting does not take place
_MOST_AHEAD = dt.timedelta(weeks=4)  # Outlook offers two weeks at most
_LEAST_LIFE = dt.timedelta(minutes=5)


@dataclasses.dataclass(frozen=True, slots=True)
class Reminder:
    """
    A reminder of one occurrence.

    Attributes:
        due_at: when it goes off, UTC.
        until: from when on it is of no use, UTC: the occurrence is over.
        occurrence: what it reminds of.
    """

    due_at: dt.datetime
    until: dt.datetime
    occurrence: Occurrence


def is_cancelled(event: Event) -> bool:
    """
    Tell whether an event's organizer called it off.
    """
    return bool((event.meeting_status or 0) & _CANCELLED)


def reminders(event: Event, begin: dt.datetime, end: dt.datetime, zone_name: str) -> tuple[Reminder, ...]:
    """
    List the reminders that go off in a window.

    One whose time was before the window counts while what it reminds of has not begun, for nobody was reminded then:
    the hub was not running, or the event was made at short notice.

    Args:
        event: the event or series.
        begin: the window's begin, with a zone.
        end: the window's end, exclusive, with a zone.
        zone_name: IANA name of the device's zone.

    Returns:
        Reminders in order; none for what was cancelled or declined.
    """
    if is_cancelled(event) or event.response_type == DECLINED:
        return ()
    if event.reminder is None and not any(one.reminder is not None for one in event.exceptions or ()):
        return ()
    found = []
    for one in occurrences(event, begin, end + _longest(event), default_zone=_known(zone_name)):
        minutes = _minutes(event, one.exception)
        if minutes is None or _is_off(one.exception):
            continue
        start = one.start.astimezone(dt.UTC)
        due = start - dt.timedelta(minutes=minutes)
        if due < end and (due >= begin or start > begin):
            found.append(Reminder(due, max(one.end.astimezone(dt.UTC), start + _LEAST_LIFE), one))
    return tuple(sorted(found, key=lambda reminder: reminder.due_at))


def reminder_key(item_id: int, reminder: Reminder) -> str:
    """
    Give a text by which a reminder is known: of which occurrence, and when that begins.
    """
    return f"reminder:{item_id}:{reminder.occurrence.start.astimezone(dt.UTC).isoformat()}"


def _minutes(event: Event, exception: EventException | None) -> int | None:
    minutes = event.reminder
    if exception is not None:
        if "reminder" in exception.cleared:
            return None
        minutes = exception.reminder if exception.reminder is not None else minutes
    return minutes if minutes is not None and minutes >= 0 else None


def _is_off(exception: EventException | None) -> bool:
    if exception is None:
        return False
    return bool((exception.meeting_status or 0) & _CANCELLED) or exception.response_type == DECLINED


def _longest(event: Event) -> dt.timedelta:
    """
    Give how long before its start any occurrence is reminded of.
    """
    every = [event.reminder or 0, *(one.reminder or 0 for one in event.exceptions or ())]
    return min(dt.timedelta(minutes=max(*every, 0)), _MOST_AHEAD)


def _known(zone_name: str) -> str:
    zone = zone_of(zone_name)
    return zone.key if isinstance(zone, zoneinfo.ZoneInfo) else "UTC"
