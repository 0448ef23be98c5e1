"""
What looks like an accident at the server: a folder that is suddenly empty. It is not believed at once.
"""

from __future__ import annotations

from carrierpost.engine.context import Context
from carrierpost.engine.plan import Heard
from carrierpost.engine.state import FolderRun
from carrierpost.model import Collection, SyncCommit
from carrierpost.protocol.commands.folder_sync import FolderType

__all__ = ["EMPTIED", "is_suspicious"]

EMPTIED = (
    "the server says that everything in this folder is gone; that is not believed before it has said so for a while, "
    "and what is held stays until then"
)


async def is_suspicious(
    context: Context, collection: Collection, folder: FolderRun, commit: SyncCommit, heard: Heard, *, more: bool
) -> bool:
    """
    Keep a commit back that would leave a full folder empty, until the server has said so for a while.

    Args:
        context: the account at work.
        collection: the folder as it is held.
        folder: its run.
        commit: what would be written.
        heard: what the server said.
        more: whether the server has more to say; then half of the folder is enough to wonder about, as it is
            at the end of a matching.

    Returns:
        Whether the commit is to be kept back; the folder is left alone for a while then.
    """
    emptying = commit.drop_unconfirmed or bool(heard.gone)
    if not emptying or commit.adds or commit.updates or collection.type is FolderType.DELETED_ITEMS:
        return False
    settings = context.settings
    held, lost = await _loss(context, collection, commit)
    if held < settings.doubtful_items or lost < (held / 2 if more or commit.drop_unconfirmed else held):
        return False
    now = context.clock.monotonic()
    if folder.doubted_since is None:
        folder.doubted_since = now
    if now - folder.doubted_since >= settings.doubt_seconds:
        return False
    context.hold_back(folder, EMPTIED, seconds=settings.doubt_seconds)
    if collection.note != EMPTIED:
        await context.store.update_collection(collection.id, note=EMPTIED)
    return True


async def _loss(context: Context, collection: Collection, commit: SyncCommit) -> tuple[int, int]:
    """
    Count what is held, and what of it would go by itself: what only left the window counts as neither.
    """
    kind = collection.content_class
    assert kind is not None
    store, account_id = context.store, collection.account_id
    held = (await store.count(account_id, collection_id=collection.id)).get(kind, 0)
    lost = sum(not one.left_window for one in commit.removals)
    if commit.drop_unconfirmed:
        doubtful = await store.count(account_id, collection_id=collection.id, unconfirmed=True)
        lost += doubtful.get(kind, 0)
    return held, lost
