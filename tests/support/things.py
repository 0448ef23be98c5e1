"""
Items of every class for tests that need many different ones, and what becomes of an item on its way to the hub.

A number decides everything about an item, so that a story of numbers is a story of items: `make(kind, 7, ...)` is the
same item each time. Odd ones are among them: control characters, zone blobs that say nothing, events without end.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from carrierpost import wbxml
from carrierpost.engine import EngineSettings
from carrierpost.engine.request import body_preferences
from carrierpost.engine.windows import Limits
from carrierpost.protocol.classes import (
    ApplicationData,
    Attachment,
    AttachmentMethod,
    Attendee,
    Body,
    BodyType,
    BusyStatus,
    Contact,
    ContentClass,
    Email,
    Event,
    EventException,
    Flag,
    FlagStatus,
    Importance,
    NoteItem,
    Recurrence,
    RecurrenceType,
    Task,
    decode_item,
    encode_item,
)
from carrierpost.protocol.record import Notes
from carrierpost.protocol.timezone import blob_of
from carrierpost.protocol.version import Version
from carrierpost.server.bodies import with_body
from carrierpost.server.mailbox import MailboxItem
from carrierpost.wbxml.pages import AirSync

__all__ = ["as_received", "changed", "make"]

_ZONES = (None, blob_of("Europe/Berlin", 2026), base64.b64encode(bytes(172)).decode(), "AAAA", "no blob at all", "")
_TEXTS = (
    "One line.",
    "One word.",
    "",
    "First\r\nSecond\r\n\r\nFourth",
    "Grüße, 你好, \U0001f4ee",
    "odd \x01\x0b\x1f\ufffe\uffff characters \x00 inside",
    "long enough to be cut " * 30,
    "ends in an odd \ud800 half",
)
_AGES = (0, 0, 0, 1, 2, 5, 20, 60, 400)
"""Days since a mail was received."""


def make(kind: ContentClass, number: int, text: str, now: dt.datetime) -> ApplicationData:
    """
    Make an item.

    Args:
        kind: its class.
        number: decides what it is like.
        text: appears in its title.
        now: the time; mail is as old as the number says.
    """
    match kind:
        case ContentClass.EMAIL:
            return _mail(number, text, now)
        case ContentClass.CONTACTS:
            return _contact(number, text)
        case ContentClass.CALENDAR:
            return _event(number, text, now)
        case ContentClass.TASKS:
            due = now + dt.timedelta(days=number % 9)
            done = number % 4 == 3
            return Task(
                subject=text, utc_due_date=due, due_date=due, complete=done, body=_plain(number),
                date_completed=now if done else None,
                importance=Importance.HIGH, categories=("home",) if number % 2 else None,
            )  # fmt: skip
        case ContentClass.NOTES:
            return NoteItem(subject=text, last_modified_date=now, body=_plain(number), message_class="IPM.StickyNote")


def changed(data: ApplicationData, number: int, now: dt.datetime) -> dict[str, Any]:
    """
    Say what somebody changes about an item; nothing by which it is known.
    """
    if number % 5 == 4:
        text = data.body.data if data.body is not None else None
        return {"body": Body(type=BodyType.PLAIN, data=text[::-1]) if text and number % 2 else _plain(number // 5)}
    if number % 5 == 3:
        return {"categories": ((), ("work",), ("work", "später"))[number // 5 % 3]}
    match data:
        case Email():
            flag = Flag(status=FlagStatus.ACTIVE, flag_type="Flag for follow up") if number % 2 else Flag()
            return ({"read": True}, {"read": False}, {"flag": flag})[number % 3]
        case Contact():
            return {"mobile_phone_number": f"+49 170 {number}", "picture": bytes([number % 256]) * 40}
        case Event():
            moved = now + dt.timedelta(days=number % 90 - 60)
            single = {"start_time": moved, "end_time": moved + dt.timedelta(hours=1)}
            series = {"exceptions": _exceptions(data.start_time or now, number)}
            return {"location": f"Room {number}", **(series if data.recurrence is not None else single)}
        case Task():
            return {"complete": number % 2 == 0, "date_completed": now if number % 2 == 0 else None}
        case NoteItem():
            return {"body": Body(type=BodyType.PLAIN, data=f"{number % 10}")}


def _plain(number: int) -> Body:
    return Body(type=BodyType.PLAIN, data=_TEXTS[number % len(_TEXTS)])


def _attachments(number: int) -> tuple[Attachment, ...]:
    file = AttachmentMethod.FILE
    plan = Attachment(display_name="plan.pdf", file_reference=f"{number}/0", method=file, estimated_data_size=number)
    return (plan,)


def _mail(number: int, text: str, now: dt.datetime) -> Email:
    html = number % 3 == 2
    body = _TEXTS[number % len(_TEXTS)]
    return Email(
        to='"Ada Larch" <ada@larch.example>',
        from_="broken <<address@@, \x02" if number % 11 == 7 else '"Bea Elm" <bea@elm.example>',
        subject=text,
        date_received=now - dt.timedelta(days=_AGES[number % len(_AGES)]),
        read=number % 2 == 1,
        importance=Importance(number % 3),
        attachments=_attachments(number) if number % 4 == 1 else None,
        body=Body(type=BodyType.HTML, data=f"<p>{body}</p>") if html else Body(type=BodyType.PLAIN, data=body),
        native_body_type=BodyType.HTML if html else BodyType.PLAIN,
        message_class="IPM.Note",
        internet_cpid="65001",
    )


def _contact(number: int, text: str) -> Contact:
    return Contact(
        first_name=text,
        last_name="Larch",
        file_as=f"Larch, {text}",
        email1_address=f'"{text}" <{number}@elm.example>',
        birthday=dt.date(1960 + number % 50, 2, 28),
        picture=b"\xff\xd8" + bytes([number % 256]) * 100 if number % 3 == 0 else None,
        categories=("friends",) if number % 2 else None,
        children=("Cy", "Di") if number % 5 == 0 else None,
        body=_plain(number),
    )


def _event(number: int, text: str, now: dt.datetime) -> Event:
    start = now + dt.timedelta(days=number % 50 - 40, hours=number % 3)
    all_day = number % 4 == 2
    if all_day:
        start = start.replace(hour=23, minute=0, second=0)  # midnight in Berlin's winter
    series = number % 3 == 1
    weekly = Recurrence(type=RecurrenceType.WEEKLY, interval=1, day_of_week=1 << start.isoweekday() % 7)
    daily = Recurrence(type=RecurrenceType.DAILY, interval=2, until=start + dt.timedelta(days=number % 60))
    return Event(
        uid=f"{text}@larch.example",
        subject=text,
        start_time=start,
        end_time=None if number % 13 == 6 else start + (dt.timedelta(days=1) if all_day else dt.timedelta(hours=1)),
        all_day_event=all_day,
        timezone=_ZONES[number % len(_ZONES)],
        location=("", "Room 5", None)[number % 3],
        busy_status=BusyStatus.BUSY,
        dt_stamp=now,
        attendees=(Attendee(email="bea@elm.example", name="Bea", attendee_type=1),) if number % 5 == 2 else None,
        recurrence=(weekly if number % 2 else daily) if series else None,
        exceptions=_exceptions(start, number) if series and number % 2 else None,
        body=_plain(number),
    )


def _exceptions(start: dt.datetime, number: int) -> tuple[EventException, ...]:
    gone = EventException(deleted=True, exception_start_time=start + dt.timedelta(days=14))
    moved = EventException(
        exception_start_time=start + dt.timedelta(days=28),
        start_time=start + dt.timedelta(days=28, hours=number % 5),
        end_time=start + dt.timedelta(days=28, hours=number % 5 + 2),
        subject=f"Moved {number}",
    )
    return ((gone,), (moved,), (gone, moved), ())[number % 4]


def as_received(item: MailboxItem, kind: ContentClass, version: Version, settings: EngineSettings) -> Any:
    """
    Give an item as a hub that asks with these settings has to hold it: what the version can say, with the body cut.
    """
    tree = encode_item(with_body(item, body_preferences(kind, settings, Limits())), version)
    read = wbxml.decode(wbxml.encode(AirSync.ApplicationData, tree)).value
    return decode_item(kind, read, Notes())
