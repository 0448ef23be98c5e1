"""
What becomes of the outbox when the server has spoken, inside one transaction.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.model import (
    ChangeIntent,
    ChangeKind,
    DeleteIntent,
    EntryUpdate,
    IntentKind,
    Item,
    MoveIntent,
    Origin,
    OutboxEntry,
    OutboxState,
)
from carrierpost.model.intent import intent_of, payload_of
from carrierpost.store.database import Transaction
from carrierpost.store.errors import NotHeld
from carrierpost.store.feed import FeedWriter
from carrierpost.store.parts import forget_items
from carrierpost.store.rows import item_of, outbox_entry_of

__all__ = [
    "assign",
    "entries_of",
    "entry_of",
    "look_again",
    "maybe_item",
    "move_back",
    "rewrite",
    "settle",
    "update_entry",
]

_UNSEEN = dt.timedelta(minutes=1)
_TOLD = (OutboxState.REFUSED, OutboxState.UNKNOWN)


def entry_of(transaction: Transaction, entry_id: int) -> OutboxEntry:
    """
    Give an entry.

    Raises:
        NotHeld: there is no such entry.
    """
    rows = transaction.rows("outbox_entry", entry_id)
    if not rows:
        raise NotHeld(f"there is no outbox entry {entry_id}")
    return outbox_entry_of(rows[0])


def entries_of(transaction: Transaction, item: Item) -> list[OutboxEntry]:
    """
    List the entries about an item, in order.
    """
    return list(map(outbox_entry_of, transaction.rows("outbox_of_item", item.account_id, item.id)))


def maybe_item(transaction: Transaction, item_id: int | None) -> Item | None:
    """
    Give an item, or `None` when it is not held.
    """
    rows = [] if item_id is None else transaction.rows("item", item_id)
    return item_of(rows[0]) if rows else None


def rewrite(transaction: Transaction, entry: OutboxEntry) -> OutboxEntry:
    """
    Keep an entry with another intent, state, reason, name or folder.
    """
    values = (
        entry.payload, str(entry.state), entry.reason, entry.client_id, entry.collection_id, entry.attempts, entry.id,
    )  # fmt: skip
    return outbox_entry_of(transaction.rows("rewrite_entry", *values)[0])


def settle(transaction: Transaction, entry_id: int) -> None:
    """
    Forget an entry that the server has taken.
    """
    transaction.rows("settle", entry_id)


def update_entry(transaction: Transaction, update: EntryUpdate, feed: FeedWriter) -> OutboxEntry | None:
    """
    Note what has become of an entry. A move that was refused is taken back, since the item is where it was.
    """
    rows = transaction.rows("outbox_entry", update.entry_id)
    if not rows:
        return None
    entry = outbox_entry_of(rows[0])
    payload = entry.payload if update.payload is None else update.payload
    entry = rewrite(
        transaction,
        msgspec.structs.replace(
            entry,
            state=update.state,
            reason=update.reason,
            payload=payload,
            attempts=entry.attempts - update.unsent,
        ),
    )
    if update.state is OutboxState.QUEUED and entry.kind is IntentKind.CHANGE:
        item = maybe_item(transaction, entry.item_id)
        if item is not None and item.collection_id != entry.collection_id:  # it was moved meanwhile
            entry = rewrite(transaction, msgspec.structs.replace(entry, collection_id=item.collection_id))
        entry = _join(transaction, entry)
    if update.state is OutboxState.REFUSED and entry.kind is IntentKind.MOVE:
        move_back(transaction, entry, feed, Origin.SERVER)
    if update.state in _TOLD or update.reason:
        feed.add(
            ChangeKind.OUTBOX_CHANGED,
            Origin.SERVER,
            collection_id=entry.collection_id,
            item_id=entry.item_id,
            detail=update.reason,
        )
    return entry


def _join(transaction: Transaction, entry: OutboxEntry) -> OutboxEntry:
    """
    Make one of a change that is to be told again and the one that was made meanwhile.
    """
    older = intent_of(entry)
    assert isinstance(older, ChangeIntent)
    for row in transaction.rows("outbox_of_item", entry.account_id, entry.item_id):
        other = outbox_entry_of(row)
        newer = intent_of(other)
        if other.id <= entry.id or not isinstance(newer, ChangeIntent) or other.state is not OutboxState.QUEUED:
            continue
        older = ChangeIntent(
            fields=(*older.fields, *(name for name in newer.fields if name not in older.fields)),
            before=newer.before | older.before,
            overtaken=older.overtaken | newer.overtaken,
            send=older.send or newer.send,
        )
        settle(transaction, other.id)
        entry = rewrite(transaction, msgspec.structs.replace(entry, payload=payload_of(older)))
    return entry


def assign(transaction: Transaction, account_id: int, item_id: int, server_id: str, feed: FeedWriter) -> None:
    """
    Give an item the id under which the server has come to know it.

    What a person did with the item in the meantime (moved it on, deleted it) waits for that id, and gets it instead.
    """
    item = maybe_item(transaction, item_id)
    if item is not None and item.server_id is not None:
        return
    if _assign_to_entry(transaction, account_id, item_id, server_id) or item is None:
        return
    for (other,) in transaction.rows("item_by_server_id", item.collection_id, server_id):
        # The folder brought it before the answer did; it is one and the same, and the older id stays.
        transaction.rows("delete_item", other, item.collection_id)
        forget_items(transaction, [other])
        feed.add(ChangeKind.ITEM_REMOVED, Origin.HUB, collection_id=item.collection_id, item_id=other)
    transaction.rows("assign_server_id", server_id, item_id)


def look_again(transaction: Transaction, item_id: int, server_id: str, now: dt.datetime) -> None:
    """
    Have a moved item looked at unless its new folder shows it soon: deleted before that, nobody would ever say so.
    """
    item = maybe_item(transaction, item_id)
    if item is None or item.server_id != server_id:
        return
    reason = "it was moved here and has not been seen in this folder yet"
    at, again = now.isoformat(), (now + _UNSEEN).isoformat()
    transaction.rows("put_set_aside", item.account_id, item.collection_id, server_id, reason, at, again)


def _assign_to_entry(transaction: Transaction, account_id: int, item_id: int, server_id: str) -> bool:
    for row in transaction.rows("unnamed_entries", account_id, item_id):
        entry = outbox_entry_of(row)
        intent = intent_of(entry)
        if isinstance(intent, DeleteIntent | MoveIntent) and not intent.server_id:
            named = payload_of(msgspec.structs.replace(intent, server_id=server_id))
            rewrite(transaction, msgspec.structs.replace(entry, payload=named))
            return True
    return False


def move_back(transaction: Transaction, entry: OutboxEntry, feed: FeedWriter, origin: Origin) -> None:
    """
    Put an item back into the folder that it was to leave, with what is still to be told of it.
    """
    intent = intent_of(entry)
    item = maybe_item(transaction, entry.item_id)
    if not isinstance(intent, MoveIntent) or item is None or not transaction.rows("collection", intent.source_id):
        return
    server_id = intent.server_id or None
    for (other,) in transaction.rows("item_by_server_id", intent.source_id, server_id):
        transaction.rows("delete_item", other, intent.source_id)
        forget_items(transaction, [other])
        feed.add(ChangeKind.ITEM_REMOVED, Origin.HUB, collection_id=intent.source_id, item_id=other)
    transaction.rows("move_item", intent.source_id, server_id, item.id)
    for other_entry in entries_of(transaction, item):
        if other_entry.kind is IntentKind.CHANGE:
            rewrite(transaction, msgspec.structs.replace(other_entry, collection_id=intent.source_id))
    feed.add(ChangeKind.ITEM_MOVED, origin, collection_id=intent.source_id, item_id=item.id, fields=("collection_id",))
