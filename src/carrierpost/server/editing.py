"""
What a client does to a folder with a Sync: its commands, one after another ([MS-ASCMD] Commands, Responses).

A command that cannot be carried out is answered with a status of its own and does not hold up the others. Two for the
same item in one request are too many: the first is carried out, and the whole request is to be sent again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import msgspec

from carrierpost.protocol.classes import (
    ApplicationData,
    Attachment,
    Body,
    BodyType,
    ContentClass,
    Email,
    Event,
    NoteItem,
    Task,
    record_of,
)
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import (
    Add,
    Change,
    Conflict,
    Delete,
    Fetch,
    ItemCommand,
    ItemResponse,
    ResponseKind,
    SyncCollection,
)
from carrierpost.protocol.version import Version
from carrierpost.server import drafts
from carrierpost.server.attaching import attach
from carrierpost.server.bodies import encoded_for
from carrierpost.server.checks import objection, objection_to_occurrence, with_times
from carrierpost.server.device import CollectionState
from carrierpost.server.ghosts import changed
from carrierpost.server.instances import (
    exception_at,
    is_occurrence,
    with_exception,
    without_exceptions_if_moved,
)
from carrierpost.server.mailbox import MailboxFolder, MailboxItem
from carrierpost.server.oddities import Oddity
from carrierpost.server.refusal import Refusal

if TYPE_CHECKING:
    from carrierpost.server.commands.context import Context

__all__ = ["carry_out"]


def carry_out(
    context: Context, folder: MailboxFolder, state: CollectionState, request: SyncCollection
) -> tuple[ItemResponse, ...]:
    """
    Carry out a client's commands.

    Returns:
        What there is to answer: each Add and Fetch, and whatever did not go well.

    Raises:
        Refusal: an item is named twice (16).
    """
    edits = _Edits(context, folder, state, deletes_as_moves=request.deletes_as_moves is not False)
    named: set[str] = set()
    responses = []
    for command in request.commands:
        if isinstance(command, Change | Delete):
            if command.server_id in named:
                raise Refusal(16)
            named.add(command.server_id)
        response = edits.carry_out(command)
        if response is not None:
            responses.append(response)
    return tuple(responses)


class _Edits:
    def __init__(
        self, context: Context, folder: MailboxFolder, state: CollectionState, *, deletes_as_moves: bool
    ) -> None:
        self.context = context
        self.mailbox = context.mailbox
        self.folder = folder
        self.state = state
        self.version = context.version
        self.now = context.server.clock.now().replace(microsecond=0)
        self.deletes_as_moves = deletes_as_moves

    def carry_out(self, command: ItemCommand) -> ItemResponse | None:
        refuses = self.context.server.refuses_item
        status = refuses(command) if refuses is not None else None
        match command:
            case Add():
                return self._add(command, status)
            case Change():
                return self._change(command, status)
            case Delete():
                return self._delete(command, status)
            case Fetch():
                return self._fetch(command, status)
            case _:
                return None

    # -- new items

    def _add(self, command: Add, status: int | None) -> ItemResponse:
        known = self.state.added.get(command.client_id) if command.client_id else None
        if known is not None:  # asked again after a lost answer
            return self._added(command, known)
        status = status or self._refusal_of_add(command)
        if status:
            return ItemResponse(kind=ResponseKind.ADD, client_id=command.client_id, status=status)
        assert command.data is not None
        if isinstance(command.data, Email):
            return self._add_draft(command, command.data)
        if isinstance(command.data, Event) and (same := self._same_event(command.data)) is not None:
            if command.data.client_uid is None:  # not a repetition: the event comes with news
                self._store(same, changed(same.data, command.data, self.version, (), keeps_omitted=True))
            return self._added(command, same.server_id)
        data = self._completed(command.data)
        item = self.mailbox.add(self.folder, _without_orders(data))
        told = self._attach(item, command.data)
        self.state.known[item.server_id] = item.revision
        if isinstance(item.data, Event):
            self.context.server.meetings.saved(self.mailbox, None, item.data, mails=self.version >= Version.V16_0)
        return self._added(command, item.server_id, told)

    def _added(self, command: Add, server_id: str, attachments: tuple[Attachment, ...] = ()) -> ItemResponse:
        self.state.remember_added(command.client_id, server_id)
        return ItemResponse(
            kind=ResponseKind.ADD,
            client_id=command.client_id,
            server_id=server_id,
            data=self._made_of(server_id, attachments),
        )

    def _made_of(self, server_id: str, attachments: tuple[Attachment, ...]) -> ApplicationData | None:
        """
        Tell from 16.0 on what the server made of an item that the client cannot know.
        """
        item = self.folder.items.get(server_id)
        if self.version < Version.V16_0 or item is None:
            return None
        match item.data:
            case Event():
                return Event(uid=item.data.uid, attachments=attachments or None)
            case Email():
                return Email(conversation_id=item.data.conversation_id, attachments=attachments or None)
            case _:
                return None

    def _refusal_of_add(self, command: Add) -> int:
        if not command.client_id:
            return 4
        mail = self.folder.content_class is ContentClass.EMAIL
        if mail and (self.version < Version.V16_0 or self.folder.type is not FolderType.DRAFTS):
            return 6
        return self._refusal_of_data(command.data, unreadable=bool(command.problems), adding=True)

    def _refusal_of_data(self, data: ApplicationData | None, *, unreadable: bool, adding: bool) -> int:
        assert self.folder.content_class is not None
        if data is None or unreadable or type(data) is not record_of(self.folder.content_class):
            return 6
        if objection(data, self.version):
            return 6
        if adding and isinstance(data, Event) and with_times(data, self.now) is None:
            return 6
        return 0 if self.mailbox.has_room_for(data) else 9

    def _same_event(self, data: Event) -> MailboxItem | None:
        """
        Find the event that an Add means to make again: two with one UID are the same.
        """
        for item in self.folder.items.values():
            held = item.data
            if isinstance(held, Event) and (
                (data.uid and held.uid == data.uid) or (data.client_uid and held.client_uid == data.client_uid)
            ):
                return item
        return None

    def _completed(self, data: ApplicationData) -> ApplicationData:
        """
        Add what the server knows of a new item.
        """
        data = _with_plain_body(data)
        match data:
            case Event():
                timed = with_times(data, self.now)
                assert timed is not None
                return self._owned(timed)
            case Task():
                return msgspec.structs.replace(data, complete=bool(data.complete))
            case NoteItem():
                return msgspec.structs.replace(
                    data,
                    last_modified_date=data.last_modified_date or self.now,
                    message_class=data.message_class or "IPM.StickyNote",
                )
            case _:
                return data

    def _owned(self, event: Event) -> Event:
        """
        Say whose event it is, and how the whole world knows it.
        """
        uid = event.uid or hashlib.sha256(f"{self.mailbox.address} {self.mailbox.number}".encode()).hexdigest()[:40]
        values = {"uid": uid.upper() if event.uid is None else uid, "dt_stamp": event.dt_stamp or self.now}
        event = msgspec.structs.replace(event, **values)
        return self.context.server.meetings.owned(self.mailbox, event)

    def _add_draft(self, command: Add, data: Email) -> ItemResponse:
        item = drafts.add(self.mailbox, self.folder, _without_orders(data), self.now)
        told = self._attach(item, data)
        if command.send:
            status = self._send(item)
            if status != 1:
                return ItemResponse(kind=ResponseKind.ADD, client_id=command.client_id, status=status)
            self.state.remember_added(command.client_id, item.server_id)
            return ItemResponse(kind=ResponseKind.ADD, client_id=command.client_id, server_id=item.server_id)
        self.state.known[item.server_id] = item.revision
        return self._added(command, item.server_id, told)

    def _send(self, item: MailboxItem) -> int:
        """
        Send a draft, which then is one no more; one that cannot be sent stays.
        """
        status = self.context.server.post.submit(self.mailbox, drafts.mime_to_send(item), save=True)
        if status == 1:
            self.mailbox.delete(self.folder, item)
        return 183 if status in (116, 119) else status

    # -- changes

    def _change(self, command: Change, status: int | None) -> ItemResponse | None:
        item = self.folder.items.get(command.server_id)
        if not status:
            status = 8 if item is None else self._refusal_of_change(command, item)
        if status or item is None:
            return self._answer(ResponseKind.CHANGE, command, status or 8)
        behind = self._is_behind(item)
        told: tuple[Attachment, ...] = ()
        data = command.data
        if data is not None:
            if command.instance_id is not None:
                assert isinstance(item.data, Event)
                assert isinstance(data, Event)
                self._store(item, with_exception(item.data, command.instance_id, data))
            else:
                told = self._store_change(item, data)
        if not behind:  # else the device still has to hear what it did not know
            self.state.known[item.server_id] = item.revision
        if command.send:
            status = self._send(item)
            if status != 1:
                return self._answer(ResponseKind.CHANGE, command, status)
            self.state.known.pop(item.server_id, None)
            return None
        if told:
            return ItemResponse(
                kind=ResponseKind.CHANGE, server_id=item.server_id, data=self._made_of(item.server_id, told)
            )
        return None

    def _refusal_of_change(self, command: Change, item: MailboxItem) -> int:
        data = command.data
        if data is None and not command.send:
            return 4
        if command.send and not (isinstance(item.data, Email) and item.data.is_draft):
            return 6
        if command.instance_id is not None:
            if (status := self._refusal_of_occurrence(item.data, command.instance_id)) != 0:
                return status
            assert isinstance(item.data, Event)
            if command.problems or not isinstance(data, Event) or objection_to_occurrence(data, item.data):
                return 6
        elif data is not None:
            status = self._refusal_of_data(data, unreadable=bool(command.problems), adding=False)
            if status or self._loses_its_start(item.data, data):
                return status or 6
        if self._is_behind(item) and self.state.options.conflict is not Conflict.CLIENT_WINS:
            return 7
        return 0

    def _loses_its_start(self, held: ApplicationData, data: ApplicationData) -> bool:
        """
        Tell whether an event would end without beginning, which it may not.
        """
        if not isinstance(data, Event) or data.end_time is None or data.start_time is not None:
            return False
        return self.version < Version.V16_0 or not isinstance(held, Event) or held.start_time is None

    def _refusal_of_occurrence(self, data: ApplicationData, instance: dt.datetime) -> int:
        """
        Refuse an occurrence that there is not, or by a version that knows none by name.
        """
        if self.version < Version.V16_0 or not isinstance(data, Event) or data.recurrence is None:
            return 6
        exception = exception_at(data, instance)
        if exception is not None:
            return 8 if exception.deleted else 0
        return 0 if is_occurrence(data, instance) else 8

    def _is_behind(self, item: MailboxItem) -> bool:
        """
        Tell whether somebody else changed an item since the device last heard of it.
        """
        seen = self.state.known.get(item.server_id)
        return seen is not None and seen != item.revision

    def _store_change(self, item: MailboxItem, data: ApplicationData) -> tuple[Attachment, ...]:
        held, server = item.data, self.context.server
        made = changed(
            held,
            _with_plain_body(data),
            self.version,
            self.state.supported,
            keeps_omitted=Oddity.KEEPS_OMITTED in server.oddities,
        )
        if isinstance(made, Event):
            assert isinstance(held, Event)
            if self.version >= Version.V16_0:
                made = without_exceptions_if_moved(held, made)
            if not made.start_time or not made.end_time:
                made = msgspec.structs.replace(made, start_time=held.start_time, end_time=held.end_time)
        told = self._attach(item, data)
        if told or getattr(data, "deleted_attachments", None):
            made = msgspec.structs.replace(made, attachments=getattr(item.data, "attachments", None))
        if isinstance(made, Email) and made.is_draft:
            made = drafts.with_mime_body(item, made)
        self._store(item, made)
        return told

    def _store(self, item: MailboxItem, data: ApplicationData) -> None:
        """
        Keep what a change made of an item, and tell those whom an event concerns.
        """
        before = item.data
        if isinstance(data, Event):
            assert isinstance(before, Event)
            stamped = msgspec.structs.replace(data, dt_stamp=self.now)
            data = self.context.server.meetings.owned(self.mailbox, stamped, before)
        elif isinstance(data, NoteItem):
            data = msgspec.structs.replace(data, last_modified_date=self.now)
        self.mailbox.replace(self.folder, item, data)
        if isinstance(data, Event) and isinstance(before, Event):
            self.context.server.meetings.saved(self.mailbox, before, data, mails=self.version >= Version.V16_0)

    def _attach(self, item: MailboxItem, data: ApplicationData) -> tuple[Attachment, ...]:
        """
        Carry out what a client says about attachments.
        """
        if not isinstance(data, Email | Event) or self.version < Version.V16_0:
            return ()
        if not data.new_attachments and not data.deleted_attachments:
            return ()
        return attach(item, data.new_attachments, data.deleted_attachments)

    # -- the rest

    def _delete(self, command: Delete, status: int | None) -> ItemResponse | None:
        item = self.folder.items.get(command.server_id)
        if status or item is None:
            return self._answer(ResponseKind.DELETE, command, status or 8)
        if command.instance_id is not None:  # one occurrence, which must not take the series with it
            if (status := self._refusal_of_occurrence(item.data, command.instance_id)) != 0:
                return self._answer(ResponseKind.DELETE, command, status)
            assert isinstance(item.data, Event)
            behind = self._is_behind(item)
            self._store(item, with_exception(item.data, command.instance_id, None))
            if not behind:
                self.state.known[item.server_id] = item.revision
            return None
        self._remove(item)
        self.state.known.pop(command.server_id, None)
        return None

    def _remove(self, item: MailboxItem) -> None:
        trash = self.mailbox.folder(FolderType.DELETED_ITEMS)
        mail = self.folder.content_class is ContentClass.EMAIL
        if self.deletes_as_moves and mail and self.folder is not trash:
            self.mailbox.move(self.folder, item, trash)
        else:
            self.mailbox.delete(self.folder, item)
        if isinstance(item.data, Event) and self.version >= Version.V16_0:
            self.context.server.meetings.removed(self.mailbox, item.data)

    def _fetch(self, command: Fetch, status: int | None) -> ItemResponse:
        item = self.folder.items.get(command.server_id)
        if status or item is None:
            return ItemResponse(kind=ResponseKind.FETCH, status=status or 8, server_id=command.server_id)
        encoded = encoded_for(item, self.state.options, self.version, whole=True)
        return ItemResponse(kind=ResponseKind.FETCH, server_id=command.server_id, encoded=encoded)

    def _answer(self, kind: ResponseKind, command: Change | Delete, status: int) -> ItemResponse:
        instance = command.instance_id if self.version >= Version.V16_0 else None
        return ItemResponse(kind=kind, server_id=command.server_id, instance_id=instance, status=status)


def _without_orders(data: ApplicationData) -> ApplicationData:
    """
    Leave out what a client says to be done, which is no part of what is kept.
    """
    if isinstance(data, Email | Event):
        return msgspec.structs.replace(data, new_attachments=None, deleted_attachments=None, cleared=frozenset())
    return msgspec.structs.replace(data, cleared=frozenset())


def _with_plain_body(data: ApplicationData) -> ApplicationData:
    """
    Keep of a body what is kept: its text, and in which format it is; a text without a format is a plain one.
    """
    body = data.body
    if body is None or body.type is BodyType.MIME:
        return data
    kind = body.type or BodyType.PLAIN
    kept = Body(type=kind, data=body.data or "", truncated=body.truncated or None)
    return msgspec.structs.replace(data, body=kept, native_body_type=kind)
