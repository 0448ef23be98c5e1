"""
Meetings from both sides: what a person answers, whom they invite, and that nobody is mailed twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from carrierpost.engine import EditRefused
from carrierpost.formats.invitation import Invitation, read_invitation
from carrierpost.formats.message_in import read_message
from carrierpost.model import Item, OutboxState
from carrierpost.protocol.classes import (
    Attendee,
    Body,
    BodyType,
    Email,
    Event,
    EventException,
    Recurrence,
    RecurrenceType,
)
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.meeting_response import MeetingResponseRequest, UserResponse
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from carrierpost.server.meetings import received
from tests.support.hub import ADDRESS, Bench, bench
from tests.support.virtual import EPOCH, virtual

INBOX, CALENDAR, SENT, TRASH = (
    FolderType.INBOX,
    FolderType.CALENDAR,
    FolderType.SENT_ITEMS,
    FolderType.DELETED_ITEMS,
)
ACCEPT, TENTATIVE, DECLINE = UserResponse.ACCEPT, UserResponse.TENTATIVE, UserResponse.DECLINE
BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])
ALL = pytest.mark.parametrize("version", list(Version))
BEN, CLEO = "ben@larch.example", "cleo@larch.example"
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TEN = EPOCH.replace(hour=10) + 7 * DAY
MEETING = Event(
    subject="Lamps", start_time=TEN, end_time=TEN + HOUR, location="Harbour",
    body=Body(type=BodyType.PLAIN, data="All of them."), attendees=(Attendee(email=BEN, name="Ben"),),
)  # fmt: skip
SERIES = msgspec.structs.replace(MEETING, recurrence=Recurrence(type=RecurrenceType.DAILY, occurrences=5))


class Two:
    """Ada, who invites, and Ben, who is invited; both by way of a hub."""

    def __init__(self, ada: Bench, ben: Bench) -> None:
        self.ada = ada
        self.ben = ben

    async def sync(self) -> None:
        """Bring both up to date, Ada first, and once more."""
        for made in (self.ada, self.ben, self.ada, self.ben):
            await made.runner.sync_once()

    async def invite(self, event: Event = MEETING) -> Item:
        """Let Ada make a meeting, and give it as her hub has it."""
        edited = await self.ada.editor.add((await self.ada.collection(CALENDAR)).id, event)
        await self.sync()
        assert edited.item is not None
        return await self.ada.store.item(edited.item.id)

    async def request(self) -> Item:
        """Give the only mail in Ben's Inbox."""
        [item] = await self.ben.held(INBOX)
        return item

    async def event(self) -> Item:
        """Give the only event in Ben's calendar."""
        [item] = await self.ben.held(CALENDAR)
        return item

    def mails(self, method: str | None = None, sender: str = ADDRESS) -> list[tuple[tuple[str, ...], Invitation]]:
        """Give the mails about meetings that somebody's went out: to whom, and what they say."""
        found = []
        for one in self.ada.server.post.posted:
            invitation = read_invitation(read_message(one.mime))
            if one.sender == sender and invitation is not None and method in (None, invitation.method):
                found.append((one.recipients, invitation))
        return found

    def replies(self) -> list[tuple[tuple[str, ...], Invitation]]:
        """Give the answers that Ben's went out."""
        return self.mails(sender=BEN)

    def attendee(self, address: str = BEN) -> Any:
        """Give an attendee as Ada's calendar at the server has them."""
        [event] = [item.data for item in self.ada.mailbox.folder(CALENDAR).items.values()]
        assert isinstance(event, Event)
        return next(one for one in event.attendees or () if one.email == address)

    def at_bens(self) -> list[Any]:
        """Give the events that Ben's calendar at the server has."""
        return [item.data for item in self.ben.mailbox.folder(CALENDAR).items.values()]

    async def agreed(self) -> None:
        """Synchronize, and see that both hubs hold what the server has and have nothing left to tell."""
        await self.sync()
        for made in (self.ada, self.ben):
            assert await made.store.outbox(made.account_id) == ()
            if ((await made.account()).version or Version.V16_1) >= Version.V14_1:  # older ones show less
                assert [one for one in await made.contradictions() if not _is_said_by_the_server(one)] == []


_SERVERS_OWN = {"meeting_request", "organizer_name", "response_type", "dt_stamp"}
"""What a mail shows of a meeting depends on the version; what a server makes of one's own event it does not tell."""


def _is_said_by_the_server(contradiction: str) -> bool:
    _, found, names = contradiction.partition(" differs in ")
    return bool(found) and set(names.split(", ")) <= _SERVERS_OWN


@asynccontextmanager
async def two(version: Version, **options: Any) -> AsyncIterator[Two]:
    """Make both hubs, synchronized once; Cleo has a mailbox, too."""
    async with bench(version=version, **options) as ada:
        ben = await ada.second(BEN, device_id="TESTDEVICE02", version=version)
        ada.server.add_user(CLEO, "x", name="Cleo")
        ada.new_runner()
        ben.new_runner()
        made = Two(ada, ben)
        await made.sync()
        try:
            yield made
        finally:
            await ben.runner.close()


# -- answering


@ALL
@pytest.mark.parametrize("response", [ACCEPT, TENTATIVE, DECLINE])
@virtual
async def test_MR1_an_answer_reaches_the_organizer_and_nobody_else(version: Version, response: UserResponse) -> None:
    """
    One mail, to the organizer; one event or none, no second one; the request is in Deleted Items. Ada sees the answer.
    """
    async with two(version) as made:
        await made.invite()
        edited = await made.ben.editor.respond((await made.request()).id, response)
        assert edited.entry is not None
        shown = (await made.event()).data
        assert isinstance(shown, Event)
        status = {ACCEPT: 3, TENTATIVE: 2, DECLINE: 4}[response]
        assert shown.response_type == status  # at once, without a network
        await made.agreed()
        assert [(to, one.method) for to, one in made.replies()] == [((ADDRESS,), "REPLY")]
        assert made.attendee().attendee_status == status
        assert [one.response_type for one in made.at_bens()] == ([] if response is DECLINE else [status])
        assert await made.ben.held(INBOX) == ()
        assert [type(one.data) for one in await made.ben.held(TRASH)] == [Email]
        assert len(made.mails()) == 1  # the invitation


@BOTH
@virtual
async def test_an_answer_may_say_something(version: Version) -> None:
    """The comment is in the mail that the organizer gets."""
    async with two(version) as made:
        await made.invite()
        await made.ben.editor.respond((await made.request()).id, TENTATIVE, text="If the boat is back.")
        await made.agreed()
        [reply] = [one for one in made.ada.server.post.posted if one.sender == BEN]
        assert "If the boat is back." in (read_message(reply.mime).text or "")


@BOTH
@virtual
async def test_an_answer_without_a_reply(version: Version) -> None:
    """The calendar says it, and nobody is mailed."""
    async with two(version) as made:
        await made.invite()
        await made.ben.editor.respond((await made.event()).id, ACCEPT, reply=False)
        await made.agreed()
        assert made.replies() == []
        assert [one.response_type for one in made.at_bens()] == [3]


@BOTH
@virtual
async def test_who_asks_for_no_answer_gets_none(version: Version) -> None:
    """The answer is the person's own affair then; a text for the organizer is refused, and says why."""
    async with two(version) as made:
        await made.invite(msgspec.structs.replace(MEETING, response_requested=False))
        event = await made.event()
        if version < Version.V16_0:
            await made.ada.runner.sync_once()
        folder = made.ben.mailbox.folder(CALENDAR)
        [there] = folder.items.values()
        made.ben.mailbox.change(folder, there, response_requested=False)
        await made.ben.runner.sync_once()
        with pytest.raises(EditRefused, match="asked for no answers"):
            await made.ben.editor.respond(event.id, ACCEPT, text="Gladly")
        await made.ben.editor.respond(event.id, ACCEPT)
        await made.agreed()
        assert made.replies() == []
        await made.ben.editor.respond(event.id, ACCEPT, reply=True)  # who insists may
        await made.agreed()
        assert len(made.replies()) == 1


@pytest.mark.parametrize("version", [Version.V14_1, Version.V16_0, Version.V16_1])
@virtual
async def test_another_time_is_proposed(version: Version) -> None:
    """From 16.1 on the server says so; before, the hub writes the counter proposal."""
    async with two(version) as made:
        await made.invite()
        event = (await made.event()).id
        with pytest.raises(EditRefused, match="who accepts"):
            await made.ben.editor.respond(event, ACCEPT, proposed=(TEN + DAY, TEN + DAY + HOUR))
        with pytest.raises(EditRefused, match="ends before"):
            await made.ben.editor.respond(event, TENTATIVE, proposed=(TEN + DAY, TEN))
        await made.ben.editor.respond(event, TENTATIVE, proposed=(TEN + DAY, TEN + DAY + HOUR))
        await made.sync()
        [(recipients, counter)] = made.replies()
        assert (recipients, counter.method, counter.event.start_time) == ((ADDRESS,), "COUNTER", TEN + DAY)
        assert [one.start_time for one in made.at_bens()] == [TEN]


@BOTH
@pytest.mark.parametrize("response", [ACCEPT, DECLINE])
@virtual
async def test_one_occurrence_is_answered(version: Version, response: UserResponse) -> None:
    """The rest of the series stays unanswered; the organizer hears which one is meant."""
    async with two(version) as made:
        await made.invite(SERIES)
        third = TEN + 2 * DAY
        await made.ben.editor.respond((await made.event()).id, response, occurrence=third)
        await made.agreed()
        [event] = made.at_bens()
        [exception] = event.exceptions
        assert exception.exception_start_time == third
        assert (exception.deleted or False, event.response_type) == (response is DECLINE, 5)
        [(recipients, reply)] = made.replies()
        assert (recipients, reply.occurrence) == ((ADDRESS,), third)


@virtual
async def test_what_cannot_be_answered_says_why() -> None:
    """One's own meeting, a plain mail, a meeting called off, a day on which there is none, an old version."""
    async with two(Version.V14_1) as made:
        own = await made.invite(SERIES)
        with pytest.raises(EditRefused, match="your own"):
            await made.ada.editor.respond(own.id, ACCEPT)
        made.ben.mailbox.deliver("Hello", "x")
        await made.ben.runner.sync_once()
        mails = {one.data.subject: one.id for one in await made.ben.held(INBOX) if isinstance(one.data, Email)}
        with pytest.raises(EditRefused, match="neither"):
            await made.ben.editor.respond(mails["Hello"], ACCEPT)
        event = (await made.event()).id
        with pytest.raises(EditRefused, match="no occurrence"):
            await made.ben.editor.respond(event, ACCEPT, occurrence=TEN + HOUR)
        await made.ada.editor.delete(own.id)
        await made.sync()
        with pytest.raises(EditRefused, match="called off"):
            await made.ben.editor.respond(event, ACCEPT)
        assert await made.ben.store.outbox(made.ben.account_id) == ()
    async with two(Version.V14_0) as made:
        await made.invite(SERIES)
        with pytest.raises(EditRefused, match=r"14\.0"):
            await made.ben.editor.respond((await made.event()).id, ACCEPT, occurrence=TEN)


@BOTH
@virtual
async def test_an_answer_that_is_changed_before_it_was_told_is_one(version: Version) -> None:
    """Offline, a person thinks twice: the organizer hears the last word only."""
    async with two(version) as made:
        await made.invite()
        request = (await made.request()).id
        await made.ben.editor.respond(request, DECLINE)
        await made.ben.editor.respond(request, ACCEPT)
        assert len(await made.ben.store.outbox(made.ben.account_id)) == 1
        await made.agreed()
        assert made.attendee().attendee_status == 3
        assert len(made.replies()) == 1


@BOTH
@pytest.mark.parametrize("source", [INBOX, CALENDAR])
@pytest.mark.parametrize("response", [ACCEPT, DECLINE])
@virtual
async def test_MR2_an_answer_whose_answer_was_lost_is_mailed_once(
    version: Version, source: FolderType, response: UserResponse
) -> None:
    """The server is asked whether it has it before anything is repeated; the organizer gets one mail."""
    async with two(version) as made:
        await made.invite()
        [item] = await made.ben.held(source)
        made.ada.server.faults.add(faults.drop_after_commit(), command="MeetingResponse", times=2)
        await made.ben.editor.respond(item.id, response)
        async with made.ben.running(0.0):
            await made.ben.clock.sleep(900)
        await made.agreed()
        assert [(to, one.method) for to, one in made.replies()] == [((ADDRESS,), "REPLY")]
        assert made.attendee().attendee_status == (3 if response is ACCEPT else 4)


@BOTH
@virtual
async def test_MR2_an_answer_that_never_arrived_is_told_again(version: Version) -> None:
    """Lost on the way there, a person need do nothing."""
    async with two(version) as made:
        await made.invite()
        made.ada.server.faults.add(faults.drop_before_commit(), command="MeetingResponse", times=2)
        await made.ben.editor.respond((await made.event()).id, ACCEPT)
        async with made.ben.running(0.0):
            await made.ben.clock.sleep(900)
        await made.agreed()
        assert len(made.replies()) == 1
        assert made.attendee().attendee_status == 3


@virtual
async def test_MR2_a_reply_whose_fate_is_unknown_is_looked_for() -> None:
    """Up to 14.1 the mail to the organizer is a message as any other: found in Sent Items, it is not sent again."""
    async with two(Version.V14_1) as made:
        await made.invite()
        made.ada.server.faults.add(faults.drop_after_commit(), command="SendMail", times=1)
        await made.ben.editor.respond((await made.request()).id, ACCEPT)
        async with made.ben.running(0.0):
            await made.ben.clock.sleep(900)
        await made.agreed()
        assert len(made.replies()) == 1


@BOTH
@virtual
async def test_a_kill_between_answer_and_settling(version: Version) -> None:
    """The hub ends while the server's answer is under way; the next one mails nobody a second time."""
    async with two(version) as made:
        await made.invite()
        made.ada.server.faults.add(faults.drop_after_commit(), command="MeetingResponse", times=1)
        await made.ben.editor.respond((await made.event()).id, ACCEPT)
        async with made.ben.running(0.2):
            assert [one.state for one in await made.ben.store.outbox(made.ben.account_id)] == [OutboxState.SENDING]
        made.ben.new_runner()
        await made.agreed()
        assert len(made.replies()) == 1


@BOTH
@virtual
async def test_a_refused_answer_is_set_aside_and_can_be_dropped(version: Version) -> None:
    """The reason is the server's; dropped, the calendar is as it was before; nobody was mailed."""
    async with two(version) as made:
        await made.invite()
        folder = made.ben.mailbox.folder(CALENDAR)
        event = await made.event()
        await made.ben.editor.respond(event.id, ACCEPT)
        [there] = folder.items.values()
        made.ben.mailbox.change(folder, there, meeting_status=7)
        await made.ben.runner.sync_once()
        [entry] = await made.ben.store.outbox(made.ben.account_id)
        assert (entry.state, "cannot be answered" in entry.reason) == (OutboxState.REFUSED, True)
        made.ben.mailbox.change(folder, there, meeting_status=3)
        await made.ben.editor.retry(entry.id)
        made.ada.server.faults.add(faults.status(2), command="MeetingResponse", times=1)
        await made.ben.runner.sync_once()
        [entry] = await made.ben.store.outbox(made.ben.account_id)
        assert entry.state is OutboxState.REFUSED
        await made.ben.editor.drop(entry.id)
        assert made.replies() == []
        await made.agreed()
        assert [one.response_type for one in made.at_bens()] == [5]


@BOTH
@virtual
async def test_a_server_that_is_busy_is_asked_again(version: Version) -> None:
    """Statuses 3 and 4 mean that nothing was done, and a later attempt may fare better."""
    async with two(version) as made:
        await made.invite()
        made.ada.server.faults.add(faults.status(4), command="MeetingResponse", times=2)
        await made.ben.editor.respond((await made.event()).id, ACCEPT)
        async with made.ben.running(0.0):
            await made.ben.clock.sleep(120)
        await made.agreed()
        assert len(made.replies()) == 1


@BOTH
@virtual
async def test_a_request_that_is_deleted_after_it_was_answered(version: Version) -> None:
    """The answer is told all the same, and first."""
    async with two(version) as made:
        await made.invite()
        request = (await made.request()).id
        await made.ben.editor.respond(request, ACCEPT)
        await made.ben.editor.delete(request)
        await made.agreed()
        assert made.attendee().attendee_status == 3


@virtual
async def test_MR5_who_mails_the_answer_depends_on_the_version() -> None:
    """Up to 14.1 the request says nothing of a mail and the hub sends one; from 16.0 on it is the other way round."""
    for version in Version:
        async with two(version) as made:
            await made.invite()
            made.ada.line.heard = []
            await made.ben.editor.respond((await made.event()).id, ACCEPT)
            await made.agreed()
            heard = [one for one in made.ada.line.heard if one.command == "MeetingResponse"]
            assert len(heard) == 1
            [asked] = MeetingResponseRequest.decode(Payload(body=heard[0].body), version, Notes()).answers
            later = version >= Version.V16_0
            assert (asked.send_response is not None) == later
            assert sum(1 for one in made.ada.line.heard if one.command == "SendMail") == (not later)
            assert len(made.replies()) == 1


@virtual
async def test_an_event_that_the_server_renames_keeps_its_number() -> None:
    """A server may keep an answered meeting under another id: the hub's number for it stays."""
    async with two(Version.V14_1) as made:
        await made.invite()
        event = await made.event()
        calendar = made.ben.mailbox.folder(CALENDAR)
        [there] = calendar.items.values()
        made.ben.mailbox.delete(calendar, there)  # answering makes it again, under a new id
        await made.ben.editor.respond((await made.request()).id, ACCEPT)
        async with made.ben.running(0.0):
            await made.ben.clock.sleep(60)
        [now] = await made.ben.held(CALENDAR)
        assert isinstance(now.data, Event)
        assert (now.data.response_type, now.server_id != event.server_id) == (3, True)


@virtual
async def test_MR3_nothing_is_forwarded_by_itself() -> None:
    """Receiving, answering and changing meetings forwards none of them."""
    async with two(Version.V14_1) as made:
        own = await made.invite()
        await made.ben.editor.respond((await made.request()).id, ACCEPT)
        await made.ada.editor.change(own.id, location="Pier")
        await made.agreed()
        assert made.ada.requests("SmartForward") == 0


# -- inviting


@ALL
@virtual
async def test_MR5_a_new_meeting_invites_its_attendees_once(version: Version) -> None:
    """Whoever writes, there is one mail to all of them; the organizer's reminder is not in it."""
    async with two(version) as made:
        people = (*(MEETING.attendees or ()), Attendee(email=CLEO, attendee_type=2))
        await made.invite(msgspec.structs.replace(MEETING, attendees=people, reminder=10))
        await made.agreed()
        [(recipients, invitation)] = made.mails()
        assert (set(recipients), invitation.method, invitation.sequence) == ({BEN, CLEO}, "REQUEST", 0)
        assert (invitation.event.reminder, invitation.event.location) == (None, "Harbour")
        assert [(one.subject, one.meeting_status, one.response_type) for one in made.at_bens()] == [("Lamps", 3, 5)]


@BOTH
@virtual
async def test_only_what_matters_to_attendees_is_mailed(version: Version) -> None:
    """A reminder is not; a place is, with a higher number; who is new is invited alone; who is no longer, told so."""
    async with two(version) as made:
        item = await made.invite()
        await made.ada.editor.change(item.id, reminder=30, categories=("a",))
        await made.agreed()
        assert len(made.mails()) == 1
        await made.ada.editor.change(item.id, location="Pier")
        await made.agreed()
        assert [(to, one.method, one.event.location) for to, one in made.mails()[1:]] == [((BEN,), "REQUEST", "Pier")]
        assert made.mails()[1][1].sequence > made.mails()[0][1].sequence
        await made.ada.editor.change(item.id, attendees=(Attendee(email=BEN), Attendee(email=CLEO)))
        await made.agreed()
        assert [(to, one.method) for to, one in made.mails()[2:]] == [((CLEO,), "REQUEST")]
        await made.ada.editor.change(item.id, attendees=(Attendee(email=CLEO),))
        await made.agreed()
        assert [(to, one.method) for to, one in made.mails()[3:]] == [((BEN,), "CANCEL")]
        assert [one.meeting_status for one in made.at_bens()] == [7]


@BOTH
@virtual
async def test_two_changes_before_they_are_told_are_one_mail(version: Version) -> None:
    """And one that is taken back is none."""
    async with two(version) as made:
        item = await made.invite()
        await made.ada.editor.change(item.id, location="Pier")
        await made.ada.editor.change(item.id, start_time=TEN + HOUR, end_time=TEN + 2 * HOUR)
        await made.agreed()
        assert len(made.mails()) == 2
        assert [(one.location, one.start_time) for one in made.at_bens()] == [("Pier", TEN + HOUR)]
        await made.ada.editor.change(item.id, location="Mole")
        await made.ada.editor.change(item.id, location="Pier")
        await made.agreed()
        assert len(made.mails()) == 2


@BOTH
@virtual
async def test_a_meeting_that_is_deleted_is_called_off(version: Version) -> None:
    """All attendees hear of it, once; a meeting that they never heard of is none of their business."""
    async with two(version) as made:
        item = await made.invite()
        await made.ada.editor.delete(item.id)
        await made.agreed()
        assert [(to, one.method) for to, one in made.mails()] == [((BEN,), "REQUEST"), ((BEN,), "CANCEL")]
        assert [one.meeting_status for one in made.at_bens()] == [7]
        edited = await made.ada.editor.add((await made.ada.collection(CALENDAR)).id, MEETING)
        assert edited.item is not None
        await made.ada.editor.delete(edited.item.id)
        await made.agreed()
        assert len(made.mails()) == 2


@BOTH
@virtual
async def test_one_occurrence_is_changed_and_another_called_off(version: Version) -> None:
    """The attendees hear of each by itself, under the start that the pattern gives it."""
    async with two(version) as made:
        item = await made.invite(SERIES)
        await made.ada.editor.change_occurrence(item.id, TEN + DAY, start_time=TEN + DAY + HOUR, location="Pier")
        await made.agreed()
        await made.ada.editor.delete_occurrence(item.id, TEN + 2 * DAY)
        await made.agreed()
        told = [(to, one.method, one.occurrence) for to, one in made.mails()[1:]]
        assert told == [((BEN,), "REQUEST", TEN + DAY), ((BEN,), "CANCEL", TEN + 2 * DAY)]
        [event] = made.at_bens()
        moved, gone = sorted(event.exceptions, key=lambda one: one.exception_start_time)
        assert (moved.start_time, moved.location, gone.deleted) == (TEN + DAY + HOUR, "Pier", True)


@BOTH
@pytest.mark.parametrize("fault", [faults.drop_after_commit, faults.drop_before_commit])
@virtual
async def test_MR2_an_invitation_goes_out_once_whatever_is_lost(version: Version, fault: Any) -> None:
    """The answer to the new event is lost, and then that to the mail: Ben gets one invitation, one update."""
    async with two(version) as made:
        for command in ("Sync", "SendMail"):
            made.ada.server.faults.add(fault(), command=command, times=1)
        edited = await made.ada.editor.add((await made.ada.collection(CALENDAR)).id, MEETING)
        assert edited.item is not None
        async with made.ada.running(0.0):
            await made.ada.clock.sleep(900)
        for entry in await made.ada.store.outbox(made.ada.account_id):
            assert entry.state is OutboxState.UNKNOWN  # it never left, and nobody can tell
            await made.ada.editor.retry(entry.id)
        await made.agreed()
        made.ada.server.faults.add(fault(), command="Sync", times=1)
        await made.ada.editor.change(edited.item.id, location="Pier")
        async with made.ada.running(0.0):
            await made.ada.clock.sleep(900)
        await made.agreed()
        assert [(to, one.method) for to, one in made.mails()] == [((BEN,), "REQUEST")] * 2


@virtual
async def test_nobody_is_invited_to_what_the_server_refused() -> None:
    """The event is set aside with its reason; dropped, nobody ever hears of it; tried again, they do."""
    async with two(Version.V14_1) as made:
        made.ada.server.refuses_item = lambda command: 6
        await made.ada.editor.add((await made.ada.collection(CALENDAR)).id, MEETING)
        await made.sync()
        assert made.mails() == []
        refused = [one for one in await made.ada.store.outbox(made.ada.account_id) if one.state is OutboxState.REFUSED]
        assert len(refused) == 1
        made.ada.server.refuses_item = None
        await made.ada.editor.retry(refused[0].id)
        await made.agreed()
        assert len(made.mails()) == 1


@virtual
async def test_a_deletion_that_is_given_up_calls_nothing_off() -> None:
    """The meeting comes back, and its attendees hear nothing."""
    async with two(Version.V14_1) as made:
        item = await made.invite()
        edited = await made.ada.editor.delete(item.id)
        assert edited.entry is not None
        await made.ada.editor.drop(edited.entry.id)
        await made.agreed()
        assert len(made.mails()) == 1
        assert len(await made.ada.held(CALENDAR)) == 1


@BOTH
@virtual
async def test_somebody_elses_meeting_is_nobodys_to_invite_to(version: Version) -> None:
    """An attendee who sets a reminder, or deletes the event, mails nobody."""
    async with two(version) as made:
        made.ben.mailbox.add(
            made.ben.mailbox.folder(CALENDAR),
            received(msgspec.structs.replace(MEETING, uid="u1", organizer_email=ADDRESS, dt_stamp=EPOCH)),
        )
        await made.sync()
        event = (await made.event()).id
        await made.ben.editor.change(event, reminder=5)
        await made.sync()
        await made.ben.editor.delete(event)
        await made.agreed()
        assert list(made.ada.server.post.posted) == []


# -- series


@ALL
@virtual
async def test_RC1_a_new_series_arrives_with_its_exceptions(version: Version) -> None:
    """One occurrence is moved and one does not take place, in a series made here: in both generations."""
    async with two(version) as made:
        exceptions = (
            EventException(exception_start_time=TEN + DAY, start_time=TEN + DAY + HOUR, end_time=TEN + DAY + 2 * HOUR),
            EventException(exception_start_time=TEN + 3 * DAY, deleted=True),
        )
        series = msgspec.structs.replace(SERIES, attendees=None, exceptions=exceptions)
        edited = await made.ada.editor.add((await made.ada.collection(CALENDAR)).id, series)
        assert edited.item is not None
        await made.agreed()
        [there] = [item.data for item in made.ada.mailbox.folder(CALENDAR).items.values()]
        assert isinstance(there, Event)
        told = [(one.exception_start_time, one.start_time, bool(one.deleted)) for one in there.exceptions or ()]
        assert told == [(TEN + DAY, TEN + DAY + HOUR, False), (TEN + 3 * DAY, None, True)]
        assert len(await made.ada.held(CALENDAR)) == 1


@BOTH
@pytest.mark.parametrize("fault", [faults.drop_after_commit, faults.drop_before_commit])
@virtual
async def test_RC2_exceptions_of_a_new_series_survive_lost_answers(version: Version, fault: Any) -> None:
    """Whichever answer is lost, there is one series with both of its exceptions."""
    for lost in range(1, 5):
        async with two(version) as made:
            exceptions = (
                EventException(exception_start_time=TEN + DAY, subject="Wicks"),
                EventException(exception_start_time=TEN + 3 * DAY, deleted=True),
            )
            series = msgspec.structs.replace(SERIES, attendees=None, exceptions=exceptions)
            if lost > 1:
                made.ada.server.faults.add(faults.delay(0.0), command="Sync", times=lost - 1)
            made.ada.server.faults.add(fault(), command="Sync", times=1)
            await made.ada.editor.add((await made.ada.collection(CALENDAR)).id, series)
            async with made.ada.running(0.0):
                await made.ada.clock.sleep(600)
            await made.agreed()
            [there] = [item.data for item in made.ada.mailbox.folder(CALENDAR).items.values()]
            assert isinstance(there, Event)
            told = [(one.subject, bool(one.deleted)) for one in there.exceptions or ()]
            assert told == [("Wicks", False), (None, True)]
