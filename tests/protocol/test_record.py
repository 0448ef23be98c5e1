"""
Records: typed elements to trees and back.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.classes import Attachment, Body, Contact, DeletedAttachment, Email, Flag, NewAttachment
from carrierpost.protocol.record import At, Note, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import TAGS, AirSync, AirSyncBase, Contacts, Email2
from carrierpost.wbxml.pages import Email as Page
from tests.wbxml.strategies import documents


def test_absent_empty_and_present_are_three_things() -> None:
    """A field is None when its element is absent, empty or named in `cleared` when it is empty, else its value."""
    read = record.decode(Email, [Page.Subject, None, Page.Flag, None, Page.Categories, None, Page.Importance, None])
    assert read.subject == ""
    assert read.categories == ()
    assert read.flag is None
    assert read.importance is None
    assert read.cleared == {"flag", "importance"}
    assert read.to is None
    assert set(record.encode(read)[0::2]) == {Page.Subject, Page.Flag, Page.Categories, Page.Importance}


def test_an_empty_boolean_is_true() -> None:
    """[MS-ASDTYPE] boolean: clients send the bare element for true."""
    assert record.decode(Email, [Page.Read, None]).read is True


def test_fields_are_written_in_the_order_of_their_class_for_the_version() -> None:
    """What a version does not have is left out; its order does not depend on the order of arguments."""
    email = Email(is_draft=True, subject="s", categories=("c",), to="t", account_id="a")
    assert record.encode(email, Version.V12_1) == [Page.To, "t", Page.Subject, "s"]
    assert record.encode(email, Version.V14_0) == [
        Page.To,
        "t",
        Page.Subject,
        "s",
        Page.Categories,
        [Page.Category, "c"],
    ]
    assert record.encode(email, Version.V16_0)[0::2] == [
        Page.To, Page.Subject, Page.Categories, Email2.AccountId, Email2.IsDraft,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "value", "reason"),
    [
        (Page.DateReceived, "yesterday", "no date and time"),
        (Page.Importance, "7", "7"),
        (Page.Read, "perhaps", "no boolean"),
        (Page.Subject, [Page.To, "x"], "child elements"),
        (Page.DateReceived, "4501-01-01T00:00:00.000Z", "no date"),
        (Email2.ConversationId, [Page.To, "x"], "child elements"),
        (Email2.LastVerbExecuted, "1" * 5000, "too long"),
        (Email2.LastVerbExecuted, "²", "no number"),
    ],
)
def test_WB11_one_unreadable_field_costs_only_itself(tag: int, value: Any, reason: str) -> None:
    """The field is left out and noted with its name; the rest of the item is there."""
    notes = Notes()
    read = record.decode(Email, [Page.From, "ada@example.org", tag, value, Page.To, "bob@example.org"], notes)
    assert (read.from_, read.to) == ("ada@example.org", "bob@example.org")
    (note,) = notes
    assert note.element == ":".join(wbxml.pages.name_of(tag))
    assert reason in note.reason


def test_unknown_elements_come_back() -> None:
    """What a class does not know is kept, and written after what it knows."""
    tree = [Page.Subject, "s", Page.Body, "from 2.5", Page.Subject + 43, None]
    read = record.decode(Email, tree)
    assert read.other is not None
    assert wbxml.decode(read.other).value == [Page.Body, "from 2.5", Page.Subject + 43, None]
    assert record.encode(read) == tree


def test_WB6_text_may_come_as_bytes() -> None:
    """A text element read as a byte array is text; where a class has a place for bytes, they stay as they are."""
    assert record.decode(Email, [Page.Subject, "Grüße".encode()]).subject == "Grüße"
    body = record.decode(Body, [AirSyncBase.Data, b"\xff\x00"])
    assert (body.data, body.opaque) == (None, b"\xff\x00")
    assert record.encode(body) == [AirSyncBase.Data, b"\xff\x00"]


def test_two_lists_may_share_a_wrapper() -> None:
    """[MS-ASAIRS] Attachments holds what is there, what a client adds and what it takes away."""
    email = Email(
        attachments=(Attachment(display_name="a"),),
        new_attachments=(NewAttachment(client_id="1", content=b"\x00"),),
        deleted_attachments=(DeletedAttachment(file_reference="5:1"),),
    )
    tree = [
        AirSyncBase.Attachments,
        [
            AirSyncBase.Attachment, [AirSyncBase.DisplayName, "a"],
            AirSyncBase.Add, [AirSyncBase.ClientId, "1", AirSyncBase.Content, "AA=="],
            AirSyncBase.Delete, [AirSyncBase.FileReference, "5:1"],
        ],
    ]  # fmt: skip
    assert record.encode(email, Version.V16_0) == tree
    assert record.decode(Email, tree) == email
    only = Email(deleted_attachments=(DeletedAttachment(file_reference="5:1"),))
    assert record.encode(only, Version.V16_0) == [
        AirSyncBase.Attachments, [AirSyncBase.Delete, [AirSyncBase.FileReference, "5:1"]],
    ]  # fmt: skip
    assert record.encode(only, Version.V14_1) == []


def test_a_bad_member_of_a_list_is_left_out_of_it() -> None:
    """One unreadable attachment does not hide the others."""
    notes = Notes()
    tree = [
        Contacts.Categories,
        [Contacts.Category, "a", Contacts.Category, [Contacts.Title, "x"], Contacts.Category, "b"],
    ]
    assert record.decode(Contact, tree, notes).categories == ("a", "b")
    assert notes == [Note("Contacts:Category", "text expected, child elements found")]


def test_a_time_without_zone_is_not_written() -> None:
    """It would be sent as UTC, whatever was meant."""
    with pytest.raises(ValueError, match="zone"):
        record.encode(Flag(reminder_time=dt.datetime(2026, 1, 1)))  # noqa: DTZ001 - the fault to be found


def test_a_field_of_an_unknown_type_is_found_when_it_is_declared() -> None:
    """A programmer hears at once, not when the first mail comes."""

    class Odd(Record, frozen=True):
        field: Annotated[float | None, At(AirSync.Status)] = None

    with pytest.raises(TypeError, match="float"):
        record.decode(Odd, [AirSync.Status, "1"])


@given(documents, st.sampled_from([Email, Contact, Body, Flag]))
def test_any_tree_is_read(document: tuple[int, wbxml.Value], kind: type[Record]) -> None:
    """Whatever stands in an element, reading gives a record, and never an error."""
    assert isinstance(record.decode(kind, document[1]), kind)


_TAGS = [tag for tag in TAGS.values() if tag >> 6 in (1, 2, 12, 17, 22)]


@given(st.lists(st.tuples(st.sampled_from(_TAGS), st.text(max_size=5) | st.binary(max_size=5) | st.none())))
def test_any_content_of_known_elements_is_read(pairs: list[tuple[int, Any]]) -> None:
    """The same with elements that the classes know, in any order and number; what is read can be written."""
    tree = [part for pair in pairs for part in pair]
    for kind in (Email, Contact):
        read = record.decode(kind, tree)
        wbxml.encode(AirSync.ApplicationData, record.encode(read, Version.V16_1))
