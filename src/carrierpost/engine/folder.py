"""
One folder's Sync: asked, heard, decided, committed, told; one answer at a time.
"""

from __future__ import annotations

import msgspec

from carrierpost.client.errors import AnswerTooLarge, ClientError
from carrierpost.engine.context import Context
from carrierpost.engine.events import Phase, Progressed
from carrierpost.engine.plan import Heard, Known, brings_nothing, hear, is_last, next_window, plan_page
from carrierpost.engine.request import allowed_window, sync_request
from carrierpost.engine.state import FolderRun
from carrierpost.model import Collection, Progress, SyncCommit
from carrierpost.protocol.classes import identity
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.get_item_estimate import EstimateCollection, GetItemEstimateRequest
from carrierpost.protocol.commands.sync import CollectionResponse, FilterType, SyncResponse
from carrierpost.protocol.errors import (
    HTTPStatusError,
    ProtocolError,
    RemoteProtocolError,
    StatusError,
    UnreadableAnswer,
    WipeOrdered,
)
from carrierpost.protocol.status import Action, outcome

__all__ = ["sync_folder"]

_MOST_HOLLOW = 3  # answers that bring nothing before they are taken for the end
_TROUBLE = "this folder cannot be synchronized at the moment: "
_EMPTIED = (
    "the server says that everything in this folder is gone; that is not believed before it has said so for a while, "
    "and what is held stays until then"
)


async def sync_folder(context: Context, collection: Collection) -> None:
    """
    Ask for a folder's next changes and take them over.

    What concerns the folder alone ends here, with a pause and a note; the account goes on with the others.

    Raises:
        ClientError: the server did not answer. The folder is in doubt.
        ProtocolError: the server refused the whole account.
        StaleCommit: somebody else was faster.
    """
    folder = context.run.folder(collection.id)
    window = next_window(collection, use_ladder=context.settings.ladder)
    if collection.progress is not Progress.COMPLETE:
        context.tell(Phase(f"synchronizing {collection.display_name}"))
    request = sync_request(collection, window, folder.window_size, context.settings)
    in_doubt, folder.in_doubt = folder.in_doubt, True
    try:
        answer = await context.session.send(request)
    except (UnreadableAnswer, AnswerTooLarge) as error:
        await _unreadable(context, collection, folder, str(error))
        return
    except ClientError as error:
        folder.in_doubt = in_doubt or error.sent
        raise
    except HTTPStatusError as error:
        if error.outcome.action is not Action.RETRY:
            raise
        await _trouble(context, collection, folder, str(error))
        return
    folder.in_doubt = False
    await _answered(context, collection, folder, answer, window)


async def _answered(
    context: Context, collection: Collection, folder: FolderRun, answer: SyncResponse, window: FilterType
) -> None:
    part = next((one for one in answer.collections if one.collection_id == collection.server_id), None)
    if part is None and len(answer.collections) == 1 and not answer.collections[0].collection_id:
        part = answer.collections[0]
    if answer.status != 1 and (part is None or part.status == 1):
        await _refused(context, collection, folder, answer.status)
    elif part is None and collection.sync_key == "0":
        await _trouble(context, collection, folder, "the server answered the first question with nothing")
    elif part is None:
        # Without a body, or without this folder: nothing has changed, and the key stays.
        nothing = CollectionResponse(collection_id=collection.server_id, sync_key=collection.sync_key)
        await _taken_over(context, collection, folder, nothing, window)
    elif part.status != 1:
        await _refused(context, collection, folder, part.status)
    else:
        await _taken_over(context, collection, folder, part, window)


async def _refused(context: Context, collection: Collection, folder: FolderRun, status: int) -> None:
    """
    Do what a status about this folder asks for.
    """
    meaning = outcome("Sync", status)
    match meaning.action:
        case Action.RESET_COLLECTION if collection.sync_key != "0":
            await _begin_matching(context, collection, folder, meaning.sentence)
        case Action.FOLDER_SYNC:
            context.run.hierarchy_due = True
            context.hold_back(folder, meaning.sentence)
        case Action.NEGOTIATE | Action.WAIT | Action.RESET_ALL | Action.WIPE:
            raise StatusError("Sync", status)
        case _:
            await _trouble(context, collection, folder, f"{meaning.sentence} (Sync status {status})")


async def _begin_matching(context: Context, collection: Collection, folder: FolderRun, reason: str) -> None:
    commit = SyncCommit(
        collection_id=collection.id,
        from_key=collection.sync_key,
        to_key="0",
        progress=Progress.MATCHING,
        unconfirm=True,
        detail=reason,
    )
    context.committed(await context.store.commit_sync(commit))
    folder.due, folder.done, folder.hollow, folder.failures = True, 0, 0, 0


async def _trouble(context: Context, collection: Collection, folder: FolderRun, reason: str) -> None:
    """
    Leave the folder alone for a while, and say so once it has failed repeatedly.
    """
    context.hold_back(folder, reason)
    note = _TROUBLE + reason
    if folder.failures >= 3 and collection.note != note:
        await context.store.update_collection(collection.id, note=note)


async def _unreadable(context: Context, collection: Collection, folder: FolderRun, reason: str) -> None:
    """
    Ask for less, down to a single change, so that one bad item keeps no others back.
    """
    if folder.window_size > 1:
        folder.window_size = max(1, folder.window_size // 4)
        folder.reason = reason
    else:
        await _trouble(context, collection, folder, reason)


async def _taken_over(
    context: Context, collection: Collection, folder: FolderRun, part: CollectionResponse, window: FilterType
) -> None:
    """
    Commit what an answer brought, and keep the books.
    """
    heard = hear(part)
    known = await _known(context, collection, heard)
    if part.more_available and folder.hollow >= _MOST_HOLLOW:
        part = msgspec.structs.replace(part, more_available=False)
    commit = plan_page(collection, collection.sync_key, part, heard, known, window, context.clock.now())
    hollow = brings_nothing(commit, known)
    if hollow and folder.hollow >= _MOST_HOLLOW and part.commands and collection.sync_key != "0":
        # The same equal items again and again: they are taken for the end.
        part = msgspec.structs.replace(part, commands=(), more_available=False)
        commit = _with_end(collection, part, commit, window, context)
    if await _is_suspicious(context, collection, folder, commit, heard):
        return
    if collection.note.startswith(_TROUBLE) or collection.note == _EMPTIED:
        commit = msgspec.structs.replace(commit, note="")
    first = collection.sync_key == "0"
    if not _is_idle(collection, commit):
        context.committed(await context.store.commit_sync(commit))
    folder.failures, folder.reason, folder.doubted_since = 0, "", None
    folder.window_size = min(folder.window_size * 2, context.settings.most_window_size)
    same_rung = commit.window_applied == collection.window_applied
    folder.hollow = folder.hollow + 1 if hollow and same_rung and not first else 0
    folder.done += len(commit.adds) + len(commit.updates)
    if first and context.settings.estimates:
        folder.estimate = await _estimate(context, collection, commit.to_key, window)
    finished = is_last(collection.sync_key, part) and commit.progress is Progress.COMPLETE
    _keep_books(context, folder, hollow=hollow, finished=finished)
    if collection.progress is not Progress.COMPLETE:
        now = await context.store.collection(collection.id)
        context.tell(Progressed(now, folder.done, folder.estimate, finished))


def _with_end(
    collection: Collection, part: CollectionResponse, commit: SyncCommit, window: FilterType, context: Context
) -> SyncCommit:
    nothing = Known({}, {}, frozenset())
    end = plan_page(collection, collection.sync_key, part, hear(part), nothing, window, context.clock.now())
    return msgspec.structs.replace(
        commit, progress=end.progress, window_applied=end.window_applied, drop_unconfirmed=end.drop_unconfirmed
    )


def _is_idle(collection: Collection, commit: SyncCommit) -> bool:
    """
    Tell whether there is nothing at all to write, not even a key; by far the most common answer.
    """
    return (
        commit.to_key == collection.sync_key
        and commit.progress is collection.progress
        and commit.window_applied == collection.window_applied
        and commit.note is None
        and not (commit.adds or commit.updates or commit.removals or commit.set_aside or commit.recovered)
    )


def _keep_books(context: Context, folder: FolderRun, *, hollow: bool, finished: bool) -> None:
    if not hollow:
        folder.woken, folder.false_alarms = False, 0
    if not finished:
        folder.due = True
        return
    folder.due, folder.hollow, folder.synced_at = False, 0, context.clock.monotonic()
    if folder.woken:
        folder.woken = False
        folder.false_alarms += 1
        if folder.false_alarms >= _MOST_HOLLOW:
            seconds = min(30.0 * 2 ** (folder.false_alarms - _MOST_HOLLOW), 3600.0)
            folder.quiet_until = context.clock.monotonic() + seconds


async def _known(context: Context, collection: Collection, heard: Heard) -> Known:
    """
    Read what is held of the items that an answer is about.
    """
    store = context.store
    ids = heard.server_ids
    held = await store.items_by_server_id(collection.id, ids) if ids and collection.progress is not Progress.NEW else {}
    doubted = {}
    if collection.progress is Progress.MATCHING:
        names = {name for data, _ in heard.items.values() if (name := identity(data)) is not None}
        doubted = dict(await store.unconfirmed_by_identity(collection.id, names)) if names else {}
    aside: frozenset[str] = frozenset()
    if ids:
        every = await store.set_aside(collection.account_id)
        aside = frozenset(one.server_id for one in every if one.collection_id == collection.id)
    return Known(held, doubted, aside)


async def _is_suspicious(
    context: Context, collection: Collection, folder: FolderRun, commit: SyncCommit, heard: Heard
) -> bool:
    """
    Keep a commit back that would leave a full folder empty, until the server has said so for a while.
    """
    emptying = commit.drop_unconfirmed or (len(heard.gone) >= 1 and not commit.adds and not commit.updates)
    if not emptying or collection.type is FolderType.DELETED_ITEMS:
        return False
    kind = collection.content_class
    assert kind is not None
    store, settings = context.store, context.settings
    held = (await store.count(collection.account_id, collection_id=collection.id)).get(kind, 0)
    lost = len(commit.removals)
    if commit.drop_unconfirmed:
        doubtful = await store.count(collection.account_id, collection_id=collection.id, unconfirmed=True)
        lost += doubtful.get(kind, 0)
    if held < settings.doubtful_items or lost < held or commit.adds:
        return False
    now = context.clock.monotonic()
    if folder.doubted_since is None:
        folder.doubted_since = now
    if now - folder.doubted_since >= settings.doubt_seconds:
        return False
    context.hold_back(folder, _EMPTIED, seconds=settings.doubt_seconds)
    if collection.note != _EMPTIED:
        await store.update_collection(collection.id, note=_EMPTIED)
    return True


async def _estimate(context: Context, collection: Collection, key: str, window: FilterType) -> int:
    """
    Ask how many items there are; a server that does not say only leaves a progress bar without an end.
    """
    kind = collection.content_class
    assert kind is not None
    asked = EstimateCollection(
        collection_id=collection.server_id,
        sync_key=key,
        content_class=kind,
        filter_type=allowed_window(collection, window) or FilterType.ALL,
    )
    try:
        answer = await context.session.send(GetItemEstimateRequest(collections=(asked,)))
    except WipeOrdered:
        raise
    except (RemoteProtocolError, ProtocolError):
        return 0
    return next((one.estimate for one in answer.estimates if one.status == 1), 0)
