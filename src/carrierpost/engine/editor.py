"""
What a person may do to a mailbox: the one place that the command line, the library and the web app call.

Every call is written to the store and returns; the server hears of it as soon as it can be reached, in order. What the
protocol cannot say is refused here, before anything is written, with a sentence that says why.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import msgspec

from carrierpost.engine.doubt import KEPT
from carrierpost.engine.errors import EditRefused
from carrierpost.engine.meetings import (
    Answer,
    answered_event,
    as_meeting,
    changed_occurrence,
    find_occurrence,
    is_own_meeting,
    prepare_answer,
    uid_of,
    with_occurrence,
)
from carrierpost.formats.message_out import write_message
from carrierpost.model import (
    AddItem,
    ChangeItem,
    Collection,
    DeleteItem,
    Doubt,
    DropEntry,
    Edit,
    Edited,
    IntentKind,
    Item,
    MoveItem,
    NewOutboxEntry,
    OutboxEntry,
    RespondMeeting,
    RetryEntry,
    SendIntent,
    SendMode,
)
from carrierpost.model.intent import payload_of
from carrierpost.protocol.classes import (
    ApplicationData,
    ContentClass,
    Email,
    Event,
    EventException,
    Flag,
    FlagStatus,
    NoteItem,
    Task,
    class_of,
    differences,
    identity,
)
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.meeting_response import UserResponse
from carrierpost.protocol.timezone import blob_of
from carrierpost.protocol.version import Version
from carrierpost.store.contract import Store
from carrierpost.store.errors import StaleCommit

__all__ = ["FLAGGED", "Editor"]

FLAGGED = Flag(status=FlagStatus.ACTIVE, flag_type="Flag for follow up")
"""The flag that a person sets without saying more."""

_OF_MAIL = {"flag", "read", "categories"}
_OF_DRAFTS = _OF_MAIL | {"to", "cc", "bcc", "subject", "reply_to", "importance", "body", "new_attachments",
                         "deleted_attachments"}  # fmt: skip
_OF_OCCURRENCES = {"subject", "location", "start_time", "end_time", "body", "reminder", "busy_status", "categories",
                   "sensitivity"}  # fmt: skip
_OF_MEETINGS = ("attendees", "meeting_status", "organizer_email", "response_requested")
_PATIENCE = 5  # how often an edit is decided anew, when the server changed the item in between


def _nothing() -> None:
    """
    Wake nobody.
    """


class Editor:
    """
    One account in a person's hands.

    Args:
        store: where the account is kept.
        account_id: the account.
        clock: the time.
        chance: makes client ids.
        wake: called after each edit, so that a runner tells the server at once; `AccountRunner.wake`.
    """

    def __init__(
        self,
        store: Store,
        account_id: int,
        *,
        clock: Clock,
        chance: random.Random,
        wake: Callable[[], object] = _nothing,
    ) -> None:
        self._store = store
        self._account_id = account_id
        self._clock = clock
        self._chance = chance
        self._wake = wake

    # -- mail

    async def mark_read(self, item_id: int, read: bool = True) -> Edited:
        """
        Mark a mail as read or unread.

        Raises:
            EditRefused: it is no mail.
            NotHeld: there is no such item.
        """
        return await self.change(item_id, read=read)

    async def flag(self, item_id: int, flag: Flag | None = FLAGGED) -> Edited:
        """
        Flag a mail for follow-up, or take the flag away with `None`.

        Raises:
            EditRefused: it is no mail.
            NotHeld: there is no such item.
        """
        return await self.change(item_id, flag=flag or Flag(status=FlagStatus.CLEARED))

    async def categorise(self, item_id: int, categories: tuple[str, ...]) -> Edited:
        """
        Give an item categories in place of those that it has.

        Raises:
            EditRefused: the version spoken knows no categories of mail.
            NotHeld: there is no such item.
        """
        return await self.change(item_id, categories=categories)

    async def send(
        self,
        mime: bytes,
        *,
        save_in_sent: bool = True,
        mode: SendMode = SendMode.NEW,
        source_item: int | None = None,
        replace_mime: bool = False,
    ) -> OutboxEntry:
        """
        Send a message that is complete; it goes out as soon as the server can be reached.

        Args:
            mime: the whole message, with its recipients.
            save_in_sent: whether the server keeps a copy in Sent Items.
            mode: what it is to another message.
            source_item: that message, for a reply or a forward.
            replace_mime: the server adds nothing of the other message.

        Raises:
            EditRefused: a reply or forward without a message that it belongs to.
            NotHeld: there is no such account or message.
        """
        source = None if source_item is None else await self._store.item(source_item)
        if (mode is SendMode.NEW) != (source is None):
            raise EditRefused("a reply or a forward, and nothing else, names the message that it belongs to")
        intent = SendIntent(
            mime=mime, save_in_sent=save_in_sent, mode=mode, source_item=source_item, replace_mime=replace_mime
        )
        entry = await self._store.queue(
            NewOutboxEntry(
                account_id=self._account_id,
                kind=IntentKind.SEND,
                client_id=self._client_id(),
                item_id=None,
                payload=payload_of(intent),
            )
        )
        self._wake()
        return entry

    # -- items of any class

    async def add(self, collection_id: int, data: ApplicationData, *, send: bool = False) -> Edited:
        """
        Make a new item in a folder.

        Args:
            collection_id: the folder.
            data: its properties.
            send: send the draft at once (drafts, 16.0 and later).

        Raises:
            EditRefused: the folder does not take such items.
            NotHeld: there is no such folder.
        """
        collection = await self._store.collection(collection_id)
        if collection.content_class is not class_of(data):
            raise EditRefused(f"{collection.display_name} does not hold items of this class")
        if isinstance(data, Email) and collection.type is not FolderType.DRAFTS:
            raise EditRefused("mail cannot be put into a folder over ActiveSync, only drafts can be kept")
        data = await self._complete(data)
        return await self._edit(
            AddItem(
                collection_id=collection_id, data=data, client_id=self._client_id(), identity=identity(data),
                send=send, invite=await self._invites(data),
            )
        )  # fmt: skip

    async def change(self, item_id: int, *, send: bool = False, **values: Any) -> Edited:
        """
        Change properties of an item, by name; `None` removes one.

        Args:
            item_id: the item.
            send: send the draft (drafts, 16.0 and later).
            values: the properties.

        Returns:
            The item as it is now; without an entry when nothing differs.

        Raises:
            EditRefused: the protocol cannot say this change.
            NotHeld: there is no such item.
            StaleCommit: the item is being changed all the time.
        """
        for attempt in range(1, _PATIENCE + 1):
            item = await self._store.item(item_id)
            await self._check(item, set(values), send=send)
            try:
                data = msgspec.structs.replace(item.data, **values)
            except TypeError:
                raise EditRefused(f"an item of class {item.content_class} has no {', '.join(sorted(values))}") from None
            if isinstance(data, Event) and "attendees" in values:
                assert isinstance(item.data, Event)
                data = as_meeting(data, (await self._store.account(self._account_id)).address, item.data)
                values |= {name: getattr(data, name) for name in _OF_MEETINGS}
            fields = tuple(name for name in differences(item.data, data) if name in values)
            if "body" in values and "body" not in fields:
                fields = (*fields, "body")
            if not fields and not send:
                return Edited(item=item, entry=None, changes=())
            edit = ChangeItem(
                item_id=item.id, revision=item.revision, data=data, fields=fields, client_id=self._client_id(),
                identity=identity(data), send=send, invite=await self._invites(item.data, data),
            )  # fmt: skip
            try:
                return await self._edit(edit)
            except StaleCommit:
                if attempt == _PATIENCE:
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def delete(self, item_id: int, *, permanent: bool = False) -> Edited:
        """
        Delete an item; a mail goes to Deleted Items unless it is deleted for ever or is there already, and a meeting of
        one's own is called off.

        Raises:
            NotHeld: there is no such item.
        """
        item = await self._own(item_id)
        invite = await self._invites(item.data)
        return await self._edit(
            DeleteItem(item_id=item_id, client_id=self._client_id(), permanent=permanent, invite=invite)
        )

    async def move(self, item_id: int, target_id: int) -> Edited:
        """
        Put an item into another folder of its class.

        Raises:
            EditRefused: the folder does not take it.
            NotHeld: there is no such item or folder.
        """
        item, target = await self._own(item_id), await self._store.collection(target_id)
        if target.account_id != self._account_id or target.content_class is not item.content_class:
            raise EditRefused(f"{target.display_name} does not hold items of class {item.content_class}")
        if target.type in (FolderType.OUTBOX, FolderType.DRAFTS, FolderType.RECIPIENT_CACHE):
            raise EditRefused(f"nothing can be moved into {target.display_name}")
        return await self._edit(MoveItem(item_id=item_id, target_id=target_id, client_id=self._client_id()))

    # -- meetings and series

    async def respond(
        self,
        item_id: int,
        response: UserResponse,
        *,
        reply: bool | None = None,
        text: str = "",
        occurrence: dt.datetime | None = None,
        proposed: tuple[dt.datetime, dt.datetime] | None = None,
        name: str = "",
    ) -> Edited:
        """
        Answer a meeting, from the request in the Inbox or from the event in the calendar ([MS-ASCMD] MeetingResponse).

        The calendar shows the answer at once. The organizer, and nobody else, hears of it by mail, if answers were
        asked for: from 16.0 on the server writes it, before that the hub does. A request that was answered goes to
        Deleted Items. An answer that was not yet told is replaced by the next one.

        Args:
            item_id: the request or the event.
            response: accepted, tentative or declined.
            reply: whether the organizer is told; unless given, if they asked for it.
            text: what is said to the organizer.
            occurrence: the start by the pattern of the one occurrence that is meant (14.1 and later).
            proposed: another start and end that the person would like; not together with an acceptance.
            name: the person's name, as the organizer sees it.

        Returns:
            The item that was answered, and what the server has still to be told.

        Raises:
            EditRefused: it is nothing that can be answered, or not so; says why.
            NotHeld: there is no such item.
            StaleCommit: the meeting is being changed all the time.
        """
        said = Answer(response=response, reply=reply, text=text, occurrence=occurrence, proposed=proposed)
        now = self._clock.now().replace(microsecond=0)
        account = await self._store.account(self._account_id)
        for attempt in range(1, _PATIENCE + 1):
            asked = await self._own(item_id)
            event = await self.event_behind(asked)
            intent, draft = prepare_answer(asked, event, said, account, now=now, name=name)
            if draft is not None:
                mime = write_message(draft, date=now, chance=self._chance.randbytes(16))
                intent = msgspec.structs.replace(intent, mime=mime)
            edit = RespondMeeting(item_id=asked.id, intent=intent, client_id=self._client_id())
            if event is not None and isinstance(event.data, Event):
                data, fields = answered_event(event.data, said, now)
                edit = msgspec.structs.replace(edit, revision=event.revision, data=data, fields=fields)
            try:
                return await self._edit(edit)
            except StaleCommit:
                if attempt == _PATIENCE:
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def event_behind(self, asked: Item) -> Item | None:
        """
        Find the event in the calendar that a request is about.
        """
        if isinstance(asked.data, Event):
            return asked
        request = asked.data.meeting_request if isinstance(asked.data, Email) else None
        uid = uid_of(request) if request is not None else None
        for one in await self._store.collections(self._account_id) if uid else ():
            if one.content_class is ContentClass.CALENDAR:
                named = f"uid:{uid}"
                found = await self._store.items_by_identity(one.id, [named])
                if named in found:
                    return found[named]
        return None

    async def change_occurrence(self, item_id: int, occurrence: dt.datetime, **values: Any) -> Edited:
        """
        Change properties of one occurrence of a series, by name; a new start alone keeps its length.

        Args:
            item_id: the series.
            occurrence: the start that the occurrence has by the pattern.
            values: `subject`, `location`, `start_time`, `end_time`, `body`, `reminder`, `busy_status`, `categories` or
                `sensitivity`; `None` removes one.

        Raises:
            EditRefused: there is no such occurrence, or this cannot be said of one.
            NotHeld: there is no such item.
        """
        series = await self._series(item_id, occurrence)
        if wrong := set(values) - _OF_OCCURRENCES:
            raise EditRefused(f"of a single occurrence nobody can change {', '.join(sorted(wrong))}")
        made = changed_occurrence(series, occurrence, values)
        return await self.change(item_id, exceptions=made.exceptions)

    async def delete_occurrence(self, item_id: int, occurrence: dt.datetime) -> Edited:
        """
        Let one occurrence of a series not take place.

        Raises:
            EditRefused: there is no such occurrence.
            NotHeld: there is no such item.
        """
        series = await self._series(item_id, occurrence)
        made = with_occurrence(series, EventException(exception_start_time=occurrence, deleted=True))
        return await self.change(item_id, exceptions=made.exceptions)

    async def _series(self, item_id: int, occurrence: dt.datetime) -> Event:
        item = await self._own(item_id)
        if not isinstance(item.data, Event):
            raise EditRefused(f"item {item_id} is no event")
        find_occurrence(item.data, occurrence, item.data.subject or "this event")
        return item.data

    async def _invites(self, *versions: ApplicationData) -> bool:
        """
        Tell whether attendees are to hear of what happens to an item from here: of meetings of one's own, up to 14.1.
        """
        account = await self._store.account(self._account_id)
        if (account.version or Version.V14_1) >= Version.V16_0:
            return False
        return any(isinstance(one, Event) and is_own_meeting(one, account.address) for one in versions)

    # -- what was refused

    async def retry(self, entry_id: int) -> Edited:
        """
        Have something told again that was refused, or whose fate nobody knows.

        Raises:
            NotHeld: there is no such entry, or what it is about is gone.
        """
        return await self._edit(RetryEntry(entry_id=entry_id, client_id=self._client_id()))

    async def drop(self, entry_id: int) -> Edited:
        """
        Give something up that the server has not taken, and take its effect back.

        Raises:
            NotHeld: there is no such entry.
            BeingTold: the server is just being told.
        """
        return await self._edit(DropEntry(entry_id=entry_id, client_id=self._client_id()))

    # -- what is to be believed

    async def accept(self, collection_id: int) -> Collection:
        """
        Say that everything in a folder is really gone, as the server says; it goes here, too.

        Raises:
            EditRefused: the server says nothing of the kind.
            NotHeld: there is no such folder.
        """
        return await self._answer(collection_id, Doubt.ACCEPTED)

    async def refuse(self, collection_id: int) -> Collection:
        """
        Keep what is held of a folder though the server says that everything in it is gone.

        Nothing new comes into the folder as long as the server says so; `accept` is possible later.

        Raises:
            EditRefused: the server says nothing of the kind.
            NotHeld: there is no such folder.
        """
        return await self._answer(collection_id, Doubt.REFUSED)

    async def _answer(self, collection_id: int, answer: Doubt) -> Collection:
        collection = await self._store.collection(collection_id)
        if collection.account_id != self._account_id or collection.doubt is Doubt.NONE:
            raise EditRefused(f"the server does not say that everything in {collection.display_name} is gone")
        told = {"note": KEPT} if answer is Doubt.REFUSED else {}
        answered = await self._store.update_collection(collection_id, doubt=answer, **told)
        self._wake()
        return answered

    # -- inside

    async def _edit(self, edit: Edit) -> Edited:
        edited = await self._store.edit(edit)
        self._wake()
        return edited

    def _client_id(self) -> str:
        return f"{self._chance.getrandbits(128):032x}"

    async def _own(self, item_id: int) -> Item:
        item = await self._store.item(item_id)
        if item.account_id != self._account_id:
            raise EditRefused(f"item {item_id} belongs to another account")
        return item

    async def _version(self) -> Version:
        return (await self._store.account(self._account_id)).version or Version.V14_1

    async def _check(self, item: Item, names: set[str], *, send: bool) -> None:
        """
        Refuse what the protocol cannot say.
        """
        if item.account_id != self._account_id:
            raise EditRefused(f"item {item.id} belongs to another account")
        if isinstance(item.data, Email):
            collection = await self._store.collection(item.collection_id)
            await self._check_mail(collection, names, send=send)
        elif send:
            raise EditRefused("only a draft can be sent")
        if "body" in names:
            body = await self._store.body(item.id)
            if body is not None and body.truncated:
                raise EditRefused("only the beginning of this text is held here; fetch the whole before changing it")

    async def _check_mail(self, collection: Collection, names: set[str], *, send: bool) -> None:
        draft = collection.type is FolderType.DRAFTS
        if send and not draft:
            raise EditRefused("only a draft can be sent")
        if wrong := names - (_OF_DRAFTS if draft else _OF_MAIL):
            raise EditRefused(f"of a mail that was sent nobody can change {', '.join(sorted(wrong))}")
        if "categories" in names and await self._version() < Version.V14_0:
            raise EditRefused("the server speaks 12.1, which knows no categories of mail")

    async def _complete(self, data: ApplicationData) -> ApplicationData:
        """
        Fill in what every item of a class has to have.
        """
        now = self._clock.now().replace(microsecond=0)
        match data:
            case Event():
                return await self._complete_event(data, now)
            case NoteItem():
                filled: dict[str, Any] = {"message_class": data.message_class or "IPM.StickyNote"}
                return msgspec.structs.replace(data, last_modified_date=data.last_modified_date or now, **filled)
            case Task():
                return msgspec.structs.replace(data, complete=bool(data.complete))
            case Email():
                account = await self._store.account(self._account_id)
                return msgspec.structs.replace(
                    data,
                    is_draft=True,
                    read=True if data.read is None else data.read,
                    from_=data.from_ or account.address,
                    date_received=data.date_received or now,
                )
            case _:
                return data

    async def _complete_event(self, event: Event, now: dt.datetime) -> Event:
        if event.start_time is None or event.end_time is None or event.end_time < event.start_time:
            raise EditRefused("an event needs a start, and an end that is not before it")
        account = await self._store.account(self._account_id)
        zone = event.timezone or blob_of(account.time_zone, event.start_time.year)
        uid = event.uid or f"{self._client_id()}@{account.address.rpartition('@')[2]}"
        event = msgspec.structs.replace(event, uid=uid, dt_stamp=event.dt_stamp or now, timezone=zone)
        return as_meeting(event, account.address)
