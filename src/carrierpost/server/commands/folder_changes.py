"""
FolderCreate, FolderUpdate and FolderDelete as a server does them ([MS-ASCMD]).

The answer's key takes the old one's place at once, and the next FolderSync does not tell the client what it did itself.
"""

from __future__ import annotations

from carrierpost.protocol.commands.folder_create import FolderCreateRequest, FolderCreateResponse
from carrierpost.protocol.commands.folder_delete import FolderDeleteRequest, FolderDeleteResponse
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.folder_update import FolderUpdateRequest, FolderUpdateResponse
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server.commands.context import Context
from carrierpost.server.commands.folder_sync import hierarchy_changed
from carrierpost.server.mailbox import MailboxFolder

__all__ = ["folder_create", "folder_delete", "folder_update"]

_ROOT = "0"
_EXISTS, _SPECIAL, _MISSING, _NO_PARENT, _BAD_KEY, _MALFORMED = 2, 3, 4, 5, 9, 10


async def folder_create(context: Context) -> Payload:
    """
    Make a folder.
    """
    request = context.read(FolderCreateRequest.decode)
    status = _refusal(context, request.sync_key, request.parent_id, request.display_name)
    if request.type is FolderType.USER_NOTES and context.version < Version.V14_0:
        status = status or _MALFORMED
    if status:
        return FolderCreateResponse(status=status).encode(context.version)
    known = not hierarchy_changed(context)
    folder = context.mailbox.create_folder(request.display_name.strip(), request.type, request.parent_id)
    context.device.folders[folder.server_id] = (folder.parent_id, folder.display_name, int(folder.type))
    key = _next_key(context, known)
    return FolderCreateResponse(sync_key=key, server_id=folder.server_id).encode(context.version)


async def folder_update(context: Context) -> Payload:
    """
    Rename a folder or move it.
    """
    request = context.read(FolderUpdateRequest.decode)
    folder = context.mailbox.folders.get(request.server_id)
    status = _refusal(context, request.sync_key, request.parent_id, request.display_name, folder=folder, there=False)
    if status or folder is None:
        return FolderUpdateResponse(status=status or _MISSING).encode(context.version)
    known = not hierarchy_changed(context)
    context.mailbox.rename_folder(folder, request.display_name.strip(), request.parent_id)
    context.device.folders[folder.server_id] = (folder.parent_id, folder.display_name, int(folder.type))
    return FolderUpdateResponse(sync_key=_next_key(context, known)).encode(context.version)


async def folder_delete(context: Context) -> Payload:
    """
    Remove a folder with all that is in it.
    """
    request = context.read(FolderDeleteRequest.decode)
    folder = context.mailbox.folders.get(request.server_id)
    status = 0
    if not _is_current(context, request.sync_key):
        status = _BAD_KEY
    elif folder is None:
        status = _MISSING
    elif not _is_users(folder):
        status = _SPECIAL
    if status or folder is None:
        return FolderDeleteResponse(status=status).encode(context.version)
    known = not hierarchy_changed(context)
    context.mailbox.delete_folder(folder)
    for gone in context.device.folders.keys() - context.mailbox.folders.keys():
        del context.device.folders[gone]
        context.device.collections.pop(gone, None)
    return FolderDeleteResponse(sync_key=_next_key(context, known)).encode(context.version)


def _is_users(folder: MailboxFolder) -> bool:
    """
    Tell whether it is a folder that a user made, and may change and remove.
    """
    return folder.type is FolderType.GENERIC or FolderType.USER_MAIL <= folder.type <= FolderType.USER_NOTES


def _is_current(context: Context, key: str) -> bool:
    return key == str(context.device.hierarchy_key) != "0"


def _refusal(
    context: Context,
    key: str,
    parent_id: str,
    display_name: str,
    *,
    folder: MailboxFolder | None = None,
    there: bool = True,
) -> int:
    """
    Say why a folder cannot be made, or changed where it is to be there; 0 when it can.
    """
    folders = context.mailbox.folders
    if not _is_current(context, key):
        return _BAD_KEY
    if not display_name.strip():
        return _MALFORMED
    if not there and folder is None:
        return _MISSING
    if folder is not None and not _is_users(folder):
        return _SPECIAL if folder.type is FolderType.RECIPIENT_CACHE else _EXISTS
    parent = folders.get(parent_id)
    if parent is None and parent_id != _ROOT:
        return _NO_PARENT
    if parent is not None and parent.type is FolderType.RECIPIENT_CACHE:
        return _SPECIAL
    if folder is not None and _is_below(context, parent, folder):
        return _NO_PARENT
    name = display_name.strip().casefold()
    same = (one for one in folders.values() if one.parent_id == parent_id and one is not folder)
    return _EXISTS if any(one.display_name.casefold() == name for one in same) else 0


def _is_below(context: Context, place: MailboxFolder | None, folder: MailboxFolder) -> bool:
    while place is not None:
        if place is folder:
            return True
        place = context.mailbox.folders.get(place.parent_id)
    return False


def _next_key(context: Context, known: bool) -> str:
    """
    Move on to the next key; if the device knew all folders before, it does so still.
    """
    device = context.device
    device.hierarchy_key += 1
    device.previous_hierarchy = None
    if known:
        device.hierarchy_position = context.mailbox.number
    return str(device.hierarchy_key)
