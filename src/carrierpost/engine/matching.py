"""
Beginning again with a folder whose place the server has lost: what is held stays, and is matched against what comes.
"""

from __future__ import annotations

import datetime as dt

from carrierpost.engine.context import Context
from carrierpost.engine.state import FolderRun
from carrierpost.model import Collection, Progress, SyncCommit
from carrierpost.protocol.classes import ContentClass, Email

__all__ = ["begin_matching"]

_MOST_RESYNCS = 2  # in a row, before the folder is left alone for growing pauses
_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


async def begin_matching(context: Context, collection: Collection, folder: FolderRun, reason: str) -> None:
    """
    Forget a folder's key, and mark what is held as to be confirmed.

    Args:
        context: the account at work.
        collection: the folder as it is held.
        folder: its run.
        reason: why, for the feed; one sentence.

    Raises:
        StaleCommit: somebody else was faster.
    """
    commit = SyncCommit(
        collection_id=collection.id,
        from_key=collection.sync_key,
        to_key="0",
        progress=Progress.MATCHING,
        unconfirm=True,
        detail=reason,
    )
    if collection.progress is Progress.COMPLETE:
        folder.newest = await _newest(context, collection)
    context.committed(await context.store.commit_sync(commit))
    folder.sure = False
    folder.due, folder.in_doubt, folder.counted, folder.more, folder.estimate = True, False, False, False, None
    folder.done = folder.hollow = folder.unsure = 0
    folder.resyncs += 1
    if folder.resyncs > _MOST_RESYNCS:
        context.hold_back(folder, reason)


async def _newest(context: Context, collection: Collection) -> dt.datetime | None:
    """
    Give the time at which the newest mail of a folder was received; what comes to light later is news all the same.
    """
    if collection.content_class is not ContentClass.EMAIL:
        return None
    items = await context.store.items(context.account_id, collection_id=collection.id, limit=1)
    received = [item.data.date_received for item in items if isinstance(item.data, Email)]
    return received[0] if received and received[0] is not None else _LONG_AGO
