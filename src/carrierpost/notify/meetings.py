"""
What a mail says about a meeting, and which meeting it is. Pure.

An invitation reaches a person twice: as a mail in the Inbox and, on most servers, as a tentative event in the calendar.
Both name the same meeting, the one by its UID and the other, up to 14.1, by an id that holds it.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt

from carrierpost.model import NoticeKind
from carrierpost.protocol.classes import Email, Event, MeetingMessageType

__all__ = ["ANSWERS", "is_overtaken", "meeting_key", "meeting_kind", "uid_in"]

_REQUEST = "ipm.schedule.meeting.request"
_CANCELLED = "ipm.schedule.meeting.canceled"
_RESPONSE = "ipm.schedule.meeting.resp."
ANSWERS = {"pos": "Accepted", "neg": "Declined", "tent": "Tentatively accepted"}
"""How an answer's message class ends, and how a person reads it ([MS-ASEMAIL] MessageClass)."""

_LEAST = 40  # bytes of an id without its data
_MARK = b"vCal-Uid\x01\x00\x00\x00"


def meeting_kind(mail: Email) -> NoticeKind:
    """
    Tell what a mail is: a mail, or one about a meeting.
    """
    name = (mail.message_class or "").casefold()
    if name.startswith(_REQUEST):
        return NoticeKind.INVITATION
    if name.startswith(_CANCELLED):
        return NoticeKind.CANCELLATION
    return NoticeKind.ANSWER if name.startswith(_RESPONSE) else NoticeKind.MAIL


def is_overtaken(mail: Email) -> bool:
    """
    Tell whether a newer message about the same meeting makes this one void.
    """
    request = mail.meeting_request
    return request is not None and request.meeting_message_type is MeetingMessageType.OUTDATED


def uid_in(global_object_id: str) -> str:
    """
    Give the UID that an id of versions up to 14.1 stands for ([MS-ASEMAIL] GlobalObjId); empty for what is none.
    """
    try:
        raw = base64.b64decode(global_object_id, validate=True)
    except (binascii.Error, ValueError):
        return ""
    before, mark, after = raw.partition(_MARK)
    if mark:
        return after.rstrip(b"\0").decode("utf-8", "replace")
    # [MS-ASEMAIL] GlobalObjId: bytes 17 to 20 are the date of one occurrence, which the UID of the series has as zero.
    if len(raw) < _LEAST:
        return ""
    return (before[:16] + bytes(4) + before[20:]).hex().upper()


def meeting_key(source: Email | Event) -> str | None:
    """
    Give a text by which an invitation and its event are known as one; `None` when the meeting has no id.

    A meeting that was put to another time is told anew, so its time belongs to it.
    """
    if isinstance(source, Event):
        return _key(source.uid, source.start_time)
    request = source.meeting_request
    if request is None:
        return None
    return _key(request.uid or uid_in(request.global_obj_id or ""), request.start_time)


def _key(uid: str | None, start: dt.datetime | None) -> str | None:
    if not uid:
        return None
    return f"meeting:{uid.casefold()}:{start.astimezone(dt.UTC).isoformat() if start is not None else ''}"
