"""
FolderSync as a server does it ([MS-ASCMD] FolderSync).

The key of the last answer is good, and so is the one before it, once: then the same answer is given again. Starting
from zero gives all folders and leaves the folders' own keys as they are.
"""

from __future__ import annotations

from carrierpost.protocol.commands.folder_sync import (
    Folder,
    FolderChanges,
    FolderDelete,
    FolderSyncRequest,
    FolderSyncResponse,
    FolderType,
)
from carrierpost.protocol.message import Payload
from carrierpost.server.commands.context import Context
from carrierpost.server.mailbox import visible_folders

__all__ = ["folder_sync", "hierarchy_changed"]


async def folder_sync(context: Context) -> Payload:
    """
    Tell the folders' changes.
    """
    request = context.read(FolderSyncRequest.decode)
    if context.suffers("reject_key"):
        context.device.hierarchy_key = 0
        context.device.previous_hierarchy = None
        return FolderSyncResponse(status=9).encode(context.version)
    return _answer(context, request.sync_key).encode(context.version)


def _answer(context: Context, key: str) -> FolderSyncResponse:
    device, mailbox = context.device, context.mailbox
    again, device.previous_hierarchy = device.previous_hierarchy, None
    if again is not None and key == again[0] != "0":
        return again[1]
    if key != "0" and key != str(device.hierarchy_key or ""):
        return FolderSyncResponse(status=9)
    if key == "0":  # it has begun anew, as it was told to
        device.told_to_begin_anew = False
    held = {} if key == "0" else device.folders
    current = {
        one.server_id: (one.parent_id, one.display_name, int(one.type))
        for one in visible_folders(mailbox, context.version)
    }
    changes = FolderChanges(
        updates=tuple(_folder(one, told) for one, told in current.items() if one in held and held[one] != told),
        deletes=tuple(FolderDelete(server_id=one) for one in held if one not in current),
        adds=tuple(_folder(one, told) for one, told in current.items() if one not in held),
    )
    device.hierarchy_position = mailbox.number
    if key != "0" and changes == FolderChanges():
        return FolderSyncResponse(sync_key=key)
    device.hierarchy_key += 1
    device.folders = current
    for gone in device.collections.keys() - mailbox.folders.keys():
        del device.collections[gone]
    answer = FolderSyncResponse(sync_key=str(device.hierarchy_key), changes=changes)
    device.previous_hierarchy = key, answer
    return answer


def _folder(server_id: str, told: tuple[str, str, int]) -> Folder:
    parent_id, display_name, kind = told
    return Folder(server_id=server_id, parent_id=parent_id, display_name=display_name, type=FolderType(kind))


def hierarchy_changed(context: Context) -> bool:
    """
    Tell whether folders changed since the device last asked for them.
    """
    log = context.mailbox.hierarchy_log
    return bool(log) and log[-1][0] > context.device.hierarchy_position
