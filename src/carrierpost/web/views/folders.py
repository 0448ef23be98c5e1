"""
Folders, by what they are for.
"""

from __future__ import annotations

import enum

import msgspec

from carrierpost.model import Collection
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType

__all__ = ["FolderKind", "FolderView", "folder_view"]


class FolderKind(enum.StrEnum):
    """
    What a folder is for: which of the special ones it is, else what it holds.
    """

    INBOX = "inbox"
    DRAFTS = "drafts"
    OUTBOX = "outbox"
    SENT = "sent"
    TRASH = "trash"
    JUNK = "junk"
    MAIL = "mail"
    CALENDAR = "calendar"
    CONTACTS = "contacts"
    TASKS = "tasks"
    NOTES = "notes"
    OTHER = "other"
    """It holds nothing that Carrierpost shows."""


_SPECIAL = {
    FolderType.INBOX: FolderKind.INBOX,
    FolderType.DRAFTS: FolderKind.DRAFTS,
    FolderType.OUTBOX: FolderKind.OUTBOX,
    FolderType.SENT_ITEMS: FolderKind.SENT,
    FolderType.DELETED_ITEMS: FolderKind.TRASH,
}
_HOLDING = {
    ContentClass.EMAIL: FolderKind.MAIL,
    ContentClass.CALENDAR: FolderKind.CALENDAR,
    ContentClass.CONTACTS: FolderKind.CONTACTS,
    ContentClass.TASKS: FolderKind.TASKS,
    ContentClass.NOTES: FolderKind.NOTES,
}


class FolderView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A folder in a list.

    Attributes:
        id: the hub's number for it.
        name: as the server calls it.
        kind: what it is for.
        parent: the folder that it lies in, or `None` at the top.
        default: whether it is the one of its kind that the server made: the calendar, the contacts.
        total: how many items are held of it.
        unread: how many of them are unread mail.
        minutes: check frequency: 0 push, -1 manual, else every so many minutes.
        note: what a person has to know about it; empty for nothing.
    """

    id: int
    name: str
    kind: FolderKind
    parent: int | None
    default: bool
    total: int
    unread: int
    minutes: int
    note: str


_DEFAULT = frozenset({FolderType.CALENDAR, FolderType.CONTACTS, FolderType.TASKS, FolderType.NOTES})
_JUNK = frozenset({"junk", "junk e-mail", "junk email", "spam", "junk mail"})  # no type of folder says it


def folder_view(collection: Collection, parents: dict[str, int], *, total: int, unread: int) -> FolderView:
    """
    Show a folder.

    Args:
        collection: the folder.
        parents: the hub's numbers of the account's folders by the server's ids.
        total: how many items are held of it.
        unread: how many of them are unread mail.
    """
    return FolderView(
        id=collection.id,
        name=collection.display_name,
        kind=_kind(collection),
        parent=parents.get(collection.parent_id),
        default=collection.type in _SPECIAL or collection.type in _DEFAULT,
        total=total,
        unread=unread,
        minutes=collection.minutes,
        note=collection.note,
    )


def _kind(collection: Collection) -> FolderKind:
    """
    Say what a folder is for. Junk has no type of its own: at the top, its name tells ([MS-ASCMD] Type).
    """
    if special := _SPECIAL.get(collection.type):
        return special
    if collection.content_class is None:
        return FolderKind.OTHER
    kind = _HOLDING[collection.content_class]
    junk = collection.parent_id == "0" and collection.display_name.casefold() in _JUNK
    return FolderKind.JUNK if kind is FolderKind.MAIL and junk else kind
