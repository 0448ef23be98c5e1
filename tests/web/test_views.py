"""
Items as a screen shows them: worded, cut and sorted, and never a value that the item does not have.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.model import Collection, Item, ItemBody
from carrierpost.protocol.classes import (
    ApplicationData,
    Attachment,
    Contact,
    ContentClass,
    Email,
    Event,
    Flag,
    FlagStatus,
    Importance,
    Recurrence,
    class_of,
)
from carrierpost.protocol.classes.calendar import BusyStatus, EventException
from carrierpost.protocol.classes.email import MeetingRequest
from carrierpost.protocol.classes.recurrence import RecurrenceType
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.web.views import (
    FolderKind,
    PersonView,
    contact_line,
    folder_view,
    invitation_view,
    mail_line,
    occurrence_views,
)
from carrierpost.web.views.mail import attachment_views

_AT = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)


def item(data: ApplicationData, **values: Any) -> Item:
    known = {"id": 7, "account_id": 1, "collection_id": 3, "server_id": "3:7"}
    return Item(content_class=class_of(data), data=data, **{**known, **values})


def text(data: str, kind: int = 1) -> ItemBody:
    return ItemBody(item_id=7, type=kind, data=data)


def folder(kind: FolderType, holds: ContentClass | None, name: str = "Something", parent: str = "0") -> Collection:
    return Collection(
        id=5, account_id=1, server_id="5", parent_id=parent, display_name=name, type=kind, content_class=holds
    )


def test_line_says_who_wrote_what_and_how_it_begins() -> None:
    """A line of the list holds what a person looks for: sender, recipients, subject, the beginning of the text."""
    mail = Email(
        from_='"Ada Quill" <ada@post.example>', to="ben@post.example, Cy <cy@post.example>", subject="Nests",
        date_received=_AT, read=False, importance=Importance.HIGH, flag=Flag(status=FlagStatus.ACTIVE),
    )  # fmt: skip
    line = mail_line(item(mail), text("Two of them\n\n   are  free."), draft=False)
    assert line.sender == PersonView("Ada Quill", "ada@post.example")
    assert [one.address for one in line.to] == ["ben@post.example", "cy@post.example"]
    assert (line.subject, line.snippet, line.at) == ("Nests", "Two of them are free.", _AT)
    assert line.unread
    assert line.important
    assert line.flagged


def test_snippet_of_html_is_its_text() -> None:
    """Markup, styles and scripts are no beginning of a text."""
    html = "<html><head><style>p{color:red}</style></head><body><p>Seeds &amp; <b>water</b></p></body></html>"
    assert mail_line(item(Email()), text(html, 2), draft=False).snippet == "Seeds & water"


def test_snippet_is_short_whatever_the_text() -> None:
    """A list of fifty lines stays small when the mails are large."""
    line = mail_line(item(Email()), text("coo " * 500_000), draft=False)
    assert len(line.snippet) <= 160
    assert line.snippet.endswith("…")


@pytest.mark.parametrize(("verb", "said"), [(None, ""), (1, "replied"), (2, "replied"), (3, "forwarded"), (99, "")])
def test_line_says_what_was_answered(verb: int | None, said: str) -> None:
    """Reply and reply to all count as answered, a forward as forwarded, an unknown verb as nothing."""
    assert mail_line(item(Email(last_verb_executed=verb)), None, draft=False).answered == said


def test_a_completed_flag_is_no_flag() -> None:
    """What is done needs no flag in the list."""
    for status in (FlagStatus.COMPLETE, FlagStatus.CLEARED, None):
        assert not mail_line(item(Email(flag=Flag(status=status))), None, draft=False).flagged


def test_mail_without_anything_is_shown_as_that() -> None:
    """A mail of which nothing is known makes an empty line, not an error."""
    line = mail_line(item(Email()), None, draft=True)
    assert (line.sender, line.to, line.subject, line.snippet, line.at) == (PersonView("", ""), (), "", "", None)
    assert not line.unread  # the server says when it is


def test_inline_pictures_are_no_attachments() -> None:
    """The sign for attachments means a file that one can save; the list of files still knows the pictures."""
    picture = Attachment(display_name="p.png", file_reference="a", is_inline=True, content_id="one@post")
    file = Attachment(display_name="plan.pdf", file_reference="b", estimated_data_size=900)
    assert not mail_line(item(Email(attachments=(picture,))), None, draft=False).attachments
    assert mail_line(item(Email(attachments=(picture, file))), None, draft=False).attachments
    assert [(one.index, one.name, one.inline, one.size) for one in attachment_views((picture, file))] == [
        (0, "p.png", True, None),
        (1, "plan.pdf", False, 900),
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("IPM.Schedule.Meeting.Request", "request"),
        ("IPM.Schedule.Meeting.Canceled", "cancelled"),
        ("IPM.Schedule.Meeting.Resp.Pos", "response"),
        ("IPM.Note", None),
    ],
)
def test_invitation_is_what_the_class_of_the_message_says(name: str, kind: str | None) -> None:
    """Only a request can be answered, so a reader has to know which one it is."""
    shown = invitation_view(Email(message_class=name))
    assert (shown.kind if shown is not None else None) == kind


def test_invitation_says_when_where_and_who() -> None:
    """What the server knows of the meeting is shown as it is."""
    request = MeetingRequest(
        start_time=_AT, end_time=_AT + dt.timedelta(hours=1), location="Loft", organizer='"Ada" <ada@post.example>',
        response_requested=True, instance_type=0,
    )  # fmt: skip
    shown = invitation_view(Email(message_class="IPM.Schedule.Meeting.Request", meeting_request=request))
    assert shown is not None
    assert (shown.location, shown.organizer, shown.wanted, shown.repeats) == (
        "Loft", PersonView("Ada", "ada@post.example"), True, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "holds", "name", "parent", "shown"),
    [
        (FolderType.INBOX, ContentClass.EMAIL, "Posteingang", "0", FolderKind.INBOX),
        (FolderType.SENT_ITEMS, ContentClass.EMAIL, "Sent", "0", FolderKind.SENT),
        (FolderType.USER_MAIL, ContentClass.EMAIL, "Junk E-mail", "0", FolderKind.JUNK),
        (FolderType.USER_MAIL, ContentClass.EMAIL, "Spam", "9", FolderKind.MAIL),
        (FolderType.CALENDAR, ContentClass.CALENDAR, "Kalender", "0", FolderKind.CALENDAR),
        (FolderType.USER_CONTACTS, ContentClass.CONTACTS, "Club", "0", FolderKind.CONTACTS),
        (FolderType.UNKNOWN, None, "Journal", "0", FolderKind.OTHER),
    ],
)
def test_folder_is_known_by_its_type(
    kind: FolderType, holds: ContentClass | None, name: str, parent: str, shown: FolderKind
) -> None:
    """Names are in any language; only junk, which has no type, is known by one, and at the top alone."""
    view = folder_view(folder(kind, holds, name, parent), {"9": 4}, total=3, unread=1)
    assert (view.kind, view.name, view.total, view.unread) == (shown, name, 3, 1)
    assert view.parent == (4 if parent == "9" else None)


def test_days_of_a_series_are_shown_with_what_differs() -> None:
    """Each occurrence stands by itself: moved ones where they are now, cancelled ones not at all."""
    start = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
    series = Event(
        subject="Feeding", start_time=start, end_time=start + dt.timedelta(minutes=30),
        busy_status=BusyStatus.FREE, meeting_status=0,
        recurrence=Recurrence(type=RecurrenceType.DAILY, interval=1, occurrences=4),
        exceptions=(
            EventException(exception_start_time=start + dt.timedelta(days=1), deleted=True),
            EventException(
                exception_start_time=start + dt.timedelta(days=2), start_time=start + dt.timedelta(days=2, hours=3),
                end_time=start + dt.timedelta(days=2, hours=4), subject="Feeding, late", busy_status=BusyStatus.BUSY,
            ),
        ),
    )  # fmt: skip
    shown = occurrence_views([item(series)], start, start + dt.timedelta(days=7), zone="UTC", waiting=frozenset({7}))
    assert [(one.title, one.start.hour, one.busy, one.changed) for one in shown] == [
        ("Feeding", 8, "free", False),
        ("Feeding, late", 11, "busy", True),
        ("Feeding", 8, "free", False),
    ]
    assert all(one.repeats and one.waiting and one.instance is not None for one in shown)


def test_values_that_no_specification_knows_are_shown_as_the_usual() -> None:
    """A server's odd number hides no event."""
    event = Event(start_time=_AT, end_time=_AT, response_type=77)
    shown = occurrence_views([item(event)], _AT - dt.timedelta(hours=1), _AT + dt.timedelta(hours=1), zone="UTC")
    assert [(one.response, one.busy, one.title) for one in shown] == [("", "busy", "")]


def test_contact_is_called_by_the_best_name_it_has() -> None:
    """Name, then what it is filed as, then the company, then the address; the company is not said twice."""
    ada = Contact(first_name="Ada", last_name="Quill", company_name="Loft", email1_address='"Ada" <ada@post.example>')
    shown = contact_line(item(ada))
    assert (shown.name, shown.sort, shown.company, shown.address) == (
        "Ada Quill",
        "quill ada",
        "Loft",
        "ada@post.example",
    )
    firm = contact_line(item(Contact(company_name="Loft", company_main_phone="+49 30 1")))
    assert (firm.name, firm.company, firm.phone) == ("Loft", "", "+49 30 1")
    assert contact_line(item(Contact(email2_address="cy@post.example"))).name == "cy@post.example"
