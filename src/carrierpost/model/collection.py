"""
A folder of an account: what it is called, what it holds, how far it is synchronized.
"""

from __future__ import annotations

import enum

import msgspec

from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import FilterType

__all__ = ["Collection", "CollectionEntry", "Doubt", "Progress"]


class Progress(enum.StrEnum):
    """
    How far a collection's items are.
    """

    NEW = "new"
    """Nothing has been fetched."""
    FILLING = "filling"
    """A first synchronisation is under way."""
    COMPLETE = "complete"
    """Everything in the window is held; what comes now is news."""
    MATCHING = "matching"
    """The server lost the key; what it sends again is being matched against what is held."""


class Doubt(enum.StrEnum):
    """
    Where the question stands whether everything in a folder is really gone, as the server says.
    """

    NONE = ""
    """The server says nothing of the kind."""
    ASKED = "asked"
    """It does; what is held stays, and a person is asked."""
    ACCEPTED = "accepted"
    """A person says yes: what the server says is taken over with its next answer."""
    REFUSED = "refused"
    """A person says no: what is held stays as long as the server says so."""


class CollectionEntry(msgspec.Struct, frozen=True, kw_only=True):
    """
    A folder as the server lists it.

    Attributes:
        server_id: the server's id, opaque.
        parent_id: the server's id of the parent, `"0"` for the root.
        display_name: the name shown to a person.
        type: the folder's type; special folders are known by it, never by name.
        minutes: check frequency in minutes; 0 means push (held connection), -1 manual.

    """

    server_id: str
    parent_id: str
    display_name: str
    type: FolderType
    minutes: int = 0


class Collection(CollectionEntry, frozen=True, kw_only=True):
    """
    A folder as the store holds it.

    Attributes:
        id: the hub's number for it; stays the same for the life of the folder.
        account_id: the account it belongs to.
        content_class: the class of its items, or `None` for folders that hold none we read.
        sync_key: the key of the last committed answer, `"0"` before the first.
        progress: how far its items are.
        window: how far back the person wants it.
        window_applied: the window in force at the server with `sync_key`, `None` before the first.
        note: why it is not synchronized or what is peculiar about it, one sentence; empty for nothing.
        doubt: whether the server says that everything is gone, and what a person says to that.

    """

    id: int
    account_id: int
    content_class: ContentClass | None
    sync_key: str = "0"
    progress: Progress = Progress.NEW
    window: FilterType = FilterType.ALL
    window_applied: FilterType | None = None
    note: str = ""
    doubt: Doubt = Doubt.NONE
