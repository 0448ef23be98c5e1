"""
Sync as a server does it: one folder of one device, one request at a time ([MS-ASCMD] Sync).

What the client asks to be done is in `carrierpost.server.editing`, what it gets to see in `carrierpost.server.views`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections import deque
from typing import TYPE_CHECKING

from carrierpost.protocol.classes import Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import (
    Add,
    Change,
    CollectionResponse,
    Delete,
    FilterType,
    ItemCommand,
    SoftDelete,
    SyncCollection,
)
from carrierpost.protocol.version import Version
from carrierpost.server.bodies import encoded_for
from carrierpost.server.device import CollectionState
from carrierpost.server.editing import carry_out
from carrierpost.server.mailbox import MailboxFolder, MailboxItem
from carrierpost.server.oddities import Oddity
from carrierpost.server.views import View, heaviest, newest_first, view_of

if TYPE_CHECKING:
    from carrierpost.server.commands.context import Context

__all__ = ["answer_collection", "count_changes", "has_changes"]

_SLICE = 16  # items made ready in one turn of the event loop: less than a millisecond
_WINDOW_CHECK = 600.0  # seconds after which items are looked at again that may have left the window


class _Turn:
    """
    What one answer about one folder tells.
    """

    def __init__(self, folder: MailboxFolder, state: CollectionState, version: Version, now: dt.datetime) -> None:
        self.folder = folder
        self.state = state
        self.version = version
        self.filter = state.options.filter_type or FilterType.ALL
        self.shows = _view(folder, state, self.filter, now)

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
            return [Change(server_id=server_id, encoded=encoded_for(item, self.state.options, self.version))]
        self._bring_conversation(item)
        return [Add(server_id=server_id, encoded=encoded_for(item, self.state.options, self.version))]

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
        state = self.state
        wanted = self.filter, state.conversation_mode, self.folder.last if state.options.max_items is not None else 0
        first = state.filter_applied is None
        passing = self.filter is not FilterType.ALL and monotonic - state.window_checked > _WINDOW_CHECK
        if state.filter_applied == wanted and not passing:
            return
        items = self.folder.items
        come = [one for one in items.values() if one.server_id not in state.known and self.shows(one)]
        gone = [one for one in state.known if one in items and not self.shows(items[one])]
        state.backlog = deque([*gone, *(one.server_id for one in newest_first(come))])
        if first:
            state.position = self.folder.last
        state.filter_applied = wanted
        state.window_checked = monotonic


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


def _view(folder: MailboxFolder, state: CollectionState, chosen: FilterType, now: dt.datetime) -> View:
    """
    Give a device's view on a folder: by a filter, or for the recipient cache the heaviest items.
    """
    if folder.type is FolderType.RECIPIENT_CACHE and state.options.max_items is not None:
        return heaviest(folder, state.options.max_items)
    return view_of(folder, chosen, now, conversations=state.conversation_mode)


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
    shows = _view(folder, state, chosen, now)
    if state.unsettled:
        return True
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
    shows = _view(folder, state, chosen, now)
    gone = state.known.keys() - folder.items.keys()
    return len(gone) + sum(_is_news(folder, state, shows, server_id) for server_id in folder.items)


def answer_collection(
    context: Context, folder: MailboxFolder, request: SyncCollection, room: int
) -> CollectionResponse | None:
    """
    Answer a request about one folder.

    Args:
        context: whose request it is, and of which device.
        folder: the folder.
        request: what it asks.
        room: how many changes the answer may still hold.

    Returns:
        The answer, or `None` when there is nothing to say.

    Raises:
        Refusal: the client has to ask in another way.
    """
    key, device = request.sync_key, context.device
    if key == "0":
        return _begun(context, folder, request)
    state = device.collections.get(folder.server_id)
    if state is None:
        return CollectionResponse(collection_id=folder.server_id, sync_key="0", status=3)
    again, used = state.previous_answer, str(state.previous_key)
    state.acknowledged()  # whatever comes now: an answer is repeated once, and only to who did not get it
    if again is not None and key == used:
        return again
    if key != str(state.key):
        return CollectionResponse(collection_id=folder.server_id, sync_key="0", status=3)
    _adopt(state, request)
    responses = carry_out(context, folder, state, request)
    told: list[ItemCommand] = []
    more = False
    if request.get_changes is not False:
        turn = _Turn(folder, state, context.version, context.server.clock.now())
        told, more = turn.changes(min(room, _window(request.window_size)), context.server.clock.monotonic())
    state.unsettled = bool(told) and Oddity.INTERIM_KEY in context.server.oddities
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
    if more:
        _read_ahead(folder, state, context.version, len(told))
    if state.was_empty and state.added and Oddity.FIRST_ADD_LOSES_KEY in context.server.oddities:
        del context.device.collections[folder.server_id]
    return answer


def _read_ahead(folder: MailboxFolder, state: CollectionState, version: Version, count: int) -> None:
    """
    Make the next items ready while the client is busy with these, a few at a time so that others have their turn.
    """
    loop, options = asyncio.get_running_loop(), state.options
    waiting = iter(list(itertools.islice(state.backlog, count)))

    def some() -> None:
        for server_id in (slice_ := list(itertools.islice(waiting, _SLICE))):
            item = folder.items.get(server_id)
            if item is not None and server_id not in state.known:
                encoded_for(item, options, version)
        if slice_:
            loop.call_soon(some)

    loop.call_soon(some)


def _begun(context: Context, folder: MailboxFolder, request: SyncCollection) -> CollectionResponse:
    """
    Begin anew: only a key, and items with the next request.
    """
    if folder.server_id in context.device.collections and Oddity.NEW_IDS_ON_RESYNC in context.server.oddities:
        context.mailbox.renumber(folder)
    state = context.device.collections[folder.server_id] = CollectionState()
    state.was_empty = not folder.items
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
