"""
MoveItems as a server does it ([MS-ASCMD] MoveItems). A moved item has a new id.
"""

from __future__ import annotations

from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.move_items import MOVED, Move, Moved, MoveItemsRequest, MoveItemsResponse
from carrierpost.protocol.message import Payload
from carrierpost.server.commands.context import Context, Refusal

__all__ = ["move_items"]

_MOST_MOVES = 1000
_BAD_SOURCE, _BAD_DESTINATION, _SAME, _SEVERAL = 1, 2, 4, 5
_CLOSED = (FolderType.OUTBOX, FolderType.RECIPIENT_CACHE)


async def move_items(context: Context) -> Payload:
    """
    Move items one after another; what cannot be moved is named and does not hold up the others.
    """
    request = context.read(MoveItemsRequest.decode)
    if len(request.moves) > _MOST_MOVES:
        raise Refusal(103)
    targets: dict[str, set[str]] = {}
    for one in request.moves:
        targets.setdefault(one.src_msg_id, set()).add(one.dst_fld_id)
    moved = tuple(_moved(context, one, several=len(targets[one.src_msg_id]) > 1) for one in request.moves)
    return MoveItemsResponse(moved=moved).encode(context.version)


def _moved(context: Context, move: Move, *, several: bool) -> Moved:
    mailbox = context.mailbox
    source, target = mailbox.folders.get(move.src_fld_id), mailbox.folders.get(move.dst_fld_id)
    item = source.items.get(move.src_msg_id) if source is not None else None
    refuses = context.server.refuses_item
    status = (refuses(move) if refuses is not None else None) or 0
    if status:
        return Moved(src_msg_id=move.src_msg_id, status=status)
    if source is None or item is None:
        status = _BAD_SOURCE
    elif several:
        status = _SEVERAL
    elif source is target:
        status = _SAME
    elif target is None or target.content_class is not source.content_class or target.type in _CLOSED:
        status = _BAD_DESTINATION
    if status or source is None or item is None or target is None:
        return Moved(src_msg_id=move.src_msg_id, status=status)
    made = mailbox.move(source, item, target)
    return Moved(src_msg_id=move.src_msg_id, status=MOVED, dst_msg_id=made.server_id)
