"""
Sync as a server does it: one folder of one device, one request at a time ([MS-ASCMD] Sync).
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

from carrierpost.protocol.classes import (
    ApplicationData,
    ContentClass,
    Email,
    Event,
    Task,
    encode_item,
    merge,
)
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import (
    Add,
    Change,
    CollectionResponse,
    Conflict,
    Delete,
    Fetch,
    FilterType,
    ItemCommand,
    ItemResponse,
    ResponseKind,
    SoftDelete,
    SyncCollection,
)
from carrierpost.protocol.record import At, fields_of
from carrierpost.protocol.version import Version
from carrierpost.server.bodies import body_for
from carrierpost.server.device import CollectionState, Device
from carrierpost.server.mailbox import Mailbox, MailboxFolder, MailboxItem

__all__ = ["WINDOWS", "answer_collection", "has_changes", "in_window"]

WINDOWS = {
    FilterType.ONE_DAY: 1,
    FilterType.THREE_DAYS: 3,
    FilterType.ONE_WEEK: 7,
    FilterType.TWO_WEEKS: 14,
    FilterType.ONE_MONTH: 31,
    FilterType.THREE_MONTHS: 92,
    FilterType.SIX_MONTHS: 183,
}
"""Days that each filter reaches back."""

_WINDOW_CHECK = 600.0  # seconds after which items are looked at again that may have left the window


def in_window(data: ApplicationData, chosen: FilterType, now: dt.datetime) -> bool:
    """
    Tell whether a filter lets an item through.
    """
    if chosen is FilterType.ALL:
        return True
    if isinstance(data, Task):
        return chosen is not FilterType.INCOMPLETE_TASKS or not data.complete
    days = WINDOWS.get(chosen)
    if days is None:
        return True
    since = now - dt.timedelta(days=days)
    if isinstance(data, Email):
        return data.date_received is None or data.date_received >= since
    if isinstance(data, Event):
        if data.recurrence is not None:
            return data.recurrence.until is None or data.recurrence.until >= since
        return data.end_time is None or data.end_time >= since
    return True


def _newest_first(items: Iterable[MailboxItem]) -> list[MailboxItem]:
    early = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

    def moment(item: MailboxItem) -> dt.datetime:
        data = item.data
        if isinstance(data, Email):
            return data.date_received or early
        if isinstance(data, Event):
            return data.start_time or early
        return early

    return sorted(items, key=moment, reverse=True)


class _Turn:
    """
    One request about one folder.
    """

    def __init__(
        self, mailbox: Mailbox, device: Device, folder: MailboxFolder, state: CollectionState, version: Version
    ) -> None:
        self.mailbox = mailbox
        self.device = device
        self.folder = folder
        self.state = state
        self.version = version
        self.filter = state.options.filter_type or FilterType.ALL

    # -- what the client says

    def apply(self, request: SyncCollection) -> tuple[ItemResponse, ...]:
        """
        Carry out the client's commands.
        """
        responses = []
        for command in request.commands:
            response = self._apply(command, request)
            if response is not None:
                responses.append(response)
        return tuple(responses)

    def _apply(self, command: ItemCommand, request: SyncCollection) -> ItemResponse | None:
        match command:
            case Add():
                return self._add(command)
            case Change():
                return self._change(command)
            case Delete():
                return self._delete(command, request)
            case Fetch():
                item = self.folder.items.get(command.server_id)
                if item is None:
                    return ItemResponse(kind=ResponseKind.FETCH, status=8, server_id=command.server_id)
                return ItemResponse(kind=ResponseKind.FETCH, server_id=command.server_id, encoded=self.encoded(item))
            case _:
                return None

    def _add(self, command: Add) -> ItemResponse:
        known = self.state.added.get(command.client_id)
        if known is not None:  # asked again after a lost answer
            return ItemResponse(kind=ResponseKind.ADD, client_id=command.client_id, server_id=known)
        mail = self.folder.content_class is ContentClass.EMAIL
        if command.data is None or command.problems or (mail and self.version < Version.V16_0):
            return ItemResponse(kind=ResponseKind.ADD, client_id=command.client_id, status=6)
        item = self.mailbox.add(self.folder, command.data)
        self.state.known[item.server_id] = item.revision
        self.state.added[command.client_id] = item.server_id
        return ItemResponse(kind=ResponseKind.ADD, client_id=command.client_id, server_id=item.server_id)

    def _change(self, command: Change) -> ItemResponse | None:
        item = self.folder.items.get(command.server_id)
        if item is None:
            return ItemResponse(kind=ResponseKind.CHANGE, server_id=command.server_id, status=8)
        if command.data is None or command.problems or type(command.data) is not type(item.data):
            return ItemResponse(kind=ResponseKind.CHANGE, server_id=command.server_id, status=6)
        behind = self.state.known.get(item.server_id) != item.revision
        if behind and self.state.options.conflict is not Conflict.CLIENT_WINS:
            return ItemResponse(kind=ResponseKind.CHANGE, server_id=command.server_id, status=7)
        merged = merge(item.data, command.data)
        merged = self._without_ghosts(merged, command.data)
        self.mailbox.replace(self.folder, item, merged)
        self.state.known[item.server_id] = item.revision
        return None

    def _without_ghosts(self, merged: ApplicationData, change: ApplicationData) -> ApplicationData:
        """
        Drop properties that the client declared it manages and then left out ([MS-ASCMD] Supported).
        """
        if not self.state.supported:
            return merged
        gone: dict[str, Any] = {
            name: None
            for name, at, _ in fields_of(type(change))
            if isinstance(at, At) and at.tag in self.state.supported and getattr(change, name) is None
        }
        return msgspec.structs.replace(merged, **gone) if gone else merged

    def _delete(self, command: Delete, request: SyncCollection) -> ItemResponse | None:
        item = self.folder.items.get(command.server_id)
        if item is None:
            return ItemResponse(kind=ResponseKind.DELETE, server_id=command.server_id, status=8)
        trash = self.mailbox.folder(FolderType.DELETED_ITEMS)
        mail = self.folder.content_class is ContentClass.EMAIL
        if request.deletes_as_moves is False or not mail or self.folder is trash:
            self.mailbox.delete(self.folder, item)
        else:
            self.mailbox.move(self.folder, item, trash)
        self.state.known.pop(command.server_id, None)
        return None

    # -- what the server says

    def changes(self, room: int, now: dt.datetime, monotonic: float) -> tuple[list[ItemCommand], bool]:
        """
        Take up to `room` changes out of what waits for the device.

        Returns:
            The changes, and whether there are more.
        """
        self._refilter(now, monotonic)
        told: list[ItemCommand] = []
        position, seen = self.state.position, set()
        log = self.folder.log
        index = _after(log, position)
        while index < len(log) and len(told) < room:
            number, server_id = log[index]
            index += 1
            position = number
            if server_id not in seen:
                seen.add(server_id)
                command = self._told(server_id, now)
                if command is not None:
                    told.append(command)
        self.state.position = position
        more = index < len(log)
        while self.state.backlog and len(told) < room:
            command = self._told(self.state.backlog.popleft(), now)
            if command is not None:
                told.append(command)
        return told, more or bool(self.state.backlog)

    def _told(self, server_id: str, now: dt.datetime) -> ItemCommand | None:
        """
        Say what the device has to hear about an item, and note that it has heard it.
        """
        item, known = self.folder.items.get(server_id), self.state.known
        if item is None:
            return Delete(server_id=server_id) if known.pop(server_id, None) is not None else None
        if not in_window(item.data, self.filter, now):
            return SoftDelete(server_id=server_id) if known.pop(server_id, None) is not None else None
        revision = known.get(server_id)
        if revision == item.revision:
            return None
        known[server_id] = item.revision
        if revision is None:
            return Add(server_id=server_id, encoded=self.encoded(item))
        return Change(server_id=server_id, encoded=self.encoded(item))

    def _refilter(self, now: dt.datetime, monotonic: float) -> None:
        """
        Bring the backlog in line with the filter: at first, when it changes, and now and then as time goes by.
        """
        state = self.state
        if state.filter_applied is None:
            items = [one for one in self.folder.items.values() if in_window(one.data, self.filter, now)]
            state.backlog = deque(one.server_id for one in _newest_first(items))
            state.position = self.folder.last
        elif state.filter_applied != self.filter or (
            self.filter is not FilterType.ALL and monotonic - state.window_checked > _WINDOW_CHECK
        ):
            come = [
                one
                for one in self.folder.items.values()
                if one.server_id not in state.known and in_window(one.data, self.filter, now)
            ]
            gone = [
                server_id
                for server_id in state.known
                if (one := self.folder.items.get(server_id)) is not None and not in_window(one.data, self.filter, now)
            ]
            state.backlog = deque([*gone, *(one.server_id for one in _newest_first(come))])
        else:
            return
        state.filter_applied = self.filter
        state.window_checked = monotonic

    def encoded(self, item: MailboxItem) -> list[Any]:
        """
        Give an item's properties as the client wants them, encoded; made once for all who want them so.
        """
        options = self.state.options
        wanted = (self.version, options.body_preferences, options.mime_support)
        made = item.encoded.get(wanted)
        if made is None:
            body = body_for(item.data, options.body_preferences, options.mime_support, item.mime)
            made = encode_item(msgspec.structs.replace(item.data, body=body), self.version)
            item.encoded[wanted] = made
        return made


def _after(log: list[tuple[int, str]], position: int) -> int:
    """
    Find where the log goes on after a number.
    """
    low, high = 0, len(log)
    while low < high:
        middle = (low + high) // 2
        if log[middle][0] <= position:
            low = middle + 1
        else:
            high = middle
    return low


def has_changes(folder: MailboxFolder, state: CollectionState, now: dt.datetime) -> bool:
    """
    Tell whether a device would hear anything about a folder; costs no more than what has happened since.
    """
    if state.backlog or state.filter_applied is None:
        return bool(state.backlog or folder.items)
    chosen = state.options.filter_type or FilterType.ALL
    for _, server_id in folder.log[_after(folder.log, state.position) :]:
        item, revision = folder.items.get(server_id), state.known.get(server_id)
        if item is None:
            if revision is not None:
                return True
        elif revision != item.revision and (revision is not None or in_window(item.data, chosen, now)):
            return True
    return False


def answer_collection(
    mailbox: Mailbox,
    device: Device,
    folder: MailboxFolder,
    request: SyncCollection,
    version: Version,
    room: int,
    now: dt.datetime,
    monotonic: float,
) -> CollectionResponse | None:
    """
    Answer a request about one folder.

    Args:
        mailbox: the mailbox.
        device: who asks.
        folder: the folder.
        request: what it asks.
        version: the version it speaks.
        room: how many changes the answer may still hold.
        now: the time.
        monotonic: the clock's monotonic seconds.

    Returns:
        The answer, or `None` when there is nothing to say.
    """
    key = request.sync_key or "0"
    if key == "0":
        state = device.collections[folder.server_id] = CollectionState()
        state.key = 1
        _adopt(state, request)
        state.supported = request.supported
        return CollectionResponse(collection_id=folder.server_id, sync_key=str(state.key))
    state = device.collections.get(folder.server_id) or CollectionState()
    if state.previous_answer is not None and key == str(state.previous_key):
        return state.previous_answer
    if state.key == 0 or key != str(state.key):
        return CollectionResponse(collection_id=folder.server_id, status=3)
    _adopt(state, request)
    turn = _Turn(mailbox, device, folder, state, version)
    responses = turn.apply(request)
    told: list[ItemCommand] = []
    more = False
    if request.get_changes is not False:
        room = min(room, _window(request.window_size))
        told, more = turn.changes(room, now, monotonic)
    if not told and not responses and not more and not request.commands:
        return None
    state.previous_key, state.key = state.key, state.key + 1
    answer = CollectionResponse(
        collection_id=folder.server_id,
        sync_key=str(state.key),
        content_class=folder.content_class,
        more_available=more,
        responses=responses,
        commands=tuple(told),
    )
    state.previous_answer = answer
    return answer


def _window(size: int | None) -> int:
    if size is None:
        return 100
    return 512 if size == 0 or size > 512 else size


def _adopt(state: CollectionState, request: SyncCollection) -> None:
    """
    Take over what a request sets; what it leaves out stays as it was.
    """
    if request.options:
        state.options = request.options[0]
    if request.conversation_mode is not None:
        state.conversation_mode = request.conversation_mode
