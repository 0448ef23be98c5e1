"""
What a person wants of the server, one value per kind of outbox entry, and how it is written into the outbox.

An intent says what the server needs to be told and what is needed to take it back. What an item is like now is read
from the item when it is sent, so that two edits before that are one.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any, TypeVar

import msgspec

from carrierpost.model.outbox import IntentKind, OutboxEntry
from carrierpost.protocol.classes import Contact, Email, Event, NoteItem, Task

__all__ = [
    "AddIntent",
    "ChangeIntent",
    "DeleteIntent",
    "Intent",
    "InviteIntent",
    "MoveIntent",
    "RespondIntent",
    "SendIntent",
    "SendMode",
    "intent_of",
    "kind_of",
    "payload_of",
    "values_of",
    "with_values",
]

A = TypeVar("A", bound=Email | Contact | Event | Task | NoteItem)


class AddIntent(msgspec.Struct, frozen=True, kw_only=True):
    """
    A new item; it is in the store, without server id.

    Attributes:
        data: its properties by name, when the item was deleted here while the server may have been told of it
            already; `None` while the item is held.
        send: send the draft at once (16.0 and later).
        meant: a person has said that it is meant, after it was kept back as one of suspiciously many.

    """

    data: dict[str, Any] | None = None
    send: bool = False
    meant: bool = False


class ChangeIntent(msgspec.Struct, frozen=True, kw_only=True):
    """
    Properties of an item that a person has changed.

    Attributes:
        fields: their names; the values are the item's.
        before: their values before, by name (`values_of`): what the server is thought to have.
        overtaken: values that a person wanted and the server overtook, by name.
        send: send the draft (16.0 and later).

    """

    fields: tuple[str, ...]
    before: dict[str, Any] = {}
    overtaken: dict[str, Any] = {}
    send: bool = False


class DeleteIntent(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item that is to go; here it is gone.

    Attributes:
        server_id: the server's id; empty while the server has not yet told it.
        permanent: delete it for ever instead of moving it to Deleted Items.
        title: what a person knew it by.

    """

    server_id: str
    permanent: bool = False
    title: str = ""


class MoveIntent(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item that is to be in another folder; here it is there, without server id.

    Attributes:
        server_id: the server's id in the folder that it comes from; empty while the server has not yet told it.
        source_id: the collection that it comes from.
        target_id: the collection that it goes to.

    """

    server_id: str
    source_id: int
    target_id: int


class SendMode(enum.StrEnum):
    """
    What a message is to another one.
    """

    NEW = "new"
    REPLY = "reply"
    FORWARD = "forward"


class SendIntent(msgspec.Struct, frozen=True, kw_only=True):
    """
    A message to send; the entry's client id is the message's.

    Attributes:
        mime: the whole message.
        save_in_sent: whether the server keeps a copy in Sent Items.
        mode: what it is to another message.
        source_item: the item that is answered or forwarded.
        replace_mime: the message says everything itself; the server adds nothing of the other one.

    """

    mime: bytes
    save_in_sent: bool = True
    mode: SendMode = SendMode.NEW
    source_item: int | None = None
    replace_mime: bool = False


class RespondIntent(msgspec.Struct, frozen=True, kw_only=True):
    """
    An answer to a meeting; the entry's item is the request in the Inbox or the event in the calendar.

    Attributes:
        response: 1 accepted, 2 tentative, 3 declined ([MS-ASCMD] UserResponse).
        server_id: the item's id when it was answered, for the time when it is no longer held.
        title: what a person knows the meeting by.
        instance: the start by the pattern of the one occurrence that is meant; `None` for all of it.
        times: start and end of the meeting that was answered, as the person saw them.
        tell_organizer: whether the organizer is told.
        text: what is said to the organizer.
        proposed: another start and end that the person would like.
        mime: the mail to the organizer, for versions in which the client writes it; empty where there is none.
        event_item: the event in the calendar, where it is held.
        before: properties of that event before it was answered, by name (`values_of`).

    """

    response: int
    server_id: str
    title: str = ""
    instance: dt.datetime | None = None
    times: tuple[dt.datetime | None, dt.datetime | None] | None = None
    tell_organizer: bool = True
    text: str = ""
    proposed: tuple[dt.datetime, dt.datetime] | None = None
    mime: bytes = b""
    event_item: int | None = None
    before: dict[str, Any] = {}


class InviteIntent(msgspec.Struct, frozen=True, kw_only=True):
    """
    Attendees of a meeting that are to hear of it, once the server has what is to be told.

    Attributes:
        before: the meeting with its text as the attendees know it, by name; `None` for one that they know nothing of.
        gone: the meeting was deleted, and is called off.

    """

    before: dict[str, Any] | None = None
    gone: bool = False


Intent = AddIntent | ChangeIntent | DeleteIntent | MoveIntent | SendIntent | RespondIntent | InviteIntent

_KINDS: dict[type[Intent], IntentKind] = {
    AddIntent: IntentKind.ADD,
    ChangeIntent: IntentKind.CHANGE,
    DeleteIntent: IntentKind.DELETE,
    MoveIntent: IntentKind.MOVE,
    SendIntent: IntentKind.SEND,
    RespondIntent: IntentKind.RESPOND,
    InviteIntent: IntentKind.INVITE,
}
_DECODERS: dict[IntentKind, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(intent) for intent, kind in _KINDS.items()
}


def kind_of(intent: Intent) -> IntentKind:
    """
    Give the kind of entry that an intent makes.
    """
    return _KINDS[type(intent)]


def payload_of(intent: Intent) -> bytes:
    """
    Write an intent for the outbox.
    """
    return msgspec.json.encode(intent)


def intent_of(entry: OutboxEntry) -> Intent:
    """
    Read an entry's intent.

    Raises:
        ValueError: it cannot be read.

    """
    found: Intent = _DECODERS[entry.kind].decode(entry.payload)
    return found


def values_of(data: A, fields: tuple[str, ...]) -> dict[str, Any]:
    """
    Take properties of an item as values that can be kept; absent ones are `None`.
    """
    return {name: msgspec.to_builtins(getattr(data, name)) for name in fields}


def with_values(data: A, values: dict[str, Any]) -> A:
    """
    Give an item the properties that `values_of` took.
    """
    there = msgspec.convert({name: value for name, value in values.items() if value is not None}, type(data))
    return msgspec.structs.replace(data, **{name: getattr(there, name) for name in values})
