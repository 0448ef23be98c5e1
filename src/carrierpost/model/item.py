"""
A mail, contact, event, task or note as the store holds it.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.protocol.classes import ApplicationData, ContentClass

__all__ = ["Item", "ItemBody", "SearchHit", "SetAside", "Thread"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item.

    Attributes:
        id: the hub's number for it; survives resynchronisation.
        account_id: the account it belongs to.
        collection_id: the folder it is in.
        server_id: the server's id, opaque; `None` while the server does not know the item.
        content_class: which kind of item it is.
        data: its properties; `data.body.data` is kept apart (`Store.body`) and absent here.
        revision: grows with every change of the item; guards a commit against a change made in between.
        unconfirmed: the server has not yet sent it again during a resynchronisation.

    """

    id: int
    account_id: int
    collection_id: int
    server_id: str | None
    content_class: ContentClass
    data: ApplicationData
    revision: int = 1
    unconfirmed: bool = False


class ItemBody(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item's body text, apart from the item.

    Attributes:
        item_id: the item.
        type: 1 plain text, 2 HTML, 3 RTF, 4 MIME ([MS-ASAIRS] Type).
        data: the text; for MIME the message's bytes.
        truncated: whether the server holds more than this.
        estimated_size: the size of the whole, in bytes, as the server estimates it; 0 when unknown.

    """

    item_id: int
    type: int
    data: str | bytes
    truncated: bool = False
    estimated_size: int = 0


class SearchHit(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item found by full-text search.

    Attributes:
        item: the item.
        snippet: a piece of the text around the match, plain text, the match between `[` and `]`.

    """

    item: Item
    snippet: str


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item that could not be taken over, so that the rest of its folder could go on.

    Attributes:
        account_id: the account.
        collection_id: the folder.
        server_id: the server's id of the item.
        reason: what is wrong with it, one sentence.
        attempts: how often it has been tried.
        first_at: when it was first set aside.
        next_at: when it will be tried again, or `None` for when a person asks.

    """

    account_id: int
    collection_id: int
    server_id: str
    reason: str
    attempts: int
    first_at: dt.datetime
    next_at: dt.datetime | None


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """
    A conversation as it stands in a list: mails that answer each other, wherever they lie.

    Attributes:
        newest: its newest mail; in a folder's list, the newest of that folder.
        count: how many mails are held of it, in all folders.
        unread: how many of them are unread.

    """

    newest: Item
    count: int = 1
    unread: int = 0
