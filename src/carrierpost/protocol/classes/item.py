"""
Items of any class: which class a folder holds, reading and writing, merging, telling apart.
"""

from __future__ import annotations

import enum
import hashlib
from typing import Any, TypeVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.classes import calendar
from carrierpost.protocol.classes.calendar import Event
from carrierpost.protocol.classes.contacts import Contact
from carrierpost.protocol.classes.email import Email
from carrierpost.protocol.classes.notes import NoteItem
from carrierpost.protocol.classes.tasks import Task
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version

__all__ = [
    "ApplicationData",
    "ContentClass",
    "class_of",
    "decode_item",
    "differences",
    "encode_item",
    "identity",
    "infer_class",
    "merge",
    "record_of",
]

ApplicationData = Email | Contact | Event | Task | NoteItem
"""The properties of an item of any class."""

A = TypeVar("A", bound=Email | Contact | Event | Task | NoteItem)


class ContentClass(enum.StrEnum):
    """
    The classes of items, as the wire names them ([MS-ASCMD] Class).
    """

    EMAIL = "Email"
    CONTACTS = "Contacts"
    CALENDAR = "Calendar"
    TASKS = "Tasks"
    NOTES = "Notes"


_RECORDS: dict[ContentClass, type[ApplicationData]] = {
    ContentClass.EMAIL: Email,
    ContentClass.CONTACTS: Contact,
    ContentClass.CALENDAR: Event,
    ContentClass.TASKS: Task,
    ContentClass.NOTES: NoteItem,
}
_CLASSES = {kind: content_class for content_class, kind in _RECORDS.items()}
_PAGES = {
    1: ContentClass.CONTACTS,
    2: ContentClass.EMAIL,
    4: ContentClass.CALENDAR,
    9: ContentClass.TASKS,
    12: ContentClass.CONTACTS,
    22: ContentClass.EMAIL,
    23: ContentClass.NOTES,
}
_ORDERS = frozenset({"new_attachments", "deleted_attachments"})
"""Fields by which a client tells what to do, and which are no part of what is held."""
_VOLATILE = _ORDERS | frozenset({"dt_stamp", "cleared", "last_modified_date", "client_uid"})
"""Fields that servers touch without a person having changed anything."""


def record_of(content_class: ContentClass) -> type[ApplicationData]:
    """
    Give the record of a class.
    """
    return _RECORDS[content_class]


def class_of(data: ApplicationData) -> ContentClass:
    """
    Give the class of a record.
    """
    return _CLASSES[type(data)]


def infer_class(value: wbxml.Value) -> ContentClass | None:
    """
    Tell an item's class by the code pages of its elements; `None` when they do not say.
    """
    for tag, _ in wbxml.pairs(value):
        if (found := _PAGES.get(tag >> 6)) is not None:
            return found
    return None


def decode_item(content_class: ContentClass, value: wbxml.Value, notes: Notes) -> ApplicationData:
    """
    Read an `ApplicationData` element.

    Args:
        content_class: the class of the folder's items.
        value: the element's value.
        notes: receives what could not be read.

    """
    data = record.decode(_RECORDS[content_class], value, notes)
    return calendar.normalise(data) if isinstance(data, Event) else data


def encode_item(data: ApplicationData, version: Version) -> list[Any]:
    """
    Write an `ApplicationData` element's children in the words of a version.
    """
    return record.encode(calendar.express(data, version) if isinstance(data, Event) else data, version)


def merge(held: A, change: A) -> A:
    """
    Apply a partial change to what is held ([MS-ASCMD] 3.1.5.4, ghosted elements).

    What the change does not mention stays; what it mentions as empty is removed; the rest is replaced. A text that
    is only the beginning of the held whole does not replace it.
    """
    changes: dict[str, Any] = {}
    for name in held.__struct_fields__:
        if name == "cleared" or name in _ORDERS:
            continue
        value = getattr(change, name)
        if value is not None:
            changes[name] = value
        elif name in change.cleared:
            changes[name] = None
    body, new_body = held.body, change.body
    if body is not None and new_body is not None and _only_beginning(body.data, new_body.data, new_body.truncated):
        changes["body"] = body
    if isinstance(change, Event) and change.location is not None:
        changes["place"] = change.place  # the parts of the place that was do not belong to the new one
    changes["cleared"] = frozenset()
    return msgspec.structs.replace(held, **changes)


def _only_beginning(whole: str | None, piece: str | None, truncated: bool | None) -> bool:
    return bool(truncated) and whole is not None and piece is not None and whole.startswith(piece) and piece != whole


def differences(old: A, new: A) -> tuple[str, ...]:
    """
    Name the fields in which two items differ to a person; absent and empty are the same.
    """
    return tuple(
        name
        for name in old.__struct_fields__
        if name not in _VOLATILE and (getattr(old, name) or None) != (getattr(new, name) or None)
    )


def identity(data: ApplicationData) -> str | None:
    """
    Give a text by which an item is known again when its server id is lost.

    Events have a UID. ActiveSync shows no Message-ID, so a mail is known by when, from whom, to whom and about what
    it came; a contact by its names and addresses, tasks and notes by their titles and dates.

    Returns:
        The text, or `None` for an item that has nothing to be known by.

    """
    match data:
        case Event():
            if data.uid:
                return f"uid:{data.uid}"
            parts: tuple[object, ...] = (data.subject, data.start_time, data.end_time)
        case Email():
            # As seconds, since writing a date as text takes longer than all the rest.
            received = data.date_received.timestamp() if data.date_received is not None else None
            parts = (received, data.from_, data.to, data.subject)
        case Contact():
            parts = (data.first_name, data.last_name, data.file_as, data.company_name, data.email1_address)
        case Task():
            parts = (data.subject, data.utc_due_date, data.utc_start_date)
        case NoteItem():
            parts = (data.subject, data.last_modified_date)
    if not any(parts):
        return None
    text = "\x1f".join(["" if part is None else str(part) for part in parts])
    return f"{_CLASSES[type(data)].value.lower()}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
