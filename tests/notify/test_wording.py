"""
How notices read, and what of them a lock screen shows.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from carrierpost.model import LockScreenDetail, NoticeKind, NoticeText
from carrierpost.notify.wording import answer_text, event_text, invitation_text, mail_text, merged, shown
from carrierpost.protocol.classes import Importance, MeetingRequest, Recurrence, RecurrenceType
from tests.notify.news import NOON, event, mail

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
MIDNIGHT = NOON - dt.timedelta(hours=12)
SECRET = "Merger"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (mail_text(mail()), ("Bea Elm", "Lunch")),
        (mail_text(mail(from_="bea@elm.example", subject="")), ("bea@elm.example", "(no subject)")),
        (mail_text(mail(from_=None, sender=None)), ("Unknown sender", "Lunch")),
        (mail_text(mail(importance=Importance.HIGH), "At \n\n one?"), ("Bea Elm", "Important: Lunch\nAt one?")),
        (mail_text(mail(), "a" * 200), ("Bea Elm", f"Lunch\n{'a' * 139}…")),
        (
            invitation_text(
                mail(subject="Budget", meeting_request=MeetingRequest(start_time=NOON, location="Room 4")),
                NoticeKind.INVITATION, BERLIN),
            ("Bea Elm", "Invitation: Budget\nMon 2 Mar, 13:00, Room 4"),
        ),
        (
            invitation_text(
                mail(subject="Canceled: Budget", meeting_request=MeetingRequest(
                    start_time=MIDNIGHT, end_time=MIDNIGHT + dt.timedelta(days=2), all_day_event=True)),
                NoticeKind.CANCELLATION, dt.UTC),
            ("Bea Elm", "Cancelled: Budget\nMon 2 Mar to Tue 3 Mar"),
        ),
        (answer_text(mail(subject="Declined: Budget", message_class="IPM.Schedule.Meeting.Resp.Neg")),
         ("Bea Elm", "Declined: Budget")),
        (answer_text(mail(subject="Budget", message_class="IPM.Schedule.Meeting.Resp.Tent")),
         ("Bea Elm", "Tentatively accepted: Budget")),
        (event_text(event(), NoticeKind.EVENT_NEW, "Europe/Berlin", BERLIN),
         ("Budget", "New: Mon 2 Mar, 16:00 to 17:00, Room 4")),
        (event_text(event(recurrence=Recurrence(type=RecurrenceType.DAILY), location=None),
                    NoticeKind.EVENT_CHANGED, "UTC", dt.UTC),
         ("Budget", "Changed: Mon 2 Mar, 15:00 to 16:00, repeated")),
        (event_text(event(start_time=None, subject=None), NoticeKind.CANCELLATION, "UTC", dt.UTC),
         ("(no title)", "Cancelled, Room 4")),
        (event_text(event(sensitivity=2), NoticeKind.EVENT_NEW, "UTC", dt.UTC),
         ("Private event", "New: Mon 2 Mar, 15:00 to 16:00, Room 4")),
    ],
)  # fmt: skip
def test_notices_read_well(text: NoticeText, expected: tuple[str, str]) -> None:
    """Each says who or what it is first, then what a person wants to know without opening it."""
    assert (text.title, text.body) == expected


@pytest.mark.parametrize("kind", [one for one in NoticeKind if one not in (NoticeKind.BADGE, NoticeKind.WITHDRAWAL)])
def test_NT7_a_lock_screen_shows_no_more_than_its_detail(kind: NoticeKind) -> None:
    """Nothing means no words, a count means no name, a sender means no subject; a stricter detail never shows more."""
    full = NoticeText("Bea Elm", f"{SECRET}\nThe price is 7 million")
    assert shown(kind, full, LockScreenDetail.NOTHING, 3) is None
    if kind is NoticeKind.CANARY:
        return  # its words are ours
    count = shown(kind, full, LockScreenDetail.COUNT, 3)
    assert count is not None
    assert "Bea" not in count.title + count.body
    assert SECRET not in count.title + count.body
    sender = shown(kind, full, LockScreenDetail.SENDER, 3)
    assert sender is not None
    assert sender.title == "Bea Elm"
    assert SECRET not in sender.body
    assert shown(kind, full, LockScreenDetail.ALL, 3) == full


def test_a_count_is_the_number_of_unread_mails() -> None:
    """It is the number on the icon, written as people write numbers."""
    assert shown(NoticeKind.MAIL, NoticeText("x"), LockScreenDetail.COUNT, 1234) == NoticeText(
        "New mail", "1,234 unread"
    )
    assert shown(NoticeKind.REMINDER, NoticeText("x"), LockScreenDetail.COUNT, 3) == NoticeText("Calendar", "Reminder")


@pytest.mark.parametrize(
    ("names", "late", "expected"),
    [
        (["Bea"], False, ("Bea", "x")),
        (["Bea", "Bea", "Cy"], False, ("3 new messages", "Bea and Cy")),
        (["Bea", "Cy", "Dan", "Eve"], False, ("4 new messages", "Bea, Cy and 2 more")),
        (["Bea"], True, ("1 new message while the hub was away", "Bea")),
    ],
)
def test_several_notices_become_one(names: list[str], late: bool, expected: tuple[str, str]) -> None:
    """How many there are, and who they are from; one alone stays as it is."""
    text = merged([NoticeText(name, "x") for name in names], late)
    assert (text.title, text.body) == expected
