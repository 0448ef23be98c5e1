"""
How much there is: for progress that a person can see, and to tell a folder's end from a fault.
"""

from __future__ import annotations

from carrierpost.client.errors import ClientError
from carrierpost.engine.context import Context
from carrierpost.engine.failure import Remedy, judge
from carrierpost.engine.state import FolderRun
from carrierpost.model import Collection, Progress
from carrierpost.protocol.commands.get_item_estimate import EstimateCollection, GetItemEstimateRequest
from carrierpost.protocol.errors import RemoteProtocolError, WipeOrdered

__all__ = ["count", "waiting"]


async def count(context: Context, collection: Collection, folder: FolderRun) -> None:
    """
    Ask once per run how many items a folder still has, before it is filled or matched.

    What is held already counts as done, so that progress goes on after a restart where it was.

    Raises:
        ClientError: there was no answer; it is not asked again.
        WipeOrdered: the server orders a wipe.
        RemoteProtocolError: the server asks to be left alone.
    """
    if folder.counted or collection.sync_key == "0":
        return
    folder.counted = True
    kind = collection.content_class
    assert kind is not None
    if collection.progress is Progress.FILLING:
        held = await context.store.count(collection.account_id, collection_id=collection.id)
        folder.done = held.get(kind, 0)
    if not context.settings.estimates:
        return
    more = await waiting(context, collection)
    folder.estimate = None if more is None else folder.done + more


async def waiting(context: Context, collection: Collection) -> int | None:
    """
    Ask the server how many changes it has after the held key; one that does not say is no trouble.

    Raises:
        ClientError: the question never left.
        WipeOrdered: the server orders a wipe.
        RemoteProtocolError: the server asks to be left alone.
    """
    kind = collection.content_class
    assert kind is not None
    asked = EstimateCollection(
        collection_id=collection.server_id,
        sync_key=collection.sync_key,
        content_class=kind,
        filter_type=collection.window,
    )
    try:
        answer = await context.session.send(GetItemEstimateRequest(collections=(asked,)))
    except RemoteProtocolError as error:
        if isinstance(error, WipeOrdered) or judge(error).remedy is Remedy.WAIT:
            raise
        return None
    except ClientError as error:
        if error.sent:
            return None  # what matters is asked for next, and tells whether the server is there
        raise
    return next((one.estimate for one in answer.estimates if one.status == 1), None)
