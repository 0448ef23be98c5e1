"""
Accounts, folders and items for tests of the store.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from carrierpost.model import (
    Account,
    Change,
    Channel,
    Collection,
    CollectionEntry,
    HierarchyCommit,
    Item,
    ItemUpdate,
    NewAccount,
    NewDevice,
    NewItem,
    NewNotice,
    NewSubscription,
    NoticeCommit,
    NoticeKind,
    NoticeText,
    Platform,
    Progress,
    Removal,
    Step,
    SyncCommit,
    TraceStep,
)
from carrierpost.protocol.classes import Attachment, Body, BodyType, Contact, ContentClass, Email, Event, NoteItem
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.store import Store

__all__ = [
    "FOLDERS",
    "NOW",
    "Mailbox",
    "account",
    "contact",
    "event",
    "html",
    "mail",
    "note",
    "notice",
    "phone",
    "push",
    "told",
]

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)

FOLDERS = (
    CollectionEntry(server_id="1", parent_id="0", display_name="Inbox", type=FolderType.INBOX),
    CollectionEntry(server_id="2", parent_id="0", display_name="Sent", type=FolderType.SENT_ITEMS),
    CollectionEntry(server_id="3", parent_id="0", display_name="Calendar", type=FolderType.CALENDAR),
    CollectionEntry(server_id="4", parent_id="0", display_name="Contacts", type=FolderType.CONTACTS),
    CollectionEntry(server_id="5", parent_id="0", display_name="Notes", type=FolderType.NOTES),
)


def account(address: str = "ada@larch.example", **values: Any) -> NewAccount:
    """Describe an account."""
    url = "https://mail.larch.example/Microsoft-Server-ActiveSync"
    return NewAccount(address=address, login=address, url=url, device_id="DEVICE01", **values)


def phone(account_id: int, name: str = "Ada's phone", **values: Any) -> NewDevice:
    """Describe an iPhone in Berlin."""
    fields: dict[str, Any] = {"platform": Platform.IOS, "time_zone": "Europe/Berlin"}
    return NewDevice(account_id=account_id, name=name, **(fields | values))


def push(device_id: int, endpoint: str = "https://push.example/1", **values: Any) -> NewSubscription:
    """Describe a subscription to Web Push."""
    address = {"endpoint": endpoint, "p256dh": "key", "auth": "secret"}
    return NewSubscription(device_id=device_id, channel=Channel.WEB_PUSH, address=address, **values)


def notice(account_id: int, device_id: int, key: str = "mail:1", **values: Any) -> NewNotice:
    """Describe a notice that is due at once."""
    fields: dict[str, Any] = {
        "kind": NoticeKind.MAIL, "token": f"{key}/{device_id}", "due_at": NOW, "expires_at": NOW + dt.timedelta(days=1),
        "text": NoticeText("Bea Elm", "Lunch"), "item_id": 1, "reason": "it is new in Inbox", "news_at": NOW,
    }  # fmt: skip
    return NewNotice(account_id=account_id, device_id=device_id, key=key, **fields | values)


def told(account_id: int, device_id: int, *keys: str, after: int, position: int | None = None) -> NoticeCommit:
    """Describe the decision to tell a device, by default of one mail, with its trace."""
    notices = tuple(notice(account_id, device_id, key) for key in keys or ("mail:1",))
    steps = [
        TraceStep(
            account_id=account_id, step=Step.DECIDED, at=NOW, item_id=1, device_id=device_id, notice=one.token,
            told=True, detail=one.reason,
        )
        for one in notices
    ]  # fmt: skip
    return NoticeCommit(
        account_id=account_id,
        after=after,
        position=after + 1 if position is None else position,
        expires_at=NOW + dt.timedelta(hours=12),
        notices=notices,
        steps=tuple(steps),
    )


def mail(number: int, text: str | None = None, *, announce: bool = False, **values: Any) -> NewItem:
    """Describe a numbered mail, one minute after the one before; without `text` it has no body."""
    fields: dict[str, Any] = {
        "subject": f"Mail {number}",
        "from_": '"Bea Elm" <bea@elm.example>',
        "to": '"Ada Larch" <ada@larch.example>',
        "date_received": NOW + dt.timedelta(minutes=number),
        "read": False,
    }
    if text is not None:
        fields["body"] = Body(type=BodyType.PLAIN, data=text, estimated_data_size=len(text), truncated=False)
    return NewItem(
        server_id=f"m{number}",
        content_class=ContentClass.EMAIL,
        identity=f"<{number}@elm.example>",
        announce=announce,
        data=Email(**{**fields, **values}),
    )


def html(text: str) -> Body:
    """Make an HTML body."""
    return Body(type=BodyType.HTML, data=text, estimated_data_size=len(text), truncated=False)


def contact(number: int, first: str, last: str, **values: Any) -> NewItem:
    """Describe a contact."""
    data = Contact(first_name=first, last_name=last, file_as=f"{last}, {first}", **values)
    return NewItem(server_id=f"c{number}", content_class=ContentClass.CONTACTS, data=data)


def event(number: int, subject: str, **values: Any) -> NewItem:
    """Describe an event that starts `number` hours from now."""
    data = Event(subject=subject, uid=f"uid-{number}", start_time=NOW + dt.timedelta(hours=number), **values)
    return NewItem(server_id=f"e{number}", content_class=ContentClass.CALENDAR, data=data)


def note(number: int, subject: str) -> NewItem:
    """Describe a note."""
    return NewItem(server_id=f"n{number}", content_class=ContentClass.NOTES, data=NoteItem(subject=subject))


class Mailbox:
    """
    An account in a store, and shorthand for what its server would send.
    """

    def __init__(self, store: Store, account: Account) -> None:
        self.store = store
        self.account = account

    @classmethod
    async def begin(cls, store: Store, address: str = "ada@larch.example") -> Mailbox:
        """Add an account and its folders."""
        box = cls(store, await store.add_account(account(address)))
        await store.commit_hierarchy(
            HierarchyCommit(account_id=box.account.id, from_key="0", to_key="h1", upserts=FOLDERS, whole=True)
        )
        return box

    @property
    def id(self) -> int:
        """The account's id."""
        return self.account.id

    async def folder(self, name: str = "Inbox") -> Collection:
        """Give a folder by its name."""
        [found] = [one for one in await self.store.collections(self.id) if one.display_name == name]
        return found

    async def sync(self, name: str = "Inbox", **values: Any) -> tuple[Change, ...]:
        """Commit what a Sync brought, with the next key."""
        return await self.store.commit_sync(await self.commit(name, **values))

    async def commit(self, name: str = "Inbox", **values: Any) -> SyncCommit:
        """Describe the next commit of a folder."""
        folder = await self.folder(name)
        fields: dict[str, Any] = {
            "collection_id": folder.id,
            "from_key": folder.sync_key,
            "to_key": f"s{int(folder.sync_key.lstrip('rs')) + 1}",
            "progress": Progress.COMPLETE,
        }
        return SyncCommit(**{**fields, **values})

    async def held(self, name: str = "Inbox") -> dict[str | None, Item]:
        """Give what a folder holds, by server id."""
        folder = await self.folder(name)
        return {one.server_id: one for one in await self.store.items(self.id, collection_id=folder.id)}

    async def item(self, server_id: str, name: str = "Inbox") -> Item:
        """Give one held item."""
        return (await self.held(name))[server_id]

    async def update(self, server_id: str, name: str = "Inbox", **values: Any) -> ItemUpdate:
        """Describe a change of properties of a held item."""
        held = await self.item(server_id, name)
        data = msgspec.structs.replace(held.data, **values)
        return ItemUpdate(item_id=held.id, revision=held.revision, data=data, fields=tuple(values))

    async def removal(self, server_id: str, name: str = "Inbox", *, left_window: bool = False) -> Removal:
        """Describe the end of a held item."""
        return Removal(item_id=(await self.item(server_id, name)).id, left_window=left_window)

    async def restart_sync(self, name: str = "Inbox") -> tuple[Change, ...]:
        """Begin a resynchronisation, as when the server has lost the key."""
        return await self.sync(name, to_key="0", progress=Progress.MATCHING, unconfirm=True, detail="the key is lost")


def attachment(name: str, reference: str, **values: Any) -> Attachment:
    """Describe an attachment."""
    return Attachment(display_name=name, file_reference=reference, estimated_data_size=1000, **values)
