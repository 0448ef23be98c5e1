"""
Meetings as they travel by mail, in the words of the server: iCalendar to events and back (RFC 5546).

What iCalendar looks like is known to `carrierpost.formats` alone.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence

import msgspec

from carrierpost.formats.icalendar_out import Times, event_components, mark_occurrence, write_calendar
from carrierpost.formats.invitation import Invitation, read_invitation
from carrierpost.formats.message_in import read_message
from carrierpost.protocol.classes import Attendee, Event

__all__ = ["global_object_id", "read_itip", "write_itip"]

_CLASS_ID = bytes.fromhex("040000008200E00074C5B7101A82E008")
_MEETING, _CANCELLED = 1, 4  # bits of MeetingStatus
_ZONE = "UTC"  # of events that name none


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


def read_itip(text: bytes) -> Invitation | None:
    """
    Read a `text/calendar` part; `None` for one that is about no event or cannot be read.
    """
    mime = b"MIME-Version: 1.0\r\nContent-Type: text/calendar; charset=utf-8\r\n\r\n" + text
    return read_invitation(read_message(mime))


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
    told = msgspec.structs.replace(
        event,
        attendees=tuple(attendees),
        dt_stamp=now,
        meeting_status=_MEETING | _CANCELLED if method == "CANCEL" else _MEETING,
        response_requested=event.response_requested is not False if method == "REQUEST" else None,
        reminder=None,
        categories=None,
        exceptions=event.exceptions if exceptions else None,
        recurrence=None if occurrence is not None else event.recurrence,
    )
    components, _ = event_components(told, now=now, default_zone=_ZONE, sequence=sequence)
    if occurrence is not None:
        for one in components:
            if one.name == "VEVENT":
                mark_occurrence(one, Times(event, _ZONE), occurrence)
    return write_calendar(components, method).encode()
