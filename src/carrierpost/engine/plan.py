"""
From a server's answer to what is to be written: the decisions about items. Pure.

Given what is held and what was heard, `plan_page` says what to commit. During a resynchronisation, what comes again is
matched: by server id first, then by content, so that ids inside the hub stay and nothing is told as new that was known.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from carrierpost.engine.pending import GONE, NONE, Outgoing, Reconciled, reconcile, resembles, text_of
from carrierpost.engine.windows import ladder
from carrierpost.model import (
    Assigned,
    Collection,
    EntryUpdate,
    IntentKind,
    Item,
    ItemUpdate,
    NewItem,
    NewSetAside,
    OutboxEntry,
    OutboxState,
    Progress,
    Removal,
    SyncCommit,
)
from carrierpost.model.intent import with_values
from carrierpost.protocol.classes import ApplicationData, ContentClass, Email, differences, identity, merge
from carrierpost.protocol.commands.sync import Add, Change, CollectionResponse, Delete, FilterType, SoftDelete

__all__ = ["Heard", "Known", "brings_nothing", "hear", "is_last", "plan_fetched", "plan_page", "text_of"]

_RETRY_ASIDE = dt.timedelta(hours=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Heard:
    """
    What an answer says, sorted by item; the last word on each counts.

    Attributes:
        items: properties of items that are new or changed; whether they are whole (Add) or a part (Change).
        gone: items that are gone.
        left: items that left the window.
        unreadable: items that could not be read, with the reason.
    """

    items: Mapping[str, tuple[ApplicationData, bool]]
    gone: frozenset[str]
    left: frozenset[str]
    unreadable: Mapping[str, str]

    @property
    def server_ids(self) -> list[str]:
        """
        All items that the answer is about.
        """
        return [*self.items, *self.gone, *self.left]


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """
    What is held of the items that an answer is about.

    Attributes:
        by_server_id: held items by server id.
        by_identity: during a resynchronisation, unconfirmed items by identity.
        aside: server ids that are set aside at present.
        texts: texts of held items that the answer may replace, by the item's id in the hub.
        outgoing: what the server has still to be told of the folder's items.
    """

    by_server_id: Mapping[str, Item]
    by_identity: Mapping[str, Sequence[Item]]
    aside: frozenset[str]
    texts: Mapping[int, str | bytes] = dataclasses.field(default_factory=dict)
    outgoing: Outgoing = NONE


def hear(answer: CollectionResponse) -> Heard:
    """
    Sort an answer's commands.
    """
    items: dict[str, tuple[ApplicationData, bool]] = {}
    gone: set[str] = set()
    left: set[str] = set()
    unreadable: dict[str, str] = {}
    for command in answer.commands:
        match command:
            case Add() | Change() | Delete() | SoftDelete() if not command.server_id:
                unreadable[""] = "the server sent an item without an id"
            case Add() | Change() if command.data is None:
                reasons = "; ".join(note.reason for note in command.problems) or "it has no properties"
                unreadable[command.server_id] = f"the item cannot be read: {reasons}"
                gone.discard(command.server_id)
                left.discard(command.server_id)
            case Add() | Change():
                assert command.data is not None
                before = items.get(command.server_id) if isinstance(command, Change) else None
                whole = isinstance(command, Add) or (before is not None and before[1])
                data = merge(before[0], command.data) if before is not None else command.data
                items[command.server_id] = (data, whole)
                gone.discard(command.server_id)
                left.discard(command.server_id)
                if whole:
                    unreadable.pop(command.server_id, None)
            case Delete() | SoftDelete():
                items.pop(command.server_id, None)
                unreadable.pop(command.server_id, None)
                gone.discard(command.server_id)
                left.discard(command.server_id)
                (gone if isinstance(command, Delete) else left).add(command.server_id)
    return Heard(items, frozenset(gone), frozenset(left), unreadable)


def plan_page(
    collection: Collection,
    from_key: str,
    answer: CollectionResponse,
    heard: Heard,
    known: Known,
    window: FilterType,
    now: dt.datetime,
    *,
    newest: dt.datetime | None = None,
    bare: bool = False,
) -> SyncCommit:
    """
    Decide what one answer to a Sync means.

    Args:
        collection: the folder as it is held.
        from_key: the key that the request carried.
        answer: the folder's part of the answer, with success.
        heard: its commands, sorted.
        known: what is held of the items that the answer is about.
        window: the window that was asked for.
        now: the time.
        newest: when the newest mail was received that was held before a resynchronisation began; an unknown mail that
            was received later is news, although a resynchronisation brings it.
        bare: no texts were asked for; those that are held stay.

    Returns:
        What to commit: key, items, progress.
    """
    held = known.by_server_id
    news = collection.progress is Progress.COMPLETE and collection.window_applied == window
    adds: list[NewItem] = []
    updates: list[ItemUpdate] = []
    set_aside = [
        NewSetAside(server_id=server_id, reason=reason, next_at=now + _RETRY_ASIDE if server_id else None)
        for server_id, reason in heard.unreadable.items()
    ]
    taken: set[int] = set()
    outgoing = known.outgoing
    settled: list[int] = []
    entries: list[EntryUpdate] = []
    assigned: list[Assigned] = []
    for server_id, (data, whole) in heard.items.items():
        if server_id in outgoing.named:
            continue  # here it is gone already, and the server is about to hear so
        name = identity(data)
        match = _match(collection, held.get(server_id), name, known, taken)
        if match is None and whole and (found := _unnamed(data, outgoing, taken)) is not None:
            entry, match = found
            settled.append(entry.id)
            if match.collection_id != collection.id:  # moved on since; what was done then waits for this id
                taken.add(match.id)
                assigned.append(Assigned(item_id=match.id, server_id=server_id))
                continue
        if match is None and whole and (taken_back := _withdrawn(data, outgoing, settled)) is not None:
            settled.append(taken_back.id)
            assigned.append(
                Assigned(item_id=taken_back.item_id or 0, server_id=server_id)
            )  # for the deletion that follows
            continue
        if match is not None:
            taken.add(match.id)
            new = msgspec.structs.replace(data, body=match.data.body) if bare else data
            update, fate = _update(match, server_id, new, known.texts.get(match.id), outgoing, whole=whole, news=news)
            updates.append(update)
            settled += [fate.settled] if fate.settled is not None else []
            entries += [fate.update] if fate.update is not None else []
        elif whole:
            kind = collection.content_class
            assert kind is not None
            adds.append(
                NewItem(
                    server_id=server_id,
                    content_class=kind,
                    data=_bare(data),
                    identity=name,
                    announce=news or (collection.progress is Progress.MATCHING and _is_later(data, newest)),
                )
            )
        else:
            reason = "the server changed an item that it had never sent"
            set_aside.append(NewSetAside(server_id=server_id, reason=reason, next_at=now))
    removals = [Removal(item_id=held[one].id) for one in heard.gone if one in held]
    entries += [
        EntryUpdate(entry_id=outgoing.changes[one.item_id].entry.id, state=OutboxState.REFUSED, reason=GONE)
        for one in removals
        if one.item_id in outgoing.changes
    ]
    settled += [
        outgoing.named[one].id for one in heard.gone if one in outgoing.named and _is_deletion(outgoing.named[one])
    ]
    left = [held[one].id for one in heard.left if one in held]
    # What somebody has just changed stays until the server has heard of it, whatever the window.
    removals += [Removal(item_id=one, left_window=True) for one in left if one not in outgoing.changes]
    progress, applied = _advance(collection, window, finished=is_last(from_key, answer))
    failed = {one.server_id for one in set_aside}
    spoken_of = {*heard.items, *heard.gone, *heard.left}
    return SyncCommit(
        collection_id=collection.id,
        from_key=from_key,
        to_key=answer.sync_key or from_key,
        progress=progress,
        window_applied=applied,
        adds=tuple(adds),
        updates=tuple(updates),
        removals=tuple(removals),
        set_aside=tuple(set_aside),
        recovered=tuple(sorted((spoken_of & known.aside) - failed)),
        drop_unconfirmed=progress is Progress.COMPLETE and collection.progress is Progress.MATCHING,
        assigned=tuple(assigned),
        settled=tuple(settled),
        entries=tuple(entries),
    )


def _is_deletion(entry: OutboxEntry) -> bool:
    return entry.kind is IntentKind.DELETE and entry.state is OutboxState.QUEUED


def _unnamed(data: ApplicationData, outgoing: Outgoing, taken: set[int]) -> tuple[OutboxEntry, Item] | None:
    """
    Find the item of ours, without server id as yet, that the server shows under an id.
    """
    for entry, item in outgoing.unnamed:
        if item.id not in taken and resembles(item.data, data):
            return entry, item
    return None


def _withdrawn(data: ApplicationData, outgoing: Outgoing, settled: Sequence[int]) -> OutboxEntry | None:
    """
    Find the addition that the server shows under an id though what was added was deleted here meanwhile.
    """
    for entry, intent in outgoing.withdrawn:
        if entry.id not in settled and intent.data is not None:
            try:
                mine = msgspec.convert(intent.data, type(data))
            except msgspec.ValidationError:
                continue
            if resembles(mine, data):
                return entry
    return None


def _is_later(data: ApplicationData, newest: dt.datetime | None) -> bool:
    received = data.date_received if isinstance(data, Email) else None
    return newest is not None and received is not None and received >= newest


def plan_fetched(
    collection: Collection, server_id: str, data: ApplicationData, held: Item | None, text: str | bytes | None
) -> SyncCommit:
    """
    Decide what an item means that was fetched by itself, after it had been set aside; the key stays.

    Args:
        collection: the folder as it is held.
        server_id: the item's id.
        data: its properties, whole.
        held: what is held of it, or `None`.
        text: the held text, or `None`.
    """
    kind = collection.content_class
    assert kind is not None
    new = NewItem(server_id=server_id, content_class=kind, data=_bare(data), identity=identity(data), announce=True)
    return SyncCommit(
        collection_id=collection.id,
        from_key=collection.sync_key,
        to_key=collection.sync_key,
        progress=collection.progress,
        adds=() if held is not None else (new,),
        updates=() if held is None else (_update(held, server_id, data, text, NONE, whole=True, news=True)[0],),
        recovered=(server_id,),
    )


def is_last(from_key: str, answer: CollectionResponse) -> bool:
    """
    Tell whether an answer says that there is nothing more: no commands, to a key other than the first.
    """
    return from_key != "0" and not answer.more_available and not answer.commands


def brings_nothing(commit: SyncCommit, known: Known) -> bool:
    """
    Tell whether a commit changes nothing but the key, whatever the server sent.

    Some servers send an equal item for ever, or say for ever that there is more.
    """
    doubted = {item.id for item in known.by_server_id.values() if item.unconfirmed}
    doubted |= {item.id for items in known.by_identity.values() for item in items}
    progress = any(update.fields or update.item_id in doubted for update in commit.updates)
    spoken = commit.settled or commit.entries or commit.assigned
    return not (commit.adds or commit.removals or commit.set_aside or commit.recovered or progress or spoken)


def _advance(collection: Collection, window: FilterType, *, finished: bool) -> tuple[Progress, FilterType]:
    """
    Decide how far the folder is after an answer, and which window is in force or comes next.
    """
    progress = collection.progress
    if progress is Progress.NEW:
        progress = Progress.FILLING
    elif progress is Progress.COMPLETE and collection.window_applied != window:
        progress = Progress.FILLING  # the person chose another window: what comes is no news
    if not finished or progress is Progress.COMPLETE:
        return progress, window
    rungs = ladder(collection.window, collection.content_class)
    if progress is Progress.MATCHING or window == collection.window or window not in rungs:
        return Progress.COMPLETE, window
    return progress, rungs[rungs.index(window) + 1]


def _match(collection: Collection, by_id: Item | None, name: str | None, known: Known, taken: set[int]) -> Item | None:
    """
    Find the held item that an item of the answer is: by server id, and after the server lost its place by content.
    """
    if by_id is not None and by_id.id in taken:
        by_id = None
    doubtful = by_id is None or (by_id.unconfirmed and name is not None and _name(by_id, known) != name)
    if not doubtful or name is None:
        return by_id
    twins = (one for one in known.by_identity.get(name, ()) if one.id not in taken)
    twin = next(twins, None)
    if twin is not None or by_id is None:
        return twin
    # A mail or event under a known id that is another one by content: the server numbers anew.
    return None if collection.content_class in (ContentClass.EMAIL, ContentClass.CALENDAR) else by_id


def _name(item: Item, known: Known) -> str | None:
    """
    Give the text by which the server's copy of an item is known: without what it has still to be told.
    """
    pending = known.outgoing.changes.get(item.id)
    return identity(item.data if pending is None else with_values(item.data, pending.intent.before))


def _bare(data: ApplicationData) -> ApplicationData:
    return msgspec.structs.replace(data, cleared=frozenset()) if data.cleared else data


def _update(
    known: Item,
    server_id: str,
    data: ApplicationData,
    text: str | bytes | None,
    outgoing: Outgoing,
    *,
    whole: bool,
    news: bool,
) -> tuple[ItemUpdate, Reconciled]:
    """
    Decide what a held item becomes; without a difference it is only confirmed, and nobody is told.

    Returns:
        That, and what becomes of a change that waits to be told.
    """
    pending, fate = outgoing.changes.get(known.id), Reconciled()
    base = known.data if pending is None else with_values(known.data, pending.intent.before)
    new = _bare(data) if whole else merge(base, data)
    if _is_beginning(text, new):
        new = msgspec.structs.replace(new, body=known.data.body)
    if pending is not None:
        new, fate = reconcile(pending, known.data, new, text)
    fields = _changed(known.data, new, text)
    return ItemUpdate(
        item_id=known.id,
        revision=known.revision,
        data=new,
        fields=fields,
        server_id=server_id if server_id != known.server_id else None,
        identity=identity(new),
        announce=news and bool(fields),
    ), fate


def _is_beginning(held: str | bytes | None, new: ApplicationData) -> bool:
    """
    Tell whether an item comes with only the beginning of a text that a person has already fetched whole.
    """
    piece = text_of(new)
    if held is None or not piece or new.body is None or not new.body.truncated or len(piece) >= len(held):
        return False
    return type(piece) is type(held) and held[: len(piece)] == piece


def _changed(old: ApplicationData, new: ApplicationData, text: str | bytes | None) -> tuple[str, ...]:
    """
    Name what differs. The held item's text is kept apart, so it is compared besides the body's description: another
    text may well be as long as the one before.
    """
    came, body = text_of(new), new.body
    if came is None or body is None:
        return differences(old, new)
    new = msgspec.structs.replace(new, body=msgspec.structs.replace(body, data=None, opaque=None))
    fields = differences(old, new)
    return fields if "body" in fields or came == (text or type(came)()) else (*fields, "body")
