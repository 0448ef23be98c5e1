"""
What a person does to a mailbox, and what came of it: the local effect and the outbox entry, written together.
"""

from __future__ import annotations

import msgspec

from carrierpost.model.change import Change
from carrierpost.model.intent import RespondIntent
from carrierpost.model.item import Item
from carrierpost.model.outbox import OutboxEntry
from carrierpost.protocol.classes import ApplicationData, Event

__all__ = ["AddItem", "ChangeItem", "DeleteItem", "DropEntry", "Edit", "Edited", "MoveItem", "RespondMeeting",
           "RetryEntry"]  # fmt: skip


class AddItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    Make a new item.

    Attributes:
        collection_id: the folder.
        data: its properties, body included.
        client_id: names it to the server until it has a server id.
        identity: as in `NewItem`.
        send: send the draft at once (16.0 and later).
        invite: the attendees are to hear of it from here, should the server not tell them.

    """

    collection_id: int
    data: ApplicationData
    client_id: str
    identity: str | None = None
    send: bool = False
    invite: bool = False


class ChangeItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    Change properties of an item.

    Attributes:
        item_id: the item.
        revision: the revision that the change was made from; another one refuses it.
        data: all its properties; a body whose `data` is absent leaves the held text alone.
        fields: the names of those that change.
        client_id: names the change.
        identity: as in `NewItem`.
        send: send the draft (16.0 and later).
        invite: as in `AddItem`.

    """

    item_id: int
    revision: int
    data: ApplicationData
    fields: tuple[str, ...]
    client_id: str
    identity: str | None = None
    send: bool = False
    invite: bool = False


class DeleteItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    Delete an item.

    Attributes:
        item_id: the item.
        client_id: names the deletion.
        permanent: for ever, instead of to Deleted Items.
        invite: as in `AddItem`; the meeting is called off.

    """

    item_id: int
    client_id: str
    permanent: bool = False
    invite: bool = False


class MoveItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    Put an item into another folder.

    Attributes:
        item_id: the item.
        target_id: the folder.
        client_id: names the move.

    """

    item_id: int
    target_id: int
    client_id: str


class RespondMeeting(msgspec.Struct, frozen=True, kw_only=True):
    """
    Answer a meeting.

    Attributes:
        item_id: the request in the Inbox or the event in the calendar.
        intent: the answer; what the event was like before is added to it.
        client_id: names the answer.
        revision: the revision of the event that the answer was made from; another one refuses it.
        data: the event as it is once answered; `None` where it is not held.
        fields: the names of its properties that differ.

    """

    item_id: int
    intent: RespondIntent
    client_id: str
    revision: int = 0
    data: Event | None = None
    fields: tuple[str, ...] = ()


class RetryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """
    Have an entry told again that was refused, or whose fate is unknown; what the server overtook is wanted again.

    Attributes:
        entry_id: the entry.
        client_id: names the change that it becomes where something was overtaken; everything else keeps its name, so
            that a server which has done it already can tell.

    """

    entry_id: int
    client_id: str


class DropEntry(msgspec.Struct, frozen=True, kw_only=True):
    """
    Give up an entry and take its local effect back.

    Attributes:
        entry_id: the entry.
        client_id: names the deletion that this may be.

    """

    entry_id: int
    client_id: str


Edit = AddItem | ChangeItem | DeleteItem | MoveItem | RespondMeeting | RetryEntry | DropEntry


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """
    What came of an edit.

    Attributes:
        item: the item as it is now, or `None` when it is gone or none is concerned.
        entry: what the server has still to be told, or `None` for nothing.
        changes: as they stand in the feed.

    """

    item: Item | None
    entry: OutboxEntry | None
    changes: tuple[Change, ...]
