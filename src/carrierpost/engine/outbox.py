"""
Telling the server what a person did with a folder's items: one Sync with commands, and nothing asked.

The request goes out with the key that is held, once that is known to be the server's last one: a server that sees an
older key takes what comes for a repetition, answers as it did before and does nothing. Entries are marked in the store
before they leave. If the answer is lost, the same entries go again with the same key and client ids, alone and before
anything else of the folder. The answer's key is written together with what became of the entries.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from carrierpost.client.errors import AnswerTooLarge, ClientError
from carrierpost.engine.context import Context
from carrierpost.engine.events import Phase
from carrierpost.engine.folder import known_of, refused, trouble
from carrierpost.engine.plan import hear, plan_page
from carrierpost.engine.state import FolderRun
from carrierpost.engine.upload import Impossible, Said, Verdict, command_for, judge, response_to
from carrierpost.model import (
    AddIntent,
    ChangeIntent,
    Collection,
    DeleteIntent,
    EntryUpdate,
    IntentKind,
    Item,
    ItemUpdate,
    OutboxEntry,
    OutboxState,
    Removal,
    SyncCommit,
)
from carrierpost.model.intent import intent_of
from carrierpost.protocol.classes import identity, merge, record_of
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import CollectionResponse, ResponseKind, SyncCollection, SyncRequest
from carrierpost.protocol.errors import HTTPStatusError, UnreadableAnswer
from carrierpost.protocol.status import Action, outcome
from carrierpost.protocol.version import Version
from carrierpost.store.errors import NotHeld

__all__ = ["TOO_MANY", "send_outbox"]

TOO_MANY = (
    "more than {count} items were to be made at the server within a minute, which looks like an accident; if it is "
    "meant, say so with: carrierpost set-aside accept, else: carrierpost set-aside refuse"
)
_MINUTE = 60.0
_MOST_FAILURES = 3
"""Failures in a row of several entries together after which they go singly, and of one after which it is refused."""


async def send_outbox(context: Context, collection: Collection, entries: Sequence[OutboxEntry]) -> None:
    """
    Tell the server what was done with a folder's items.

    Args:
        context: the account at work.
        collection: the folder as it is held.
        entries: what to tell; no two about one item.

    Raises:
        ClientError: the server did not answer. The entries are repeated before anything else of the folder.
        ProtocolError: the server refused the whole account.
        StaleCommit: somebody else was faster.
    """
    folder = context.run.folder(collection.id)
    context.tell(Phase(f"telling the server what was done in {collection.display_name}"))
    chosen = _together(entries, 1 if folder.singly else context.settings.most_commands)
    chosen = await _in_bounds(context, chosen)
    marked = await context.store.mark_sending([one.id for one in chosen])
    said, rest, moot = await _said(context, collection, marked)
    if rest or moot:
        context.committed(await context.store.commit_sync(_commit(collection, entries=rest, settled=moot)))
    if not said:
        return
    folder.in_doubt = True
    try:
        answer = await context.session.send(_request(collection, said))
    except (UnreadableAnswer, AnswerTooLarge) as error:
        await _failed(context, collection, folder, said, str(error))
        return
    except ClientError as error:
        if not error.sent and all(one.state is OutboxState.QUEUED for one in chosen):
            folder.in_doubt = False
            await _requeue(context, collection, said, unsent=True)
        raise
    except HTTPStatusError as error:
        if error.outcome.action is not Action.RETRY or error.retry_after is not None:
            raise
        await _failed(context, collection, folder, said, str(error))
        return
    part = next((one for one in answer.collections if one.collection_id in (collection.server_id, "")), None)
    status = answer.status if answer.status != 1 or part is None else part.status
    if status != 1:
        await _status(context, collection, folder, said, status)
    elif part is None or not part.sync_key:
        # A key that stays the same is no refusal: some servers count changes by others only.
        await _failed(context, collection, folder, said, "the server did not say what became of it")
    else:
        await _answered(context, collection, folder, said, part)


# -- choosing


def _together(entries: Sequence[OutboxEntry], most: int) -> list[OutboxEntry]:
    """
    Choose what goes into one request: what is on its way already goes alone, and so do deletions for ever, since it is
    the request as a whole that says so.
    """
    sending = [one for one in entries if one.state is OutboxState.SENDING]
    chosen: list[OutboxEntry] = []
    for one in sending or entries:
        if chosen and _manner(one) != _manner(chosen[0]):
            continue
        chosen.append(one)
        if len(chosen) >= most and not sending:
            break
    return chosen


def _manner(entry: OutboxEntry) -> bool:
    try:
        intent = intent_of(entry)
    except ValueError:
        return False
    return isinstance(intent, DeleteIntent) and intent.permanent


async def _in_bounds(context: Context, entries: list[OutboxEntry]) -> list[OutboxEntry]:
    """
    Keep creations back that come in masses, and ask.
    """
    now = context.clock.monotonic()
    context.run.posted = posted = [one for one in context.run.posted if one > now - _MINUTE]
    chosen = []
    for one in entries:
        if one.kind is IntentKind.ADD and one.attempts == 0 and not _is_meant(one):
            if len(posted) >= context.settings.most_creations:
                reason = TOO_MANY.format(count=context.settings.most_creations)
                await context.store.mark_outbox(one.id, OutboxState.REFUSED, reason)
                continue
            posted.append(now)
        chosen.append(one)
    return chosen


def _is_meant(entry: OutboxEntry) -> bool:
    """
    Tell whether a person has said of a creation that it is no accident.
    """
    try:
        intent = intent_of(entry)
    except ValueError:
        return False
    return isinstance(intent, AddIntent) and intent.meant


# -- asking


async def _said(
    context: Context, collection: Collection, entries: Sequence[OutboxEntry]
) -> tuple[list[Said], tuple[EntryUpdate, ...], tuple[int, ...]]:
    """
    Write the commands; what cannot be said is refused here.

    Returns:
        What is to be said, what becomes of other entries, and those that are settled: changes of what the person has
        deleted meanwhile. Whether the server got such a change is of no interest any more.
    """
    kind = collection.content_class
    assert kind is not None
    account = await context.store.account(context.account_id)
    version = account.version or Version.V14_1
    said, rest, moot = [], [], []
    for entry in entries:
        item = await _item(context, entry)
        if item is None and entry.kind is IntentKind.CHANGE:
            moot.append(entry.id)
            continue
        body = await context.store.body(item.id) if item is not None else None
        if item is not None and item.collection_id != collection.id and entry.kind is IntentKind.CHANGE:
            rest.append(EntryUpdate(entry_id=entry.id, state=OutboxState.QUEUED))  # moved on since it was told
            continue
        try:
            said.append(command_for(entry, intent_of(entry), item, body, record_of(kind), version))
        except ValueError:
            reason = "this entry of the outbox cannot be read any more"
            rest.append(EntryUpdate(entry_id=entry.id, state=OutboxState.REFUSED, reason=reason))
        except Impossible as error:
            rest.append(EntryUpdate(entry_id=entry.id, state=OutboxState.REFUSED, reason=str(error)))
    return said, tuple(rest), tuple(moot)


async def _item(context: Context, entry: OutboxEntry) -> Item | None:
    if entry.item_id is None:
        return None
    try:
        return await context.store.item(entry.item_id)
    except NotHeld:
        return None


def _request(collection: Collection, said: Sequence[Said]) -> SyncRequest:
    permanent = any(isinstance(one.intent, DeleteIntent) and one.intent.permanent for one in said)
    asked = SyncCollection(
        collection_id=collection.server_id,
        sync_key=collection.sync_key,
        content_class=collection.content_class,
        deletes_as_moves=not permanent,
        get_changes=False,
        commands=tuple(one.command for one in said),
    )
    return SyncRequest(collections=(asked,))


# -- hearing


async def _answered(
    context: Context, collection: Collection, folder: FolderRun, said: Sequence[Said], part: CollectionResponse
) -> None:
    verdicts = [judge(one, response_to(one, part.responses)) for one in said]
    settled = tuple(one.entry.id for one, verdict in zip(said, verdicts, strict=True) if verdict.settled)
    commit = _commit(collection, verdicts, to_key=part.sync_key, settled=settled)
    if part.commands:  # a server that tells its changes though it was not asked
        heard = hear(part)
        known = await known_of(context, collection, heard, frozenset(settled))
        window = collection.window if collection.window_applied is None else collection.window_applied
        page = plan_page(collection, collection.sync_key, part, heard, known, window, context.clock.now())
        # What the server's own change has overtaken meanwhile is not told again.
        decided = {*page.settled, *(one.entry_id for one in page.entries if one.state is OutboxState.REFUSED)}
        named = {one.server_id for one in commit.assigned}  # held already, or deleted here and about to go there
        commit = msgspec.structs.replace(
            page,
            adds=tuple(one for one in page.adds if one.server_id not in named),
            assigned=(*page.assigned, *commit.assigned),
            settled=(*page.settled, *commit.settled),
            entries=(*page.entries, *(one for one in commit.entries if one.entry_id not in decided)),
            set_aside=(*page.set_aside, *commit.set_aside),
        )
    else:
        commit = msgspec.structs.replace(commit, updates=await _made(context, said, part))
    if sent := await _sent(context, said, settled):
        gone = {one.item_id for one in commit.removals}
        commit = msgspec.structs.replace(
            commit,
            removals=(*commit.removals, *(Removal(item_id=one) for one in sorted(sent - gone))),
            updates=tuple(one for one in commit.updates if one.item_id not in sent),
            assigned=tuple(one for one in commit.assigned if one.item_id not in sent),
        )
    context.committed(await context.store.commit_sync(commit))
    folder.in_doubt, folder.failures, folder.reason = False, 0, ""
    if any(isinstance(one.intent, DeleteIntent) and not one.intent.permanent for one in said):
        for other in await context.store.collections(context.account_id):
            if other.type is FolderType.DELETED_ITEMS:  # that is where they are now
                context.run.folder(other.id).due = True
    if any(one.unsure for one in verdicts):
        folder.sure, folder.due = False, True
    folder.singly = folder.singly and any(one.unsure for one in verdicts)


async def _sent(context: Context, said: Sequence[Said], settled: tuple[int, ...]) -> set[int]:
    """
    Give the drafts that the server has sent. They are none any more, and it tells nobody who had it send them.
    """
    found = set()
    for one in said:
        if isinstance(one.intent, AddIntent | ChangeIntent) and one.intent.send and one.entry.id in settled:
            item = await _item(context, one.entry)
            if item is not None and item.collection_id == one.entry.collection_id:
                found.add(item.id)
    return found


async def _made(context: Context, said: Sequence[Said], part: CollectionResponse) -> tuple[ItemUpdate, ...]:
    """
    Take over what the server made of new items (16.0 and later): their UID, what they belong to.
    """
    updates = []
    for one in said:
        response = response_to(one, part.responses)
        made = response.kind is ResponseKind.ADD if response is not None else False
        if response is None or response.data is None or not made or response.status != 1:
            continue
        item = await _item(context, one.entry)
        if item is None or type(item.data) is not type(response.data) or item.collection_id != one.entry.collection_id:
            continue
        data = merge(item.data, response.data)
        fields = tuple(name for name in data.__struct_fields__ if getattr(data, name) != getattr(item.data, name))
        if fields:
            updates.append(
                ItemUpdate(item_id=item.id, revision=item.revision, data=data, fields=fields, identity=identity(data))
            )
    return tuple(updates)


def _commit(
    collection: Collection,
    verdicts: Sequence[Verdict] = (),
    *,
    to_key: str | None = None,
    settled: tuple[int, ...] = (),
    entries: tuple[EntryUpdate, ...] = (),
) -> SyncCommit:
    fetch = [one.fetch for one in verdicts if one.fetch is not None]
    return SyncCommit(
        collection_id=collection.id,
        from_key=collection.sync_key,
        to_key=to_key or collection.sync_key,
        progress=collection.progress,
        set_aside=tuple(fetch),
        assigned=tuple(one.assigned for one in verdicts if one.assigned is not None),
        settled=settled,
        entries=(*entries, *(one.update for one in verdicts if one.update is not None)),
    )


# -- failing


async def _status(
    context: Context, collection: Collection, folder: FolderRun, said: Sequence[Said], status: int
) -> None:
    """
    Do what a status about the whole request asks for.
    """
    action = outcome("Sync", status).action
    sentence = f"{outcome('Sync', status).sentence} (Sync status {status})"
    if action is Action.REPORT or status in (6, 8, 9):
        # One of them is to blame, and nothing was done.
        folder.in_doubt = False
        if len(said) > 1:
            folder.singly = True
            await _requeue(context, collection, said)
        else:
            await _give_up(context, collection, said, sentence)
        return
    if action in (Action.RETRY, Action.FULL_REQUEST):
        await _failed(context, collection, folder, said, sentence)
        return
    if action is Action.RESET_COLLECTION:
        await _requeue(context, collection, said)
    await refused(context, collection, folder, status)


async def _failed(
    context: Context, collection: Collection, folder: FolderRun, said: Sequence[Said], reason: str
) -> None:
    """
    Repeat what may have been done or not; after some failures singly, and with the folder looked through before.
    """
    await trouble(context, collection, folder, reason)
    if folder.failures < _MOST_FAILURES:
        return
    folder.failures = 0
    folder.due, folder.sure = True, False
    if len(said) == 1 and said[0].entry.attempts > 2 * _MOST_FAILURES:
        await _give_up(context, collection, said, reason)
    else:
        folder.singly = True
        await _requeue(context, collection, said)


async def _requeue(context: Context, collection: Collection, said: Sequence[Said], *, unsent: bool = False) -> None:
    entries = tuple(EntryUpdate(entry_id=one.entry.id, state=OutboxState.QUEUED, unsent=unsent) for one in said)
    context.committed(await context.store.commit_sync(_commit(collection, entries=entries)))


async def _give_up(context: Context, collection: Collection, said: Sequence[Said], reason: str) -> None:
    entries = tuple(EntryUpdate(entry_id=one.entry.id, state=OutboxState.REFUSED, reason=reason) for one in said)
    context.committed(await context.store.commit_sync(_commit(collection, entries=entries)))
