"""
What is to be written together: a sync key and everything that it brought.

The engine decides, as pure values of these classes; the store carries them out in one transaction, or refuses
the whole.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.model.change import Passage
from carrierpost.model.collection import CollectionEntry, Doubt, Progress
from carrierpost.model.outbox import EntryUpdate, NewOutboxEntry
from carrierpost.protocol.classes import ApplicationData, ContentClass
from carrierpost.protocol.commands.sync import FilterType

__all__ = [
    "Aftermath",
    "Assigned",
    "BodyUpdate",
    "HierarchyCommit",
    "ItemUpdate",
    "NewItem",
    "NewSetAside",
    "Removal",
    "SyncCommit",
    "Told",
]


class NewItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item that was not held before.

    Attributes:
        server_id: the server's id.
        content_class: which kind of item it is.
        data: its properties, body included.
        identity: text by which the same item is known again when its server id is lost, or `None`
            (`carrierpost.protocol.classes.identity`).
        announce: whether it is news to a person.

    """

    server_id: str
    content_class: ContentClass
    data: ApplicationData
    identity: str | None = None
    announce: bool = False


class ItemUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """
    New properties of an item that is held.

    Attributes:
        item_id: the item.
        revision: the revision that the new properties were made from; another one refuses the commit.
        data: all properties, merged; a body whose `data` is absent leaves the held text alone.
        fields: names of the properties that differ; with none the item is only confirmed, and the feed is silent.
        server_id: the server's new id of the item, or `None` if it stays.
        identity: as in `NewItem`.
        announce: whether the change is news to a person.

    """

    item_id: int
    revision: int
    data: ApplicationData
    fields: tuple[str, ...] = ()
    server_id: str | None = None
    identity: str | None = None
    announce: bool = False


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item that is no longer in its folder.

    Attributes:
        item_id: the item.
        left_window: it only left the synchronized window, and still exists at the server.

    """

    item_id: int
    left_window: bool = False


class NewSetAside(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item that could not be taken over; a second time for one id counts up its attempts.

    Attributes:
        server_id: the server's id.
        reason: what is wrong with it, one sentence.
        next_at: when to try again, or `None` for never by itself.

    """

    server_id: str
    reason: str
    next_at: dt.datetime | None = None


class Assigned(msgspec.Struct, frozen=True, kw_only=True):
    """
    The server id that an item of ours has got.

    Attributes:
        item_id: the item, or the one that it was before it was deleted here.
        server_id: the server's id.

    """

    item_id: int
    server_id: str


class SyncCommit(msgspec.Struct, frozen=True, kw_only=True):
    """
    Everything that one answer to a Sync brought to one collection.

    Attributes:
        collection_id: the folder.
        from_key: the key that the request carried; if the store holds another, the commit is refused.
        to_key: the key to hold from now on.
        progress: how far the collection is now.
        window_applied: the window in force with `to_key`.
        adds: items not held before.
        updates: changed or confirmed items.
        removals: items that are gone.
        set_aside: items that could not be taken over.
        recovered: server ids that had been set aside and are so no more.
        unconfirm: first mark every held item as unconfirmed (a resynchronisation begins).
        drop_unconfirmed: at last remove what is still unconfirmed (a resynchronisation ends).
        detail: why a resynchronisation began, for the feed.
        note: replaces the collection's note when not `None`.
        doubt: replaces what stands of the collection's doubt when not `None`.
        assigned: server ids of items that the server has just come to know.
        settled: outbox entries that the server has taken.
        entries: what has become of outbox entries that stay.
        passage: when it was heard of, asked for and answered; kept with every change that the commit makes.

    """

    collection_id: int
    from_key: str
    to_key: str
    progress: Progress
    window_applied: FilterType | None = None
    adds: tuple[NewItem, ...] = ()
    updates: tuple[ItemUpdate, ...] = ()
    removals: tuple[Removal, ...] = ()
    set_aside: tuple[NewSetAside, ...] = ()
    recovered: tuple[str, ...] = ()
    unconfirm: bool = False
    drop_unconfirmed: bool = False
    detail: str = ""
    note: str | None = None
    doubt: Doubt | None = None
    assigned: tuple[Assigned, ...] = ()
    settled: tuple[int, ...] = ()
    entries: tuple[EntryUpdate, ...] = ()
    passage: Passage | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the attendees of a person's own meeting were last told by mail.

    Attributes:
        uid: the meeting.
        sequence: the number of the revision that they know ([RFC 5545] 3.8.7.4).
        digest: what they were told, made short, so that the same is not told again.

    """

    uid: str
    sequence: int = 0
    digest: str = ""


class Aftermath(msgspec.Struct, frozen=True, kw_only=True):
    """
    What follows from an outbox entry that is done, written together with that.

    Attributes:
        queue: what the server is to be told next.
        remove: an item that has served its purpose, with the client id that names its deletion.
        renamed: an event that the server has come to keep under another id.
        told: what attendees are told with that.

    """

    queue: tuple[NewOutboxEntry, ...] = ()
    remove: tuple[int, str] | None = None
    renamed: Assigned | None = None
    told: Told | None = None


class HierarchyCommit(msgspec.Struct, frozen=True, kw_only=True):
    """
    Everything that one answer to a FolderSync brought.

    Attributes:
        account_id: the account.
        from_key: the key that the request carried; if the store holds another, the commit is refused.
        to_key: the key to hold from now on.
        upserts: folders that are new or changed; known ones keep their id, sync key and items.
        removals: server ids of folders that are gone; unknown ones are ignored.
        whole: `upserts` is the complete list, so folders that are not in it are removed.

    """

    account_id: int
    from_key: str
    to_key: str
    upserts: tuple[CollectionEntry, ...] = ()
    removals: tuple[str, ...] = ()
    whole: bool = False


class BodyUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """
    The whole body of an item, fetched later.

    Attributes:
        item_id: the item.
        type: 1 plain text, 2 HTML, 3 RTF, 4 MIME.
        data: the text; for MIME the message's bytes.
        truncated: whether the server still holds more.
        estimated_size: size of the whole in bytes, 0 when unknown.

    """

    item_id: int
    type: int
    data: str | bytes
    truncated: bool = False
    estimated_size: int = 0
