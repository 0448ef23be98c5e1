"""
GetItemEstimate as a server does it ([MS-ASCMD] GetItemEstimate).
"""

from __future__ import annotations

from carrierpost.protocol.commands.get_item_estimate import (
    Estimate,
    EstimateCollection,
    GetItemEstimateRequest,
    GetItemEstimateResponse,
)
from carrierpost.protocol.message import Payload
from carrierpost.server.commands.context import Context, Refusal
from carrierpost.server.syncing import count_changes

__all__ = ["get_item_estimate"]

_MOST_COLLECTIONS = 1000


async def get_item_estimate(context: Context) -> Payload:
    """
    Count the changes that wait in each folder.
    """
    request = context.read(GetItemEstimateRequest.decode)
    if not 0 < len(request.collections) <= _MOST_COLLECTIONS:
        raise Refusal(103)
    estimates = tuple(_estimate(context, one) for one in request.collections)
    return GetItemEstimateResponse(estimates=estimates).encode(context.version)


def _estimate(context: Context, asked: EstimateCollection) -> Estimate:
    folder = context.mailbox.folders.get(asked.collection_id)
    state = context.device.collections.get(asked.collection_id)
    if folder is None or folder.content_class is None:
        return Estimate(collection_id=asked.collection_id, status=2)
    if asked.sync_key == "0" or state is None:
        return Estimate(collection_id=asked.collection_id, status=3)
    if asked.sync_key not in (str(state.key), str(state.previous_key)):
        return Estimate(collection_id=asked.collection_id, status=4)
    waiting = count_changes(folder, state, asked.filter_type, context.server.clock.now())
    return Estimate(collection_id=asked.collection_id, estimate=waiting)
