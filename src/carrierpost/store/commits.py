"""
Commits, carried out inside one transaction: the key, what it brought, and the feed.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.model import (
    Account,
    Change,
    ChangeKind,
    Collection,
    CollectionEntry,
    Doubt,
    HierarchyCommit,
    ItemUpdate,
    NewItem,
    Origin,
    Progress,
    SyncCommit,
)
from carrierpost.protocol.commands.folder_sync import class_of_folder
from carrierpost.store.database import Conflict, Row, Transaction
from carrierpost.store.errors import StaleCommit
from carrierpost.store.feed import FeedWriter
from carrierpost.store.parts import forget_items, put_parts
from carrierpost.store.rows import account_json, attachment_rows, body_row, item_json
from carrierpost.store.settling import assign, settle, update_entry
from carrierpost.store.summary import summarise

__all__ = ["commit_hierarchy", "commit_sync"]


def commit_hierarchy(
    transaction: Transaction,
    commit: HierarchyCommit,
    account: Account,
    held: tuple[Collection, ...],
    now: dt.datetime,
) -> tuple[Change, ...]:
    """
    Write the folder list's changes.

    Args:
        transaction: an open one.
        commit: what to write.
        account: the account as it is held.
        held: its collections as they are held.
        now: the time of the commit.

    Raises:
        StaleCommit: the held key is another one.
    """
    if account.hierarchy_key != commit.from_key:
        raise StaleCommit("the folder list has changed since this was decided")
    advanced = msgspec.structs.replace(account, hierarchy_key=commit.to_key)
    transaction.rows("update_account", account_json(advanced), account.id)
    feed = FeedWriter(account.id, now)
    by_id = {one.server_id: one for one in held}
    for entry in {one.server_id: one for one in commit.upserts}.values():
        known = by_id.get(entry.server_id)
        kind = class_of_folder(entry.type)
        name = str(kind) if kind is not None else None
        if known is None:
            values = (
                account.id,
                entry.server_id,
                entry.parent_id,
                entry.display_name,
                int(entry.type),
                name,
                entry.minutes,
            )
            [(collection_id,)] = transaction.rows("add_collection", *values)
            feed.add(ChangeKind.COLLECTION_ADDED, Origin.SERVER, collection_id=collection_id)
        elif changed := _changed_fields(known, entry):
            renamed = (entry.parent_id, entry.display_name, int(entry.type), name, known.id)
            transaction.rows("rename_collection", *renamed)
            if kind is not known.content_class:
                _begin_anew(transaction, known, feed)
            feed.add(ChangeKind.COLLECTION_CHANGED, Origin.SERVER, collection_id=known.id, fields=changed)
    gone = set(commit.removals) & set(by_id)
    if commit.whole:
        gone |= set(by_id) - {entry.server_id for entry in commit.upserts}
    for server_id in sorted(gone):
        collection = by_id[server_id]
        _remove_all(transaction, "collection_item_ids", collection, feed)
        transaction.rows("delete_collection", collection.id)
        detail = collection.display_name
        feed.add(ChangeKind.COLLECTION_REMOVED, Origin.SERVER, collection_id=collection.id, detail=detail)
    return feed.write(transaction)


def _begin_anew(transaction: Transaction, collection: Collection, feed: FeedWriter) -> None:
    """
    Forget what a folder held before the server made it one of another class; its key belongs to those items.
    """
    _remove_all(transaction, "collection_item_ids", collection, feed)
    fresh = ("0", str(Progress.NEW), None, collection.note, str(Doubt.NONE), collection.id)
    transaction.rows("advance_collection", *fresh)


def _remove_all(transaction: Transaction, query: str, collection: Collection, feed: FeedWriter) -> None:
    ids: list[int] = [item_id for (item_id,) in transaction.rows(query, collection.id)]
    transaction.each("delete_item", [(item_id, collection.id) for item_id in ids])
    forget_items(transaction, ids)
    for item_id in ids:
        feed.add(ChangeKind.ITEM_REMOVED, Origin.SERVER, collection_id=collection.id, item_id=item_id)


def _changed_fields(known: Collection, entry: CollectionEntry) -> tuple[str, ...]:
    return tuple(name for name in ("parent_id", "display_name", "type") if getattr(known, name) != getattr(entry, name))


def commit_sync(
    transaction: Transaction, commit: SyncCommit, collection: Collection, now: dt.datetime
) -> tuple[Change, ...]:
    """
    Write what a Sync brought.

    Args:
        transaction: an open one.
        commit: what to write.
        collection: the collection as it is held.
        now: the time of the commit.

    Raises:
        StaleCommit: the held key, or an item's revision, is another one.
    """
    if collection.sync_key != commit.from_key:
        raise StaleCommit(f"the folder {collection.display_name} has changed since this was decided")
    feed = FeedWriter(collection.account_id, now, commit.passage)
    try:
        for one in commit.assigned:
            assign(transaction, collection.account_id, one.item_id, one.server_id, feed)
        _take_over(transaction, commit, collection, feed)
    except Conflict:
        raise StaleCommit(f"an item of {collection.display_name} is held already") from None
    _settle(transaction, commit, feed)
    _set_aside(transaction, commit, collection, feed, now)
    window = commit.window_applied if commit.window_applied is not None else collection.window_applied
    note = collection.note if commit.note is None else commit.note
    if note != collection.note:
        feed.add(ChangeKind.COLLECTION_CHANGED, Origin.HUB, collection_id=collection.id, fields=("note",), detail=note)
    doubt = collection.doubt if commit.doubt is None else commit.doubt
    applied = None if window is None else int(window)
    values = (commit.to_key, str(commit.progress), applied, note, str(doubt), collection.id)
    transaction.rows("advance_collection", *values)
    return feed.write(transaction)


def _take_over(transaction: Transaction, commit: SyncCommit, collection: Collection, feed: FeedWriter) -> None:
    """
    Write the items of a commit, in the order that `SyncCommit` tells.
    """
    if commit.unconfirm:
        transaction.rows("unconfirm_items", collection.id)
        feed.add(ChangeKind.COLLECTION_RESYNC, Origin.SERVER, collection_id=collection.id, detail=commit.detail)
    for removal in commit.removals:
        _must_hold(collection, transaction.rows("delete_item", removal.item_id, collection.id))
        forget_items(transaction, [removal.item_id])
        kind = ChangeKind.ITEM_LEFT if removal.left_window else ChangeKind.ITEM_REMOVED
        feed.add(kind, Origin.SERVER, collection_id=collection.id, item_id=removal.item_id)
    if collection.progress is Progress.MATCHING or collection.doubt is not Doubt.NONE:
        taken: list[tuple[str, int | None]] = [
            (one.server_id, one.item_id) for one in commit.updates if one.server_id is not None
        ]
        taken += [(one.server_id, None) for one in commit.adds]
        transaction.each("release_server_id", [(collection.id, *one) for one in taken])
    _update(transaction, commit.updates, collection, feed)
    if commit.adds:
        _add(transaction, commit.adds, collection, feed)
    if commit.drop_unconfirmed:
        _remove_all(transaction, "unconfirmed_ids", collection, feed)


def _add(transaction: Transaction, adds: tuple[NewItem, ...], collection: Collection, feed: FeedWriter) -> None:
    [(last,)] = transaction.rows("take_item_ids", len(adds))
    items, bodies, attachments, ids = [], [], [], []
    for item_id, one in enumerate(adds, last - len(adds) + 1):
        items.append(
            (
                item_id, collection.account_id, collection.id, one.server_id, str(one.content_class),
                item_json(one.data), one.identity, *summarise(one.data).columns(),
            )
        )  # fmt: skip
        if (body := body_row(item_id, one.data)) is not None:
            bodies.append(body)
        attachments += attachment_rows(item_id, one.data)
        ids.append((item_id,))
        feed.add(
            ChangeKind.ITEM_ADDED, Origin.SERVER, collection_id=collection.id, item_id=item_id, announce=one.announce
        )
    transaction.each("add_item", items)
    transaction.each("put_body", bodies)
    transaction.each("add_attachment", attachments)
    transaction.each("want_index", ids)


def _update(
    transaction: Transaction, updates: tuple[ItemUpdate, ...], collection: Collection, feed: FeedWriter
) -> None:
    for one in updates:
        if not one.fields:
            guard = (one.item_id, one.revision, collection.id)
            _must_hold(collection, transaction.rows("confirm_item", one.server_id, *guard))
            continue
        columns = (item_json(one.data), one.identity, *summarise(one.data).columns(), one.server_id)
        values = (*columns, one.item_id, one.revision, collection.id)
        _must_hold(collection, transaction.rows("update_item", *values))
        put_parts(transaction, one.item_id, one.data)
        feed.add(
            ChangeKind.ITEM_CHANGED,
            Origin.SERVER,
            collection_id=collection.id,
            item_id=one.item_id,
            announce=one.announce,
            fields=one.fields,
        )


def _must_hold(collection: Collection, rows: list[Row]) -> None:
    if not rows:
        raise StaleCommit(f"an item of {collection.display_name} was changed in between")


def _settle(transaction: Transaction, commit: SyncCommit, feed: FeedWriter) -> None:
    """
    Write what has become of what the server was told.
    """
    for entry_id in commit.settled:
        settle(transaction, entry_id)
    for update in commit.entries:
        update_entry(transaction, update, feed)


def _set_aside(
    transaction: Transaction,
    commit: SyncCommit,
    collection: Collection,
    feed: FeedWriter,
    now: dt.datetime,
) -> None:
    for server_id in commit.recovered:
        transaction.rows("delete_set_aside", collection.id, server_id)
    for one in commit.set_aside:
        known = transaction.rows("is_set_aside", collection.id, one.server_id)
        next_at = one.next_at.isoformat() if one.next_at is not None else None
        values = (collection.account_id, collection.id, one.server_id, one.reason, now.isoformat(), next_at)
        transaction.rows("put_set_aside", *values)
        if not known:
            feed.add(ChangeKind.ITEM_SET_ASIDE, Origin.HUB, collection_id=collection.id, detail=one.reason)
