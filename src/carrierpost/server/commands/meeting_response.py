"""
MeetingResponse as a server does it ([MS-ASCMD] MeetingResponse).

The answer changes the user's calendar and takes the request out of the Inbox. The organizer hears of it by mail: from
16.0 on from the server, if the client asks for it; before, the client writes itself.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.protocol.classes import Email, Event, EventException, MeetingMessageType
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.meeting_response import (
    MeetingAnswer,
    MeetingResponseRequest,
    MeetingResponseResponse,
    MeetingResult,
    UserResponse,
)
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server.commands.context import Context, Refusal
from carrierpost.server.instances import exception_at, is_occurrence, with_exception
from carrierpost.server.itip import read_itip
from carrierpost.server.mailbox import MailboxItem
from carrierpost.server.meetings import CANCELLED, RECEIVED, event_with, received, responded
from carrierpost.server.post import open_mime

__all__ = ["meeting_response"]

_MOST_ANSWERS = 100
_CANNOT = 2


async def meeting_response(context: Context) -> Payload:
    """
    Answer meetings one after another.
    """
    request = context.read(MeetingResponseRequest.decode)
    if len(request.answers) > _MOST_ANSWERS:
        raise Refusal(103)
    results = tuple(_answered(context, one) for one in request.answers)
    return MeetingResponseResponse(results=results).encode(context.version)


def _answered(context: Context, answer: MeetingAnswer) -> MeetingResult:
    named = answer.request_id or answer.long_id or ""
    try:
        calendar_id = _answer(context, answer)
    except Refusal as refusal:
        return MeetingResult(request_id=named, status=refusal.status)
    return MeetingResult(request_id=named, calendar_id=calendar_id)


def _answer(context: Context, answer: MeetingAnswer) -> str | None:
    """
    Carry out one answer.

    Returns:
        The event in the calendar; none when it was declined.

    Raises:
        Refusal: it is nothing that can be answered (2), or no series (146).
    """
    mailbox, calendar = context.mailbox, context.mailbox.folder(FolderType.CALENDAR)
    found = mailbox.find(answer.long_id or answer.request_id or "")
    if found is None or (answer.collection_id and found[0].server_id != answer.collection_id):
        raise Refusal(_CANNOT)
    folder, asked = found
    item = _event_behind(context, asked)
    event = item.data
    assert isinstance(event, Event)
    assert answer.user_response is not None
    moment = answer.instance_id
    if moment is not None:
        _check_occurrence(context, event, moment)
    now = context.server.clock.now().replace(microsecond=0)
    if answer.send_response is not None and context.version >= Version.V16_0:
        wanted = answer.send_response
        if (wanted.proposed_start_time is None) != (wanted.proposed_end_time is None):
            raise Refusal(_CANNOT)
        told = event if moment is None else event_with(event, moment)
        context.server.meetings.send_answer(mailbox, told, answer.user_response, wanted, moment)
    declined = answer.user_response is UserResponse.DECLINE
    if moment is not None:
        mailbox.replace(calendar, item, _with_answer(event, moment, answer.user_response, now))
    elif declined:
        mailbox.delete(calendar, item)
    else:
        mailbox.replace(calendar, item, responded(event, answer.user_response, now))
    if isinstance(asked.data, Email):
        mailbox.move(folder, asked, mailbox.folder(FolderType.DELETED_ITEMS))
    return None if declined else item.server_id


def _event_behind(context: Context, asked: MailboxItem) -> MailboxItem:
    """
    Find the event that a request is about, or make it again where the user deleted it.
    """
    data = asked.data
    if isinstance(data, Event):
        _check_answerable(data)
        return asked
    request = data.meeting_request if isinstance(data, Email) else None
    if request is None or not isinstance(data, Email) or data.message_class != "IPM.Schedule.Meeting.Request":
        raise Refusal(_CANNOT)
    if request.meeting_message_type in (MeetingMessageType.OUTDATED, MeetingMessageType.DELEGATED):
        raise Refusal(_CANNOT)
    item = context.server.meetings.event_of(context.mailbox, request.uid)
    if item is None:
        opened = open_mime(asked.mime or b"", now=context.server.clock.now())
        invitation = read_itip(opened.invitation) if opened.invitation is not None else None
        if invitation is None:
            raise Refusal(_CANNOT)
        item = context.mailbox.add(context.mailbox.folder(FolderType.CALENDAR), received(invitation.event))
    assert isinstance(item.data, Event)
    _check_answerable(item.data)
    return item


def _check_answerable(event: Event) -> None:
    """
    Refuse what the user organizes, what was cancelled, and what is no meeting at all.
    """
    status = event.meeting_status or 0
    if not status & RECEIVED or status & CANCELLED:
        raise Refusal(_CANNOT)


def _check_occurrence(context: Context, event: Event, moment: dt.datetime) -> None:
    if context.version < Version.V14_1:
        raise Refusal(104)
    if event.recurrence is None:
        raise Refusal(146)
    exception = exception_at(event, moment)
    if exception is None and not is_occurrence(event, moment):
        raise Refusal(_CANNOT)
    if exception is not None and exception.deleted:
        raise Refusal(_CANNOT)


def _with_answer(series: Event, moment: dt.datetime, answer: UserResponse, now: dt.datetime) -> Event:
    """
    Give a series in which one occurrence is answered.
    """
    if answer is UserResponse.DECLINE:
        return with_exception(series, moment, None)
    changed = responded(series, answer, now)
    names = ("response_type", "busy_status", "appointment_reply_time")
    one = exception_at(series, moment) or EventException(exception_start_time=moment)
    one = msgspec.structs.replace(one, **{name: getattr(changed, name) for name in names})
    others = tuple(each for each in series.exceptions or () if each.exception_start_time != moment)
    return msgspec.structs.replace(series, exceptions=(*others, one))
