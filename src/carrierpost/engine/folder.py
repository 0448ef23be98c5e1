"""
One folder's Sync: asked, heard, decided, committed, told; one answer at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from carrierpost.client.errors import AnswerTooLarge, ClientError, ConnectionLost, TimedOut
from carrierpost.engine.context import Context
from carrierpost.engine.counting import count
from carrierpost.engine.doubt import resolve, weigh
from carrierpost.engine.events import Phase, Progressed
from carrierpost.engine.matching import begin_matching
from carrierpost.engine.pending import NONE, outgoing, text_of
from carrierpost.engine.plan import Heard, Known, brings_nothing, hear, is_last, plan_page
from carrierpost.engine.request import sync_request
from carrierpost.engine.state import FolderRun
from carrierpost.engine.windows import Limits, next_window
from carrierpost.model import Collection, Doubt, Item, Passage, Progress, SyncCommit
from carrierpost.protocol.classes import identity
from carrierpost.protocol.commands.sync import CollectionResponse, FilterType, SyncResponse
from carrierpost.protocol.errors import HTTPStatusError, StatusError, UnreadableAnswer
from carrierpost.protocol.status import Action, outcome

__all__ = ["TROUBLE", "known_of", "refused", "sync_folder", "trouble"]

TROUBLE = "this folder cannot be synchronized at the moment: "
_MOST_HOLLOW = 3  # answers that bring nothing before they are taken for the end
_MOST_UNSURE = 2  # empty answers, where there should be more, before they are believed
_MOST_CUTS = 2  # answers in a row that do not arrive before less is asked for
_MOST_FAULTS = 3  # folders in a row on which the server fails before it is taken for the server's own trouble
_RESTART_AFTER = 8  # failures in a row after which a folder is begun again
_LONGEST_QUIET = 300.0  # seconds; a folder with false alarms is asked for at least that often
_FAULT = 500  # the HTTP status of a server that failed on just this request, perhaps


async def sync_folder(context: Context, collection: Collection, limits: Limits) -> None:
    """
    Ask for a folder's next changes and take them over.

    What concerns the folder alone ends here, with a pause and a note; the account goes on with the others.

    Args:
        context: the account at work.
        collection: the folder, with the window that is to be asked for.
        limits: what the policy allows.

    Raises:
        ClientError: the server did not answer. The folder is in doubt.
        ProtocolError: the server refused the whole account.
        StaleCommit: somebody else was faster. The folder is in doubt.
    """
    folder = context.run.folder(collection.id)
    if await resolve(context, collection, folder):
        return
    if collection.progress is not Progress.COMPLETE:
        context.tell(Phase(f"synchronizing {collection.display_name}"))
        await count(context, collection, folder)
    window = next_window(collection, use_ladder=context.settings.ladder)
    request = sync_request(collection, window, folder.window_size, context.settings, limits, bare=folder.bare)
    folder.asked_at = context.clock.monotonic()
    in_doubt, folder.in_doubt = folder.in_doubt, True
    asked = context.clock.now()
    try:
        answer = await context.session.send(request)
    except (UnreadableAnswer, AnswerTooLarge) as error:
        await _unreadable(context, collection, folder, str(error), again=in_doubt)
        return
    except ClientError as error:
        folder.in_doubt = in_doubt or error.sent
        if isinstance(error, TimedOut | ConnectionLost) and error.sent:
            folder.cuts += 1
            if folder.cuts >= _MOST_CUTS:
                _shrink(folder)
        raise
    except HTTPStatusError as error:
        context.run.faults += 1
        if error.status != _FAULT or context.run.faults > _MOST_FAULTS:
            raise
        await trouble(context, collection, folder, str(error))
        return
    context.run.faults = 0
    folder.passage = Passage(heard_at=folder.heard_at, asked_at=asked, answered_at=context.clock.now())
    await _answered(context, collection, folder, answer, window)


async def _answered(
    context: Context, collection: Collection, folder: FolderRun, answer: SyncResponse, window: FilterType
) -> None:
    part = next((one for one in answer.collections if one.collection_id == collection.server_id), None)
    if part is None and len(answer.collections) == 1 and not answer.collections[0].collection_id:
        part = answer.collections[0]
    if answer.status != 1 and (part is None or part.status == 1):
        await refused(context, collection, folder, answer.status)
    elif part is None and collection.sync_key == "0":
        await trouble(context, collection, folder, "the server answered the first question with nothing")
    elif part is None:
        # Without a body, or without this folder: nothing has changed, and the key stays.
        nothing = CollectionResponse(collection_id=collection.server_id, sync_key=collection.sync_key)
        await _taken_over(context, collection, folder, nothing, window)
    elif part.status != 1:
        await refused(context, collection, folder, part.status)
    else:
        await _taken_over(context, collection, folder, part, window)


async def refused(context: Context, collection: Collection, folder: FolderRun, status: int) -> None:
    """
    Do what a status about this folder asks for.
    """
    meaning = outcome("Sync", status)
    folder.in_doubt = False
    match meaning.action:
        case Action.RESET_COLLECTION if collection.sync_key != "0":
            await begin_matching(context, collection, folder, meaning.sentence)
        case Action.FOLDER_SYNC:
            context.run.hierarchy_due = True
            context.hold_back(folder, meaning.sentence)
        case Action.NEGOTIATE | Action.WAIT | Action.RESET_ALL | Action.WIPE:
            raise StatusError("Sync", status)
        case Action.RETRY if folder.failures + 1 == _RESTART_AFTER and collection.sync_key != "0":
            # [MS-ASCMD] Sync status 5: after repeated failures the folder is begun again.
            await begin_matching(context, collection, folder, meaning.sentence)
        case _:
            await trouble(context, collection, folder, f"{meaning.sentence} (Sync status {status})")


async def trouble(context: Context, collection: Collection, folder: FolderRun, reason: str) -> None:
    """
    Leave the folder alone for a while, and say so once it has failed repeatedly.
    """
    context.hold_back(folder, reason)
    note = TROUBLE + reason
    if folder.failures >= 3 and collection.note != note:
        await context.store.update_collection(collection.id, note=note)


async def _unreadable(context: Context, collection: Collection, folder: FolderRun, reason: str, *, again: bool) -> None:
    """
    Ask for less, down to a single change without its text, so that one bad item keeps no others back.

    Args:
        context: the account at work.
        collection: the folder as it is held.
        folder: its run.
        reason: what is wrong with the answer.
        again: the old key was repeated. Some servers repeat their answer then, whatever is asked for; that says
            nothing about a smaller one.
    """
    if not again and _shrink(folder):
        folder.reason = reason
    else:
        await trouble(context, collection, folder, reason)


def _shrink(folder: FolderRun) -> bool:
    """
    Ask for less from now on; `False` when there is no less.
    """
    if folder.window_size > 1:
        folder.window_size = folder.most = max(1, folder.window_size // 4)
        return True
    before, folder.bare = folder.bare, True
    return not before


async def _taken_over(
    context: Context, collection: Collection, folder: FolderRun, part: CollectionResponse, window: FilterType
) -> None:
    """
    Commit what an answer brought, and keep the books.
    """
    heard = hear(part)
    known = await known_of(context, collection, heard)
    if part.more_available and folder.hollow >= _MOST_HOLLOW:
        part = msgspec.structs.replace(part, more_available=False)
    if _is_doubtful_end(collection, folder, part, window):
        folder.unsure += 1
        return
    commit = plan_page(
        collection,
        collection.sync_key,
        part,
        heard,
        known,
        window,
        context.clock.now(),
        newest=folder.newest,
        bare=folder.bare,
    )
    hollow = brings_nothing(commit, known)
    if hollow and folder.hollow >= _MOST_HOLLOW and part.commands and collection.sync_key != "0":
        # The same equal items again and again: they are taken for the end.
        part = msgspec.structs.replace(part, commands=(), more_available=False)
        commit = _with_end(collection, part, commit, window, context)
    believed = await weigh(context, collection, folder, commit, heard, known, more=part.more_available)
    if believed is None:
        return
    commit = believed
    if commit.note is None and collection.note.startswith(TROUBLE):
        commit = msgspec.structs.replace(commit, note="")
    if collection.progress in (Progress.COMPLETE, Progress.MATCHING):
        commit = msgspec.structs.replace(commit, passage=folder.passage)
    if not _is_idle(collection, commit):
        context.committed(await context.store.commit_sync(commit))
    folder.in_doubt, folder.sure = False, True
    first = collection.sync_key == "0"
    same_rung = commit.window_applied == collection.window_applied
    folder.hollow = folder.hollow + 1 if hollow and same_rung and not first else 0
    folder.done += len(commit.adds) + len(commit.updates)
    finished = is_last(collection.sync_key, part) and commit.progress is Progress.COMPLETE
    if not first:  # a key alone proves nothing
        _learn(context, folder, part, commit)
    _keep_books(context, folder, hollow=hollow, finished=finished)
    if collection.progress is not Progress.COMPLETE:
        now = await context.store.collection(collection.id)
        context.tell(Progressed(now, folder.done, max(folder.estimate or 0, folder.done), finished))


def _is_doubtful_end(collection: Collection, folder: FolderRun, part: CollectionResponse, window: FilterType) -> bool:
    """
    Tell whether an answer says that there is nothing more, when there should be: the server's last word, or its
    estimate, was another, and it does not even give a new key. An empty answer may stand for a fault; believed too
    early, it would make old items news, and items still to be matched would go.
    """
    moved = part.sync_key not in ("", collection.sync_key)
    if moved or not is_last(collection.sync_key, part) or folder.unsure >= _MOST_UNSURE:
        return False
    if folder.more or collection.progress is Progress.COMPLETE or window != collection.window:
        return folder.more
    return folder.estimate is None or folder.done < folder.estimate


def _learn(context: Context, folder: FolderRun, part: CollectionResponse, commit: SyncCommit) -> None:
    """
    Note what an answer that was taken over says about the next one.
    """
    folder.doubted_since, folder.unsure, folder.cuts = None, 0, 0
    folder.failures, folder.reason = 0, ""
    folder.more = part.more_available
    if (folder.bare and commit.adds) or not part.commands:
        folder.bare, folder.most = False, None  # what was too large is through, or there is nothing more
    most = context.settings.most_window_size
    folder.window_size = min(folder.window_size * 2, most, folder.most or most)


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
        and commit.doubt is None
        and not (commit.adds or commit.updates or commit.removals or commit.set_aside or commit.recovered)
        and not (commit.settled or commit.entries or commit.assigned)
    )


def _keep_books(context: Context, folder: FolderRun, *, hollow: bool, finished: bool) -> None:
    if not hollow:
        folder.woken, folder.false_alarms = False, 0
    if not finished:
        folder.due = True
        return
    folder.due, folder.hollow, folder.resyncs, folder.synced_at = False, 0, 0, context.clock.monotonic()
    folder.heard_at = folder.passage = None
    folder.wished = False
    if folder.woken:
        folder.woken = False
        folder.false_alarms += 1
        if folder.false_alarms >= _MOST_HOLLOW:
            seconds = min(30.0 * 2 ** min(folder.false_alarms - _MOST_HOLLOW, 10), _LONGEST_QUIET)
            folder.quiet_until = context.clock.monotonic() + seconds


async def known_of(context: Context, collection: Collection, heard: Heard, skip: frozenset[int] = frozenset()) -> Known:
    """
    Read what is held of the items that an answer is about.

    Args:
        context: the account at work.
        collection: the folder as it is held.
        heard: what the answer says.
        skip: outbox entries that the same answer settles.
    """
    ids = heard.server_ids
    if not ids:
        return Known({}, await _doubted(context, collection, heard), frozenset(), {}, NONE)
    found = await context.store.concerned(context.account_id, collection.id, ids)
    held = found.items if collection.progress is not Progress.NEW else {}
    doubted = await _doubted(context, collection, heard)
    aside = frozenset(one.server_id for one in found.asides if one.collection_id == collection.id)
    pending = outgoing(collection.id, [one for one in found.outbox if one.id not in skip], found.outgoing)
    return Known(held, doubted, aside, await _texts(context, heard, held, doubted), pending)


async def _doubted(context: Context, collection: Collection, heard: Heard) -> dict[str, Sequence[Item]]:
    """
    Read the items that are still to be matched and may be those that an answer brings.
    """
    if collection.progress is not Progress.MATCHING and collection.doubt is Doubt.NONE:
        return {}
    names = {name for data, _ in heard.items.values() if (name := identity(data)) is not None}
    return dict(await context.store.unconfirmed_by_identity(collection.id, names)) if names else {}


async def _texts(
    context: Context, heard: Heard, held: Mapping[str, Item], doubted: Mapping[str, Sequence[Item]]
) -> dict[int, str | bytes]:
    """
    Read the held texts beside those that an answer brings.
    """
    if not any(text_of(data) is not None for data, _ in heard.items.values()):
        return {}
    ids = {item.id for server_id, item in held.items() if server_id in heard.items}
    ids |= {item.id for twins in doubted.values() for item in twins}
    bodies = [await context.store.body(item_id) for item_id in sorted(ids)]
    return {body.item_id: body.data for body in bodies if body is not None}
