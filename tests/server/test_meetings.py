"""
Meetings from invitation to answer, in both generations: who mails whom, and what stands in whose calendar.
"""

from __future__ import annotations

import base64
import datetime as dt
import zoneinfo
from typing import Any

import msgspec
import pytest

from carrierpost.protocol.classes import Attendee, Body, BodyType, Event, Recurrence, RecurrenceType
from carrierpost.protocol.classes.recurrence import expand
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.meeting_response import (
    MeetingAnswer,
    MeetingResponseRequest,
    MeetingResult,
    SendResponse,
    UserResponse,
)
from carrierpost.protocol.commands.send_mail import SendMailRequest
from carrierpost.protocol.commands.sync import Add, Change, Delete
from carrierpost.protocol.timezone import blob_of, read_blob
from carrierpost.protocol.version import Version
from carrierpost.server.itip import write_itip
from carrierpost.wbxml.pages import MeetingResponse
from tests.server.phone import ADA, BEN, Phone, make_server, status_of
from tests.support.virtual import EPOCH, virtual

INBOX, SENT, TRASH, CALENDAR = (
    FolderType.INBOX,
    FolderType.SENT_ITEMS,
    FolderType.DELETED_ITEMS,
    FolderType.CALENDAR,
)
CLEO = "cleo@larch.example"
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TEN = EPOCH.replace(hour=10, minute=0, second=0, microsecond=0) + 7 * DAY
BERLIN = blob_of("Europe/Berlin", TEN.year)
MEETING = Event(
    subject="Lamps",
    start_time=TEN,
    end_time=TEN + HOUR,
    location="Harbour",
    timezone=BERLIN,
    body=Body(type=BodyType.PLAIN, data="All of them."),
    attendees=(Attendee(email=BEN, name="Ben"), Attendee(email=CLEO, name="Cleo", attendee_type=2)),
)
SERIES = msgspec.structs.replace(MEETING, recurrence=Recurrence(type=RecurrenceType.DAILY, occurrences=5))
BEFORE_16, FROM_16 = [one for one in Version if one < Version.V16_0], [Version.V16_0, Version.V16_1]


class Room:
    """Ada with her phone, who invites; Ben and Cleo, who are invited."""

    def __init__(self, version: Version = Version.V16_1) -> None:
        self.server = make_server()
        self.server.add_user(CLEO, "x", name="Cleo")
        self.ada = Phone(self.server, version=version)
        self.ben = Phone(self.server, user=BEN, version=version)
        self.count = 0

    async def begin(self) -> Room:
        for phone in (self.ada, self.ben):
            await phone.folders()
            await phone.begin(CALENDAR)
            await phone.all(CALENDAR)
        return self

    async def save(self, event: Event, **values: Any) -> Any:
        """Let Ada add an event, and give it as her calendar has it."""
        self.count += 1
        answer = await self.ada.sync(CALENDAR, commands=(Add(client_id=f"c{self.count}", data=event),))
        assert answer is not None
        assert answer.responses[0].status == 1
        return self.ada.folder(CALENDAR).items[answer.responses[0].server_id]

    async def change(self, item: Any, **values: Any) -> None:
        instance = values.pop("instance_id", None)
        command = Change(server_id=item.server_id, instance_id=instance, data=Event(**values))
        answer = await self.ada.sync(CALENDAR, commands=(command,))
        assert answer is not None
        assert answer.responses == ()

    def mails(self, address: str = BEN) -> list[Any]:
        """Give what somebody's Inbox has."""
        return [one.data for one in self.server.mailbox(address).folder(INBOX).items.values()]

    def event(self, address: str = BEN) -> Any:
        [item] = self.server.mailbox(address).folder(CALENDAR).items.values()
        return item.data

    def drop_mails(self) -> None:
        for address in (ADA, BEN, CLEO):
            mailbox = self.server.mailbox(address)
            for item in list(mailbox.folder(INBOX).items.values()):
                mailbox.delete(mailbox.folder(INBOX), item)

    async def invite(self, event: Event = MEETING, method: str = "REQUEST", **values: Any) -> tuple[int, int | None]:
        """Let Ada's phone mail an invitation itself."""
        self.count += 1
        told = msgspec.structs.replace(event, uid=event.uid or "u1@larch.example", organizer_email=ADA)
        now = self.server.clock.now()
        text = write_itip(method, told, event.attendees or (), now=now, **values).decode()
        head = f"To: {BEN}, {CLEO}\r\nSubject: {event.subject}\r\nMIME-Version: 1.0\r\n"
        mime = f"{head}Content-Type: text/calendar; method={method}; charset=utf-8\r\n\r\n{text}"
        request = SendMailRequest(mime=mime.encode(), client_id=f"i{self.count}")
        return status_of(await self.ada.raw("SendMail", request.encode(self.ada.version)))

    async def answer(self, response: UserResponse, **values: Any) -> MeetingResult:
        """Let Ben answer the request in his Inbox, unless another item is named."""
        folder = self.ben.folder(INBOX)
        values.setdefault("request_id", next(iter(folder.items), ""))
        values.setdefault("collection_id", folder.server_id)
        request = MeetingResponseRequest(answers=(MeetingAnswer(user_response=response, **values),))
        [result] = (await self.ben.ask(request)).results
        return result


# -- invitations


@pytest.mark.parametrize("version", Version)
def test_an_invitation_by_mail_is_a_request_and_a_tentative_event(version: Version) -> None:
    """The mail says what it is about, the event is tentative and unanswered, and the iCalendar is no attachment."""

    @virtual
    async def story() -> None:
        room = await Room(version).begin()
        assert await room.invite() == (200, None)
        [mail] = room.mails()
        request = mail.meeting_request
        assert mail.message_class == "IPM.Schedule.Meeting.Request"
        assert mail.content_class == "urn:content-classes:calendarmessage"
        assert mail.attachments is None
        assert (request.start_time, request.end_time, request.location) == (TEN, TEN + HOUR, "Harbour")
        assert (request.instance_type, request.uid, int(request.meeting_message_type)) == (0, "u1@larch.example", 1)
        assert base64.b64decode(request.global_obj_id).endswith(b"vCal-Uid\x01\0\0\0u1@larch.example\0")
        assert read_blob(request.time_zone) == read_blob(BERLIN)
        event = room.event()
        assert (event.subject, event.uid, event.organizer_email) == ("Lamps", "u1@larch.example", ADA)
        assert (event.meeting_status, event.response_type, int(event.busy_status)) == (3, 5, 1)
        assert [one.email for one in event.attendees] == [BEN, CLEO]
        [kept] = [one.data for one in room.ada.folder(SENT).items.values()]
        assert kept.message_class == "IPM.Schedule.Meeting.Request"  # type: ignore[union-attr]
        assert room.ada.folder(CALENDAR).items == {}
        await room.ben.begin(INBOX)
        await room.ben.all(INBOX)
        [told] = room.ben.held[room.ben.folder(INBOX).server_id].values()
        said: Any = told
        newer = version >= Version.V16_0
        assert (said.meeting_request.uid is not None, said.meeting_request.global_obj_id is None) == (newer, newer)
        assert (said.meeting_request.meeting_message_type is not None) == (version >= Version.V14_1)

    story()


@pytest.mark.parametrize("version", Version)
def test_MR5_saving_a_meeting_mails_from_16_0_on_only(version: Version) -> None:
    """From 16.0 on the server invites everybody named, once; before, the client has to, and nobody is mailed."""

    @virtual
    async def story() -> None:
        room = await Room(version).begin()
        item = await room.save(MEETING)
        assert (item.data.meeting_status, item.data.response_type, item.data.organizer_email) == (1, 1, ADA)
        posted = room.server.post.posted
        if version < Version.V16_0:
            assert len(posted) == 0
            return
        assert [one.recipients for one in posted] == [(BEN, CLEO)]
        for address in (BEN, CLEO):
            [mail] = room.mails(address)
            assert (mail.subject, mail.message_class) == ("Lamps", "IPM.Schedule.Meeting.Request")
            assert room.event(address).uid == item.data.uid
        assert len(room.ada.folder(SENT).items) == 1

    story()


@pytest.mark.parametrize("version", FROM_16)
def test_what_the_attendees_need_not_know_is_not_mailed(version: Version) -> None:
    """A reminder or a category is the organizer's own; a new place is told to all; a new guest is told alone."""

    @virtual
    async def story() -> None:
        room = await Room(version).begin()
        item = await room.save(msgspec.structs.replace(MEETING, attendees=MEETING.attendees[:1]))  # type: ignore[index]
        posted: Any = room.server.post.posted
        await room.change(item, reminder=10)
        await room.change(item, categories=("a",))
        assert len(posted) == 1
        await room.change(item, attendees=MEETING.attendees)
        assert [one.recipients for one in posted] == [(BEN,), (CLEO,)]
        await room.change(item, location="Pier")
        assert posted[-1].recipients == (BEN, CLEO)
        assert room.event().location == "Pier"
        await room.change(item, attendees=MEETING.attendees[:1])  # type: ignore[index]
        assert (posted[-1].recipients, len(posted)) == ((CLEO,), 4)
        assert room.event(CLEO).meeting_status == 7

    story()


@virtual
async def test_updates_say_what_kind_they_are() -> None:
    """A new time asks for a new answer, a new place does not; what comes late is outdated and changes nothing."""
    room = await Room().begin()
    await room.save(MEETING)
    await room.answer(UserResponse.ACCEPT)
    item: Any = next(iter(room.ada.folder(CALENDAR).items.values()))
    await room.change(item, location="Pier")
    assert (room.event().location, room.event().response_type) == ("Pier", 3)
    assert int(room.mails()[-1].meeting_request.meeting_message_type) == 3
    await room.change(item, start_time=TEN + HOUR, end_time=TEN + 2 * HOUR)
    assert (room.event().start_time, room.event().response_type) == (TEN + HOUR, 5)
    assert int(room.mails()[-1].meeting_request.meeting_message_type) == 2
    await room.invite(msgspec.structs.replace(MEETING, uid=item.data.uid), sequence=0)
    assert int(room.mails()[-1].meeting_request.meeting_message_type) == 4
    assert room.event().start_time == TEN + HOUR


@pytest.mark.parametrize("version", Version)
def test_a_cancelled_meeting_is_marked_so(version: Version) -> None:
    """By the organizer's Delete from 16.0 on, by mail before: the event stays, cancelled, and cannot be answered."""

    @virtual
    async def story() -> None:
        room = await Room(version).begin()
        if version >= Version.V16_0:
            item = await room.save(MEETING)
            await room.ada.sync(CALENDAR, commands=(Delete(server_id=item.server_id),))
        else:
            await room.invite()
            await room.invite(method="CANCEL", sequence=1)
        mail = room.mails()[-1]
        assert mail.message_class == "IPM.Schedule.Meeting.Canceled"
        assert room.event().meeting_status == 7
        assert (await room.answer(UserResponse.ACCEPT)).status == 2
        assert room.event().response_type == 5

    story()


# -- answers


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize(("response", "told"), [(UserResponse.ACCEPT, 3), (UserResponse.TENTATIVE, 2)])
def test_an_answer_changes_the_calendar(version: Version, response: UserResponse, told: int) -> None:
    """The event is as it was answered, the request leaves the Inbox, and unasked the server mails nobody."""

    @virtual
    async def story() -> None:
        room = await Room(version).begin()
        await room.invite()
        sent = len(room.server.post.posted)
        result = await room.answer(response)
        [item] = room.ben.folder(CALENDAR).items.values()
        assert (result.status, result.calendar_id) == (1, item.server_id)
        event: Any = item.data
        assert (event.response_type, event.meeting_status) == (told, 3)
        assert int(event.busy_status) == (2 if told == 3 else 1)
        assert event.appointment_reply_time == room.server.clock.now().replace(microsecond=0)
        assert room.ben.folder(INBOX).items == {}
        assert len(room.ben.folder(TRASH).items) == 1
        assert len(room.server.post.posted) == sent

    story()


@pytest.mark.parametrize("version", Version)
def test_a_declined_meeting_leaves_the_calendar(version: Version) -> None:
    """No event is named, and there is none."""

    @virtual
    async def story() -> None:
        room = await Room(version).begin()
        await room.invite()
        result = await room.answer(UserResponse.DECLINE)
        assert (result.status, result.calendar_id) == (1, None)
        assert room.ben.folder(CALENDAR).items == {}

    story()


@pytest.mark.parametrize("version", Version)
def test_MR1_an_answer_mails_the_organizer_alone(version: Version) -> None:
    """With SendResponse, from 16.0 on: one mail, to the organizer, who sees it in the list of guests. Before: none."""

    @virtual
    async def story() -> None:
        room = await Room(version).begin()
        await room.invite()
        own = msgspec.structs.replace(MEETING, uid="u1@larch.example", meeting_status=1, organizer_email=ADA)
        item: Any = room.server.mailbox(ADA).add(room.ada.folder(CALENDAR), own)
        room.server.post.posted.clear()
        text = Body(type=BodyType.PLAIN, data="With pleasure.")
        await room.answer(UserResponse.ACCEPT, send_response=SendResponse(body=text))
        if version < Version.V16_0:
            assert len(room.server.post.posted) == 0
            return
        assert [one.recipients for one in room.server.post.posted] == [(ADA,)]
        [mail] = room.mails(ADA)
        assert (mail.message_class, mail.subject) == ("IPM.Schedule.Meeting.Resp.Pos", "Accepted: Lamps")
        assert mail.body.data.strip() == "With pleasure."
        assert [one.attendee_status for one in item.data.attendees] == [3, None]
        assert len(room.server.mailbox(ADA).folder(CALENDAR).items) == 1

    story()


@pytest.mark.parametrize(
    ("response", "message_class", "status"),
    [(UserResponse.TENTATIVE, "Tent", 2), (UserResponse.DECLINE, "Neg", 4), (UserResponse.ACCEPT, "Pos", 3)],
)
def test_the_organizer_sees_each_answer(response: UserResponse, message_class: str, status: int) -> None:
    """An empty SendResponse is a mail without text."""

    @virtual
    async def story() -> None:
        room = await Room().begin()
        item = await room.save(MEETING)
        await room.answer(response, send_response=SendResponse(), cleared=frozenset())
        [mail] = room.mails(ADA)
        assert mail.message_class == f"IPM.Schedule.Meeting.Resp.{message_class}"
        assert [one.attendee_status for one in item.data.attendees] == [status, 0]

    story()


@virtual
@pytest.mark.ungrammatical("proposes half a time too", "only together")
async def test_an_attendee_may_propose_another_time() -> None:
    """16.1: the organizer finds both times with the guest; one time alone is refused."""
    room = await Room().begin()
    item = await room.save(MEETING)
    half = SendResponse(proposed_start_time=TEN + HOUR)
    assert (await room.answer(UserResponse.TENTATIVE, send_response=half)).status == 2
    whole = SendResponse(proposed_start_time=TEN + HOUR, proposed_end_time=TEN + 2 * HOUR)
    assert (await room.answer(UserResponse.TENTATIVE, send_response=whole)).status == 1
    ben = item.data.attendees[0]
    assert (ben.proposed_start_time, ben.proposed_end_time) == (TEN + HOUR, TEN + 2 * HOUR)
    assert item.data.start_time == TEN
    [mail] = room.mails(ADA)
    assert mail.meeting_request.proposed_start_time == TEN + HOUR


@virtual
async def test_an_event_in_the_calendar_can_be_answered_too() -> None:
    """Also after the request is gone; and a request whose event the user deleted makes it again."""
    room = await Room().begin()
    await room.save(MEETING)
    calendar = room.ben.folder(CALENDAR)
    [item] = calendar.items.values()
    named = {"collection_id": calendar.server_id, "request_id": item.server_id}
    assert (await room.answer(UserResponse.ACCEPT, **named)).calendar_id == item.server_id
    room.ben.mailbox.delete(calendar, item)
    result = await room.answer(UserResponse.ACCEPT)
    assert result.status == 1
    assert room.event().response_type == 3


@virtual
async def test_what_cannot_be_answered_is_2() -> None:
    """One's own meeting, an event without guests, a plain mail, what is not there; 146 where there is no series."""
    room = await Room().begin()
    await room.save(MEETING)
    mailbox, calendar = room.ben.mailbox, room.ben.folder(CALENDAR)
    own = mailbox.add(calendar, msgspec.structs.replace(MEETING, meeting_status=1))
    plain = mailbox.add(calendar, Event(subject="x", start_time=TEN, end_time=TEN + HOUR, meeting_status=0))
    mail = mailbox.deliver("Tea", "x")
    for item, folder in ((own, calendar), (plain, calendar), (mail, room.ben.folder(INBOX))):
        named = {"collection_id": folder.server_id, "request_id": item.server_id}
        assert (await room.answer(UserResponse.ACCEPT, **named)).status == 2
    assert (await room.answer(UserResponse.ACCEPT, request_id="9:99")).status == 2
    assert (await room.answer(UserResponse.ACCEPT, instance_id=TEN)).status == 146
    request = MeetingResponseRequest(
        answers=(MeetingAnswer(user_response=UserResponse.ACCEPT, collection_id="1", request_id="x"),) * 101
    )
    assert status_of(await room.ben.raw("MeetingResponse", request.encode(Version.V16_1))) == (200, 103)
    odd = [MeetingResponse.Request, [MeetingResponse.UserResponse, "9"]]
    assert status_of(await room.ben.post("MeetingResponse", MeetingResponse.MeetingResponse, odd)) == (200, 103)


# -- series


@pytest.mark.parametrize("version", [one for one in Version if one >= Version.V14_1])
def test_one_occurrence_is_answered(version: Version) -> None:
    """The series stays as it is; a declined occurrence is gone; what is none, or gone, is 2."""

    @virtual
    async def story() -> None:
        room = await Room(version).begin()
        await room.invite(SERIES)
        calendar = room.ben.folder(CALENDAR)
        [item] = calendar.items.values()
        named = {"collection_id": calendar.server_id, "request_id": item.server_id}
        assert (await room.answer(UserResponse.ACCEPT, instance_id=TEN + DAY, **named)).status == 1
        assert (await room.answer(UserResponse.DECLINE, instance_id=TEN + 2 * DAY, **named)).status == 1
        first, second = room.event().exceptions
        assert (first.exception_start_time, first.response_type) == (TEN + DAY, 3)
        assert (second.exception_start_time, second.deleted) == (TEN + 2 * DAY, True)
        assert room.event().response_type == 5
        for moment in (TEN + 2 * DAY, TEN + 9 * DAY, TEN + HOUR):
            assert (await room.answer(UserResponse.ACCEPT, instance_id=moment, **named)).status == 2

    story()


@virtual
async def test_a_series_is_invited_to_as_one() -> None:
    """Pattern, zone and exceptions arrive as the organizer has them, and the request says that it is a series."""
    room = await Room().begin()
    for pattern in (
        Recurrence(type=RecurrenceType.WEEKLY, interval=2, day_of_week=20, occurrences=9, first_day_of_week=1),
        Recurrence(type=RecurrenceType.MONTHLY, interval=1, day_of_month=3, until=TEN + 200 * DAY),
        Recurrence(type=RecurrenceType.MONTHLY_NTH, interval=1, week_of_month=5, day_of_week=32, occurrences=3),
        Recurrence(type=RecurrenceType.MONTHLY_NTH, interval=1, week_of_month=5, day_of_week=127, occurrences=3),
        Recurrence(type=RecurrenceType.YEARLY, interval=1, day_of_month=3, month_of_year=4, occurrences=3),
        Recurrence(
            type=RecurrenceType.YEARLY_NTH, interval=1, week_of_month=2, day_of_week=62, month_of_year=4, occurrences=3
        ),
    ):
        [start, *_] = expand(pattern, TEN, zoneinfo.ZoneInfo("Europe/Berlin"), TEN, TEN + 800 * DAY)
        await room.save(msgspec.structs.replace(MEETING, recurrence=pattern, start_time=start, end_time=start + HOUR))
        got: Any = list(room.server.mailbox(BEN).folder(CALENDAR).items.values())[-1].data
        assert got.recurrence == pattern
        assert read_blob(got.timezone) == read_blob(BERLIN)
        assert (got.start_time, got.end_time) == (start, start + HOUR)
        assert room.mails()[-1].meeting_request.instance_type == 1
        assert int(room.mails()[-1].meeting_request.recurrences[0].type) == int(pattern.type)  # type: ignore[arg-type]


@virtual
async def test_whole_days_are_invited_to_as_days() -> None:
    """The date is the same at both ends."""
    room = await Room().begin()
    midnight = TEN.replace(hour=0)
    await room.save(
        msgspec.structs.replace(
            MEETING, all_day_event=True, timezone=None, start_time=midnight, end_time=midnight + 2 * DAY
        )
    )
    event = room.event()
    assert (event.all_day_event, event.start_time, event.end_time) == (True, midnight, midnight + 2 * DAY)


@pytest.mark.parametrize("version", FROM_16)
def test_one_occurrence_is_moved_and_one_is_cancelled(version: Version) -> None:
    """The guests hear of the occurrence, and their calendars have the same exceptions as the organizer's."""

    @virtual
    async def story() -> None:
        room = await Room(version).begin()
        item = await room.save(SERIES)
        moved: dict[str, Any] = {"start_time": TEN + DAY + HOUR, "end_time": TEN + DAY + 2 * HOUR}
        await room.change(item, instance_id=TEN + DAY, **moved)
        assert len(room.server.post.posted) == 2
        assert room.mails()[-1].meeting_request.recurrence_id == TEN + DAY
        await room.ada.sync(CALENDAR, commands=(Delete(server_id=item.server_id, instance_id=TEN + 2 * DAY),))
        assert room.mails()[-1].message_class == "IPM.Schedule.Meeting.Canceled"
        for event in (item.data, room.event()):
            first, second = event.exceptions
            assert (first.exception_start_time, first.start_time) == (TEN + DAY, TEN + DAY + HOUR)
            assert (second.exception_start_time, second.deleted) == (TEN + 2 * DAY, True)
        assert room.event().meeting_status == 3

    story()


@virtual
async def test_odd_invitations_are_plain_mail() -> None:
    """ICalendar that cannot be read, or is about no event, is kept as mail and does nothing to the calendar."""
    room = await Room().begin()
    for text in (
        "nonsense",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n",
    ):
        mime = f"To: {BEN}\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar\r\n\r\n{text}"
        room.server.post.receive(room.ben.mailbox, mime.encode())
    assert [one.message_class for one in room.mails()] == ["IPM.Note"] * 3
    assert room.ben.folder(CALENDAR).items == {}
