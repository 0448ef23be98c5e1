"""
What a person says about meetings, made into edits: answers to those of others, and whose meeting an event is.

What nobody can answer (one's own, one that was called off, a copy for a delegate) is refused here with a sentence.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt

import msgspec

from carrierpost.engine.errors import EditRefused
from carrierpost.formats.headers import Address, parse_addresses
from carrierpost.formats.icalendar_out import occurrence_of
from carrierpost.formats.invitation import answer
from carrierpost.formats.message import Draft
from carrierpost.model import Account, Item, RespondIntent
from carrierpost.protocol.classes import (
    BusyStatus,
    Email,
    Event,
    EventException,
    MeetingMessageType,
    MeetingRequest,
    differences,
)
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.commands.meeting_response import UserResponse
from carrierpost.protocol.version import Version

__all__ = [
    "ANSWERED",
    "Answer",
    "answered_event",
    "as_meeting",
    "changed_occurrence",
    "find_occurrence",
    "is_own_meeting",
    "mails_itself",
    "prepare_answer",
    "uid_of",
    "with_occurrence",
]

ANSWERED = {UserResponse.ACCEPT: 3, UserResponse.TENTATIVE: 2, UserResponse.DECLINE: 4}
"""From what a person answers to the ResponseType of the event."""
_BUSY = {
    UserResponse.ACCEPT: BusyStatus.BUSY,
    UserResponse.TENTATIVE: BusyStatus.TENTATIVE,
    UserResponse.DECLINE: BusyStatus.FREE,
}
_RECEIVED, _CANCELLED = 2, 4  # bits of MeetingStatus
_REQUEST = "IPM.Schedule.Meeting.Request"
_ANSWERABLE = (None, MeetingMessageType.INITIAL_REQUEST, MeetingMessageType.FULL_UPDATE)
_VCAL_UID = b"vCal-Uid\x01\x00\x00\x00"
_DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What a person answers to a meeting.

    Attributes:
        response: accepted, tentative or declined.
        reply: whether the organizer is told; `None` if they asked for it.
        text: what is said to the organizer.
        occurrence: the start by the pattern of the one occurrence that is meant; `None` for all of it.
        proposed: another start and end that the person would like.
    """

    response: UserResponse
    reply: bool | None = None
    text: str = ""
    occurrence: dt.datetime | None = None
    proposed: tuple[dt.datetime, dt.datetime] | None = None


def is_own_meeting(event: Event, address: str) -> bool:
    """
    Tell whether a person organizes an event with attendees.

    Args:
        event: the event.
        address: the person's address.
    """
    if not event.attendees or (event.meeting_status or 0) & _RECEIVED:
        return False
    return (event.organizer_email or address).lower() == address.lower()


def as_meeting(event: Event, address: str, before: Event | None = None) -> Event:
    """
    Give an event with attendees all that a meeting of one's own has to say; others stay as they are.

    Args:
        event: the event.
        address: the person's address.
        before: the event as it was; who stays invited stays so with what they have answered.
    """
    if not is_own_meeting(event, address):
        return event
    known = {(one.email or "").lower(): one.attendee_status for one in (before.attendees if before else None) or ()}
    people = tuple(
        msgspec.structs.replace(
            one, name=one.name or one.email,
            attendee_status=one.attendee_status or known.get((one.email or "").lower()) or 0,
            attendee_type=one.attendee_type or 1,
        )
        for one in event.attendees or ()
    )  # fmt: skip
    return msgspec.structs.replace(
        event,
        attendees=people,
        meeting_status=event.meeting_status or 1,
        organizer_email=event.organizer_email or address,
        response_requested=event.response_requested is not False,
    )


def mails_itself(version: Version, *, proposes: bool) -> bool:
    """
    Tell whether the client writes the mail to the organizer: up to 14.1, and as long as the server cannot be told of
    another time ([MS-ASCMD] SendResponse, ProposedStartTime).
    """
    return version < (Version.V16_1 if proposes else Version.V16_0)


def uid_of(request: MeetingRequest) -> str | None:
    """
    Give the UID of the meeting that a request is about ([MS-ASEMAIL] GlobalObjId).
    """
    if request.uid or not request.global_obj_id:
        return request.uid
    try:
        raw = base64.b64decode(request.global_obj_id)
    except ValueError:
        return None
    _, found, rest = raw.partition(_VCAL_UID)
    if found:
        return rest.rstrip(b"\0").decode("utf-8", "replace") or None
    # Bytes 16 to 19 name an occurrence; the id of the whole has none.
    return (raw[:16] + bytes(4) + raw[20:]).hex().upper() if len(raw) > 20 else None


def prepare_answer(
    asked: Item, event: Item | None, said: Answer, account: Account, *, now: dt.datetime, name: str = ""
) -> tuple[RespondIntent, Draft | None]:
    """
    Check an answer, and make what has to be kept of it.

    Args:
        asked: the request in the Inbox, or the event in the calendar.
        event: the event in the calendar, where it is held.
        said: the answer.
        account: whose.
        now: the time.
        name: the person's name, as the organizer sees it.

    Returns:
        The intent, and the mail to the organizer for versions in which the client writes it.

    Raises:
        EditRefused: it cannot be answered, or not so.
    """
    meeting = _meeting_of(asked, event)
    version = account.version or Version.V14_1
    title = meeting.subject or "this meeting"
    _check_answerable(asked, meeting, account, title)
    _check_occurrence(meeting, said, version, title)
    _check_proposal(meeting, said, title)
    # SOGo writes the answer itself in all versions, and says of every request that none is wanted; so only who insists
    # writes then.
    wanted = meeting.response_requested is not False or said.reply is True
    if not wanted and (said.text or said.proposed):
        raise EditRefused(
            f"the organizer of {title!r} asked for no answers; ask for the reply, or leave text and time out"
        )
    if said.reply is False and (said.text or said.proposed):
        raise EditRefused("a text or another time needs a reply that says it")
    tell = wanted and said.reply is not False
    draft = None
    if tell and mails_itself(version, proposes=said.proposed is not None):
        draft = _draft(meeting, said, account, now, name)
    intent = RespondIntent(
        response=int(said.response),
        server_id=asked.server_id or "",
        title=meeting.subject or "",
        instance=said.occurrence,
        times=(meeting.start_time, meeting.end_time),
        tell_organizer=tell,
        text=said.text,
        proposed=said.proposed,
        event_item=event.id if event is not None else None,
    )
    return intent, draft


def _draft(meeting: Event, said: Answer, account: Account, now: dt.datetime, name: str) -> Draft:
    try:
        return answer(
            meeting,
            Address(account.address, name),
            said.response,
            now=now,
            occurrence=said.occurrence,
            text=said.text,
            proposed=said.proposed,
            default_zone=account.time_zone,
        )
    except ValueError as error:
        raise EditRefused(f"{error}; answer without a reply") from error


def _meeting_of(asked: Item, event: Item | None) -> Event:
    if event is not None and isinstance(event.data, Event):
        return event.data
    data = asked.data
    if isinstance(data, Event):
        return data
    request = data.meeting_request if isinstance(data, Email) else None
    if request is None:
        raise EditRefused(f"item {asked.id} is neither a meeting request nor an event")
    people = parse_addresses(request.organizer or (data.from_ if isinstance(data, Email) else None) or "")
    return Event(
        uid=uid_of(request),
        subject=getattr(data, "subject", None),
        start_time=request.start_time,
        end_time=request.end_time,
        all_day_event=request.all_day_event,
        timezone=request.time_zone,
        location=request.location,
        organizer_email=people[0].address if people else None,
        organizer_name=people[0].name or None if people else None,
        meeting_status=1 | _RECEIVED,
        response_requested=request.response_requested,
        disallow_new_time_proposal=request.disallow_new_time_proposal,
    )


def _check_answerable(asked: Item, meeting: Event, account: Account, title: str) -> None:
    data = asked.data
    if isinstance(data, Email):
        request = data.meeting_request
        if request is None or data.message_class not in (None, _REQUEST):
            raise EditRefused(f"the mail {data.subject or ''!r} asks for no answer to a meeting")
        if request.meeting_message_type not in _ANSWERABLE:
            kind = MeetingMessageType(request.meeting_message_type).name.lower().replace("_", " ")
            raise EditRefused(f"a mail of this kind ({kind}) is not to be answered; answer the event in the calendar")
    status = meeting.meeting_status or 0
    own = (meeting.organizer_email or "").lower() == account.address.lower()
    if own or (isinstance(data, Event) and not status & _RECEIVED):
        raise EditRefused(f"{title!r} is your own; only those who are invited can answer")
    if status & _CANCELLED:
        raise EditRefused(f"{title!r} was called off, so there is nothing to answer")


def _check_occurrence(meeting: Event, said: Answer, version: Version, title: str) -> None:
    moment = said.occurrence
    if moment is None:
        return
    if version < Version.V14_1:
        raise EditRefused(f"the server speaks {version}, in which single occurrences cannot be answered")
    find_occurrence(meeting, moment, title)


def find_occurrence(series: Event, moment: dt.datetime, title: str) -> None:
    """
    Make sure that a series has an occurrence that begins then by its pattern, and that it takes place.

    Raises:
        EditRefused: it is no series, or has none.
    """
    if series.recurrence is None:
        raise EditRefused(f"{title!r} does not repeat; leave the occurrence out")
    bare = msgspec.structs.replace(series, exceptions=None)
    if not any(one.original_start == moment for one in occurrences(bare, moment - _DAY, moment + 2 * _DAY)):
        raise EditRefused(f"{title!r} has no occurrence at {moment:%Y-%m-%d %H:%M} UTC")
    if any(one.deleted and one.exception_start_time == moment for one in series.exceptions or ()):
        raise EditRefused(f"{title!r} does not take place at {moment:%Y-%m-%d %H:%M} UTC any more")


def _check_proposal(meeting: Event, said: Answer, title: str) -> None:
    if said.proposed is None:
        return
    start, end = said.proposed
    if end <= start:
        raise EditRefused("the time that you propose ends before it begins")
    if said.response is UserResponse.ACCEPT:
        raise EditRefused("who accepts proposes no other time; answer tentatively, or decline")
    if meeting.disallow_new_time_proposal:
        raise EditRefused(f"the organizer of {title!r} wants no other times proposed")


def answered_event(event: Event, said: Answer, now: dt.datetime) -> tuple[Event, tuple[str, ...]]:
    """
    Give an event as it is once answered, and the names of what differs.

    A meeting that was declined stays until the server takes it away; an occurrence does not take place any more.
    """
    values = {
        "response_type": ANSWERED[said.response], "busy_status": _BUSY[said.response], "appointment_reply_time": now,
    }  # fmt: skip
    if said.occurrence is None:
        made = msgspec.structs.replace(event, **values)
    elif said.response is UserResponse.DECLINE:
        made = with_occurrence(event, EventException(exception_start_time=said.occurrence, deleted=True))
    else:
        held = _held(event, said.occurrence)
        made = with_occurrence(event, msgspec.structs.replace(held, **values))
    return made, tuple(differences(event, made))


def _held(series: Event, moment: dt.datetime) -> EventException:
    known = (one for one in series.exceptions or () if one.exception_start_time == moment)
    return next(known, EventException(exception_start_time=moment))


def with_occurrence(series: Event, one: EventException) -> Event:
    """
    Give a series in which an occurrence is as an exception says.
    """
    others = [each for each in series.exceptions or () if each.exception_start_time != one.exception_start_time]
    listed = sorted(
        (*others, one), key=lambda each: each.exception_start_time or dt.datetime.min.replace(tzinfo=dt.UTC)
    )
    return msgspec.structs.replace(series, exceptions=tuple(listed))


def changed_occurrence(series: Event, moment: dt.datetime, values: dict[str, object]) -> Event:
    """
    Give a series in which properties of one occurrence are others; a new start alone keeps its length.
    """
    held = _held(series, moment)
    now = occurrence_of(series, moment, held)
    start = values.get("start_time")
    if isinstance(start, dt.datetime) and "end_time" not in values and now.end_time and now.start_time:
        values = values | {"end_time": start + (now.end_time - now.start_time)}
    cleared = {name for name, value in values.items() if value is None}
    made = msgspec.structs.replace(
        held, **values, deleted=None, cleared=(held.cleared | cleared) - (set(values) - cleared)
    )
    return with_occurrence(series, made)
