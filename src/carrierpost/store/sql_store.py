"""
The contract carried out on a SQL database, whichever it is: what is asked, in which transaction, and what is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Collection as Container
from typing import Any

import msgspec

from carrierpost.model import (
    Account,
    AccountState,
    Aftermath,
    AuditEntry,
    BodyUpdate,
    Change,
    ChangeKind,
    Collection,
    Concerned,
    Edit,
    Edited,
    EntryUpdate,
    HierarchyCommit,
    IntentKind,
    Item,
    ItemBody,
    NewAccount,
    NewAuditEntry,
    NewOutboxEntry,
    NewPolicyVersion,
    Origin,
    OutboxEntry,
    OutboxState,
    PolicyVersion,
    SearchHit,
    Secret,
    SetAside,
    Standing,
    SyncCommit,
    Thread,
    Told,
)
from carrierpost.protocol.classes import ContentClass
from carrierpost.store.audit import add_audit_entry, audit_entry_of
from carrierpost.store.checking import contradictions
from carrierpost.store.commits import commit_hierarchy, commit_sync
from carrierpost.store.contract import Store
from carrierpost.store.database import Conflict, Row, Transaction
from carrierpost.store.edits import carry_on, carry_out
from carrierpost.store.errors import AlreadyHeld, FeedForgotten, NotHeld, StoreError
from carrierpost.store.feed import FeedWriter
from carrierpost.store.parts import forget_items
from carrierpost.store.policies import commit_policies, newest_policy_version, policy_version_of
from carrierpost.store.rows import (
    account_json,
    account_of,
    body_of,
    change_of,
    collection_of,
    item_data,
    item_of,
    outbox_entry_of,
    set_aside_of,
)
from carrierpost.store.settling import assign, entry_of, look_again, settle, update_entry
from carrierpost.store.sql_access import SQLAccess
from carrierpost.store.sql_base import one_account
from carrierpost.store.sql_cards import SQLCards
from carrierpost.store.sql_devices import SQLDevices, forget_devices
from carrierpost.store.sql_hub import SQLHub
from carrierpost.store.sql_notices import SQLNotices
from carrierpost.store.summary import place_of, readable, searchable, snippet, summarise

__all__ = ["SQLStore"]

_FOLLOW_BATCH = 200
_FORGET_BITE = 500  # changes of an account that are forgotten in one transaction
_FORGET_ACCOUNTS = 20  # likewise
_EVERYTHING = 2**62  # a limit that is none, in every dialect
_FIRST = (-(2**62), "", 0)  # a place before every other
_FIXED = {"id", "address", "feed_position", "feed_horizon"}  # of an account; columns of their own
_SETTABLE = {"window", "minutes", "note", "doubt"}  # of a collection; the rest is the server's or a commit's


class SQLStore(SQLDevices, SQLAccess, SQLCards, SQLHub, SQLNotices, Store):
    """
    A store in a SQL database; see `SQLBase` for what it is made of.
    """

    # -- accounts

    async def add_account(self, account: NewAccount) -> Account:
        """
        Begin to hold an account; see `Store.add_account`.
        """

        def work(transaction: Transaction) -> Account:
            new = Account(id=0, **msgspec.structs.asdict(account))
            try:
                [(account_id,)] = transaction.rows("add_account", account.address, account_json(new))
            except Conflict:
                raise AlreadyHeld(f"{account.address} is held already; remove it first to add it anew") from None
            return msgspec.structs.replace(new, id=account_id)

        return await self._database.write(work, durable=True, then=lambda _: self._followers.tell_all())

    async def accounts(self) -> tuple[Account, ...]:
        """
        List all accounts; see `Store.accounts`.
        """
        return await self._database.read(lambda transaction: tuple(map(account_of, transaction.rows("accounts"))))

    async def account(self, account_id: int) -> Account:
        """
        Give one account; see `Store.account`.
        """
        return await self._database.read(lambda transaction: one_account(transaction, account_id))

    async def standing(self, account_id: int) -> Standing:
        """
        Give what an account's next step depends on; see `Store.standing`.
        """
        return await self._database.read(
            lambda transaction: Standing(
                account=one_account(transaction, account_id),
                collections=_collections(transaction, account_id),
                asides=_set_aside(transaction, account_id),
                outbox=_outbox(transaction, account_id),
            )
        )

    async def concerned(self, account_id: int, collection_id: int, server_ids: Container[str]) -> Concerned:
        """
        Give what an answer may concern; see `Store.concerned`.
        """
        wanted = self._database.among(server_ids)

        def work(transaction: Transaction) -> Concerned:
            outbox = _outbox(transaction, account_id)
            about = {one.item_id for one in outbox if one.item_id is not None}
            outgoing = [item_of(row) for item_id in about for row in transaction.rows("item", item_id)]
            return Concerned(
                items={row[3]: item_of(row) for row in transaction.rows("items_by_server_id", collection_id, wanted)},
                asides=_set_aside(transaction, account_id),
                outbox=outbox,
                outgoing={one.id: one for one in outgoing},
            )

        return await self._database.read(work)

    async def update_account(self, account_id: int, *, detail: str = "", **values: Any) -> Account:
        """
        Set fields of an account; see `Store.update_account`.
        """
        if wrong := set(values) & _FIXED:
            raise TypeError(f"of an account one cannot set {', '.join(sorted(wrong))}")
        now = self._clock.now()

        def work(transaction: Transaction) -> Account:
            before = one_account(transaction, account_id)
            after = msgspec.structs.replace(before, **values)
            transaction.rows("update_account", account_json(after), account_id)
            if (before.state, before.reason) == (after.state, after.reason):
                return after
            feed = FeedWriter(account_id, now)
            feed.add(ChangeKind.ACCOUNT_CHANGED, Origin.HUB, detail=detail or after.reason)
            feed.write(transaction)
            return one_account(transaction, account_id)

        return await self._database.write(work, then=self._tell_of(account_id))

    async def remove_account(self, account_id: int) -> None:
        """
        Forget an account; see `Store.remove_account`.
        """

        def work(transaction: Transaction) -> None:
            one_account(transaction, account_id)
            _forget_all(transaction, account_id)
            transaction.rows("delete_secrets", account_id)
            transaction.rows("delete_account", account_id)

        def tell(_: object) -> None:
            self._followers.tell_all()
            self._hear((account_id,))

        await self._database.write(work, durable=True, then=tell)

    async def wipe_account(self, account_id: int, reason: str, *, owed: str = "") -> None:
        """
        Remove what is held of an account and block it; see `Store.wipe_account`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> None:
            account = one_account(transaction, account_id)
            _forget_all(transaction, account_id)
            forget_devices(transaction, account_id)
            if not owed:
                transaction.rows("delete_secrets", account_id)
            for name in (
                "delete_collections", "delete_outbox", "delete_told", "delete_notices",
                "delete_trace", "delete_vips", "delete_card_names", "forget_details",
            ):  # fmt: skip
                transaction.rows(name, account_id)
            wiped = msgspec.structs.replace(
                account,
                state=AccountState.WIPED,
                reason=reason,
                hierarchy_key="0",
                policy_key="0",
                policy={},
                wait_until=None,
                wipe_owed=owed,
            )
            transaction.rows("update_account", account_json(wiped), account_id)
            feed = FeedWriter(account_id, now)
            feed.add(ChangeKind.ACCOUNT_CHANGED, Origin.SERVER, detail=reason)
            feed.write(transaction)

        await self._database.write(work, durable=True, then=lambda _: self._tell_devices(account_id))

    async def put_secret(self, account_id: int, name: str, secret: Secret) -> None:
        """
        Keep a secret; see `Store.put_secret`.
        """

        def work(transaction: Transaction) -> None:
            one_account(transaction, account_id)
            transaction.rows("put_secret", account_id, name, secret.reveal())

        await self._database.write(work, durable=True)

    async def secret(self, account_id: int, name: str) -> Secret | None:
        """
        Give a secret; see `Store.secret`.
        """

        def work(transaction: Transaction) -> Secret | None:
            rows = transaction.rows("secret", account_id, name)
            return Secret(rows[0][0]) if rows else None

        return await self._database.read(work)

    # -- collections

    async def collections(self, account_id: int) -> tuple[Collection, ...]:
        """
        List an account's collections; see `Store.collections`.
        """
        return await self._database.read(lambda transaction: _collections(transaction, account_id))

    async def collection(self, collection_id: int) -> Collection:
        """
        Give one collection; see `Store.collection`.
        """
        return await self._database.read(lambda transaction: _one_collection(transaction, collection_id))

    async def update_collection(self, collection_id: int, **values: Any) -> Collection:
        """
        Set what may be set of a collection; see `Store.update_collection`.
        """
        if wrong := set(values) - _SETTABLE:
            raise TypeError(f"of a collection one cannot set {', '.join(sorted(wrong))}")
        now = self._clock.now()

        def work(transaction: Transaction) -> Collection:
            before = _one_collection(transaction, collection_id)
            after = msgspec.structs.replace(before, **values)
            if after == before:
                return before
            values_now = (int(after.window), after.minutes, after.note, str(after.doubt))
            transaction.rows("set_collection", *values_now, collection_id)
            feed = FeedWriter(after.account_id, now)
            changed = tuple(name for name in values if getattr(before, name) != getattr(after, name))
            feed.add(ChangeKind.COLLECTION_CHANGED, Origin.USER, collection_id=collection_id, fields=changed)
            feed.write(transaction)
            return after

        return await self._database.write(work, then=lambda after: self._followers.tell((after.account_id,)))

    async def commit_hierarchy(self, commit: HierarchyCommit) -> tuple[Change, ...]:
        """
        Write the folder list's changes; see `Store.commit_hierarchy`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> tuple[Change, ...]:
            account = one_account(transaction, commit.account_id)
            held = tuple(map(collection_of, transaction.rows("collections", commit.account_id)))
            return commit_hierarchy(transaction, commit, account, held, now)

        return await self._database.write(work, then=self._tell)

    async def commit_sync(self, commit: SyncCommit) -> tuple[Change, ...]:
        """
        Write what a Sync brought; see `Store.commit_sync`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> tuple[Change, ...]:
            collection = _one_collection(transaction, commit.collection_id)
            return commit_sync(transaction, commit, collection, now)

        return await self._database.write(work, then=self._tell)

    # -- items

    async def item(self, item_id: int) -> Item:
        """
        Give one item; see `Store.item`.
        """
        return await self._database.read(lambda transaction: _one_item(transaction, item_id))

    async def items_by_server_id(self, collection_id: int, server_ids: Container[str]) -> Mapping[str, Item]:
        """
        Give the held ones among server ids; see `Store.items_by_server_id`.
        """
        wanted = self._database.among(server_ids)

        def work(transaction: Transaction) -> dict[str, Item]:
            rows = transaction.rows("items_by_server_id", collection_id, wanted)
            return {row[3]: item_of(row) for row in rows}

        return await self._database.read(work)

    async def items_by_identity(self, collection_id: int, identities: Container[str]) -> Mapping[str, Item]:
        """
        Give the held ones among identities; see `Store.items_by_identity`.
        """
        wanted = self._database.among(identities)

        def work(transaction: Transaction) -> dict[str, Item]:
            rows = transaction.rows("items_by_identity", collection_id, wanted)
            return {row[8]: item_of(row) for row in reversed(rows)}

        return await self._database.read(work)

    async def unconfirmed_by_identity(
        self, collection_id: int, identities: Container[str]
    ) -> Mapping[str, Sequence[Item]]:
        """
        Give the unconfirmed ones among identities; see `Store.unconfirmed_by_identity`.
        """
        wanted = self._database.among(identities)

        def work(transaction: Transaction) -> dict[str, list[Item]]:
            found: dict[str, list[Item]] = {}
            for row in transaction.rows("unconfirmed_by_identity", collection_id, wanted):
                found.setdefault(row[8], []).append(item_of(row))
            return found

        return await self._database.read(work)

    async def items(
        self,
        account_id: int,
        *,
        collection_id: int | None = None,
        content_class: ContentClass | None = None,
        unread: bool = False,
        limit: int | None = None,
        after: Item | None = None,
    ) -> tuple[Item, ...]:
        """
        List items; see `Store.items`.
        """
        kind = str(content_class) if content_class is not None else None
        page = (int(unread), _EVERYTHING if limit is None else limit)
        place = _FIRST if after is None else (*place_of(after.data), after.id)
        of: tuple[int, int | str]
        if collection_id is not None:
            query, of = "items_of_collection", (account_id, collection_id)
        elif kind is not None:
            query, of = "items_of_class", (account_id, kind)
        else:
            begin = "" if after is None else str(after.content_class)
            query, of = "items_of_account", (account_id, begin)
        wrong = kind if collection_id is not None else None

        def work(transaction: Transaction) -> tuple[Item, ...]:
            found = tuple(map(item_of, transaction.rows(query, *of, *place, *page)))
            return () if wrong is not None and found and found[0].content_class != wrong else found

        return await self._database.read(work)

    async def threads(
        self, account_id: int, *, collection_id: int | None = None, limit: int | None = None, after: Item | None = None
    ) -> tuple[Thread, ...]:
        """
        List conversations; see `Store.threads`.
        """
        place = _FIRST if after is None else (*place_of(after.data), after.id)
        page = (*place, _EVERYTHING if limit is None else limit)

        def work(transaction: Transaction) -> tuple[Thread, ...]:
            if collection_id is None:
                rows = transaction.rows("threads_of_account", account_id, *page)
            else:
                rows = transaction.rows("threads_of_collection", account_id, collection_id, *page)
            return tuple(_thread(transaction, row) for row in rows)

        return await self._database.read(work)

    async def thread(self, item_id: int) -> tuple[Item, ...]:
        """
        Give a conversation; see `Store.thread`.
        """

        def work(transaction: Transaction) -> tuple[Item, ...]:
            item = _one_item(transaction, item_id)
            [(account_id, thread)] = transaction.rows("thread_of_item", item_id)
            if thread is None:
                return (item,)
            return tuple(map(item_of, transaction.rows("items_of_thread", account_id, thread)))

        return await self._database.read(work)

    async def count(
        self, account_id: int, *, collection_id: int | None = None, unread: bool = False, unconfirmed: bool = False
    ) -> Mapping[ContentClass, int]:
        """
        Count items by class; see `Store.count`.
        """
        values = (account_id, collection_id, int(unread), int(unconfirmed))
        return await self._database.read(
            lambda transaction: {ContentClass(kind): count for kind, count in transaction.rows("count", *values)}
        )

    async def body(self, item_id: int) -> ItemBody | None:
        """
        Give an item's body; see `Store.body`.
        """

        def work(transaction: Transaction) -> ItemBody | None:
            rows = transaction.rows("body", item_id)
            return body_of(rows[0]) if rows else None

        return await self._database.read(work)

    async def put_body(self, update: BodyUpdate) -> None:
        """
        Replace an item's body; see `Store.put_body`.
        """

        def work(transaction: Transaction) -> None:
            if not transaction.rows("item", update.item_id):
                raise NotHeld(f"there is no item {update.item_id}")
            text, octets = (update.data, None) if isinstance(update.data, str) else (None, update.data)
            size = update.estimated_size
            transaction.rows("put_body", update.item_id, update.type, text, octets, int(update.truncated), size)
            transaction.rows("want_index", update.item_id)

        await self._database.write(work)

    async def set_aside(self, account_id: int) -> tuple[SetAside, ...]:
        """
        List what was set aside; see `Store.set_aside`.
        """
        return await self._database.read(lambda transaction: _set_aside(transaction, account_id))

    # -- search

    async def index(self, limit: int = 100) -> int:
        """
        Index some of what waits; see `Store.index`.
        """

        def work(transaction: Transaction) -> int:
            # Taken newest first, because that is what people look for, but written in the order of ids, which an
            # index takes several times faster.
            rows = sorted(transaction.rows("waiting_for_index", limit))
            ids = [(row[0],) for row in rows]
            transaction.each("delete_words", ids)
            transaction.each(
                "add_words",
                [
                    (item_id, *searchable(item_data(kind, data), body_type, text if text is not None else octets))
                    for item_id, kind, data, body_type, text, octets in rows
                    if data is not None
                ],
            )
            transaction.each("indexed", ids)
            return len(rows)

        return await self._database.write(work)

    async def search(self, account_id: int, text: str, *, limit: int = 50) -> tuple[SearchHit, ...]:
        """
        Find items by words; see `Store.search`.
        """
        wanted, words = self._database.matching(text)
        if not words:
            return ()
        while await self.index():
            pass

        def work(transaction: Transaction) -> tuple[SearchHit, ...]:
            found = []
            for row in transaction.rows("search", wanted, account_id, limit):
                kind, text, octets = row[8:]
                body = readable(kind, text if text is not None else octets)
                found.append(SearchHit(item=item_of(row[:8]), snippet=snippet(body, words)))
            return tuple(found)

        return await self._database.read(work)

    # -- what a person does

    async def edit(self, edit: Edit) -> Edited:
        """
        Carry out what a person does; see `Store.edit`.
        """
        now = self._clock.now()
        return await self._database.write(
            lambda transaction: carry_out(transaction, edit, now),
            durable=True,
            then=lambda edited: self._tell(edited.changes),
        )

    # -- outbox

    async def queue(self, entry: NewOutboxEntry) -> OutboxEntry:
        """
        Keep something to tell the server; see `Store.queue`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> OutboxEntry:
            one_account(transaction, entry.account_id)
            values = (
                entry.account_id, entry.kind, entry.client_id, entry.collection_id, entry.item_id, entry.payload,
                now.isoformat(),
            )  # fmt: skip
            try:
                [row] = transaction.rows("queue", *values)
            except Conflict:
                raise AlreadyHeld(f"the outbox holds {entry.client_id} already") from None
            feed = FeedWriter(entry.account_id, now)
            feed.add(ChangeKind.OUTBOX_CHANGED, Origin.USER, collection_id=entry.collection_id, item_id=entry.item_id)
            feed.write(transaction)
            return outbox_entry_of(row)

        return await self._database.write(work, durable=True, then=self._tell_of(entry.account_id))

    async def outbox(self, account_id: int) -> tuple[OutboxEntry, ...]:
        """
        List an account's outbox; see `Store.outbox`.
        """
        return await self._database.read(lambda transaction: _outbox(transaction, account_id))

    async def mark_outbox(self, entry_id: int, state: OutboxState, reason: str = "") -> OutboxEntry:
        """
        Note an entry's fate; see `Store.mark_outbox`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> OutboxEntry:
            if state is not OutboxState.SENDING:
                feed = FeedWriter(entry_of(transaction, entry_id).account_id, now)
                entry = update_entry(transaction, EntryUpdate(entry_id=entry_id, state=state, reason=reason), feed)
                assert entry is not None
                feed.write(transaction)
                return entry
            rows = transaction.rows("mark_outbox", str(state), reason, 1, entry_id)
            if not rows:
                raise NotHeld(f"there is no outbox entry {entry_id}")
            return outbox_entry_of(rows[0])

        return await self._database.write(
            work, durable=True, then=lambda entry: self._followers.tell((entry.account_id,))
        )

    async def mark_sending(self, entry_ids: Sequence[int]) -> tuple[OutboxEntry, ...]:
        """
        Note that entries are on their way; see `Store.mark_sending`.
        """

        def work(transaction: Transaction) -> tuple[OutboxEntry, ...]:
            rows = [row for entry_id in sorted(entry_ids) for row in transaction.rows("mark_sending", entry_id)]
            return tuple(map(outbox_entry_of, rows))

        return await self._database.write(work, durable=True)

    async def unmark_sending(self, entry_id: int) -> None:
        """
        Note that an entry never left; see `Store.unmark_sending`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> None:
            update = EntryUpdate(entry_id=entry_id, state=OutboxState.QUEUED, unsent=True)
            update_entry(transaction, update, FeedWriter(0, now))  # nobody hears of it

        await self._database.write(work, durable=True)

    async def told(self, account_id: int, uid: str) -> Told:
        """
        Give what attendees were last told; see `Store.told`.
        """
        rows = await self._database.read(lambda transaction: transaction.rows("told", account_id, uid))
        return Told(uid=uid, sequence=rows[0][1], digest=rows[0][2]) if rows else Told(uid=uid)

    async def settle(
        self, entry_id: int, *, assigned: str | None = None, after: Aftermath | None = None
    ) -> tuple[Change, ...]:
        """
        Forget an outbox entry; see `Store.settle`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> tuple[Change, ...]:
            rows = transaction.rows("outbox_entry", entry_id)
            if not rows:
                return ()
            entry = outbox_entry_of(rows[0])
            feed = FeedWriter(entry.account_id, now)
            settle(transaction, entry_id)
            if assigned is not None and entry.item_id is not None:
                assign(transaction, entry.account_id, entry.item_id, assigned, feed)
                if entry.kind is IntentKind.MOVE:
                    look_again(transaction, entry.item_id, assigned, now)
            follow = () if after is None else carry_on(transaction, entry.account_id, after, now)
            return (*feed.write(transaction), *follow)

        return await self._database.write(work, durable=True, then=self._tell)

    # -- the feed

    async def feed(self, account_id: int, after: int = 0, limit: int = 1000) -> tuple[Change, ...]:
        """
        Give changes of an account; see `Store.feed`.
        """

        def work(transaction: Transaction) -> tuple[Change, ...]:
            for (horizon,) in transaction.rows("feed_horizon", account_id):
                if after < horizon:
                    raise FeedForgotten(account_id, after, horizon)
            return tuple(map(change_of, transaction.rows("feed", account_id, after, limit)))

        return await self._database.read(work)

    async def follow(
        self, account_id: int | None = None, after: Mapping[int, int] | None = None
    ) -> AsyncIterator[Change]:
        """
        Give changes as they are committed; see `Store.follow`.
        """
        follower = self._followers.add(account_id)
        try:
            reached = await self._positions()
            if account_id is not None:
                reached = {one: position for one, position in reached.items() if one == account_id}
            reached |= dict(after or {})
            follower.tell(after or ())
            while True:
                self._look_out()
                await follower.wait()
                if self._database.closed:
                    return
                everywhere, stirred, changes = follower.take()
                if everywhere:
                    now = await self._positions()
                    if account_id is not None:
                        now = {one: position for one, position in now.items() if one == account_id}
                    for change in self._come_and_gone(now, reached):
                        yield change
                    stirred += [one for one, position in now.items() if position > reached[one]]
                for one in stirred:
                    async for change in self._catch_up(one, reached):
                        yield change
                for change in changes:
                    known = reached.get(change.account_id, 0)
                    if change.number == known + 1:
                        reached[change.account_id] = change.number
                        yield change
                    elif change.number > known:
                        async for missed in self._catch_up(change.account_id, reached):
                            yield missed
        except StoreError:
            if not self._database.closed:
                raise
        finally:
            self._followers.discard(follower)
            self._look_out_no_more()

    def _come_and_gone(self, now: Mapping[int, int], reached: dict[int, int]) -> list[Change]:
        """
        Tell which accounts are new, and which are gone, since a follower looked last.
        """
        values: dict[str, Any] = {"at": self._clock.now(), "origin": Origin.USER}
        gone = [
            Change(account_id=one, number=reached.pop(one) + 1, kind=ChangeKind.ACCOUNT_REMOVED, **values)
            for one in sorted(reached.keys() - now.keys())
        ]
        new = sorted(now.keys() - reached.keys())
        reached |= dict.fromkeys(new, 0)
        return gone + [Change(account_id=one, number=0, kind=ChangeKind.ACCOUNT_ADDED, **values) for one in new]

    async def _catch_up(self, account_id: int, reached: dict[int, int]) -> AsyncIterator[Change]:
        """
        Give what is new in an account's feed, and note in `reached` how far that was.
        """
        while True:
            changes = await self.feed(account_id, reached.get(account_id, 0), _FOLLOW_BATCH)
            for change in changes:
                reached[account_id] = change.number
                yield change
            if len(changes) < _FOLLOW_BATCH:
                return

    async def forget_changes(self, *, days: float = 30.0, keep: int = 1000) -> int:
        """
        Forget what is old in the feeds; see `Store.forget_changes`.
        """
        before = (self._clock.now() - dt.timedelta(days=days)).isoformat()

        def work(transaction: Transaction) -> int:
            forgotten = 0
            for account_id, number in transaction.rows("old_changes", keep, _FORGET_BITE, before, _FORGET_ACCOUNTS):
                [(horizon,)] = transaction.rows("feed_horizon", account_id)
                transaction.rows("forget_changes", account_id, number)
                transaction.rows("advance_horizon", number, account_id)
                forgotten += number - horizon
            return forgotten

        return await self._database.write(work)

    # -- what administrators do

    async def policy_version(self, number: int | None = None) -> PolicyVersion:
        """
        Give a version of the policies; see `Store.policy_version`.
        """

        def work(transaction: Transaction) -> PolicyVersion:
            if number is None:
                return newest_policy_version(transaction)
            rows = transaction.rows("policy_version", number)
            if not rows:
                raise NotHeld(f"there is no version {number} of the policies")
            return policy_version_of(rows[0])

        return await self._database.read(work)

    async def policy_versions(self, limit: int = 100) -> tuple[PolicyVersion, ...]:
        """
        List versions of the policies; see `Store.policy_versions`.
        """
        return await self._database.read(
            lambda transaction: tuple(map(policy_version_of, transaction.rows("policy_versions", limit)))
        )

    async def commit_policies(self, new: NewPolicyVersion) -> PolicyVersion:
        """
        Write a version of the policies; see `Store.commit_policies`.
        """
        now = self._clock.now()
        return await self._database.write(
            lambda transaction: commit_policies(transaction, new, now),
            durable=True,
            then=lambda _: self._followers.tell_all(),
        )

    async def audit(self, entry: NewAuditEntry) -> AuditEntry:
        """
        Add a line to the audit log; see `Store.audit`.
        """
        now = self._clock.now()
        return await self._database.write(lambda transaction: add_audit_entry(transaction, entry, now), durable=True)

    async def audit_log(self, after: int = 0, limit: int = 1000) -> tuple[AuditEntry, ...]:
        """
        Give lines of the audit log; see `Store.audit_log`.
        """
        return await self._database.read(
            lambda transaction: tuple(map(audit_entry_of, transaction.rows("audit_entries", after, limit)))
        )

    # -- care

    async def check(self) -> tuple[str, ...]:
        """
        Look for contradictions; see `Store.check`.
        """
        return await self._database.read(contradictions)

    async def close(self) -> None:
        """
        Close the database; see `Store.close`.
        """
        if self._looking is not None:
            self._looking.cancel()
        await self._database.close()
        self._followers.wake()
        for event in self._heard:
            event.set()


def _one_item(transaction: Transaction, item_id: int) -> Item:
    rows = transaction.rows("item", item_id)
    if not rows:
        raise NotHeld(f"there is no item {item_id}")
    return item_of(rows[0])


def _thread(transaction: Transaction, row: Row) -> Thread:
    newest, thread = item_of(row[:8]), row[8]
    if thread is None:
        return Thread(newest=newest, unread=summarise(newest.data).unread)
    [(count, unread)] = transaction.rows("count_thread", newest.account_id, thread)
    return Thread(newest=newest, count=count, unread=unread)


def _forget_all(transaction: Transaction, account_id: int) -> None:
    """
    Forget what no foreign key reaches of an account's items.
    """
    for collection in transaction.rows("collections", account_id):
        forget_items(transaction, [item_id for (item_id,) in transaction.rows("collection_item_ids", collection[0])])
    transaction.rows("purge_words")


def _collections(transaction: Transaction, account_id: int) -> tuple[Collection, ...]:
    return tuple(map(collection_of, transaction.rows("collections", account_id)))


def _set_aside(transaction: Transaction, account_id: int) -> tuple[SetAside, ...]:
    return tuple(map(set_aside_of, transaction.rows("set_aside", account_id)))


def _outbox(transaction: Transaction, account_id: int) -> tuple[OutboxEntry, ...]:
    return tuple(map(outbox_entry_of, transaction.rows("outbox", account_id)))


def _one_collection(transaction: Transaction, collection_id: int) -> Collection:
    rows = transaction.rows("collection", collection_id)
    if not rows:
        raise NotHeld(f"there is no folder {collection_id}; it may have been removed at the server")
    return collection_of(rows[0])
