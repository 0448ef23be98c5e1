"""
MoveItems as a server does it ([MS-ASCMD] MoveItems).
"""

from __future__ import annotations

from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.move_items import MOVED, Move, Moved, MoveItemsRequest, MoveItemsResponse
from carrierpost.protocol.message import Payload
from carrierpost.server.commands.context import Context

__all__ = ["move_items"]

_NO_SOURCE, _NO_DESTINATION, _SAME_FOLDER = 1, 2, 4
_TAKE_NOTHING = (FolderType.OUTBOX, FolderType.RECIPIENT_CACHE)


async def move_items(context: Context) -> Payload:
    """
    Put items into other folders, where they get new ids.
    """
    request = context.read(MoveItemsRequest.decode)
    moved = tuple(_moved(context, one) for one in request.moves)
    return MoveItemsResponse(moved=moved).encode(context.version)


def _moved(context: Context, move: Move) -> Moved:
    folders = context.mailbox.folders
    source, target = folders.get(move.src_fld_id), folders.get(move.dst_fld_id)
    item = source.items.get(move.src_msg_id) if source is not None else None
    if source is None or item is None:
        return Moved(src_msg_id=move.src_msg_id, status=_NO_SOURCE)
    if target is None or target.content_class is not source.content_class or target.type in _TAKE_NOTHING:
        return Moved(src_msg_id=move.src_msg_id, status=_NO_DESTINATION)
    if source is target:
        return Moved(src_msg_id=move.src_msg_id, status=_SAME_FOLDER)
    there = context.mailbox.move(source, item, target)
    return Moved(src_msg_id=move.src_msg_id, status=MOVED, dst_msg_id=there.server_id)
