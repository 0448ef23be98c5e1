"""
Telling the server that items are in other folders ([MS-ASCMD] MoveItems).

An item has a new id afterwards. If the answer is lost, the server knows nothing of the old id when it is asked again;
then the target folder is synchronized, and the item is recognised there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from carrierpost.client.errors import ClientError
from carrierpost.engine.context import Context
from carrierpost.engine.events import Phase
from carrierpost.model import Collection, EntryUpdate, MoveIntent, OutboxEntry, OutboxState, Removal, SyncCommit
from carrierpost.model.intent import intent_of
from carrierpost.protocol.commands.move_items import MOVED, Move, Moved, MoveItemsRequest
from carrierpost.protocol.errors import StatusError
from carrierpost.protocol.status import Action, outcome
from carrierpost.store.errors import NotHeld

__all__ = ["move_items"]

_NO_SOURCE = 1
_MOST_ATTEMPTS = 5
_PAUSE = 5.0  # seconds until a move is asked for again, so that the folders come first
_GONE = "the item was moved or deleted elsewhere before your move of it arrived at the server"


async def move_items(context: Context, entries: Sequence[OutboxEntry]) -> None:
    """
    Tell the server of moves.

    Args:
        context: the account at work.
        entries: the moves, no two of one item.

    Raises:
        ClientError: the server did not answer.
        ProtocolError: the server refused the whole account.
        StaleCommit: somebody else was faster.
    """
    context.tell(Phase("telling the server what was moved"))
    unsent = all(one.state is OutboxState.QUEUED for one in entries)
    marked = await context.store.mark_sending([one.id for one in entries])
    moves: dict[str, tuple[OutboxEntry, MoveIntent, Collection, Collection]] = {}
    for entry in marked:
        intent = intent_of(entry)
        assert isinstance(intent, MoveIntent)
        try:
            source = await context.store.collection(intent.source_id)
            target = await context.store.collection(intent.target_id)
        except NotHeld:
            await context.store.mark_outbox(entry.id, OutboxState.REFUSED, "the folder is gone")
            continue
        if not intent.server_id:  # what should have given it an id did not come to pass
            await _vanished(context, entry, target)
            continue
        moves[intent.server_id] = (entry, intent, source, target)
    if not moves:
        return
    asked = tuple(
        Move(src_msg_id=server_id, src_fld_id=source.server_id, dst_fld_id=target.server_id)
        for server_id, (_, _, source, target) in moves.items()
    )
    try:
        answer = await context.session.send(MoveItemsRequest(moves=asked))
    except ClientError as error:
        if not error.sent and unsent:
            for entry, _, _, _ in moves.values():
                await context.store.unmark_sending(entry.id)
        raise
    if answer.status != 1 and not answer.moved:
        raise StatusError("MoveItems", answer.status)
    told = {one.src_msg_id: one for one in answer.moved}
    for server_id, (entry, _, source, target) in moves.items():
        context.run.folder(source.id).due = context.run.folder(target.id).due = True
        await _moved(context, entry, target, told.get(server_id))


async def _moved(context: Context, entry: OutboxEntry, target: Collection, moved: Moved | None) -> None:
    """
    Write what became of one move.
    """
    status = 0 if moved is None else moved.status
    if moved is not None and status == MOVED and moved.dst_msg_id:
        context.committed(await context.store.settle(entry.id, assigned=moved.dst_msg_id))
        return
    sentence = f"{outcome('MoveItems', status).sentence} (MoveItems status {status})"
    unsure = status in (0, MOVED) or (status == _NO_SOURCE and entry.attempts > 1)
    again = unsure or (status != _NO_SOURCE and outcome("MoveItems", status).action is Action.RETRY)
    if again and entry.attempts < _MOST_ATTEMPTS:
        # It may be there already, under an id that nobody told; or both folders are to be looked at again anyway.
        context.run.post_not_before = context.clock.monotonic() + _PAUSE * entry.attempts
        return
    if status == _NO_SOURCE:
        await _vanished(context, entry, target)
    else:
        await context.store.mark_outbox(entry.id, OutboxState.REFUSED, sentence)


async def _vanished(context: Context, entry: OutboxEntry, target: Collection) -> None:
    """
    Let an item go that is in neither folder.
    """
    held = False
    with contextlib.suppress(NotHeld):
        held = entry.item_id is not None and (await context.store.item(entry.item_id)).collection_id == target.id
    commit = SyncCommit(
        collection_id=target.id,
        from_key=target.sync_key,
        to_key=target.sync_key,
        progress=target.progress,
        removals=(Removal(item_id=entry.item_id),) if held and entry.item_id is not None else (),
        entries=(EntryUpdate(entry_id=entry.id, state=OutboxState.REFUSED, reason=_GONE),),
    )
    context.committed(await context.store.commit_sync(commit))
