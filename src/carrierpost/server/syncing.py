"""
Sync as a server does it: one folder of one device, one request at a time ([MS-ASCMD] Sync).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import deque
from collections.abc import Callable, Iterable
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
from carrierpost.server.bodies import with_body
from carrierpost.server.device import CollectionState, Device
from carrierpost.server.mailbox import Mailbox, MailboxFolder, MailboxItem

__all__ = ["WINDOWS", "answer_collection", "count_changes", "has_changes", "in_window", "view_of"]

View = Callable[[MailboxItem], bool]
"""Tells whether a device gets to see an item of a folder."""

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

_MOST_FORMS = 4  # encoded forms kept of an item, for as many kinds of devices
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


def view_of(folder: MailboxFolder, chosen: FilterType, now: dt.datetime, *, conversations: bool = False) -> View:
    """
    Make the view that a filter gives on a folder.

    Args:
        folder: the folder.
        chosen: how far back.
        now: the time.
        conversations: also all mail of the conversations found ([MS-ASCMD] ConversationMode).
    """
    if chosen is FilterType.ALL:
        return lambda item: True
    if not conversations:
        return lambda item: in_window(item.data, chosen, now)
    found: set[bytes] = set()
    looked = False

    def with_conversations(item: MailboxItem) -> bool:
        nonlocal looked
        if in_window(item.data, chosen, now):
            return True
        if not looked:  # only now, because most folders hold no old mail that somebody answered yesterday
            looked = True
            inside = (one.data for one in folder.items.values() if in_window(one.data, chosen, now))
            found.update(one.conversation_id for one in inside if isinstance(one, Email) and one.conversation_id)
        return isinstance(item.data, Email) and item.data.conversation_id in found

    return with_conversations


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
        self, mailbox: Mailbox, folder: MailboxFolder, state: CollectionState, version: Version, now: dt.datetime
    ) -> None:
        self.mailbox = mailbox
        self.folder = folder
        self.state = state
        self.version = version
        self.now = now
        self.filter = state.options.filter_type or FilterType.ALL
        self.shows = view_of(folder, self.filter, now, conversations=state.conversation_mode)

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
                encoded = self.encoded(item, whole=True)
                return ItemResponse(kind=ResponseKind.FETCH, server_id=command.server_id, encoded=encoded)
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
        self.state.remember_added(command.client_id, item.server_id)
        return ItemResponse(kind=ResponseKind.ADD, client_id=command.client_id, server_id=item.server_id)

    def _change(self, command: Change) -> ItemResponse | None:
        item = self.folder.items.get(command.server_id)
        if item is None:
            return ItemResponse(kind=ResponseKind.CHANGE, server_id=command.server_id, status=8)
        if command.instance_id is not None or command.problems or type(command.data) is not type(item.data):
            return ItemResponse(kind=ResponseKind.CHANGE, server_id=command.server_id, status=6)
        assert command.data is not None
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
        if command.instance_id is not None:  # one occurrence, which must not take the series with it
            return ItemResponse(kind=ResponseKind.DELETE, server_id=command.server_id, status=6)
        trash = self.mailbox.folder(FolderType.DELETED_ITEMS)
        mail = self.folder.content_class is ContentClass.EMAIL
        if request.deletes_as_moves is False or not mail or self.folder is trash:
            self.mailbox.delete(self.folder, item)
        else:
            self.mailbox.move(self.folder, item, trash)
        self.state.known.pop(command.server_id, None)
        return None

    # -- what the server says

    def changes(self, room: int, monotonic: float) -> tuple[list[ItemCommand], bool]:
        """
        Take up to `room` changes out of what waits for the device.

        Returns:
            The changes, and whether there are more.
        """
        self._refilter(monotonic)
        told: list[ItemCommand] = []
        log, state = self.folder.log, self.state
        index = _after(log, state.position)
        while index < len(log) and len(told) < room:
            state.position, server_id = log[index]
            index += 1
            told += self._told(server_id)
        while state.backlog and len(told) < room:
            told += self._told(state.backlog.popleft())
        rest = itertools.chain((log[place][1] for place in range(index, len(log))), state.backlog)
        return told, len(told) >= room and any(self._is_news(one) for one in rest)

    def _is_news(self, server_id: str) -> bool:
        return _is_news(self.folder, self.state, self.shows, server_id)

    def _told(self, server_id: str) -> list[ItemCommand]:
        """
        Say what the device has to hear about an item, if anything, and note that it has heard it.
        """
        if not self._is_news(server_id):
            return []
        item, known = self.folder.items.get(server_id), self.state.known
        if item is None:
            del known[server_id]
            return [Delete(server_id=server_id)]
        if not self.shows(item):
            del known[server_id]
            return [SoftDelete(server_id=server_id)]
        before = known.get(server_id)
        known[server_id] = item.revision
        if before is not None:
            return [Change(server_id=server_id, encoded=self.encoded(item))]
        self._bring_conversation(item)
        return [Add(server_id=server_id, encoded=self.encoded(item))]

    def _bring_conversation(self, item: MailboxItem) -> None:
        """
        Let the older mail of a new mail's conversation come after it, where whole conversations are wanted.
        """
        if not self.state.conversation_mode or self.filter is FilterType.ALL:
            return
        assert isinstance(item.data, Email)
        conversation = item.data.conversation_id
        waiting = set(self.state.backlog)
        for other in self.folder.items.values() if conversation else ():
            same = isinstance(other.data, Email) and other.data.conversation_id == conversation
            if same and other.server_id not in self.state.known and other.server_id not in waiting:
                self.state.backlog.append(other.server_id)

    def _refilter(self, monotonic: float) -> None:
        """
        Bring the backlog in line with the filter: at first, when it changes, and now and then as time goes by.
        """
        state, wanted = self.state, (self.filter, self.state.conversation_mode)
        first = state.filter_applied is None
        passing = self.filter is not FilterType.ALL and monotonic - state.window_checked > _WINDOW_CHECK
        if state.filter_applied == wanted and not passing:
            return
        items = self.folder.items
        come = [one for one in items.values() if one.server_id not in state.known and self.shows(one)]
        gone = [one for one in state.known if one in items and not self.shows(items[one])]
        state.backlog = deque([*gone, *(one.server_id for one in _newest_first(come))])
        if first:
            state.position = self.folder.last
        state.filter_applied = wanted
        state.window_checked = monotonic

    def encoded(self, item: MailboxItem, *, whole: bool = False) -> list[Any]:
        """
        Give an item's properties as the client wants them, encoded; made once for all who want them so.

        Args:
            item: the item.
            whole: do not cut the body.
        """
        options = self.state.options
        preferences = options.body_preferences
        if whole:
            preferences = tuple(msgspec.structs.replace(one, truncation_size=None) for one in preferences)
        part = options.body_part_preference if self.version >= Version.V14_1 else None
        wanted = (self.version, preferences, options.mime_support, part)
        made = item.encoded.get(wanted)
        if made is None:
            made = encode_item(with_body(item, preferences, options.mime_support, part), self.version)
            if len(item.encoded) >= _MOST_FORMS:
                item.encoded.clear()
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


def _is_news(folder: MailboxFolder, state: CollectionState, shows: View, server_id: str) -> bool:
    """
    Tell whether a device would hear anything about an item.
    """
    item, revision = folder.items.get(server_id), state.known.get(server_id)
    if item is None:
        return revision is not None
    if revision is None:
        return shows(item)
    return revision != item.revision or not shows(item)


def has_changes(folder: MailboxFolder, state: CollectionState, now: dt.datetime) -> bool:
    """
    Tell whether a device would hear anything about a folder; costs no more than what has happened since.
    """
    chosen = state.options.filter_type or FilterType.ALL
    shows = view_of(folder, chosen, now, conversations=state.conversation_mode)
    if state.filter_applied is None:
        return any(shows(item) for item in folder.items.values())
    waiting = folder.log[_after(folder.log, state.position) :]
    return any(_is_news(folder, state, shows, server_id) for _, server_id in waiting) or any(
        _is_news(folder, state, shows, server_id) for server_id in state.backlog
    )


def count_changes(folder: MailboxFolder, state: CollectionState, chosen: FilterType, now: dt.datetime) -> int:
    """
    Count what a device would hear about a folder if it asked with this filter.
    """
    shows = view_of(folder, chosen, now, conversations=state.conversation_mode)
    gone = state.known.keys() - folder.items.keys()
    return len(gone) + sum(_is_news(folder, state, shows, server_id) for server_id in folder.items)


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
    key = request.sync_key
    if key == "0":
        return _begun(device, folder, request)
    state = device.collections.get(folder.server_id)
    if state is None:
        return CollectionResponse(collection_id=folder.server_id, status=3)
    again, used = state.previous_answer, str(state.previous_key)
    state.acknowledged()  # whatever comes now: an answer is repeated once, and only to who did not get it
    if again is not None and key == used:
        return again
    if key != str(state.key):
        return CollectionResponse(collection_id=folder.server_id, status=3)
    _adopt(state, request)
    turn = _Turn(mailbox, folder, state, version, now)
    responses = turn.apply(request)
    told: list[ItemCommand] = []
    more = False
    if request.get_changes is not False:
        told, more = turn.changes(min(room, _window(request.window_size)), monotonic)
    if not told and not responses and not more and not request.commands:
        return None
    answer = CollectionResponse(
        collection_id=folder.server_id,
        sync_key=str(state.key + 1),
        content_class=folder.content_class,
        more_available=more,
        responses=responses,
        commands=tuple(told),
    )
    state.answered(answer)
    return answer


def _begun(device: Device, folder: MailboxFolder, request: SyncCollection) -> CollectionResponse:
    """
    Begin anew: only a key, and items with the next request.
    """
    state = device.collections[folder.server_id] = CollectionState()
    state.key = 1
    state.supported = request.supported
    _adopt(state, request)
    return CollectionResponse(collection_id=folder.server_id, sync_key=str(state.key))


def _window(size: int | None) -> int:
    if size is None:
        return 100
    return size if 0 < size <= 512 else 512


def _adopt(state: CollectionState, request: SyncCollection) -> None:
    """
    Take over what a request sets; what it leaves out stays as it was, and a block of options replaces the one before.
    """
    if request.options:
        state.options = next((one for one in request.options if one.content_class != "SMS"), state.options)
    if request.conversation_mode is not None:
        state.conversation_mode = request.conversation_mode
