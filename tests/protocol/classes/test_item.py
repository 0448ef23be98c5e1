"""
Items of all classes: there and back in every version, merged, told apart.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import given

from carrierpost import wbxml
from carrierpost.protocol.classes import (
    Attachment,
    AttachmentMethod,
    Body,
    BodyType,
    Contact,
    ContentClass,
    DeletedAttachment,
    Email,
    Event,
    EventException,
    Flag,
    FlagStatus,
    Importance,
    Location,
    NewAttachment,
    NoteItem,
    Task,
    calendar,
    class_of,
    decode_item,
    differences,
    encode_item,
    identity,
    infer_class,
    merge,
    record_of,
)
from carrierpost.protocol.record import Notes, Record, fields_of
from carrierpost.protocol.version import Version
from carrierpost.wbxml import pages
from carrierpost.wbxml.pages import AirSync, AirSyncBase, Contacts
from carrierpost.wbxml.pages import Calendar as CalendarPage
from carrierpost.wbxml.pages import Email as EmailPage
from tests.protocol.strategies import records, seen, versions

Item = TypeVar("Item", Email, Contact, Event, Task, NoteItem)


def there_and_back(item: Item, version: Version) -> Item:
    data = wbxml.encode(AirSync.ApplicationData, encode_item(item, version))
    notes = Notes()
    read = decode_item(class_of(item), wbxml.decode(data).value, notes)
    assert notes == []
    assert type(read) is type(item)
    return read


@given(records(Email), versions)
def test_mail_comes_back(item: Email, version: Version) -> None:
    """Every field that the version has survives, in value and in type."""
    assert there_and_back(item, version) == seen(item, version)


@given(records(Contact), versions)
def test_contacts_come_back(item: Contact, version: Version) -> None:
    """Likewise."""
    assert there_and_back(item, version) == seen(item, version)


@given(records(Task), versions)
def test_tasks_come_back(item: Task, version: Version) -> None:
    """Likewise."""
    assert there_and_back(item, version) == seen(item, version)


@given(records(NoteItem), versions)
def test_notes_come_back(item: NoteItem, version: Version) -> None:
    """Likewise."""
    assert there_and_back(item, version) == seen(item, version)


_SAID_TWICE = ("location", "place", "exception_start_time", "instance_id", "exceptions", "cleared")


def _same(read: Any, sent: Any, version: Version) -> None:
    """Compare what was read with what was sent, in the words of the hub, which are those of no version."""
    kept = seen(sent, version)
    for name, _, _ in fields_of(type(sent)):
        if name not in _SAID_TWICE:
            assert getattr(read, name) == getattr(kept, name), name
    assert read.location == sent.location
    if version >= Version.V16_0:
        assert read.place == sent.place
    else:
        assert read.place is None


@given(records(Event), versions)
def test_RC1_events_come_back_in_both_generations(item: Event, version: Version) -> None:
    """Places and exceptions are said in two ways on the wire, and in one here."""
    sent = calendar.normalise(item)
    read = there_and_back(sent, version)
    _same(read, sent, version)
    assert len(read.exceptions or ()) == len(sent.exceptions or ())
    for left, right in zip(read.exceptions or (), sent.exceptions or (), strict=True):
        _same(left, right, version)
        assert left.instance_id is None
        assert left.exception_start_time == right.exception_start_time


def test_every_element_of_the_class_pages_has_a_field() -> None:
    """All but those of protocol 2.5, which are kept as they come."""
    used: set[int] = set()

    def walk(kind: type[Record]) -> None:
        for _, at, annotation in fields_of(kind):
            used.update((at.tag, *at.also, at.item or at.tag))
            for inner in _records_in(annotation):
                walk(inner)

    for content_class in ContentClass:
        walk(record_of(content_class))
    legacy = set(_LEGACY)
    missing = {
        f"{namespace}:{element}"
        for (namespace, element), tag in pages.TAGS.items()
        if namespace in _CLASS_PAGES and tag not in used and f"{namespace}:{element}" not in legacy
    }
    assert missing == set()


_CLASS_PAGES = ("Contacts", "Contacts2", "Email", "Calendar", "Tasks", "Notes")
_BODIES = ("Body", "BodySize", "BodyTruncated", "CompressedRTF")
_ATTACHMENTS = (
    "Attachment", "Attachments", "AttName", "AttSize", "AttOId", "AttOid", "AttMethod", "AttRemoved", "DisplayName",
)  # fmt: skip
_LEGACY = [
    *(f"{page}:{name}" for page in ("Contacts", "Email", "Calendar", "Tasks") for name in _BODIES),
    *(f"{page}:{name}" for page in ("Email", "Calendar") for name in _ATTACHMENTS),
    *(f"Email:{name}" for name in ("MIMEData", "MIMETruncated", "MIMESize")),
    "Notes:Notes",
]


def _records_in(annotation: Any) -> list[type[Record]]:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return [annotation]
    return [kind for part in getattr(annotation, "__args__", ()) for kind in _records_in(part)]


def test_a_mail_as_the_specification_writes_it() -> None:
    """A known answer: [MS-ASEMAIL], written by hand."""
    text = """
    <ApplicationData xmlns="AirSync">
      <To xmlns="Email">"Bob" &lt;bob@example.org&gt;</To>
      <From xmlns="Email">"Ada" &lt;ada@example.org&gt;</From>
      <Subject xmlns="Email">Tea &amp; biscuits</Subject>
      <DateReceived xmlns="Email">2026-11-24T21:00:00.000Z</DateReceived>
      <Importance xmlns="Email">2</Importance>
      <Read xmlns="Email">0</Read>
      <Attachments xmlns="AirSyncBase">
        <Attachment>
          <DisplayName>plan.pdf</DisplayName>
          <FileReference>1%3a9%3a0</FileReference>
          <Method>1</Method>
          <EstimatedDataSize>1000</EstimatedDataSize>
        </Attachment>
      </Attachments>
      <Body xmlns="AirSyncBase">
        <Type>1</Type>
        <EstimatedDataSize>5</EstimatedDataSize>
        <Truncated>1</Truncated>
        <Data>At fo</Data>
      </Body>
      <MessageClass xmlns="Email">IPM.Note</MessageClass>
      <InternetCPID xmlns="Email">65001</InternetCPID>
      <Flag xmlns="Email"/>
      <ContentClass xmlns="Email">urn:content-classes:message</ContentClass>
      <NativeBodyType xmlns="AirSyncBase">1</NativeBodyType>
      <ConversationId xmlns="Email2" opaque="base64">AAECAwQFBgcICQoLDA0ODw==</ConversationId>
    </ApplicationData>"""
    tree = wbxml.from_xml(text).value
    mail = decode_item(ContentClass.EMAIL, tree, Notes())
    assert mail == Email(
        to='"Bob" <bob@example.org>',
        from_='"Ada" <ada@example.org>',
        subject="Tea & biscuits",
        date_received=dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC),
        importance=Importance.HIGH,
        read=False,
        attachments=(
            Attachment(
                display_name="plan.pdf",
                file_reference="1%3a9%3a0",
                method=AttachmentMethod.FILE,
                estimated_data_size=1000,
            ),
        ),
        body=Body(type=BodyType.PLAIN, estimated_data_size=5, truncated=True, data="At fo"),
        message_class="IPM.Note",
        internet_cpid="65001",
        content_class="urn:content-classes:message",
        native_body_type=BodyType.PLAIN,
        conversation_id=bytes(range(16)),
        cleared=frozenset({"flag"}),
    )
    assert encode_item(mail, Version.V14_1) == tree


@pytest.mark.parametrize(
    "written",
    [
        "20261124T210000Z",
        "2026-11-24T21:00:00.000Z",
        "2026-11-24T21:00:00Z",
        "20261124T210000.000Z",
    ],
)
def test_both_forms_of_time_are_read_everywhere(written: str) -> None:
    """[MS-ASDTYPE] Compact in calendars, dotted elsewhere; servers mix them up."""
    moment = dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)
    event = decode_item(ContentClass.CALENDAR, [CalendarPage.StartTime, written], Notes())
    mail = decode_item(ContentClass.EMAIL, [EmailPage.DateReceived, written], Notes())
    assert (event.start_time, mail.date_received) == (moment, moment)  # type: ignore[union-attr]


def test_the_class_is_told_by_the_elements() -> None:
    """An item of a folder that is not known is read by the page of its elements."""
    for content_class, tag in (
        (ContentClass.EMAIL, EmailPage.Subject),
        (ContentClass.CONTACTS, Contacts.FileAs),
        (ContentClass.CALENDAR, CalendarPage.Subject),
        (ContentClass.TASKS, pages.Tasks.Subject),
        (ContentClass.NOTES, pages.Notes.Subject),
    ):
        assert infer_class([AirSyncBase.Body, None, tag, "x"]) is content_class
    assert infer_class([AirSyncBase.Body, None]) is None
    assert infer_class(None) is None


def test_DU4_a_partial_change_leaves_the_rest() -> None:
    """What is not mentioned stays, what is mentioned empty goes, what has a value is replaced."""
    held = Contact(first_name="Ada", last_name="King", job_title="Countess", weighted_rank=3)
    change = Contact(last_name="Lovelace", job_title="", cleared=frozenset({"weighted_rank"}))
    merged = merge(held, change)
    assert merged == Contact(first_name="Ada", last_name="Lovelace", job_title="")


def test_BD1_the_beginning_of_a_body_does_not_replace_the_whole() -> None:
    """A truncated text that the whole begins with says nothing new; another one does."""
    held = Email(subject="s", body=Body(type=BodyType.PLAIN, data="All of it"))
    same = Email(body=Body(type=BodyType.PLAIN, data="All", truncated=True))
    other = Email(body=Body(type=BodyType.PLAIN, data="None", truncated=True))
    assert merge(held, same).body == held.body
    assert merge(held, other).body == other.body


def test_orders_are_no_part_of_an_item() -> None:
    """What a client attaches or takes away is done once, and not held."""
    change = Email(
        subject="new", new_attachments=(NewAttachment(client_id="1"),), deleted_attachments=(DeletedAttachment(),)
    )
    assert merge(Email(subject="old"), change) == Email(subject="new")
    assert differences(Email(), msgspec.structs.replace(change, subject=None)) == ()


def test_LP1_what_a_person_cannot_see_is_no_difference() -> None:
    """Stamps, and the difference between absent and empty, do not count."""
    old = Event(subject="s", dt_stamp=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), location=None)
    new = Event(subject="s", dt_stamp=dt.datetime(2026, 1, 2, tzinfo=dt.UTC), location="")
    assert differences(old, new) == ()
    assert differences(old, msgspec.structs.replace(new, location="Here")) == ("location",)


def test_items_are_known_again_without_their_id() -> None:
    """By UID, or by what a person would know them by; nothing is known by nothing."""
    assert identity(Event(uid="u", subject="a")) == identity(Event(uid="u", subject="b")) == "uid:u"
    mail = Email(date_received=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), from_="a", to="b", subject="c")
    assert identity(mail) == identity(msgspec.structs.replace(mail, read=True, flag=Flag(status=FlagStatus.ACTIVE)))
    assert identity(mail) != identity(msgspec.structs.replace(mail, subject="d"))
    assert identity(Contact(first_name="Ada")) != identity(Contact(last_name="Ada"))
    assert identity(Task(subject="x")) != identity(NoteItem(subject="x"))
    for empty in (Event(), Email(), Contact(), Task(), NoteItem()):
        assert identity(empty) is None


def test_places_have_parts_from_16_0_on() -> None:
    """Up to 14.1 a place is its name, later an element with parts; here it is a name, and parts if there are any."""
    event = Event(location="Room 1", exceptions=(EventException(location="Room 2"),))
    assert encode_item(event, Version.V14_1) == [
        CalendarPage.Location, "Room 1",
        CalendarPage.Exceptions, [CalendarPage.Exception, [CalendarPage.Location, "Room 2"]],
    ]  # fmt: skip
    assert encode_item(event, Version.V16_0) == [
        AirSyncBase.Location, [AirSyncBase.DisplayName, "Room 1"],
        CalendarPage.Exceptions,
        [CalendarPage.Exception, [AirSyncBase.Location, [AirSyncBase.DisplayName, "Room 2"]]],
    ]  # fmt: skip
    for version in (Version.V14_1, Version.V16_1):
        assert there_and_back(event, version) == event


def test_a_new_place_has_nothing_of_the_old_one() -> None:
    """A change that names a place, or none, takes the parts of the old one away."""
    held = Event(location="Room 1", place=Location(display_name="Room 1", street="Sea Lane"))
    for change in (Event(location="Room 2"), Event(location="")):
        merged = merge(held, change)
        assert (merged.location, merged.place) == (change.location, None)
    assert merge(held, Event(subject="s")).place == held.place
    empty = decode_item(ContentClass.CALENDAR, [AirSyncBase.Location, None], Notes())
    assert empty == Event(location="")
