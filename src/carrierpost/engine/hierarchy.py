"""
The folder list: fetched, and what follows from it written.
"""

from __future__ import annotations

from carrierpost.engine.context import Context
from carrierpost.engine.events import Phase
from carrierpost.engine.request import unsynchronized
from carrierpost.model import Account, CollectionEntry, HierarchyCommit, Progress, SyncCommit
from carrierpost.protocol.commands.folder_sync import Folder, FolderSyncRequest, FolderSyncResponse
from carrierpost.protocol.errors import StatusError

__all__ = ["fetch_folders", "plan_hierarchy", "reset_everything", "reset_hierarchy"]


def plan_hierarchy(account: Account, held: frozenset[str], answer: FolderSyncResponse) -> HierarchyCommit:
    """
    Decide what an answer to FolderSync means. Pure.

    Args:
        account: the account as it is held.
        held: server ids of the folders that are held.
        answer: the server's answer, with success.

    Returns:
        What to commit. An empty whole list takes nothing away: a server that lists no folder has lost its mind, not
        the person their mail.
    """
    changes = answer.changes
    upserts = {one.server_id: _entry(one) for one in (*changes.updates, *changes.adds) if one.server_id}
    whole = account.hierarchy_key == "0" and bool(upserts)
    return HierarchyCommit(
        account_id=account.id,
        from_key=account.hierarchy_key,
        to_key=answer.sync_key or account.hierarchy_key,
        upserts=tuple(upserts.values()),
        removals=tuple(one.server_id for one in changes.deletes if one.server_id in held),
        whole=whole,
    )


def _entry(folder: Folder) -> CollectionEntry:
    return CollectionEntry(
        server_id=folder.server_id, parent_id=folder.parent_id, display_name=folder.display_name, type=folder.type
    )


async def fetch_folders(context: Context) -> None:
    """
    Ask for the folder list's changes and write them.

    Raises:
        ClientError, ProtocolError: the server could not be asked, or refused.
        StaleCommit: somebody else was faster.
    """
    context.tell(Phase("fetching the folder list"))
    store = context.store
    account = await store.account(context.account_id)
    answer = await context.session.send(FolderSyncRequest(sync_key=account.hierarchy_key))
    if answer.status != 1:
        raise StatusError("FolderSync", answer.status)
    held = {one.server_id: one for one in await store.collections(account.id)}
    changes = await store.commit_hierarchy(plan_hierarchy(account, frozenset(held), answer))
    context.committed(changes)
    context.run.hierarchy_due = False
    for collection in await store.collections(account.id):
        if collection.server_id not in held:
            context.run.folder(collection.id).window_size = context.settings.window_size
        note = unsynchronized(collection, account.version)
        if note is not None and collection.note != note:
            await store.update_collection(collection.id, note=note)


async def reset_hierarchy(context: Context) -> None:
    """
    Forget the folder list's key; folders and items stay and are recognised again.
    """
    account = await context.store.account(context.account_id)
    if account.hierarchy_key != "0":
        commit = HierarchyCommit(account_id=account.id, from_key=account.hierarchy_key, to_key="0")
        await context.store.commit_hierarchy(commit)
    context.run.hierarchy_due = True


async def reset_everything(context: Context, reason: str) -> None:
    """
    Forget all keys, because the server has forgotten this device; everything held is matched against what comes.
    """
    for collection in await context.store.collections(context.account_id):
        if collection.sync_key == "0":
            continue
        commit = SyncCommit(
            collection_id=collection.id,
            from_key=collection.sync_key,
            to_key="0",
            progress=Progress.MATCHING,
            unconfirm=True,
            detail=reason,
        )
        context.committed(await context.store.commit_sync(commit))
        folder = context.run.folder(collection.id)
        folder.due, folder.done, folder.in_doubt = True, 0, False
    await reset_hierarchy(context)
