"""
Meetings by mail ([RFC 5546], [RFC 6047]): invitations, answers, counter proposals and cancellations, read and made.

Up to 14.1 a client mails them itself, from 16.0 on the server does ([MS-ASCMD] MeetingResponse); both say the same. An
answer goes to the organizer and to nobody else. What is the organizer's own (reminder, categories) is not sent.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Collection

import msgspec

from carrierpost.formats.contentlines import escape, read_components
from carrierpost.formats.headers import Address
from carrierpost.formats.icalendar_in import read_calendar
from carrierpost.formats.icalendar_out import (
    Times,
    event_components,
    mark_occurrence,
    occurrence_of,
    write_calendar,
)
from carrierpost.formats.icalendar_words import Reason
from carrierpost.formats.message import Draft, Message
from carrierpost.protocol.classes import Attendee, BodyType, Event
from carrierpost.protocol.classes.recurrence import describe
from carrierpost.protocol.commands.meeting_response import UserResponse
from carrierpost.protocol.text import html_to_text
from carrierpost.protocol.version import Version

__all__ = ["Invitation", "answer", "cancel", "invite", "read_invitation"]

_METHODS = frozenset({"REQUEST", "REPLY", "CANCEL", "COUNTER", "DECLINECOUNTER", "REFRESH", "ADD", "PUBLISH"})
_STATUS = {UserResponse.ACCEPT: 3, UserResponse.TENTATIVE: 2, UserResponse.DECLINE: 4}
_WORDS = {UserResponse.ACCEPT: "Accepted", UserResponse.TENTATIVE: "Tentative", UserResponse.DECLINE: "Declined"}
_CANCELLED = 4  # MeetingStatus
_OPTIONAL = 2  # AttendeeType


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a mail says about a meeting.

    Attributes:
        method: `REQUEST`, `REPLY`, `CANCEL`, `COUNTER`...
        event: the meeting; of a counter proposal with the times that are proposed.
        sequence: the number of its revision; a lower one than what is known is outdated.
        occurrence: the start by the pattern of the one occurrence that is meant; `None` for all of it.
        answered_by: of an answer who gives it, with their status.
        comment: what they say to it.
        reasons: what of it ActiveSync cannot say.
    """

    method: str
    event: Event
    sequence: int = 0
    occurrence: dt.datetime | None = None
    answered_by: Attendee | None = None
    comment: str = ""
    reasons: tuple[Reason, ...] = ()


def read_invitation(
    message: Message, *, zone: str = "UTC", version: Version = Version.V16_1, own: Collection[str] = ()
) -> Invitation | None:
    """
    Read what a message says about a meeting.

    Args:
        message: the message.
        zone: IANA name of the person's zone.
        version: in whose words whole days are said.
        own: the person's addresses.

    Returns:
        The meeting, or `None` for a message about none. Of a series that comes with changed occurrences the series.
    """
    if message.calendar is None:
        return None
    file = read_calendar(message.calendar, zone=zone, version=version, own=own)
    method = file.method or message.method or "PUBLISH"
    if not file.events or method not in _METHODS:
        return None
    read = file.events[0]
    attendees = read.event.attendees or ()
    answers = method in ("REPLY", "COUNTER") and attendees
    return Invitation(
        method=method,
        event=read.event,
        sequence=read.sequence,
        occurrence=read.recurrence_id,
        answered_by=attendees[0] if answers else None,
        comment=_comment(message.calendar) if answers else "",
        reasons=read.reasons,
    )


def _comment(text: str) -> str:
    for root in read_components(text)[0]:
        for one in root.children:
            if one.name == "VEVENT" and one.first("COMMENT") is not None:
                return one.text("COMMENT")
    return ""


def answer(
    meeting: Event,
    me: Address,
    said: UserResponse,
    *,
    now: dt.datetime,
    sequence: int = 0,
    occurrence: dt.datetime | None = None,
    text: str = "",
    proposed: tuple[dt.datetime, dt.datetime] | None = None,
    default_zone: str = "UTC",
) -> Draft:
    """
    Make the mail by which an attendee answers; it goes to the organizer alone.

    Args:
        meeting: the meeting.
        me: who answers.
        said: the answer.
        now: the time of answering.
        sequence: the revision that is answered, as it came.
        occurrence: the start by the pattern of the one occurrence that is meant; `None` for all of it.
        text: what is said to it.
        proposed: another start and end, which makes it a counter proposal.
        default_zone: IANA name of the person's zone.

    Raises:
        ValueError: the meeting has no organizer, no start or no UID, so that nobody could be answered.
    """
    organizer = _organizer(meeting)
    one = occurrence_of(meeting, occurrence) if occurrence is not None else meeting
    mine = Attendee(email=me.address, name=me.name or None, attendee_status=_STATUS[said], attendee_type=1)
    changes: dict[str, object] = {"attendees": (mine,), "exceptions": None, "body": None, "response_requested": None}
    if proposed is not None:
        changes |= {"start_time": proposed[0], "end_time": proposed[1]}
    told = msgspec.structs.replace(one, **changes)
    method = "REPLY" if proposed is None else "COUNTER"
    calendar = _calendar(method, told, meeting, now, sequence, occurrence, default_zone, text)
    word = _WORDS[said] if proposed is None else "New time proposed"
    return Draft(
        from_=me,
        to=(organizer,),
        subject=f"{word}: {meeting.subject or ''}".rstrip(),
        text=text,
        calendar=calendar,
        method=method,
    )


def invite(
    meeting: Event,
    organizer: Address,
    *,
    now: dt.datetime,
    sequence: int = 0,
    occurrence: dt.datetime | None = None,
    only: Collection[str] | None = None,
    default_zone: str = "UTC",
) -> Draft:
    """
    Make the mail that invites to a meeting, or tells those invited what has changed.

    Args:
        meeting: the meeting with its attendees.
        organizer: who invites, and gets no mail.
        now: the time of inviting.
        sequence: 0 at first, more with each change of time, place or pattern ([RFC 5546] 2.1.4).
        occurrence: the start by the pattern of the one occurrence that has changed; `None` for all of it.
        only: addresses of those who are told, of all attendees; everybody where it is left out.
        default_zone: IANA name of the organizer's zone.

    Raises:
        ValueError: the meeting has no start or no UID.
    """
    return _from_organizer("REQUEST", meeting, organizer, now, sequence, occurrence, only, default_zone)


def cancel(
    meeting: Event,
    organizer: Address,
    *,
    now: dt.datetime,
    sequence: int,
    occurrence: dt.datetime | None = None,
    only: Collection[str] | None = None,
    default_zone: str = "UTC",
) -> Draft:
    """
    Make the mail that calls off a meeting, one occurrence of it, or the part of some attendees in it.

    Args and errors are those of `invite`; the sequence number is more than that of the last invitation.
    """
    return _from_organizer("CANCEL", meeting, organizer, now, sequence, occurrence, only, default_zone)


def _from_organizer(
    method: str,
    meeting: Event,
    organizer: Address,
    now: dt.datetime,
    sequence: int,
    occurrence: dt.datetime | None,
    only: Collection[str] | None,
    default_zone: str,
) -> Draft:
    one = occurrence_of(meeting, occurrence) if occurrence is not None else meeting
    told = msgspec.structs.replace(
        one,
        organizer_email=organizer.address,
        organizer_name=organizer.name or None,
        reminder=None,
        categories=None,
        response_requested=one.response_requested is not False if method == "REQUEST" else None,
        meeting_status=1 if method == "REQUEST" else 1 | _CANCELLED,
    )
    wanted = None if only is None else {address.lower() for address in only}
    invited = [
        attendee
        for attendee in one.attendees or ()
        if attendee.email
        and attendee.email.lower() != organizer.address.lower()
        and (wanted is None or attendee.email.lower() in wanted)
    ]
    people = {
        kind: tuple(Address(a.email or "", a.name or "") for a in invited if (a.attendee_type == _OPTIONAL) is kind)
        for kind in (False, True)
    }
    subject = told.subject or ""
    return Draft(
        from_=organizer,
        to=people[False],
        cc=people[True],
        subject=f"Canceled: {subject}".rstrip() if method == "CANCEL" else subject,
        text=_words(told, default_zone),
        calendar=_calendar(method, told, meeting, now, sequence, occurrence, default_zone, ""),
        method=method,
    )


def _organizer(meeting: Event) -> Address:
    if not meeting.organizer_email:
        raise ValueError(f"{meeting.subject or 'the meeting'!r} has no organizer who could be answered")
    return Address(meeting.organizer_email, meeting.organizer_name or "")


def _calendar(
    method: str,
    told: Event,
    series: Event,
    now: dt.datetime,
    sequence: int,
    occurrence: dt.datetime | None,
    default_zone: str,
    comment: str,
) -> str:
    told = msgspec.structs.replace(told, dt_stamp=now, reminder=None)
    components, reasons = event_components(told, now=now, default_zone=default_zone, sequence=sequence)
    main = next((one for one in components if one.name == "VEVENT"), None)
    if main is None:
        raise ValueError(f"nobody can be told of the meeting: {reasons[0].why}")
    if occurrence is not None:
        mark_occurrence(main, Times(series, default_zone), occurrence)
    if comment:
        main.add("COMMENT", escape(comment))
    return write_calendar(components, method)


def _words(event: Event, default_zone: str) -> str:
    """
    Say a meeting in words, for those whose program knows no calendar.
    """
    lines = []
    if event.start_time is not None:
        if event.all_day_event:
            day = Times(event, default_zone).day(event.start_time)
            lines.append(f"When: {day:%Y-%m-%d}")
        else:
            start = event.start_time.astimezone(zoneinfo.ZoneInfo(default_zone))
            lines.append(f"When: {start:%Y-%m-%d %H:%M} ({default_zone})")
    if event.recurrence is not None:
        lines.append(f"Repeats: {describe(event.recurrence)}")
    if event.location:
        lines.append(f"Where: {event.location}")
    body = event.body.data if event.body is not None and event.body.data else ""
    if event.body is not None and event.body.type is BodyType.HTML:
        body = html_to_text(body)
    return "\n".join(lines) + (f"\n\n{body}" if body else "\n")
