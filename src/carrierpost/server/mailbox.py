"""
Mailboxes in memory: folders, items, and the log of what happened to them.

Every change takes the mailbox's next number and is noted in its folder's log, so that a device that knows how far it
has read finds what is new without looking at the rest. Whoever waits for a mailbox is woken by the change itself.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any

import msgspec

from carrierpost.protocol.classes import (
    ApplicationData,
    Body,
    BodyType,
    Contact,
    ContentClass,
    Email,
    Importance,
    class_of,
)
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.commands.folder_sync import FolderType, class_of_folder
from carrierpost.protocol.commands.oof import Audience, Oof, OofMessage
from carrierpost.protocol.version import Version

__all__ = ["SPECIAL_FOLDERS", "Attached", "Mailbox", "MailboxFolder", "MailboxItem", "visible_folders"]

SPECIAL_FOLDERS = (
    ("Inbox", FolderType.INBOX),
    ("Drafts", FolderType.DRAFTS),
    ("Deleted Items", FolderType.DELETED_ITEMS),
    ("Sent Items", FolderType.SENT_ITEMS),
    ("Outbox", FolderType.OUTBOX),
    ("Junk Email", FolderType.USER_MAIL),
    ("Calendar", FolderType.CALENDAR),
    ("Contacts", FolderType.CONTACTS),
    ("Tasks", FolderType.TASKS),
    ("Notes", FolderType.NOTES),
)
"""The folders that every mailbox has from the start."""

DEFAULT_OOF = Oof(
    messages=tuple(OofMessage(audience=one, enabled=False, reply_message="", body_type="Text") for one in Audience)
)
"""Out of office of a user who never set it: off, and the audiences that there are."""

_SMALL = 512  # bytes counted for an item without text
_LOG_SLACK = 1000  # changes in a folder's log before it is worth looking for those that are outdated


class Attached(msgspec.Struct, frozen=True):
    """
    An attachment's bytes.

    Attributes:
        content: the bytes.
        content_type: their media type.
    """

    content: bytes
    content_type: str


class MailboxItem:
    """
    An item in a folder.

    Attributes:
        server_id: its id; a moved item gets a new one.
        data: its properties; the body is the whole, in its native format.
        mime: the message as it came, for mail that came as MIME.
        attached: attachments by file reference.
        revision: grows with each change.
        added: the number of the change that put it into its folder.
        committed: the clock's monotonic seconds of the last change.
        encoded: encoded forms, by version and body preference; emptied by each change.
    """

    __slots__ = ("added", "attached", "committed", "data", "encoded", "mime", "revision", "server_id")

    def __init__(self, server_id: str, data: ApplicationData, added: int, committed: float) -> None:
        self.server_id = server_id
        self.data = data
        self.mime: bytes | None = None
        self.attached: dict[str, Attached] = {}
        self.revision = 1
        self.added = added
        self.committed = committed
        self.encoded: dict[tuple[Any, ...], list[Any]] = {}


class MailboxFolder:
    """
    A folder.

    Attributes:
        server_id: its id.
        parent_id: its parent's id, `"0"` for the root.
        display_name: its name.
        type: what it is.
        items: its items by id.
        log: what happened in it, in order: number of the change, and the item.
    """

    __slots__ = ("_compact_at", "display_name", "items", "log", "numbers", "parent_id", "server_id", "type")

    def __init__(self, server_id: str, parent_id: str, display_name: str, folder_type: FolderType) -> None:
        self.server_id = server_id
        self.parent_id = parent_id
        self.display_name = display_name
        self.type = folder_type
        self.items: dict[str, MailboxItem] = {}
        self.log: list[tuple[int, str]] = []
        self._compact_at = _LOG_SLACK
        self.numbers = itertools.count(1)

    @property
    def content_class(self) -> ContentClass | None:
        """
        The class of the folder's items.
        """
        return class_of_folder(self.type)

    @property
    def last(self) -> int:
        """
        The number of the last change in the folder.
        """
        return self.log[-1][0] if self.log else 0

    def note(self, number: int, server_id: str) -> None:
        """
        Write a change into the log. Of many changes of one item the last is enough, so the log stays in bounds.
        """
        self.log.append((number, server_id))
        if len(self.log) >= self._compact_at:
            last = {one: number for number, one in self.log}
            self.log = sorted((number, one) for one, number in last.items())
            self._compact_at = 2 * len(self.log) + _LOG_SLACK


class Mailbox:
    """
    A user's mailbox, and what another device or program may do to it.

    Args:
        address: the user's mail address.
        clock: the time.
        name: the user's name.

    Attributes:
        quota: most bytes that it may hold; `None` for no limit.
        send_quota: most bytes that it may hold for its user still to send mail; `None` for no limit.
        oof: whether and how mail is answered while the user is away.
        oof_answered: who has been answered since that was set.
        conversation_homes: folders to which new messages of conversations go, by conversation id.
        certificates: the user's certificates for mail, DER.
        picture: a photo of the user for the address list.
        card: what the address list says of the user besides name and address.
    """

    def __init__(self, address: str, clock: Clock, *, name: str = "") -> None:
        self.address = address
        self.name = name or address.partition("@")[0].title()
        self.folders: dict[str, MailboxFolder] = {}
        self.hierarchy_log: list[tuple[int, str]] = []
        self.number = 0
        self.quota: int | None = None
        self.send_quota: int | None = None
        self.oof: Oof = DEFAULT_OOF
        self.oof_answered: set[str] = set()
        self.conversation_homes: dict[bytes, str] = {}
        self.certificates: tuple[bytes, ...] = ()
        self.picture: bytes | None = None
        self.card = Contact()
        self._clock = clock
        self._ids = itertools.count(1)
        self._waiting: set[asyncio.Future[None]] = set()
        for display_name, folder_type in SPECIAL_FOLDERS:
            self.create_folder(display_name, folder_type)

    # -- waiting

    def next_change(self) -> asyncio.Future[None]:
        """
        Give a future that completes with the next change, whatever it is; cancel it when it is no longer wanted.

        It counts from this call on, so whoever looks, asks for the future and waits misses nothing in between.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        return future

    def _changed(self) -> int:
        self.number += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        return self.number

    # -- folders

    def create_folder(
        self, display_name: str, folder_type: FolderType = FolderType.USER_MAIL, parent_id: str = "0"
    ) -> MailboxFolder:
        """
        Make a folder.
        """
        folder = MailboxFolder(str(next(self._ids)), parent_id, display_name, folder_type)
        self.folders[folder.server_id] = folder
        self.hierarchy_log.append((self._changed(), folder.server_id))
        return folder

    def rename_folder(self, folder: MailboxFolder, display_name: str, parent_id: str | None = None) -> None:
        """
        Rename a folder, or move it below another one.
        """
        folder.display_name = display_name
        if parent_id is not None:
            folder.parent_id = parent_id
        self.hierarchy_log.append((self._changed(), folder.server_id))

    def delete_folder(self, folder: MailboxFolder) -> None:
        """
        Delete a folder with its items and the folders below it.
        """
        for child in [one for one in self.folders.values() if one.parent_id == folder.server_id]:
            self.delete_folder(child)
        del self.folders[folder.server_id]
        self.hierarchy_log.append((self._changed(), folder.server_id))

    def folder(self, which: FolderType | str) -> MailboxFolder:
        """
        Find a folder by its type, or by its name.

        Raises:
            KeyError: there is none.
        """
        for folder in self.folders.values():
            if which in (folder.type, folder.display_name) and not (
                isinstance(which, FolderType) and folder.type != which
            ):
                return folder
        raise KeyError(which)

    # -- items

    def add(
        self,
        folder: MailboxFolder,
        data: ApplicationData,
        *,
        mime: bytes | None = None,
        attached: dict[str, Attached] | None = None,
    ) -> MailboxItem:
        """
        Put a new item into a folder.
        """
        if class_of(data) is not folder.content_class:
            raise ValueError(f"{folder.display_name} does not hold {class_of(data)}")
        number = self._changed()
        item = MailboxItem(f"{folder.server_id}:{next(folder.numbers)}", data, number, self._clock.monotonic())
        item.mime = mime
        item.attached = attached or {}
        folder.items[item.server_id] = item
        folder.note(number, item.server_id)
        return item

    def change(self, folder: MailboxFolder, item: MailboxItem, **values: Any) -> None:
        """
        Change properties of an item.
        """
        item.data = _with_cleared(item.data, msgspec.structs.replace(item.data, **values))
        item.revision += 1
        item.encoded.clear()
        item.committed = self._clock.monotonic()
        folder.note(self._changed(), item.server_id)

    def replace(self, folder: MailboxFolder, item: MailboxItem, data: ApplicationData) -> None:
        """
        Give an item other properties.
        """
        item.data = _with_cleared(item.data, data)
        self.change(folder, item)

    def touch(self, folder: MailboxFolder, item: MailboxItem) -> None:
        """
        Note a change of an item that changes nothing, as some servers do.
        """
        self.change(folder, item)

    def delete(self, folder: MailboxFolder, item: MailboxItem) -> None:
        """
        Delete an item for ever.
        """
        del folder.items[item.server_id]
        folder.note(self._changed(), item.server_id)

    def move(self, source: MailboxFolder, item: MailboxItem, target: MailboxFolder) -> MailboxItem:
        """
        Move an item to another folder, where it gets a new id.
        """
        self.delete(source, item)
        return self.add(target, item.data, mime=item.mime, attached=item.attached)

    def renumber(self, folder: MailboxFolder) -> None:
        """
        Give all items of a folder new ids.
        """
        for item in list(folder.items.values()):
            self.delete(folder, item)
            self.add(folder, item.data, mime=item.mime, attached=item.attached)

    def find(self, server_id: str) -> tuple[MailboxFolder, MailboxItem] | None:
        """
        Find an item by its id.
        """
        folder = self.folders.get(server_id.partition(":")[0])
        item = folder.items.get(server_id) if folder is not None else None
        return (folder, item) if folder is not None and item is not None else None

    def find_attached(self, file_reference: str) -> Attached | None:
        """
        Find an attachment by its reference, which begins with its item's id.
        """
        found = self.find(file_reference.partition("/")[0])
        for folder in self.folders.values() if found is None else ():
            for item in folder.items.values():
                if file_reference in item.attached:
                    return item.attached[file_reference]
        return found[1].attached.get(file_reference) if found is not None else None

    def all_items(self) -> Iterable[tuple[MailboxFolder, MailboxItem]]:
        """
        Go through all items of all folders.
        """
        for folder in self.folders.values():
            for item in folder.items.values():
                yield folder, item

    def size(self) -> int:
        """
        Count the bytes that the mailbox holds, roughly.
        """
        return sum(_size_of(item) for _, item in self.all_items())

    def has_room_for(self, data: ApplicationData) -> bool:
        """
        Tell whether another item fits into the quota.
        """
        return self.quota is None or self.size() + _size_of_data(data) <= self.quota

    # -- short ways for tests and demonstrations

    def deliver(
        self,
        subject: str,
        text: str = "",
        *,
        sender: str = '"Somebody" <somebody@example.org>',
        received: dt.datetime | None = None,
        folder: MailboxFolder | None = None,
        html: bool = False,
        **values: Any,
    ) -> MailboxItem:
        """
        Put a mail into the Inbox, as if it had been received.
        """
        body = Body(type=BodyType.HTML if html else BodyType.PLAIN, data=text)
        data = Email(
            to=f'"{self.name}" <{self.address}>',
            from_=sender,
            subject=subject,
            thread_topic=subject.removeprefix("Re: "),
            display_to=self.name,
            date_received=(received or self._clock.now()).replace(microsecond=0),
            importance=Importance.NORMAL,
            read=False,
            body=body,
            message_class="IPM.Note",
            content_class="urn:content-classes:message",
            internet_cpid="65001",
            native_body_type=body.type,
        )
        return self.add(folder or self.folder(FolderType.INBOX), msgspec.structs.replace(data, **values))


def _size_of(item: MailboxItem) -> int:
    if item.mime is not None:
        return len(item.mime)
    return _size_of_data(item.data) + sum(len(one.content) for one in item.attached.values())


def _size_of_data(data: ApplicationData) -> int:
    """
    Estimate an item's size: its text, what a client attaches to it, and a little for the rest.
    """
    text = data.body.data if data.body is not None else None
    new = getattr(data, "new_attachments", None) or ()
    return _SMALL + len((text or "").encode("utf-8", "replace")) + sum(len(one.content or b"") for one in new)


def visible_folders(mailbox: Mailbox, version: Version) -> list[MailboxFolder]:
    """
    List the folders that a version of the protocol knows: notes only from 14.0 on.
    """
    return [
        folder
        for folder in mailbox.folders.values()
        if version >= Version.V14_0 or folder.content_class is not ContentClass.NOTES
    ]


def _with_cleared(before: ApplicationData, after: ApplicationData) -> ApplicationData:
    """
    Note which properties a change takes away: clients keep what a Change does not mention, so they are said as empty.
    """
    names = [name for name in after.__struct_fields__ if name not in _NEVER_EMPTY]
    gone = {name for name in names if getattr(after, name) is None and getattr(before, name) is not None}
    still = {name for name in {*before.cleared, *after.cleared} if getattr(after, name) is None}
    cleared = frozenset(gone | still)
    return msgspec.structs.replace(after, cleared=cleared) if cleared != after.cleared else after


_NEVER_EMPTY = frozenset({"body", "cleared", "other", "appointment_reply_time"})
"""What is left out once it is gone: when somebody answered has no empty form ([MS-ASCAL] AppointmentReplyTime)."""
