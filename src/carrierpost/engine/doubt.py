"""
What looks like an accident at the server: a folder that is suddenly empty. It is not believed at once.

Of a small folder the server is believed when it still says so after a while, since people do empty their Inbox; until
then its answer is not taken over. Of a large folder it is not believed before a person has said yes. The folder is
begun again, so that what the server does have is matched; what it does not have stays here, unconfirmed, and the folder
goes on with what is new. The question and its answer are kept with the folder (`Collection.doubt`) and outlive a
restart. Should the server have everything again, the items that are held are the ones, and the question is settled.
"""

from __future__ import annotations

import msgspec

from carrierpost.engine.context import Context
from carrierpost.engine.counting import waiting
from carrierpost.engine.matching import begin_matching
from carrierpost.engine.plan import Heard, Known
from carrierpost.engine.state import FolderRun
from carrierpost.model import Collection, Doubt, Progress, SyncCommit
from carrierpost.protocol.commands.folder_sync import FolderType

__all__ = ["EMPTIED", "KEPT", "resolve", "weigh"]

EMPTIED = "the server says that everything in this folder is gone"
"""How each sentence of these begins."""
_FOR_A_WHILE = (
    f"{EMPTIED}; that is not believed before it has said so for a while, and what is held stays until then; say "
    "whether it is so with: carrierpost set-aside accept, or refuse"
)
_UNTIL_ANSWERED = (
    f"{EMPTIED}; that is not believed, and what is held stays, until you say whether it is so with: carrierpost "
    "set-aside accept, or refuse"
)
KEPT = f"{EMPTIED}; what is held stays, as you wanted; think again with: carrierpost set-aside accept"
_FEW = 10  # so many times as much has to go as comes, before what comes does not speak for what goes


async def weigh(
    context: Context,
    collection: Collection,
    folder: FolderRun,
    commit: SyncCommit,
    heard: Heard,
    known: Known,
    *,
    more: bool,
) -> SyncCommit | None:
    """
    Keep back what would leave a full folder empty.

    Args:
        context: the account at work.
        collection: the folder as it is held.
        folder: its run.
        commit: what would be written.
        heard: what the server said.
        known: what is held of the items that it is about.
        more: whether the server has more to say; then half of the folder is enough to wonder about, as it is
            at the end of a matching.

    Returns:
        What is to be written; `None` for nothing, with the folder left alone for a while or begun again.

    Raises:
        ClientError, RemoteProtocolError: as `carrierpost.engine.counting.waiting`.
        StaleCommit: somebody else was faster.
    """
    emptying = commit.drop_unconfirmed or bool(heard.gone)
    if not emptying or collection.type is FolderType.DELETED_ITEMS or collection.doubt is Doubt.ACCEPTED:
        return await _settled(context, collection, commit, known, more=more)
    held, lost = await _loss(context, collection, commit, more=more)
    settings = context.settings
    asked = held >= settings.asked_items or collection.doubt is Doubt.REFUSED
    fresh = len(commit.adds) + len(commit.updates)
    enough = held / 2 if more or commit.drop_unconfirmed else held
    if held < settings.doubtful_items or lost < enough or (fresh and not (asked and fresh * _FEW < lost)):
        return await _settled(context, collection, commit, known, more=more)
    if asked:
        return await _asked(context, collection, folder, commit)
    now = context.clock.monotonic()
    if folder.doubted_since is None:
        folder.doubted_since = now
    if now - folder.doubted_since >= settings.doubt_seconds:
        return await _settled(context, collection, commit, known, more=more)
    context.hold_back(folder, _FOR_A_WHILE, seconds=settings.doubt_seconds)
    if (collection.note, collection.doubt) != (_FOR_A_WHILE, Doubt.ASKED):
        await context.store.update_collection(collection.id, note=_FOR_A_WHILE, doubt=Doubt.ASKED)
    return None


async def _asked(context: Context, collection: Collection, folder: FolderRun, commit: SyncCommit) -> SyncCommit | None:
    """
    Begin the folder again, and at the end of that keep what was not found.
    """
    refused = collection.doubt is Doubt.REFUSED
    note, doubt = (KEPT, Doubt.REFUSED) if refused else (_UNTIL_ANSWERED, Doubt.ASKED)
    if commit.drop_unconfirmed:
        return msgspec.structs.replace(commit, drop_unconfirmed=False, note=note, doubt=doubt)
    await context.store.update_collection(collection.id, note=note, doubt=doubt)
    await begin_matching(context, collection, folder, EMPTIED)
    return None


async def _settled(
    context: Context, collection: Collection, commit: SyncCommit, known: Known, *, more: bool
) -> SyncCommit:
    """
    Take the question back once nothing that is held is in doubt any more.
    """
    if collection.doubt is Doubt.NONE or more or commit.progress is not Progress.COMPLETE:
        return commit
    doubted = {item.id for item in known.by_server_id.values() if item.unconfirmed}
    doubted |= {item.id for items in known.by_identity.values() for item in items}
    decided = doubted & ({one.item_id for one in commit.updates} | {one.item_id for one in commit.removals})
    if commit.drop_unconfirmed or await _doubtful(context, collection) == len(decided):
        return msgspec.structs.replace(commit, note="", doubt=Doubt.NONE)
    return commit


async def resolve(context: Context, collection: Collection, folder: FolderRun) -> bool:
    """
    Carry out what a person has said about a folder in doubt.

    Returns:
        Whether that was all that is to be done now; otherwise the server is asked, and believed.

    Raises:
        StaleCommit: somebody else was faster.
    """
    folder.accepted = collection.doubt is Doubt.ACCEPTED
    if not folder.accepted:
        return False
    if collection.progress is not Progress.COMPLETE or not await _doubtful(context, collection):
        return False
    commit = SyncCommit(
        collection_id=collection.id,
        from_key=collection.sync_key,
        to_key=collection.sync_key,
        progress=collection.progress,
        drop_unconfirmed=True,
        note="",
        doubt=Doubt.NONE,
    )
    context.committed(await context.store.commit_sync(commit))
    return True


async def _doubtful(context: Context, collection: Collection) -> int:
    kind = collection.content_class
    assert kind is not None
    counts = await context.store.count(collection.account_id, collection_id=collection.id, unconfirmed=True)
    return counts.get(kind, 0)


async def _loss(context: Context, collection: Collection, commit: SyncCommit, *, more: bool) -> tuple[int, int]:
    """
    Count what is held, and what of it would go by itself: what only left the window counts as neither.
    """
    kind = collection.content_class
    assert kind is not None
    held = (await context.store.count(collection.account_id, collection_id=collection.id)).get(kind, 0)
    lost = sum(not one.left_window for one in commit.removals)
    if commit.drop_unconfirmed:
        lost += await _doubtful(context, collection)
    elif more and context.settings.doubtful_items <= lost == len(commit.removals) and not commit.adds:
        # A first page of nothing but deletions: how many more are there like it?
        lost += await waiting(context, collection) or 0
    return held, lost
