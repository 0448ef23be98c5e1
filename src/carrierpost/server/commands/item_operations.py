"""
ItemOperations as a server does it: items whole, attachments whole or in parts, folders emptied, conversations moved
([MS-ASCMD] ItemOperations).
"""

from __future__ import annotations

from carrierpost.protocol.classes import ContentClass, Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.item_operations import (
    EmptiedFolder,
    EmptyFolderContents,
    FetchedItem,
    FetchItem,
    ItemOperationsRequest,
    ItemOperationsResponse,
    MoveConversation,
    MovedConversation,
)
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server.bodies import with_body
from carrierpost.server.commands.context import Context

__all__ = ["item_operations"]

_MOST_OPERATIONS = 100
_NO_DESTINATION = (FolderType.OUTBOX, FolderType.DRAFTS)
_STAYS = (FolderType.OUTBOX, FolderType.DRAFTS, FolderType.SENT_ITEMS)


async def item_operations(context: Context) -> Payload:
    """
    Give items and attachments, empty folders, move conversations.
    """
    request = context.read(ItemOperationsRequest.decode)
    nameless = not all(one.collection_id for one in request.empties) or not all(
        one.conversation_id and one.dst_fld_id for one in request.moves
    )
    if nameless or (request.moves and context.version < Version.V14_0):
        return ItemOperationsResponse(status=2).encode(context.version)
    if len(request.fetches) + len(request.empties) + len(request.moves) > _MOST_OPERATIONS:
        return ItemOperationsResponse(status=11).encode(context.version)
    answer = ItemOperationsResponse(
        emptied=tuple(_emptied(context, one) for one in request.empties),
        moved=tuple(_moved(context, one) for one in request.moves),
        fetched=tuple(_fetch(context, one) for one in request.fetches),
    )
    return answer.encode(context.version, multipart=request.multipart)


def _emptied(context: Context, wanted: EmptyFolderContents) -> EmptiedFolder:
    """
    Delete for ever what is in a folder, and on demand the folders in it.
    """
    mailbox, folder = context.mailbox, context.mailbox.folders.get(wanted.collection_id)
    if folder is None or folder.type is FolderType.RECIPIENT_CACHE:
        return EmptiedFolder(collection_id=wanted.collection_id, status=6 if folder is None else 5)
    for item in list(folder.items.values()):
        mailbox.delete(folder, item)
    if wanted.delete_sub_folders:
        for child in [one for one in mailbox.folders.values() if one.parent_id == folder.server_id]:
            mailbox.delete_folder(child)
    return EmptiedFolder(collection_id=wanted.collection_id)


def _moved(context: Context, wanted: MoveConversation) -> MovedConversation:
    """
    Move a conversation, and let what comes to it later follow ([MS-ASCON]).
    """
    mailbox, target = context.mailbox, context.mailbox.folders.get(wanted.dst_fld_id)
    status = 1
    if not wanted.move_always:
        status = 155
    elif target is None or target.content_class is not ContentClass.EMAIL or target.type in _NO_DESTINATION:
        status = 156
    if status != 1 or target is None:
        return MovedConversation(conversation_id=wanted.conversation_id, status=status)
    found = [
        (folder, item)
        for folder, item in mailbox.all_items()
        if isinstance(item.data, Email)
        and item.data.conversation_id == wanted.conversation_id
        and folder.type not in _STAYS
    ]
    if not found:
        return MovedConversation(conversation_id=wanted.conversation_id, status=6)
    for folder, item in found:
        if folder is not target:
            mailbox.move(folder, item, target)
    mailbox.conversation_homes[wanted.conversation_id] = target.server_id
    return MovedConversation(conversation_id=wanted.conversation_id)


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
