"""
Meetings, both ends: what arrives by mail goes to the calendar, and from 16.0 on the server writes what an organizer
or attendee has to tell the others ([MS-ASCAL], [MS-ASCMD] MeetingResponse; RFC 5546).

Up to 14.1 the client mails invitations and answers itself, so nothing is sent for it here.
"""

from __future__ import annotations

import datetime as dt
import email.message
import email.policy
import email.utils
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from carrierpost.formats.invitation import Invitation
from carrierpost.protocol.classes import (
    Attendee,
    Body,
    BodyType,
    BusyStatus,
    Event,
    MeetingMessageType,
    MeetingRecurrence,
    MeetingRequest,
)
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.meeting_response import SendResponse, UserResponse
from carrierpost.protocol.text import html_to_text
from carrierpost.server.instances import exception_at, is_occurrence, with_exception
from carrierpost.server.itip import global_object_id, read_itip, write_itip
from carrierpost.server.mailbox import Mailbox, MailboxItem
from carrierpost.server.post import Opened

if TYPE_CHECKING:
    from carrierpost.server.exchange import ExchangeServer

__all__ = ["CANCELLED", "MEETING", "RECEIVED", "Meetings", "event_with", "received", "responded"]

MEETING, RECEIVED, CANCELLED = 1, 2, 4
"""The bits of MeetingStatus."""

_CONTENT_CLASS = "urn:content-classes:calendarmessage"
_RESPONSES = {
    2: "IPM.Schedule.Meeting.Resp.Tent",
    3: "IPM.Schedule.Meeting.Resp.Pos",
    4: "IPM.Schedule.Meeting.Resp.Neg",
}
_STATUS_OF = {UserResponse.ACCEPT: 3, UserResponse.TENTATIVE: 2, UserResponse.DECLINE: 4}
_WORDS = {2: "Tentative", 3: "Accepted", 4: "Declined"}
_TOLD = ("start_time", "end_time", "recurrence", "location", "place", "subject", "body", "all_day_event", "timezone")
"""What an attendee has to hear about when it changes."""
_TIMES = ("start_time", "end_time", "recurrence", "all_day_event")
"""What an attendee has to answer anew when it changes."""


class Meetings:
    """
    The meetings of everybody on a server.
    """

    def __init__(self, server: ExchangeServer) -> None:
        self._server = server
        self._sequences: dict[tuple[str, str], int] = {}

    # -- what a user keeps

    def owned(self, mailbox: Mailbox, event: Event, before: Event | None = None) -> Event:
        """
        Say of an event that a client keeps whose it is, as the server does.

        Args:
            mailbox: whose calendar it is in.
            event: the event as the client says it.
            before: as it was; what attendees have answered stays, for clients do not say it from 16.0 on.
        """
        if (event.meeting_status or 0) & RECEIVED:
            return event
        if not event.attendees:
            return msgspec.structs.replace(event, meeting_status=0, response_type=None, attendees=None)
        known = {_key(one): one.attendee_status for one in (before.attendees if before is not None else None) or ()}
        attendees = tuple(
            msgspec.structs.replace(
                one,
                attendee_status=one.attendee_status or known.get(_key(one)) or 0,
                attendee_type=one.attendee_type or 1,
                name=one.name or one.email,
            )
            for one in event.attendees
        )
        return msgspec.structs.replace(
            event,
            attendees=attendees,
            organizer_email=event.organizer_email or mailbox.address,
            organizer_name=event.organizer_name or mailbox.name,
            meeting_status=MEETING | ((event.meeting_status or 0) & CANCELLED),
            response_type=1,
        )

    def saved(self, mailbox: Mailbox, before: Event | None, after: Event, *, mails: bool) -> None:
        """
        Tell the attendees of a meeting that its organizer saved it.

        Args:
            mailbox: the organizer's, or an attendee's, who tells nobody.
            before: the meeting as it was; `None` for a new one.
            after: the meeting as it is.
            mails: whether the server mails for the client.
        """
        if not mails or not self._organizes(mailbox, after if after.attendees else before):
            return
        old = {_key(one): one for one in (before.attendees if before is not None else None) or ()}
        new = {_key(one): one for one in after.attendees or ()}
        gone = [one for key, one in old.items() if key not in new]
        if gone and before is not None:
            self._tell(mailbox, "CANCEL", before, gone)
        if before is None or any(getattr(before, name) != getattr(after, name) for name in _TOLD):
            self._tell(mailbox, "REQUEST", after, list(new.values()))
            return
        self._tell_of_occurrences(mailbox, before, after, [one for key, one in new.items() if key in old])
        self._tell(mailbox, "REQUEST", after, [one for key, one in new.items() if key not in old])

    def _tell_of_occurrences(
        self, mailbox: Mailbox, before: Event, after: Event, attendees: Sequence[Attendee]
    ) -> None:
        for one in after.exceptions or ():
            moment = one.exception_start_time
            if moment is None or exception_at(before, moment) == one:
                continue
            self._tell(mailbox, "CANCEL" if one.deleted else "REQUEST", event_with(after, moment), attendees, moment)

    def removed(self, mailbox: Mailbox, event: Event) -> None:
        """
        Cancel a meeting that its organizer deleted.
        """
        if self._organizes(mailbox, event):
            self._tell(mailbox, "CANCEL", event, event.attendees or ())

    def _organizes(self, mailbox: Mailbox, event: Event | None) -> bool:
        if event is None or not event.attendees or (event.meeting_status or 0) & RECEIVED:
            return False
        return (event.organizer_email or "").lower() == mailbox.address

    def _tell(
        self,
        mailbox: Mailbox,
        method: str,
        event: Event,
        attendees: Iterable[Attendee],
        occurrence: dt.datetime | None = None,
    ) -> None:
        addresses = [_key(one) for one in attendees if _key(one) != mailbox.address]
        if not self._server.delivers_outside:
            addresses = [one for one in addresses if one in self._server.mailboxes]
        if not addresses:
            return
        key = mailbox.address, event.uid or ""
        sequence = self._sequences[key] = self._sequences.get(key, -1) + 1
        now = self._server.clock.now()
        text = write_itip(method, event, event.attendees or (), now=now, sequence=sequence, occurrence=occurrence)
        prefix = "Canceled: " if method == "CANCEL" else ""
        self._mail(mailbox, addresses, prefix + (event.subject or ""), _plain(event.body), method, text)

    def _mail(
        self, mailbox: Mailbox, addresses: Iterable[str], subject: str, text: str, method: str, calendar: bytes
    ) -> None:
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        message["From"] = email.utils.formataddr((mailbox.name, mailbox.address))
        message["To"] = ", ".join(addresses)
        message["Subject"] = " ".join(subject.split())
        message.set_content(text)
        message.add_alternative(calendar.decode(), subtype="calendar", params={"method": method})
        self._server.post.submit(mailbox, message.as_bytes(), save=True)

    # -- what arrives

    def described(self, mailbox: Mailbox, opened: Opened) -> dict[str, Any]:
        """
        Say what kind of meeting message a message is, as properties of its mail; nothing for others.
        """
        invitation = read_itip(opened.invitation) if opened.invitation is not None else None
        return {} if invitation is None else _properties(invitation, MeetingMessageType.INITIAL_REQUEST)

    def arrived(self, mailbox: Mailbox, opened: Opened) -> dict[str, Any]:
        """
        Let a message about a meeting do its work in the calendar.

        Returns:
            The properties that its mail gets; none for a message about no meeting.
        """
        invitation = read_itip(opened.invitation) if opened.invitation is not None else None
        if invitation is None:
            return {}
        kind = MeetingMessageType.INITIAL_REQUEST
        match invitation.method:
            case "REQUEST":
                kind = self._requested(mailbox, invitation)
            case "CANCEL":
                self._cancelled(mailbox, invitation)
            case "REPLY" | "COUNTER":
                self._replied(mailbox, invitation)
        return _properties(invitation, kind)

    def _requested(self, mailbox: Mailbox, invitation: Invitation) -> MeetingMessageType:
        """
        Put a meeting into the calendar, tentatively, or bring the one that is there up to date.
        """
        calendar, event = mailbox.folder(FolderType.CALENDAR), invitation.event
        if (event.organizer_email or "").lower() == mailbox.address:
            return MeetingMessageType.INFORMATIONAL_UPDATE
        item = self.event_of(mailbox, event.uid)
        known = self._sequences.get((mailbox.address, event.uid or ""))
        if item is not None and known is not None and invitation.sequence < known:
            return MeetingMessageType.OUTDATED
        self._sequences[mailbox.address, event.uid or ""] = invitation.sequence
        if item is None:
            mailbox.add(calendar, received(event))
            return MeetingMessageType.INITIAL_REQUEST
        held = item.data
        assert isinstance(held, Event)
        if invitation.occurrence is not None and held.recurrence is not None:
            change = Event(
                subject=event.subject, location=event.location, start_time=event.start_time, end_time=event.end_time,
                response_type=5, busy_status=BusyStatus.TENTATIVE,
            )  # fmt: skip
            mailbox.replace(calendar, item, with_exception(held, invitation.occurrence, change))
            return MeetingMessageType.FULL_UPDATE
        anew = any(getattr(held, name) != getattr(event, name) for name in _TIMES)
        made = received(event)
        kept = ("reminder", "categories", "sensitivity")
        values = {name: getattr(held, name) for name in kept}
        if not anew:
            values |= {"response_type": held.response_type, "busy_status": held.busy_status}
        mailbox.replace(calendar, item, msgspec.structs.replace(made, **values))
        return MeetingMessageType.FULL_UPDATE if anew else MeetingMessageType.INFORMATIONAL_UPDATE

    def _cancelled(self, mailbox: Mailbox, invitation: Invitation) -> None:
        item = self.event_of(mailbox, invitation.event.uid)
        if item is None or not isinstance(item.data, Event) or not (item.data.meeting_status or 0) & RECEIVED:
            return
        calendar = mailbox.folder(FolderType.CALENDAR)
        if invitation.occurrence is not None:
            mailbox.replace(calendar, item, with_exception(item.data, invitation.occurrence, None))
        else:
            status = (item.data.meeting_status or 0) | CANCELLED
            mailbox.change(calendar, item, meeting_status=status, busy_status=BusyStatus.FREE)

    def _replied(self, mailbox: Mailbox, invitation: Invitation) -> None:
        """
        Note at the organizer's what an attendee answered.
        """
        item = self.event_of(mailbox, invitation.event.uid)
        if item is None or not isinstance(item.data, Event) or not self._organizes(mailbox, item.data):
            return
        held = item.data
        answers = {_key(one): one for one in invitation.event.attendees or ()}
        proposed: dict[str, Any] = {}
        if invitation.method == "COUNTER":
            event = invitation.event
            proposed = {"proposed_start_time": event.start_time, "proposed_end_time": event.end_time}
        attendees = tuple(
            msgspec.structs.replace(one, attendee_status=answers[_key(one)].attendee_status, **proposed)
            if _key(one) in answers
            else one
            for one in held.attendees or ()
        )
        calendar = mailbox.folder(FolderType.CALENDAR)
        if invitation.occurrence is not None:
            if is_occurrence(held, invitation.occurrence):
                answered = with_exception(held, invitation.occurrence, Event(attendees=attendees))
                mailbox.replace(calendar, item, answered)
            return
        mailbox.change(calendar, item, attendees=attendees)

    # -- what a user answers

    def event_of(self, mailbox: Mailbox, uid: str | None) -> MailboxItem | None:
        """
        Find the event in the calendar that a UID names.
        """
        for item in mailbox.folder(FolderType.CALENDAR).items.values() if uid else ():
            if isinstance(item.data, Event) and item.data.uid == uid:
                return item
        return None

    def send_answer(
        self, mailbox: Mailbox, event: Event, answer: UserResponse, wanted: SendResponse, occurrence: dt.datetime | None
    ) -> None:
        """
        Mail an attendee's answer to the organizer, and to nobody else.
        """
        if not event.organizer_email or event.organizer_email.lower() == mailbox.address:
            return
        status, method, told = _STATUS_OF[answer], "REPLY", event
        if wanted.proposed_start_time is not None and wanted.proposed_end_time is not None:
            method = "COUNTER"
            told = msgspec.structs.replace(
                event, start_time=wanted.proposed_start_time, end_time=wanted.proposed_end_time
            )
        me = Attendee(email=mailbox.address, name=mailbox.name, attendee_status=status, attendee_type=1)
        now = self._server.clock.now()
        sequence = self._sequences.get((mailbox.address, event.uid or ""), 0)
        text = write_itip(method, told, (me,), now=now, sequence=sequence, occurrence=occurrence, exceptions=False)
        subject = f"{_WORDS[status]}: {event.subject or ''}"
        self._mail(mailbox, (event.organizer_email,), subject, _plain(wanted.body), method, text)

    def forward(self, mailbox: Mailbox, event: Event, addresses: Sequence[str], text: str) -> None:
        """
        Pass an invitation on.
        """
        guests = tuple(Attendee(email=one, name=one, attendee_status=0, attendee_type=1) for one in addresses)
        now, key = self._server.clock.now(), (mailbox.address, event.uid or "")
        calendar = write_itip(
            "REQUEST", event, (*(event.attendees or ()), *guests), now=now, sequence=self._sequences.get(key, 0)
        )
        self._mail(mailbox, addresses, f"FW: {event.subject or ''}", text or _plain(event.body), "REQUEST", calendar)


def responded(event: Event, answer: UserResponse, now: dt.datetime) -> Event:
    """
    Give a meeting as it stands in an attendee's calendar after they answered.
    """
    status = _STATUS_OF[answer]
    busy = BusyStatus.TENTATIVE if answer is UserResponse.TENTATIVE else BusyStatus.BUSY
    return msgspec.structs.replace(event, response_type=status, busy_status=busy, appointment_reply_time=now)


def event_with(series: Event, moment: dt.datetime) -> Event:
    """
    Give one occurrence of a series as an event of its own.
    """
    length = (series.end_time or moment) - (series.start_time or moment)
    event = msgspec.structs.replace(
        series, start_time=moment, end_time=moment + length, recurrence=None, exceptions=None
    )
    exception = exception_at(series, moment)
    if exception is None:
        return event
    names = ("subject", "location", "place", "body", "attendees")
    values = {name: value for name in names if (value := getattr(exception, name)) is not None}
    start = exception.start_time or moment
    return msgspec.structs.replace(event, **values, start_time=start, end_time=exception.end_time or start + length)


def received(event: Event) -> Event:
    """
    Give a meeting as it stands in an attendee's calendar before they answered.
    """
    return msgspec.structs.replace(
        event,
        meeting_status=MEETING | RECEIVED,
        response_type=5,
        busy_status=BusyStatus.TENTATIVE,
        sensitivity=0,
        response_requested=event.response_requested is not False,
        native_body_type=event.body.type if event.body is not None else None,
    )


def _key(one: Attendee) -> str:
    return (one.email or "").lower()


def _plain(body: Body | None) -> str:
    if body is None or not body.data:
        return ""
    return html_to_text(body.data) if body.type is BodyType.HTML else body.data


def _properties(invitation: Invitation, kind: MeetingMessageType) -> dict[str, Any]:
    """
    Give what a mail about a meeting says beside its text ([MS-ASEMAIL] MeetingRequest).
    """
    event = invitation.event
    if invitation.method in ("REPLY", "COUNTER"):
        status = next((one.attendee_status or 0 for one in event.attendees or ()), 0)
        message_class = _RESPONSES.get(status, "IPM.Schedule.Meeting.Resp.Tent")
    elif invitation.method == "CANCEL":
        message_class = "IPM.Schedule.Meeting.Canceled"
    elif invitation.method == "REQUEST":
        message_class = "IPM.Schedule.Meeting.Request"
    else:
        return {}
    request = None if invitation.method == "REPLY" else _request(invitation, kind)
    return {"message_class": message_class, "content_class": _CONTENT_CLASS, "meeting_request": request}


def _request(invitation: Invitation, kind: MeetingMessageType) -> MeetingRequest:
    event = invitation.event
    series = event.recurrence is not None
    pattern = event.recurrence
    recurrences = None
    if pattern is not None:
        shared = set(MeetingRecurrence.__struct_fields__) & set(pattern.__struct_fields__)
        recurrences = (MeetingRecurrence(**{name: getattr(pattern, name) for name in shared}),)
    counter = invitation.method == "COUNTER"
    return MeetingRequest(
        all_day_event=bool(event.all_day_event),
        start_time=event.start_time,
        dt_stamp=event.dt_stamp,
        end_time=event.end_time,
        instance_type=2 if invitation.occurrence is not None else int(series),
        location=event.location,
        place=None,
        organizer=email.utils.formataddr((event.organizer_name or "", event.organizer_email or "")),
        recurrence_id=invitation.occurrence,
        response_requested=event.response_requested is not False,
        recurrences=recurrences,
        sensitivity=0,
        busy_status=int(BusyStatus.TENTATIVE),
        time_zone=event.timezone,
        global_obj_id=global_object_id(event.uid or ""),
        uid=event.uid,
        disallow_new_time_proposal=False,
        meeting_message_type=kind if invitation.method == "REQUEST" else None,
        proposed_start_time=event.start_time if counter else None,
        proposed_end_time=event.end_time if counter else None,
    )
