"""
The store on SQLite: the contract, carried out with the queries of `sql/`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Collection as Container
from pathlib import Path
from typing import Any

import apsw
import msgspec

from carrierpost.model import (
    Account,
    AccountState,
    BodyUpdate,
    Change,
    ChangeKind,
    Collection,
    HierarchyCommit,
    Item,
    ItemBody,
    NewAccount,
    NewOutboxEntry,
    Origin,
    OutboxEntry,
    OutboxState,
    Progress,
    SearchHit,
    Secret,
    SetAside,
    SyncCommit,
)
from carrierpost.protocol.classes import ApplicationData, ContentClass, record_of
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.store.checking import contradictions
from carrierpost.store.commits import FeedWriter, commit_hierarchy, commit_sync
from carrierpost.store.contract import Store
from carrierpost.store.errors import AlreadyHeld, NotHeld
from carrierpost.store.queries import load_migrations, load_queries
from carrierpost.store.sqlite_file import SQLiteFile
from carrierpost.store.summary import readable, searchable, snippet

__all__ = ["SQLiteStore"]

Row = tuple[Any, ...]

SQL = load_queries("queries.sql", "sqlite/search.sql")

_DECODERS = {kind: msgspec.json.Decoder(record_of(kind)) for kind in ContentClass}
_ACCOUNT = msgspec.json.Decoder(Account)
_STORED_APART = ("id", "feed_position")
_FOLLOW_BATCH = 200


class SQLiteStore(Store):
    """
    A store in one encrypted file.

    Args:
        path: the file, or `None` for a store in memory (only with `inline`).
        key: 32 bytes, or `None` for no encryption.
        clock: the time that changes are stamped with.
        inline: run SQL on the caller's thread; for tests in virtual time.

    Raises:
        StoreError: the file cannot be opened; says why and what to do.
    """

    def __init__(self, path: Path | None, key: bytes | None, *, clock: Clock, inline: bool = False) -> None:
        self._file = SQLiteFile(path, key, inline=inline)
        self._clock = clock
        self._told: set[asyncio.Event] = set()
        try:
            self._file.migrate(load_migrations("sqlite"))
        except BaseException:
            self._file.close()
            raise

    def _tell(self) -> None:
        for event in self._told:
            event.set()

    # -- accounts

    async def add_account(self, account: NewAccount) -> Account:
        """
        Begin to hold an account; see `Store.add_account`.
        """

        def work(connection: apsw.Connection) -> Account:
            new = Account(id=0, **msgspec.structs.asdict(account))
            try:
                [(account_id,)] = connection.execute(SQL["add_account"], (account.address, _account_json(new)))
            except apsw.ConstraintError:
                raise AlreadyHeld(f"{account.address} is held already; remove it first to add it anew") from None
            return msgspec.structs.replace(new, id=account_id)

        return await self._file.write(work)

    async def accounts(self) -> tuple[Account, ...]:
        """
        List all accounts; see `Store.accounts`.
        """
        return await self._file.read(lambda connection: tuple(map(_account, connection.execute(SQL["accounts"]))))

    async def account(self, account_id: int) -> Account:
        """
        Give one account; see `Store.account`.
        """
        return await self._file.read(lambda connection: _one_account(connection, account_id))

    async def update_account(self, account_id: int, *, detail: str = "", **values: Any) -> Account:
        """
        Set fields of an account; see `Store.update_account`.
        """

        def work(connection: apsw.Connection) -> Account:
            before = _one_account(connection, account_id)
            after = msgspec.structs.replace(before, **values)
            connection.execute(SQL["update_account"], (_account_json(after), account_id))
            if (before.state, before.reason) == (after.state, after.reason):
                return after
            feed = FeedWriter(account_id, self._clock.now())
            feed.add(ChangeKind.ACCOUNT_CHANGED, Origin.HUB, detail=detail or after.reason)
            feed.write(connection, SQL)
            return _one_account(connection, account_id)

        account = await self._file.write(work)
        self._tell()
        return account

    async def remove_account(self, account_id: int) -> None:
        """
        Forget an account; see `Store.remove_account`.
        """

        def work(connection: apsw.Connection) -> None:
            _one_account(connection, account_id)
            _forget_items(connection, account_id)
            connection.execute(SQL["delete_secrets"], (account_id,))
            connection.execute(SQL["delete_account"], (account_id,))

        await self._file.write(work)
        self._tell()

    async def wipe_account(self, account_id: int, reason: str) -> None:
        """
        Remove what is held of an account and block it; see `Store.wipe_account`.
        """

        def work(connection: apsw.Connection) -> None:
            account = _one_account(connection, account_id)
            _forget_items(connection, account_id)
            for name in ("delete_secrets", "delete_collections", "delete_outbox"):
                connection.execute(SQL[name], (account_id,))
            wiped = msgspec.structs.replace(
                account, state=AccountState.WIPED, reason=reason, hierarchy_key="0", policy_key="0", policy={}
            )
            connection.execute(SQL["update_account"], (_account_json(wiped), account_id))
            feed = FeedWriter(account_id, self._clock.now())
            feed.add(ChangeKind.ACCOUNT_CHANGED, Origin.SERVER, detail=reason)
            feed.write(connection, SQL)

        await self._file.write(work)
        self._tell()

    async def put_secret(self, account_id: int, name: str, secret: Secret) -> None:
        """
        Keep a secret; see `Store.put_secret`.
        """

        def work(connection: apsw.Connection) -> None:
            _one_account(connection, account_id)
            connection.execute(SQL["put_secret"], (account_id, name, secret.reveal()))

        await self._file.write(work)

    async def secret(self, account_id: int, name: str) -> Secret | None:
        """
        Give a secret; see `Store.secret`.
        """

        def work(connection: apsw.Connection) -> Secret | None:
            rows: list[Row] = connection.execute(SQL["secret"], (account_id, name)).fetchall()
            return Secret(rows[0][0]) if rows else None

        return await self._file.read(work)

    # -- collections

    async def collections(self, account_id: int) -> tuple[Collection, ...]:
        """
        List an account's collections; see `Store.collections`.
        """
        return await self._file.read(
            lambda connection: tuple(map(_collection, connection.execute(SQL["collections"], (account_id,))))
        )

    async def collection(self, collection_id: int) -> Collection:
        """
        Give one collection; see `Store.collection`.
        """
        return await self._file.read(lambda connection: _one_collection(connection, collection_id))

    async def update_collection(self, collection_id: int, **values: Any) -> Collection:
        """
        Set what may be set of a collection; see `Store.update_collection`.
        """
        if wrong := set(values) - {"window", "minutes", "note"}:
            raise TypeError(f"of a collection one cannot set {', '.join(sorted(wrong))}")

        def work(connection: apsw.Connection) -> Collection:
            before = _one_collection(connection, collection_id)
            after = msgspec.structs.replace(before, **values)
            if after == before:
                return before
            connection.execute(SQL["set_collection"], (int(after.window), after.minutes, after.note, collection_id))
            feed = FeedWriter(after.account_id, self._clock.now())
            changed = tuple(name for name in values if getattr(before, name) != getattr(after, name))
            feed.add(ChangeKind.COLLECTION_CHANGED, Origin.USER, collection_id=collection_id, fields=changed)
            feed.write(connection, SQL)
            return after

        collection = await self._file.write(work)
        self._tell()
        return collection

    async def commit_hierarchy(self, commit: HierarchyCommit) -> tuple[Change, ...]:
        """
        Write the folder list's changes; see `Store.commit_hierarchy`.
        """

        def work(connection: apsw.Connection) -> tuple[Change, ...]:
            account = _one_account(connection, commit.account_id)
            held = tuple(map(_collection, connection.execute(SQL["collections"], (commit.account_id,))))
            advanced = _account_json(msgspec.structs.replace(account, hierarchy_key=commit.to_key))
            return commit_hierarchy(connection, SQL, commit, account, held, advanced, self._clock.now())

        changes = await self._file.write(work)
        self._tell()
        return changes

    async def commit_sync(self, commit: SyncCommit) -> tuple[Change, ...]:
        """
        Write what a Sync brought; see `Store.commit_sync`.
        """

        def work(connection: apsw.Connection) -> tuple[Change, ...]:
            collection = _one_collection(connection, commit.collection_id)
            return commit_sync(connection, SQL, commit, collection, self._clock.now())

        changes = await self._file.write(work)
        if changes:
            self._tell()
        return changes

    # -- items

    async def item(self, item_id: int) -> Item:
        """
        Give one item; see `Store.item`.
        """

        def work(connection: apsw.Connection) -> Item:
            rows = connection.execute(SQL["item"], (item_id,)).fetchall()
            if not rows:
                raise NotHeld(f"there is no item {item_id}")
            return _item(rows[0])

        return await self._file.read(work)

    async def items_by_server_id(self, collection_id: int, server_ids: Container[str]) -> Mapping[str, Item]:
        """
        Give the held ones among server ids; see `Store.items_by_server_id`.
        """
        wanted = json.dumps(list(server_ids))

        def work(connection: apsw.Connection) -> dict[str, Item]:
            rows = connection.execute(SQL["items_by_server_id"], (collection_id, wanted))
            return {row[3]: _item(row) for row in rows}

        return await self._file.read(work)

    async def unconfirmed_by_identity(
        self, collection_id: int, identities: Container[str]
    ) -> Mapping[str, Sequence[Item]]:
        """
        Give the unconfirmed ones among identities; see `Store.unconfirmed_by_identity`.
        """
        wanted = json.dumps(list(identities))

        def work(connection: apsw.Connection) -> dict[str, list[Item]]:
            found: dict[str, list[Item]] = {}
            for row in connection.execute(SQL["unconfirmed_by_identity"], (collection_id, wanted)):
                found.setdefault(row[8], []).append(_item(row))
            return found

        return await self._file.read(work)

    async def items(
        self,
        account_id: int,
        *,
        collection_id: int | None = None,
        content_class: ContentClass | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[Item, ...]:
        """
        List items; see `Store.items`.
        """
        kind = str(content_class) if content_class is not None else None
        values = (account_id, collection_id, kind, -1 if limit is None else limit, offset)
        return await self._file.read(lambda connection: tuple(map(_item, connection.execute(SQL["items"], values))))

    async def count(
        self, account_id: int, *, collection_id: int | None = None, unread: bool = False, unconfirmed: bool = False
    ) -> Mapping[ContentClass, int]:
        """
        Count items by class; see `Store.count`.
        """
        values = (account_id, collection_id, int(unread), int(unconfirmed))
        return await self._file.read(
            lambda connection: {ContentClass(kind): count for kind, count in connection.execute(SQL["count"], values)}
        )

    async def body(self, item_id: int) -> ItemBody | None:
        """
        Give an item's body; see `Store.body`.
        """

        def work(connection: apsw.Connection) -> ItemBody | None:
            for item, kind, data, truncated, size in connection.execute(SQL["body"], (item_id,)):
                return ItemBody(item_id=item, type=kind, data=data, truncated=bool(truncated), estimated_size=size)
            return None

        return await self._file.read(work)

    async def put_body(self, update: BodyUpdate) -> None:
        """
        Replace an item's body; see `Store.put_body`.
        """

        def work(connection: apsw.Connection) -> None:
            if not connection.execute(SQL["item"], (update.item_id,)).fetchall():
                raise NotHeld(f"there is no item {update.item_id}")
            values = (update.item_id, update.type, update.data, int(update.truncated), update.estimated_size)
            connection.execute(SQL["put_body"], values)
            connection.execute(SQL["want_index"], (update.item_id,))

        await self._file.write(work)

    async def set_aside(self, account_id: int) -> tuple[SetAside, ...]:
        """
        List what was set aside; see `Store.set_aside`.
        """

        def work(connection: apsw.Connection) -> tuple[SetAside, ...]:
            rows = connection.execute(SQL["set_aside"], (account_id,))
            return tuple(
                SetAside(
                    account_id=account,
                    collection_id=collection,
                    server_id=server_id,
                    reason=reason,
                    attempts=attempts,
                    first_at=dt.datetime.fromisoformat(first_at),
                    next_at=dt.datetime.fromisoformat(next_at) if next_at else None,
                )
                for account, collection, server_id, reason, attempts, first_at, next_at in rows
            )

        return await self._file.read(work)

    # -- search

    async def index(self, limit: int = 500) -> int:
        """
        Index some of what waits; see `Store.index`.
        """

        def work(connection: apsw.Connection) -> int:
            rows: list[Row] = connection.execute(SQL["waiting_for_index"], (limit,)).fetchall()
            ids = [(row[0],) for row in rows]
            connection.executemany(SQL["delete_words"], ids)
            words = [
                (item_id, *searchable(_DECODERS[ContentClass(kind)].decode(data), body_type, body))
                for item_id, kind, data, body_type, body in rows
                if data is not None
            ]
            connection.executemany(SQL["add_words"], words)
            connection.executemany(SQL["indexed"], ids)
            return len(rows)

        return await self._file.write(work)

    async def search(self, account_id: int, text: str, *, limit: int = 50) -> tuple[SearchHit, ...]:
        """
        Find items by words; see `Store.search`.
        """
        while await self.index():
            pass
        query, words = _match_of(text)
        if not words:
            return ()

        def work(connection: apsw.Connection) -> tuple[SearchHit, ...]:
            found = []
            for row in connection.execute(SQL["search"], (query, account_id, limit)):
                item = _item(row[:8])
                found.append(SearchHit(item=item, snippet=snippet(readable(row[8], row[9]), words)))
            return tuple(found)

        return await self._file.read(work)

    # -- outbox

    async def queue(self, entry: NewOutboxEntry) -> OutboxEntry:
        """
        Keep something to tell the server; see `Store.queue`.
        """

        def work(connection: apsw.Connection) -> OutboxEntry:
            _one_account(connection, entry.account_id)
            values = (
                entry.account_id, entry.kind, entry.client_id, entry.collection_id, entry.item_id, entry.payload,
                self._clock.now().isoformat(),
            )  # fmt: skip
            try:
                [row] = connection.execute(SQL["queue"], values)
            except apsw.ConstraintError:
                raise AlreadyHeld(f"the outbox holds {entry.client_id} already") from None
            return _outbox_entry(row)

        return await self._file.write(work)

    async def outbox(self, account_id: int) -> tuple[OutboxEntry, ...]:
        """
        List an account's outbox; see `Store.outbox`.
        """
        return await self._file.read(
            lambda connection: tuple(map(_outbox_entry, connection.execute(SQL["outbox"], (account_id,))))
        )

    async def mark_outbox(self, entry_id: int, state: OutboxState, reason: str = "") -> OutboxEntry:
        """
        Note an entry's fate; see `Store.mark_outbox`.
        """

        def work(connection: apsw.Connection) -> OutboxEntry:
            values = (str(state), reason, int(state is OutboxState.SENDING), entry_id)
            rows = connection.execute(SQL["mark_outbox"], values).fetchall()
            if not rows:
                raise NotHeld(f"there is no outbox entry {entry_id}")
            return _outbox_entry(rows[0])

        return await self._file.write(work)

    async def settle(self, entry_id: int) -> None:
        """
        Forget an outbox entry; see `Store.settle`.
        """
        await self._file.write(lambda connection: connection.execute(SQL["settle"], (entry_id,)).fetchall())

    # -- the feed

    async def feed(self, account_id: int, after: int = 0, limit: int = 1000) -> tuple[Change, ...]:
        """
        Give changes of an account; see `Store.feed`.
        """
        return await self._file.read(
            lambda connection: tuple(map(_change, connection.execute(SQL["feed"], (account_id, after, limit))))
        )

    async def follow(
        self, account_id: int | None = None, after: Mapping[int, int] | None = None
    ) -> AsyncIterator[Change]:
        """
        Give changes as they are committed; see `Store.follow`.
        """
        event = asyncio.Event()
        self._told.add(event)
        try:
            positions = {one.id: one.feed_position for one in await self.accounts()} | dict(after or {})
            while True:
                event.clear()
                for account in await self.accounts():
                    if account_id not in (None, account.id):
                        continue
                    reached = positions.get(account.id, 0)
                    while account.feed_position > reached:
                        for change in await self.feed(account.id, reached, _FOLLOW_BATCH):
                            reached = positions[account.id] = change.number
                            yield change
                await event.wait()
        finally:
            self._told.discard(event)

    # -- care

    async def check(self) -> tuple[str, ...]:
        """
        Look for contradictions; see `Store.check`.
        """
        return await self._file.read(lambda connection: contradictions(connection, SQL))

    async def close(self) -> None:
        """
        Close the file; see `Store.close`.
        """
        self._file.close()


def _account_json(account: Account) -> str:
    values = msgspec.to_builtins(account)
    for name in _STORED_APART:
        values.pop(name, None)
    return msgspec.json.encode(values).decode()


def _account(row: Row) -> Account:
    account_id, data, feed_position = row
    values = msgspec.json.decode(data)
    return msgspec.convert({**values, "id": account_id, "feed_position": feed_position}, Account)


def _one_account(connection: apsw.Connection, account_id: int) -> Account:
    rows = connection.execute(SQL["account"], (account_id,)).fetchall()
    if not rows:
        raise NotHeld(f"there is no account {account_id}; it may have been removed")
    return _account(rows[0])


def _forget_items(connection: apsw.Connection, account_id: int) -> None:
    """
    Forget an account's items together with their words, which no foreign key reaches.
    """
    for collection in connection.execute(SQL["collections"], (account_id,)).fetchall():
        ids = connection.execute(SQL["collection_item_ids"], (collection[0],)).fetchall()
        connection.executemany(SQL["delete_words"], ids)
        connection.executemany(SQL["indexed"], ids)


def _collection(row: Row) -> Collection:
    return Collection(
        id=row[0],
        account_id=row[1],
        server_id=row[2],
        parent_id=row[3],
        display_name=row[4],
        type=FolderType(row[5]),
        content_class=ContentClass(row[6]) if row[6] is not None else None,
        sync_key=row[7],
        progress=Progress(row[8]),
        window=FilterType(row[9]),
        window_applied=FilterType(row[10]) if row[10] is not None else None,
        minutes=row[11],
        note=row[12],
    )


def _one_collection(connection: apsw.Connection, collection_id: int) -> Collection:
    rows = connection.execute(SQL["collection"], (collection_id,)).fetchall()
    if not rows:
        raise NotHeld(f"there is no folder {collection_id}; it may have been removed at the server")
    return _collection(rows[0])


def _item(row: Row) -> Item:
    kind = ContentClass(row[4])
    data: ApplicationData = _DECODERS[kind].decode(row[5])
    return Item(
        id=row[0],
        account_id=row[1],
        collection_id=row[2],
        server_id=row[3],
        content_class=kind,
        data=data,
        revision=row[6],
        unconfirmed=bool(row[7]),
    )


def _outbox_entry(row: Row) -> OutboxEntry:
    return OutboxEntry(
        id=row[0],
        account_id=row[1],
        kind=row[2],
        client_id=row[3],
        collection_id=row[4],
        item_id=row[5],
        payload=row[6],
        state=OutboxState(row[7]),
        reason=row[8],
        attempts=row[9],
        queued_at=dt.datetime.fromisoformat(row[10]),
    )


def _change(row: Row) -> Change:
    return Change(
        account_id=row[0],
        number=row[1],
        kind=ChangeKind(row[2]),
        origin=Origin(row[3]),
        at=dt.datetime.fromisoformat(row[4]),
        collection_id=row[5],
        item_id=row[6],
        announce=bool(row[7]),
        fields=tuple(json.loads(row[8])),
        detail=row[9],
    )


_PIECE = re.compile(r'"([^"]*)"|(\S+)')


def _match_of(text: str) -> tuple[str, list[str]]:
    """
    Turn what a person typed into a query of FTS5, whatever it is.

    Returns:
        The query, and the words to look for in the text.
    """
    parts: list[str] = []
    words: list[str] = []
    for phrase, word in _PIECE.findall(text):
        piece = " ".join(re.findall(r"\w+", phrase or word))
        if piece:
            words.append(piece)
            parts.append(f'"{piece}"')
    if parts and not text.rstrip().endswith('"'):
        parts[-1] += "*"
    return " ".join(parts), words
