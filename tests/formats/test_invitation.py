"""
Meetings by mail: who is told, what they are told, and that both ends understand each other.
"""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from carrierpost.formats.headers import Address
from carrierpost.formats.invitation import Invitation, answer, cancel, invite, read_invitation
from carrierpost.formats.message import Draft
from carrierpost.formats.message_in import read_message
from carrierpost.formats.message_out import write_message
from carrierpost.protocol.classes import Attendee, Body, BodyType, Event, EventException, Recurrence, RecurrenceType
from carrierpost.protocol.commands.meeting_response import UserResponse
from carrierpost.protocol.timezone import blob_of

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
WEEK, HOUR = dt.timedelta(days=7), dt.timedelta(hours=1)
ADA, BEN, CY = Address("ada@x.example", "Ada"), Address("ben@x.example", "Ben"), Address("cy@x.example", "Cy")
MEETING = Event(
    uid="meeting-1",
    subject="Budget, again",
    location="Room 1",
    body=Body(type=BodyType.PLAIN, data="Bring figures."),
    timezone=blob_of("Europe/Berlin", 2026),
    all_day_event=False,
    start_time=START,
    end_time=START + HOUR,
    organizer_email=ADA.address,
    organizer_name=ADA.name,
    attendees=(
        Attendee(email="ada@x.example", name="Ada", attendee_type=1),
        Attendee(email="ben@x.example", name="Ben", attendee_type=1),
        Attendee(email="cy@x.example", name="Cy", attendee_type=2),
    ),
    reminder=15,
    categories=("Secret project",),
    meeting_status=1,
)
SERIES = msgspec.structs.replace(
    MEETING,
    recurrence=Recurrence(type=RecurrenceType.WEEKLY, interval=1, day_of_week=2),
    exceptions=(
        EventException(exception_start_time=START + WEEK, deleted=True),
        EventException(exception_start_time=START + 2 * WEEK, start_time=START + 2 * WEEK + HOUR, subject="Later"),
    ),
)


def _arrived(draft: Draft, own: str = "ben@x.example") -> Invitation:
    """
    Let a draft travel as a mail, and read what arrives.
    """
    message = read_message(write_message(draft, date=NOW, chance=bytes(16)))
    assert message.method == draft.method
    read = read_invitation(message, own=[own])
    assert read is not None
    assert read.reasons == ()
    return read


def test_invitation_goes_to_all_but_the_organizer() -> None:
    """Required attendees in To, optional ones in Cc; the meeting arrives, what is the organizer's own does not."""
    draft = invite(MEETING, ADA, now=NOW)
    assert (draft.from_, draft.to, draft.cc) == (ADA, (BEN,), (CY,))
    assert draft.subject == "Budget, again"
    assert draft.text == "When: 2026-03-02 09:00 (UTC)\nWhere: Room 1\n\nBring figures."
    read = _arrived(draft)
    assert (read.method, read.sequence, read.occurrence) == ("REQUEST", 0, None)
    event = read.event
    assert (event.uid, event.subject, event.location) == ("meeting-1", "Budget, again", "Room 1")
    assert (event.start_time, event.end_time) == (START, START + HOUR)
    assert (event.organizer_email, event.meeting_status, event.response_requested) == ("ada@x.example", 3, True)
    assert event.attendees is not None
    assert [one.email for one in event.attendees] == ["ada@x.example", "ben@x.example", "cy@x.example"]
    assert (event.reminder, event.categories) == (None, None)
    assert "Secret project" not in (draft.calendar or "")


def test_invitation_to_a_series_tells_its_exceptions() -> None:
    """Pattern, what is gone and what has moved arrive with it."""
    read = _arrived(invite(SERIES, ADA, now=NOW, sequence=2))
    assert read.sequence == 2
    assert read.event.recurrence == SERIES.recurrence
    assert read.event.exceptions is not None
    assert [(one.deleted, one.exception_start_time) for one in read.event.exceptions] == [
        (True, START + WEEK),
        (None, START + 2 * WEEK),
    ]
    assert read.event.exceptions[1].subject == "Later"


def test_one_occurrence_is_told_alone() -> None:
    """An update of one occurrence names it and says nothing of the series."""
    read = _arrived(invite(SERIES, ADA, now=NOW, sequence=3, occurrence=START + 2 * WEEK, only=["BEN@x.example"]))
    assert read.occurrence == START + 2 * WEEK
    assert (read.event.start_time, read.event.subject) == (START + 2 * WEEK + HOUR, "Later")
    assert read.event.recurrence is None


def test_only_those_who_are_meant_are_told() -> None:
    """Somebody who is added later, or taken out, gets a mail; the others do not."""
    draft = invite(MEETING, ADA, now=NOW, only=["cy@x.example"])
    assert (draft.to, draft.cc) == ((), (CY,))


@pytest.mark.parametrize("occurrence", [None, START + 3 * WEEK])
def test_cancellation_arrives_as_one(occurrence: dt.datetime | None) -> None:
    """Of the whole, and of one occurrence."""
    draft = cancel(SERIES, ADA, now=NOW, sequence=4, occurrence=occurrence)
    assert draft.subject == "Canceled: Budget, again"
    read = _arrived(draft)
    assert (read.method, read.occurrence, read.sequence) == ("CANCEL", occurrence, 4)
    assert read.event.meeting_status == 7


@pytest.mark.parametrize(
    ("said", "status", "subject"),
    [
        (UserResponse.ACCEPT, 3, "Accepted: Budget, again"),
        (UserResponse.TENTATIVE, 2, "Tentative: Budget, again"),
        (UserResponse.DECLINE, 4, "Declined: Budget, again"),
    ],
)
def test_MR1_answer_goes_to_the_organizer_alone(said: UserResponse, status: int, subject: str) -> None:
    """No other attendee hears of it, and the answer names nobody but who gives it."""
    draft = answer(MEETING, BEN, said, now=NOW, sequence=5, text="With pleasure, or not")
    assert (draft.to, draft.cc, draft.bcc, draft.subject) == ((ADA,), (), (), subject)
    read = _arrived(draft, own="ada@x.example")
    assert (read.method, read.sequence) == ("REPLY", 5)
    assert read.answered_by == Attendee(email="ben@x.example", name="Ben", attendee_status=status, attendee_type=1)
    assert read.event.attendees == (read.answered_by,)
    assert read.comment == "With pleasure, or not"
    assert read.event.uid == "meeting-1"


def test_answer_to_one_occurrence_names_it() -> None:
    """The rest of the series stays unanswered."""
    read = _arrived(answer(SERIES, BEN, UserResponse.DECLINE, now=NOW, occurrence=START + WEEK * 4), "ada@x.example")
    assert read.occurrence == START + WEEK * 4
    assert read.event.recurrence is None


def test_counter_proposal_carries_its_times() -> None:
    """And is no answer to the time that was asked for."""
    proposed = (START + HOUR, START + 2 * HOUR)
    draft = answer(MEETING, BEN, UserResponse.TENTATIVE, now=NOW, proposed=proposed)
    assert draft.subject == "New time proposed: Budget, again"
    read = _arrived(draft, own="ada@x.example")
    assert read.method == "COUNTER"
    assert (read.event.start_time, read.event.end_time) == proposed


def test_invitation_to_whole_days_says_days() -> None:
    """The mail's words and its calendar mean the same day."""
    day = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    meeting = msgspec.structs.replace(
        MEETING, all_day_event=True, start_time=day, end_time=day + dt.timedelta(days=1), timezone=None
    )
    draft = invite(meeting, ADA, now=NOW, default_zone="America/New_York")
    assert (draft.text or "").startswith("When: 2026-03-02\n")
    assert _arrived(draft).event.start_time == day


def test_meeting_without_organizer_cannot_be_answered() -> None:
    """There is nobody to tell; and a meeting without a UID is not known to anybody."""
    with pytest.raises(ValueError, match="has no organizer"):
        answer(msgspec.structs.replace(MEETING, organizer_email=None), BEN, UserResponse.ACCEPT, now=NOW)
    with pytest.raises(ValueError, match="has no id"):
        invite(msgspec.structs.replace(MEETING, uid=None), ADA, now=NOW)


def test_mail_about_no_meeting_is_none() -> None:
    """Neither without a calendar part, nor with one that holds no event or an unknown method."""
    for calendar in ("", "BEGIN:VCALENDAR\nEND:VCALENDAR", "BEGIN:VCALENDAR\nMETHOD:X\nBEGIN:VEVENT\nEND:VEVENT"):
        mime = f"Content-Type: text/calendar; method=REQUEST\n\n{calendar}\n"
        assert read_invitation(read_message(mime.encode())) is None
    assert read_invitation(read_message(b"Subject: x\n\nx")) is None
