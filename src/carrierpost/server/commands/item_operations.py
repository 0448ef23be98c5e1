"""
ItemOperations as a server does it: items whole, attachments whole or in parts ([MS-ASCMD] ItemOperations).
"""

from __future__ import annotations

from carrierpost.protocol.commands.item_operations import (
    FetchedItem,
    FetchItem,
    ItemOperationsRequest,
    ItemOperationsResponse,
)
from carrierpost.protocol.message import Payload
from carrierpost.server.bodies import with_body
from carrierpost.server.commands.context import Context

__all__ = ["item_operations"]

_MOST_OPERATIONS = 100


async def item_operations(context: Context) -> Payload:
    """
    Give items and attachments.
    """
    request = context.read(ItemOperationsRequest.decode)
    if request.empties or request.moves:  # this server does neither
        return ItemOperationsResponse(status=2).encode(context.version)
    if len(request.fetches) > _MOST_OPERATIONS:
        return ItemOperationsResponse(status=11).encode(context.version)
    fetched = tuple(_fetch(context, one) for one in request.fetches)
    return ItemOperationsResponse(fetched=fetched).encode(context.version, multipart=request.multipart)


def _fetch(context: Context, wanted: FetchItem) -> FetchedItem:
    if wanted.link_id:  # there is no document library
        return FetchedItem(status=9, link_id=wanted.link_id)
    if wanted.file_reference:
        return _attachment(context, wanted)
    found = context.mailbox.find(wanted.long_id or wanted.server_id)
    if found is None or (wanted.collection_id and found[0].server_id != wanted.collection_id):
        return FetchedItem(
            status=6, collection_id=wanted.collection_id, server_id=wanted.server_id, long_id=wanted.long_id
        )
    return FetchedItem(
        collection_id=wanted.collection_id,
        server_id=wanted.server_id,
        long_id=wanted.long_id,
        data=with_body(found[1], wanted.body_preferences, wanted.mime_support, wanted.body_part_preference),
    )


def _attachment(context: Context, wanted: FetchItem) -> FetchedItem:
    """
    Give an attachment; a range is answered with the one that was given, and nobody else hears of ranges.
    """
    reference, attached = wanted.file_reference, context.mailbox.find_attached(wanted.file_reference)
    if attached is None:
        return FetchedItem(status=15, file_reference=reference)
    content, span = attached.content, None
    if not content:
        return FetchedItem(status=10, file_reference=reference)
    if wanted.range is not None:
        first, last = wanted.range[0], min(wanted.range[1], len(content) - 1)
        if first > last:
            return FetchedItem(status=8, file_reference=reference)
        content, span = content[first : last + 1], (first, last)
    return FetchedItem(
        file_reference=reference,
        content=content,
        content_type=attached.content_type,
        range=span,
        total=len(attached.content),
    )
