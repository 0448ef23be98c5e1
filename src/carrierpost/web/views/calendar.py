"""
Events in a calendar: every time at which one takes place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

import msgspec

from carrierpost.model import Item
from carrierpost.protocol.classes import Event
from carrierpost.protocol.classes.occurrences import Occurrence, occurrences

__all__ = ["OccurrenceView", "occurrence_views"]

Busy = Literal["free", "tentative", "busy", "away", "elsewhere"]
Response = Literal["", "organizer", "tentative", "accepted", "declined", "none"]

_BUSY: tuple[Busy, ...] = ("free", "tentative", "busy", "away", "elsewhere")
_RESPONSES: tuple[Response, ...] = ("", "organizer", "tentative", "accepted", "declined", "none")
_MEETING, _RECEIVED, _CANCELLED = 1, 2, 4  # [MS-ASCAL] MeetingStatus is a sum of these


class OccurrenceView(msgspec.Struct, frozen=True, kw_only=True):
    """
    One time at which an event takes place.

    Attributes:
        event: the hub's number of the event, or of the series.
        instance: for one of a series its start by the pattern, UTC, by which the server knows it; else `None`.
        folder: the calendar.
        title: what it is called; empty for nothing.
        location: where.
        start: when it begins. For whole days midnight of the first, to be read as a date.
        end: when it ends, exclusive, likewise.
        all_day: whether it lasts whole days.
        busy: how its time is shown to others.
        repeats: whether it is one of a series.
        changed: whether it differs from its series.
        meeting: whether others take part.
        cancelled: whether it does not take place.
        response: what the person answered to the invitation; empty where there is none.
        private: whether its owner marked it private.
        waiting: whether the server has still to be told of something that was done to it.
    """

    event: int
    instance: dt.datetime | None
    folder: int
    title: str
    location: str
    start: dt.datetime
    end: dt.datetime
    all_day: bool
    busy: Busy
    repeats: bool
    changed: bool
    meeting: bool
    cancelled: bool
    response: Response
    private: bool
    waiting: bool


def occurrence_views(
    items: Iterable[Item],
    begin: dt.datetime,
    end: dt.datetime,
    *,
    zone: str,
    waiting: frozenset[int] = frozenset(),
) -> list[OccurrenceView]:
    """
    Show what takes place in a span of time, in order.

    Args:
        items: events.
        begin: its begin, with a zone.
        end: its end, exclusive.
        zone: IANA name of the person's zone, for events that say none.
        waiting: events about which something is in the outbox.
    """
    found = [
        _view(item, event, one, waiting=item.id in waiting)
        for item in items
        if isinstance(event := item.data, Event)
        for one in occurrences(event, begin, end, default_zone=zone)
    ]
    return sorted(found, key=lambda one: (one.start, one.end, one.event))


def _view(item: Item, event: Event, one: Occurrence, *, waiting: bool) -> OccurrenceView:
    exception = one.exception
    busy = exception.busy_status if exception is not None and exception.busy_status is not None else event.busy_status
    status = exception.meeting_status if exception is not None and exception.meeting_status is not None else None
    status = (status if status is not None else event.meeting_status) or 0
    response = exception.response_type if exception is not None and exception.response_type is not None else None
    response = (response if response is not None else event.response_type) or 0
    sensitivity = exception.sensitivity if exception is not None and exception.sensitivity is not None else None
    return OccurrenceView(
        event=item.id,
        instance=one.original_start,
        folder=item.collection_id,
        title=one.subject,
        location=one.location,
        start=one.start,
        end=one.end,
        all_day=one.all_day,
        busy=_BUSY[busy] if busy is not None and 0 <= busy < len(_BUSY) else "busy",
        repeats=event.recurrence is not None,
        changed=exception is not None,
        meeting=bool(status & _MEETING),
        cancelled=bool(status & _CANCELLED),
        response=_RESPONSES[response] if 0 <= response < len(_RESPONSES) else "",
        private=((sensitivity if sensitivity is not None else event.sensitivity) or 0) >= 2,
        waiting=waiting,
    )
