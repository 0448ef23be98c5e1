"""
Commits, carried out inside one transaction: the key, what it brought, and the feed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import apsw
import msgspec

from carrierpost.model import (
    Account,
    Change,
    ChangeKind,
    Collection,
    CollectionEntry,
    HierarchyCommit,
    ItemUpdate,
    NewItem,
    Origin,
    Progress,
    SyncCommit,
)
from carrierpost.protocol.classes import ApplicationData, Attachment
from carrierpost.protocol.commands.folder_sync import class_of_folder
from carrierpost.store.errors import StaleCommit
from carrierpost.store.summary import summarise

__all__ = ["FeedWriter", "commit_hierarchy", "commit_sync"]

Queries = Mapping[str, str]


class FeedWriter:
    """
    Collects the changes of one transaction and writes them with the account's next numbers.
    """

    def __init__(self, account_id: int, now: dt.datetime) -> None:
        self._account_id = account_id
        self._now = now
        self._changes: list[Change] = []

    def add(
        self,
        kind: ChangeKind,
        origin: Origin,
        *,
        collection_id: int | None = None,
        item_id: int | None = None,
        announce: bool = False,
        fields: tuple[str, ...] = (),
        detail: str = "",
    ) -> None:
        """
        Note a change.
        """
        self._changes.append(
            Change(
                account_id=self._account_id,
                number=len(self._changes) + 1,
                kind=kind,
                origin=origin,
                at=self._now,
                collection_id=collection_id,
                item_id=item_id,
                announce=announce,
                fields=fields,
                detail=detail,
            )
        )

    def write(self, connection: apsw.Connection, sql: Queries) -> tuple[Change, ...]:
        """
        Write the changes.

        Returns:
            The changes with their numbers.
        """
        if not self._changes:
            return ()
        [(last,)] = connection.execute(sql["advance_feed"], (len(self._changes), self._account_id))
        first = last - len(self._changes)
        changes = tuple(msgspec.structs.replace(change, number=first + change.number) for change in self._changes)
        at = self._now.isoformat()
        connection.executemany(
            sql["add_change"],
            [
                (
                    one.account_id, one.number, str(one.kind), str(one.origin), at, one.collection_id, one.item_id,
                    int(one.announce), json.dumps(one.fields) if one.fields else "[]", one.detail,
                )
                for one in changes
            ],
        )  # fmt: skip
        return changes


def commit_hierarchy(
    connection: apsw.Connection,
    sql: Queries,
    commit: HierarchyCommit,
    account: Account,
    held: tuple[Collection, ...],
    advanced: str,
    now: dt.datetime,
) -> tuple[Change, ...]:
    """
    Write the folder list's changes.

    Args:
        connection: inside a transaction.
        sql: the queries.
        commit: what to write.
        account: the account as it is held.
        held: its collections as they are held.
        advanced: the account's values with the new key, as JSON.
        now: the time of the commit.

    Raises:
        StaleCommit: the held key is another one.
    """
    if account.hierarchy_key != commit.from_key:
        raise StaleCommit("the folder list has changed since this was decided")
    connection.execute(sql["update_account"], (advanced, account.id))
    feed = FeedWriter(account.id, now)
    by_id = {one.server_id: one for one in held}
    for entry in commit.upserts:
        known = by_id.get(entry.server_id)
        kind = class_of_folder(entry.type)
        name = str(kind) if kind is not None else None
        if known is None:
            values = (account.id, entry.server_id, entry.parent_id, entry.display_name, int(entry.type), name)
            [(collection_id,)] = connection.execute(sql["add_collection"], values)
            feed.add(ChangeKind.COLLECTION_ADDED, Origin.SERVER, collection_id=collection_id)
        elif changed := _changed_fields(known, entry):
            renamed = (entry.parent_id, entry.display_name, int(entry.type), name, known.id)
            connection.execute(sql["rename_collection"], renamed)
            feed.add(ChangeKind.COLLECTION_CHANGED, Origin.SERVER, collection_id=known.id, fields=changed)
    gone = set(commit.removals) & set(by_id)
    if commit.whole:
        gone |= set(by_id) - {entry.server_id for entry in commit.upserts}
    for server_id in sorted(gone):
        collection = by_id[server_id]
        ids = _ids(connection, sql["collection_item_ids"], collection.id)
        _forget(connection, sql, collection.id, ids)
        for item_id in ids:
            feed.add(ChangeKind.ITEM_REMOVED, Origin.SERVER, collection_id=collection.id, item_id=item_id)
        connection.execute(sql["delete_collection"], (collection.id,))
        detail = collection.display_name
        feed.add(ChangeKind.COLLECTION_REMOVED, Origin.SERVER, collection_id=collection.id, detail=detail)
    return feed.write(connection, sql)


def _ids(connection: apsw.Connection, query: str, collection_id: int) -> list[int]:
    rows: list[tuple[Any, ...]] = connection.execute(query, (collection_id,)).fetchall()
    return [item_id for (item_id,) in rows]


def _changed_fields(known: Collection, entry: CollectionEntry) -> tuple[str, ...]:
    return tuple(name for name in ("parent_id", "display_name", "type") if getattr(known, name) != getattr(entry, name))


def commit_sync(
    connection: apsw.Connection, sql: Queries, commit: SyncCommit, collection: Collection, now: dt.datetime
) -> tuple[Change, ...]:
    """
    Write what a Sync brought.

    Args:
        connection: inside a transaction.
        sql: the queries.
        commit: what to write.
        collection: the collection as it is held.
        now: the time of the commit.

    Raises:
        StaleCommit: the held key, or an item's revision, is another one.
    """
    if collection.sync_key != commit.from_key:
        raise StaleCommit(f"the folder {collection.display_name} has changed since this was decided")
    feed = FeedWriter(collection.account_id, now)
    if commit.unconfirm:
        connection.execute(sql["unconfirm_items"], (collection.id,))
        feed.add(ChangeKind.COLLECTION_RESYNC, Origin.SERVER, collection_id=collection.id, detail=commit.detail)
    for removal in commit.removals:
        _forget(connection, sql, collection.id, [removal.item_id])
        kind = ChangeKind.ITEM_LEFT if removal.left_window else ChangeKind.ITEM_REMOVED
        feed.add(kind, Origin.SERVER, collection_id=collection.id, item_id=removal.item_id)
    if collection.progress is Progress.MATCHING:
        taken: list[tuple[str, int | None]] = [
            (one.server_id, one.item_id) for one in commit.updates if one.server_id is not None
        ]
        taken += [(one.server_id, None) for one in commit.adds]
        connection.executemany(sql["release_server_id"], [(collection.id, *one) for one in taken])
    _update(connection, sql, commit.updates, collection, feed)
    if commit.adds:
        _add(connection, sql, commit.adds, collection, feed)
    if commit.drop_unconfirmed:
        left = _ids(connection, sql["unconfirmed_ids"], collection.id)
        _forget(connection, sql, collection.id, left)
        for item_id in left:
            feed.add(ChangeKind.ITEM_REMOVED, Origin.SERVER, collection_id=collection.id, item_id=item_id)
    _set_aside(connection, sql, commit, collection, feed, now)
    window = commit.window_applied if commit.window_applied is not None else collection.window_applied
    note = collection.note if commit.note is None else commit.note
    if note != collection.note:
        feed.add(ChangeKind.COLLECTION_CHANGED, Origin.HUB, collection_id=collection.id, fields=("note",), detail=note)
    values = (commit.to_key, str(commit.progress), None if window is None else int(window), note, collection.id)
    connection.execute(sql["advance_collection"], values)
    return feed.write(connection, sql)


def _forget(connection: apsw.Connection, sql: Queries, collection_id: int, ids: list[int]) -> None:
    connection.executemany(sql["delete_item"], [(item_id, collection_id) for item_id in ids])
    rows = [(item_id,) for item_id in ids]
    connection.executemany(sql["delete_words"], rows)
    connection.executemany(sql["indexed"], rows)


def _without_text(data: ApplicationData) -> str:
    """
    Write an item's properties without the text of its body, which is kept apart.
    """
    body = data.body
    if body is not None and (body.data is not None or body.opaque is not None):
        data = msgspec.structs.replace(data, body=msgspec.structs.replace(body, data=None, opaque=None))
    return msgspec.json.encode(data).decode()


def _body_row(item_id: int, data: ApplicationData) -> tuple[object, ...] | None:
    body = data.body
    if body is None:
        return None
    text = body.data if body.data is not None else body.opaque
    if text is None:
        return None
    return item_id, int(body.type or 1), text, int(bool(body.truncated)), body.estimated_data_size or 0


def _attachment_rows(item_id: int, data: ApplicationData) -> list[tuple[object, ...]]:
    attachments: tuple[Attachment, ...] = getattr(data, "attachments", None) or ()
    return [
        (
            item_id, place, one.display_name or "", one.file_reference or "", one.estimated_data_size or 0,
            one.content_id, int(bool(one.is_inline)),
        )
        for place, one in enumerate(attachments)
    ]  # fmt: skip


def _add(
    connection: apsw.Connection, sql: Queries, adds: tuple[NewItem, ...], collection: Collection, feed: FeedWriter
) -> None:
    [(last,)] = connection.execute(sql["take_item_ids"], (len(adds),))
    items, bodies, attachments, ids = [], [], [], []
    for item_id, one in enumerate(adds, last - len(adds) + 1):
        summary = summarise(one.data)
        items.append(
            (
                item_id, collection.account_id, collection.id, one.server_id, str(one.content_class),
                _without_text(one.data), one.identity, summary.moment, summary.title, summary.unread,
            )
        )  # fmt: skip
        body = _body_row(item_id, one.data)
        if body is not None:
            bodies.append(body)
        attachments += _attachment_rows(item_id, one.data)
        ids.append((item_id,))
        feed.add(
            ChangeKind.ITEM_ADDED, Origin.SERVER, collection_id=collection.id, item_id=item_id, announce=one.announce
        )
    try:
        connection.executemany(sql["add_item"], items)
    except apsw.ConstraintError:
        raise StaleCommit(f"an item of {collection.display_name} is held already") from None
    connection.executemany(sql["put_body"], bodies)
    connection.executemany(sql["add_attachment"], attachments)
    connection.executemany(sql["want_index"], ids)


def _update(
    connection: apsw.Connection, sql: Queries, updates: tuple[ItemUpdate, ...], collection: Collection, feed: FeedWriter
) -> None:
    for one in updates:
        if not one.fields:
            connection.execute(sql["confirm_item"], (one.server_id, one.item_id, one.revision, collection.id))
            _check_changed(connection, collection)
            continue
        summary = summarise(one.data)
        values = (
            _without_text(one.data), one.identity, summary.moment, summary.title, summary.unread, one.server_id,
            one.item_id, one.revision, collection.id,
        )  # fmt: skip
        connection.execute(sql["update_item"], values)
        _check_changed(connection, collection)
        body = _body_row(one.item_id, one.data)
        if body is not None:
            connection.execute(sql["put_body"], body)
        elif one.data.body is None:
            connection.execute(sql["delete_body"], (one.item_id,))
        connection.execute(sql["delete_attachments"], (one.item_id,))
        connection.executemany(sql["add_attachment"], _attachment_rows(one.item_id, one.data))
        connection.execute(sql["want_index"], (one.item_id,))
        feed.add(
            ChangeKind.ITEM_CHANGED,
            Origin.SERVER,
            collection_id=collection.id,
            item_id=one.item_id,
            announce=one.announce,
            fields=one.fields,
        )


def _check_changed(connection: apsw.Connection, collection: Collection) -> None:
    if connection.changes() != 1:
        raise StaleCommit(f"an item of {collection.display_name} was changed in between")


def _set_aside(
    connection: apsw.Connection,
    sql: Queries,
    commit: SyncCommit,
    collection: Collection,
    feed: FeedWriter,
    now: dt.datetime,
) -> None:
    for server_id in commit.recovered:
        connection.execute(sql["delete_set_aside"], (collection.id, server_id))
    for one in commit.set_aside:
        known = connection.execute(sql["is_set_aside"], (collection.id, one.server_id)).fetchall()
        next_at = one.next_at.isoformat() if one.next_at is not None else None
        values = (collection.account_id, collection.id, one.server_id, one.reason, now.isoformat(), next_at)
        connection.execute(sql["put_set_aside"], values)
        if not known:
            feed.add(ChangeKind.ITEM_SET_ASIDE, Origin.HUB, collection_id=collection.id, detail=one.reason)
