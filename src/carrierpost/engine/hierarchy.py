"""
The folder list: fetched, and what follows from it written.
"""

from __future__ import annotations

from collections.abc import Mapping

from carrierpost.delivery.folders import first_minutes
from carrierpost.engine.context import Context
from carrierpost.engine.doubt import EMPTIED
from carrierpost.engine.events import Phase
from carrierpost.engine.folder import TROUBLE
from carrierpost.engine.matching import begin_matching
from carrierpost.engine.request import unsynchronized
from carrierpost.model import Account, Collection, CollectionEntry, HierarchyCommit
from carrierpost.protocol.commands.folder_sync import Folder, FolderSyncRequest, FolderSyncResponse
from carrierpost.protocol.errors import StatusError, UnreadableAnswer
from carrierpost.protocol.version import Version

__all__ = ["VANISHED", "commit_folders", "fetch_folders", "plan_hierarchy", "reset_everything", "reset_hierarchy"]

_DOUBTFUL_FOLDERS = 5
VANISHED = (
    "the server no longer lists this folder, nor most others; that is not believed before it has said so for a while"
)
_PASSING = (TROUBLE, EMPTIED)
"""How notes begin that a folder's next good answer takes away."""


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
        server_id=folder.server_id,
        parent_id=folder.parent_id,
        display_name=folder.display_name,
        type=folder.type,
        minutes=first_minutes(folder.type),
    )


async def fetch_folders(context: Context) -> None:
    """
    Ask for the folder list's changes and write them.

    Raises:
        ClientError, ProtocolError: the server could not be asked, or refused.
        StaleCommit: somebody else was faster.
    """
    async with context.listing:
        await _fetch_folders(context)


async def _fetch_folders(context: Context) -> None:
    context.tell(Phase("fetching the folder list"))
    store, run = context.store, context.run
    account = await store.account(context.account_id)
    answer = await context.session.send(FolderSyncRequest(sync_key=account.hierarchy_key))
    if answer.status != 1:
        raise StatusError("FolderSync", answer.status)
    if account.hierarchy_key == "0" and answer.sync_key in ("", "0"):
        raise UnreadableAnswer("FolderSync", "it says that nothing has changed, and has never given a list")
    held = {one.server_id: one for one in await store.collections(account.id)}
    commit = plan_hierarchy(account, frozenset(held), answer)
    run.hierarchy_due, run.hierarchy_at = False, context.clock.monotonic()
    if await _is_suspicious(context, commit, held):
        return
    await commit_folders(context, commit)


async def commit_folders(context: Context, commit: HierarchyCommit) -> None:
    """
    Write what a command changed in the folder list, together with the key that came with its answer.

    Raises:
        StaleCommit: somebody else was faster.
    """
    held = {one.server_id: one for one in await context.store.collections(context.account_id)}
    context.committed(await context.store.commit_hierarchy(commit))
    account = await context.store.account(context.account_id)
    for collection in await context.store.collections(context.account_id):
        await _look_at(context, collection, held.get(collection.server_id), account.version)


async def _is_suspicious(context: Context, commit: HierarchyCommit, held: Mapping[str, Collection]) -> bool:
    """
    Keep a folder list back that takes away most of what is held, until the server has said so for a while.

    A device in quarantine sees one folder with one notice; that is no reason to forget a mailbox.
    """
    run, settings = context.run, context.settings
    gone = set(commit.removals)
    if commit.whole:
        gone |= held.keys() - {one.server_id for one in commit.upserts}
    if len(gone) < _DOUBTFUL_FOLDERS or len(gone) * 2 < len(held) or not await _holds_much(context, held, gone):
        run.hierarchy_doubted_since = None
        return False
    now = context.clock.monotonic()
    if run.hierarchy_doubted_since is None:
        run.hierarchy_doubted_since = now
    if now - run.hierarchy_doubted_since >= settings.doubt_seconds:
        run.hierarchy_doubted_since = None
        return False
    for server_id in gone:
        context.hold_back(context.run.folder(held[server_id].id), VANISHED, seconds=settings.doubt_seconds)
        if held[server_id].note != VANISHED:
            await context.store.update_collection(held[server_id].id, note=VANISHED)
    run.hierarchy_at = now + settings.doubt_seconds - settings.sync_seconds  # asked again when the doubt is over
    return True


async def _holds_much(context: Context, held: Mapping[str, Collection], gone: set[str]) -> bool:
    total = 0
    for server_id in gone:
        counts = await context.store.count(context.account_id, collection_id=held[server_id].id)
        total += sum(counts.values())
    return total >= context.settings.doubtful_items


async def _look_at(
    context: Context, collection: Collection, before: Collection | None, version: Version | None
) -> None:
    """
    Draw the consequences of a folder's place in a new list.
    """
    if before is not None and before.content_class is not collection.content_class:
        context.run.folders.pop(collection.id)  # the store has emptied it; it begins anew
    note = unsynchronized(collection, version) or ""
    if collection.note != note and not (note == "" and collection.note.startswith(_PASSING)):
        await context.store.update_collection(collection.id, note=note)


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
        await begin_matching(context, collection, context.run.folder(collection.id), reason)
    await reset_hierarchy(context)
