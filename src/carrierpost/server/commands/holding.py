"""
Requests that are held until something happens: Ping, and Sync with a wait.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Iterable

from carrierpost.server.commands.context import Context
from carrierpost.server.commands.folder_sync import hierarchy_changed
from carrierpost.server.device import CollectionState
from carrierpost.server.oddities import Oddity
from carrierpost.server.syncing import has_changes

__all__ = ["Woken", "changed_folders", "hold"]

_POLL = 5.0  # seconds between two looks of a server that is not told


class Woken(enum.Enum):
    """
    Why a held request is answered.
    """

    CHANGES = "changes"
    HIERARCHY = "hierarchy"
    OVER = "over"
    """Its time is over, a newer one takes its place, or the client has gone."""


def changed_folders(context: Context, folders: Iterable[str]) -> tuple[str, ...]:
    """
    Name those folders that have something to tell. One that was never synchronized has whatever is in it.
    """
    if context.server.hides_until_known and context.device.information is None:
        return ()
    now, found = context.server.clock.now(), []
    for server_id in folders:
        folder = context.mailbox.folders.get(server_id)
        state = context.device.collections.get(server_id) or CollectionState()
        if folder is not None and has_changes(folder, state, now):
            found.append(server_id)
    return tuple(found)


async def hold(context: Context, seconds: float, folders: Iterable[str]) -> Woken:
    """
    Keep a request open until there is something to say. A device has one such request; an older one ends.
    """
    server, folders = context.server, tuple(folders)
    deadline = server.clock.monotonic() + seconds
    server.supersede(context.device)
    superseded = server.superseded(context.device)
    server.holding += 1
    try:
        while True:
            if changed_folders(context, folders):
                return Woken.CHANGES
            if hierarchy_changed(context):
                return Woken.HIERARCHY
            left = deadline - server.clock.monotonic()
            if left <= 0 or superseded.done() or context.gone.done():
                return Woken.OVER
            change = context.mailbox.next_change()
            polls = Oddity.POLLED_PING in server.oddities
            woken_by = [superseded, context.gone] if polls else [change, superseded, context.gone]
            try:
                await asyncio.wait(
                    woken_by,
                    timeout=min(left, _POLL) if polls else left,
                    return_when=asyncio.FIRST_COMPLETED,
                )
            finally:
                change.cancel()
    finally:
        server.holding -= 1
        superseded.cancel()
