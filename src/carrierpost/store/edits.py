"""
What a person does, carried out inside one transaction: the local effect, what the server has to be told, and the feed.

The outbox holds no more about an item than the server has to hear: an edit of what waits to be added needs no entry of
its own, edits of one item become one, and what was never told need not be taken back. An entry that may have reached
the server already is left as it was told, and what comes after it gets an entry of its own.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from carrierpost.model import (
    AddIntent,
    AddItem,
    Aftermath,
    Change,
    ChangeIntent,
    ChangeItem,
    ChangeKind,
    Collection,
    DeleteIntent,
    DeleteItem,
    DropEntry,
    Edit,
    Edited,
    Intent,
    IntentKind,
    InviteIntent,
    Item,
    MoveIntent,
    MoveItem,
    NewOutboxEntry,
    Origin,
    OutboxEntry,
    OutboxState,
    RespondIntent,
    RespondMeeting,
    RetryEntry,
)
from carrierpost.model.intent import intent_of, kind_of, payload_of, values_of, with_values
from carrierpost.protocol.classes import ApplicationData, BodyType, Contact, Event, identity
from carrierpost.store.database import Conflict, Transaction
from carrierpost.store.errors import AlreadyHeld, BeingTold, NotHeld, StaleCommit
from carrierpost.store.feed import FeedWriter
from carrierpost.store.parts import forget_items, put_parts
from carrierpost.store.rows import body_of, collection_of, item_json, outbox_entry_of
from carrierpost.store.settling import entries_of, entry_of, maybe_item, move_back, rewrite
from carrierpost.store.summary import summarise

__all__ = ["carry_on", "carry_out"]


def carry_out(transaction: Transaction, edit: Edit, now: dt.datetime) -> Edited:
    """
    Carry out what a person does; see `Store.edit`.

    Args:
        transaction: an open one.
        edit: what the person does.
        now: the time.
    """
    hand = _Hand(transaction, now)
    item_id: int | None
    entry: OutboxEntry | None
    match edit:
        case AddItem():
            hand.begin(hand.collection(edit.collection_id).account_id)
            item_id, entry = hand.add(edit)
        case ChangeItem():
            item_id, entry = edit.item_id, hand.change(hand.item(edit.item_id), edit)
        case DeleteItem():
            item_id = edit.item_id
            entry = hand.delete(hand.item(item_id), edit.client_id, edit.permanent, invite=edit.invite)
        case MoveItem():
            item_id, entry = edit.item_id, hand.move(hand.item(edit.item_id), edit.target_id, edit.client_id)
        case RespondMeeting():
            item_id, entry = edit.item_id, hand.respond(hand.item(edit.item_id), edit)
        case RetryEntry():
            item_id, entry = hand.retry(hand.entry(edit.entry_id), edit.client_id)
        case DropEntry():
            item_id, entry = hand.drop(hand.entry(edit.entry_id), edit.client_id)
    changes = hand.feed.write(transaction)
    return Edited(item=maybe_item(transaction, item_id), entry=entry, changes=changes)


def carry_on(transaction: Transaction, account_id: int, after: Aftermath, now: dt.datetime) -> tuple[Change, ...]:
    """
    Carry out what follows from an entry that is done; see `Store.settle`.

    Args:
        transaction: the one in which the entry is settled.
        account_id: the account.
        after: what follows.
        now: the time.
    """
    hand = _Hand(transaction, now)
    hand.begin(account_id)
    for one in after.queue:
        hand.queue(one)
    if after.remove is not None:
        item = maybe_item(transaction, after.remove[0])
        if item is not None:
            hand.delete(item, after.remove[1], permanent=False)
    if after.renamed is not None:
        hand.rename(after.renamed.item_id, after.renamed.server_id)
    if after.told is not None:
        transaction.rows("put_told", account_id, after.told.uid, after.told.sequence, after.told.digest)
    return hand.feed.write(transaction)


class _Hand:
    """
    One person's hand in one transaction.
    """

    def __init__(self, transaction: Transaction, now: dt.datetime) -> None:
        self._transaction = transaction
        self._now = now
        self.feed: FeedWriter

    def begin(self, account_id: int) -> None:
        """
        Say whose mailbox it is.
        """
        self.feed = FeedWriter(account_id, self._now)
        self._account_id = account_id

    def item(self, item_id: int) -> Item:
        """
        Give the item that the edit is about.
        """
        found = maybe_item(self._transaction, item_id)
        if found is None:
            raise NotHeld(f"there is no item {item_id}")
        self.begin(found.account_id)
        return found

    def entry(self, entry_id: int) -> OutboxEntry:
        """
        Give the entry that the edit is about.
        """
        found = entry_of(self._transaction, entry_id)
        self.begin(found.account_id)
        return found

    def collection(self, collection_id: int) -> Collection:
        """
        Give a folder.
        """
        rows = self._transaction.rows("collection", collection_id)
        if not rows:
            raise NotHeld(f"there is no folder {collection_id}; it may have been removed at the server")
        return collection_of(rows[0])

    # -- adding

    def add(self, edit: AddItem) -> tuple[int, OutboxEntry]:
        """
        Keep a new item without server id, and queue it.
        """
        collection = self.collection(edit.collection_id)
        kind = collection.content_class
        if kind is None:
            raise NotHeld(f"{collection.display_name} holds no items that are known here")
        [(item_id,)] = self._transaction.rows("take_item_ids", 1)
        self._transaction.rows(
            "add_item", item_id, collection.account_id, collection.id, None, kind.value, item_json(edit.data),
            edit.identity, *summarise(edit.data).columns(),
        )  # fmt: skip
        put_parts(self._transaction, item_id, edit.data)
        self._tell(ChangeKind.ITEM_ADDED, collection.id, item_id)
        entry = self._queue(AddIntent(send=edit.send), edit.client_id, collection.id, item_id)
        if isinstance(edit.data, Event) and edit.data.recurrence is not None and edit.data.exceptions:
            # Occurrences that differ are told once the series is there ([MS-ASCMD] InstanceId).
            later = ChangeIntent(fields=("exceptions",), before={"exceptions": None})
            self._queue(later, f"{edit.client_id}x", collection.id, item_id)
        if edit.invite:
            self._queue(InviteIntent(), f"{edit.client_id}i", collection.id, item_id)
        return item_id, entry

    # -- changing

    def change(self, item: Item, edit: ChangeItem) -> OutboxEntry:
        """
        Give an item new properties, and queue which.
        """
        if item.revision != edit.revision:
            raise StaleCommit("the item was changed in between")
        whole = self._whole(item)
        before = values_of(whole, edit.fields)
        self._write(item, edit.data, edit.identity, edit.fields)
        entries = [one for one in entries_of(self._transaction, item) if one.kind not in _BESIDE]
        if edit.invite:
            self._invite(item, InviteIntent(before=msgspec.to_builtins(whole)), f"{edit.client_id}i")
        last = next(reversed(entries), None)
        if last is not None and last.kind is IntentKind.ADD and not last.may_be_done:
            added = intent_of(last)
            assert isinstance(added, AddIntent)
            return self._again(last, msgspec.structs.replace(added, send=added.send or edit.send))
        open_ = [one for one in entries if _is_open_change(one)]
        if not open_:
            intent = ChangeIntent(fields=edit.fields, before=before, send=edit.send)
            return self._queue(intent, edit.client_id, item.collection_id, item.id)
        known = intent_of(open_[-1])
        assert isinstance(known, ChangeIntent)
        fields = (*known.fields, *(name for name in edit.fields if name not in known.fields))
        overtaken = {name: value for name, value in known.overtaken.items() if name not in edit.fields}
        merged = ChangeIntent(
            fields=fields, before=before | known.before, overtaken=overtaken, send=known.send or edit.send
        )
        return self._again(open_[-1], merged)

    def _whole(self, item: Item) -> Any:
        """
        Give an item's properties with the text of its body.
        """
        rows = self._transaction.rows("body", item.id)
        if not rows or item.data.body is None:
            return item.data
        held = body_of(rows[0])
        text = {"data": held.data} if isinstance(held.data, str) else {"opaque": held.data}
        body = msgspec.structs.replace(
            item.data.body, type=BodyType(held.type), truncated=held.truncated or None, **text
        )
        return msgspec.structs.replace(item.data, body=body)

    def _write(self, item: Item, data: ApplicationData, name: str | None, fields: tuple[str, ...]) -> None:
        columns = (item_json(data), name, *summarise(data).columns())
        if not self._transaction.rows("edit_item", *columns, item.id, item.revision):
            raise StaleCommit("the item was changed in between")
        put_parts(self._transaction, item.id, data)
        self._tell(ChangeKind.ITEM_CHANGED, item.collection_id, item.id, fields=fields)

    def _again(self, entry: OutboxEntry, intent: Intent) -> OutboxEntry:
        """
        Let an entry say something else; one that was refused is tried again.
        """
        return rewrite(
            self._transaction,
            msgspec.structs.replace(entry, payload=payload_of(intent), state=OutboxState.QUEUED, reason=""),
        )

    # -- deleting

    def delete(self, item: Item, client_id: str, permanent: bool, *, invite: bool = False) -> OutboxEntry | None:
        """
        Forget an item, and queue that unless the server has never heard of it; an answer to a meeting is still told.
        """
        place: tuple[int, str] | None = (item.collection_id, item.server_id) if item.server_id is not None else None
        known: dict[str, Any] | None = msgspec.to_builtins(self._whole(item)) if invite else None
        for entry in entries_of(self._transaction, item):
            intent = intent_of(entry)
            if isinstance(intent, RespondIntent) and entry.state is not OutboxState.REFUSED:
                continue
            if isinstance(intent, InviteIntent):
                known = intent.before  # that is what the attendees know
            place = self._undo(entry, item, place)
        self._remove(item)
        if place is None:
            return None
        gone = DeleteIntent(server_id=place[1], permanent=permanent, title=_title(item.data))
        deleted = self._queue(gone, client_id, place[0], item.id)
        if invite and known is not None:
            self._queue(InviteIntent(before=known, gone=True), f"{client_id}i", place[0], item.id)
        return deleted

    def _undo(self, entry: OutboxEntry, item: Item, place: tuple[int, str] | None) -> tuple[int, str] | None:
        """
        Give up what was still to be told of an item that goes.

        Returns:
            Folder and server id under which the server has it then: an empty id while that is to be told, `None` for
            an item that the server does not have.
        """
        intent = intent_of(entry)
        if isinstance(intent, AddIntent) and entry.may_be_done:
            data = msgspec.to_builtins(self._whole(item))
            payload = payload_of(msgspec.structs.replace(intent, data=data))
            rewrite(self._transaction, msgspec.structs.replace(entry, payload=payload))
            return place or (item.collection_id, "")
        if entry.state is OutboxState.SENDING:
            return place or (item.collection_id, "")
        if isinstance(intent, MoveIntent) and entry.state is not OutboxState.REFUSED:
            if entry.may_be_done:
                return item.collection_id, ""
            place = intent.source_id, intent.server_id
        self._transaction.rows("settle", entry.id)
        return place

    def _remove(self, item: Item) -> None:
        self._transaction.rows("delete_item", item.id, item.collection_id)
        forget_items(self._transaction, [item.id])
        self._tell(ChangeKind.ITEM_REMOVED, item.collection_id, item.id)

    # -- moving

    def move(self, item: Item, target_id: int, client_id: str) -> OutboxEntry | None:
        """
        Put an item into another folder of its class, and queue that unless the server has never heard of it.
        """
        source, target = self.collection(item.collection_id), self.collection(target_id)
        if target.account_id != item.account_id or target.content_class is not item.content_class:
            raise NotHeld(f"{target.display_name} does not hold items of this class")
        if source.id == target.id:
            return None
        entries = entries_of(self._transaction, item)
        open_move = next((one for one in entries if one.kind is IntentKind.MOVE and _is_untold(one)), None)
        added = next((one for one in entries if one.kind is IntentKind.ADD), None)
        if added is not None and (_is_untold(added) or added.state is OutboxState.REFUSED):
            self._put(item, target.id, None, entries)
            return added
        if open_move is not None:
            return self._move_on(item, open_move, target.id, entries)
        self._put(item, target.id, None, entries)
        intent = MoveIntent(server_id=item.server_id or "", source_id=source.id, target_id=target.id)
        return self._queue(intent, client_id, source.id, item.id)

    def _move_on(
        self, item: Item, entry: OutboxEntry, target_id: int, entries: list[OutboxEntry]
    ) -> OutboxEntry | None:
        intent = intent_of(entry)
        assert isinstance(intent, MoveIntent)
        if intent.source_id == target_id:
            self._put(item, target_id, intent.server_id or None, entries)
            self._transaction.rows("settle", entry.id)
            return None
        self._put(item, target_id, None, entries)
        return self._again(entry, msgspec.structs.replace(intent, target_id=target_id))

    def _put(self, item: Item, target_id: int, server_id: str | None, entries: list[OutboxEntry]) -> None:
        """
        Write where an item is, and let what waits to be told of it be told there.
        """
        try:
            self._transaction.rows("move_item", target_id, server_id, item.id)
        except Conflict:
            raise StaleCommit("the folder holds this item already") from None
        for entry in entries:
            untold = entry.kind is IntentKind.ADD and (_is_untold(entry) or entry.state is OutboxState.REFUSED)
            if untold or (entry.kind is IntentKind.CHANGE and entry.state is not OutboxState.SENDING):
                rewrite(self._transaction, msgspec.structs.replace(entry, collection_id=target_id))
        self._tell(ChangeKind.ITEM_MOVED, target_id, item.id, fields=("collection_id",))

    # -- meetings

    def respond(self, item: Item, edit: RespondMeeting) -> OutboxEntry:
        """
        Show a meeting as it is once answered, and queue the answer in place of one that was not yet told.
        """
        intent, before = edit.intent, {}
        if edit.data is not None and intent.event_item is not None:
            event = maybe_item(self._transaction, intent.event_item)
            if event is None or event.revision != edit.revision:
                raise StaleCommit("the meeting was changed in between")
            before = values_of(event.data, edit.fields)
            if edit.fields:
                self._write(event, edit.data, identity(edit.data), edit.fields)
        for entry in entries_of(self._transaction, item):
            known = intent_of(entry)
            if not isinstance(known, RespondIntent) or entry.may_be_done or known.instance != intent.instance:
                continue
            return self._again(entry, msgspec.structs.replace(intent, before=before | known.before))
        return self._queue(msgspec.structs.replace(intent, before=before), edit.client_id, item.collection_id, item.id)

    def _invite(self, item: Item, intent: InviteIntent, client_id: str) -> None:
        """
        Let attendees hear of a meeting; once is enough for all that happens to it until then.
        """
        if not any(one.kind is IntentKind.INVITE for one in entries_of(self._transaction, item)):
            self._queue(intent, client_id, item.collection_id, item.id)

    def rename(self, item_id: int, server_id: str) -> None:
        """
        Note that the server keeps an event under another id from now on.
        """
        item = maybe_item(self._transaction, item_id)
        if item is None or item.server_id in (None, server_id):
            return
        if not self._transaction.rows("item_by_server_id", item.collection_id, server_id):
            self._transaction.rows("assign_server_id", server_id, item.id)

    def _take_back_answer(self, intent: RespondIntent) -> None:
        """
        Show a meeting as before it was answered, but for what the server has said of it since.
        """
        event = maybe_item(self._transaction, intent.event_item)
        if event is None or not intent.before or not isinstance(event.data, Event):
            return
        names = set(intent.before)
        if event.data.response_type != _ANSWERED[intent.response]:
            names -= {"response_type", "busy_status"}
        data = with_values(event.data, {name: intent.before[name] for name in names})
        self._write(event, data, identity(data), tuple(sorted(names)))

    # -- what was refused

    def retry(self, entry: OutboxEntry, client_id: str) -> tuple[int | None, OutboxEntry | None]:
        """
        Queue an entry again.
        """
        if entry.state not in (OutboxState.REFUSED, OutboxState.UNKNOWN):
            return entry.item_id, entry
        intent, item = intent_of(entry), maybe_item(self._transaction, entry.item_id)
        self._tell(ChangeKind.OUTBOX_CHANGED, entry.collection_id, entry.item_id, detail="tried again")
        match intent:
            case AddIntent():
                intent = msgspec.structs.replace(intent, meant=True)
            case ChangeIntent() if item is None:
                raise NotHeld("the item that was changed is gone; the change can only be dropped")
            case ChangeIntent(overtaken=wanted) if wanted and item is not None:
                data = with_values(item.data, wanted)
                edit = ChangeItem(
                    item_id=item.id, revision=item.revision, data=data, fields=tuple(wanted), client_id=client_id,
                    identity=identity(data),
                )  # fmt: skip
                return item.id, self.change(item, edit)
            case MoveIntent() if item is not None:
                self._transaction.rows("settle", entry.id)
                return item.id, self.move(item, intent.target_id, entry.client_id)
            case DeleteIntent() if entry.collection_id is not None:
                for (held,) in self._transaction.rows("item_by_server_id", entry.collection_id, intent.server_id):
                    again = maybe_item(self._transaction, held)
                    assert again is not None
                    self._remove(again)
        return entry.item_id, self._again(entry, intent)

    def drop(self, entry: OutboxEntry, client_id: str) -> tuple[int | None, OutboxEntry | None]:
        """
        Forget an entry, and take its effect back.
        """
        if entry.state is OutboxState.SENDING:
            raise BeingTold("the server is just being told this; wait until its answer is known")
        self._tell(ChangeKind.OUTBOX_CHANGED, entry.collection_id, entry.item_id, detail="given up")
        try:
            intent = intent_of(entry)
        except ValueError:  # nobody can tell what it was
            self._transaction.rows("settle", entry.id)
            return entry.item_id, None
        item = maybe_item(self._transaction, entry.item_id)
        match intent:
            case AddIntent() if item is not None:
                return None, self.delete(item, client_id, permanent=True)
            case ChangeIntent() if item is not None and intent.before:
                data = with_values(item.data, intent.before)
                self._write(item, data, identity(data), tuple(intent.before))
            case MoveIntent() if entry.state is not OutboxState.REFUSED:
                if entry.may_be_done:
                    raise BeingTold("the server may have moved this already; wait until that is known")
                move_back(self._transaction, entry, self.feed, Origin.USER)
            case RespondIntent():
                self._take_back_answer(intent)
            case DeleteIntent() if entry.collection_id is not None and intent.server_id:
                for row in self._transaction.rows("outbox_of_item", entry.account_id, entry.item_id):
                    if (other := outbox_entry_of(row)).kind is IntentKind.INVITE:
                        self._transaction.rows("settle", other.id)  # it is not called off after all
                self._fetch_again(entry.collection_id, intent.server_id)
            case _:
                pass
        self._transaction.rows("settle", entry.id)
        return entry.item_id, None

    def _fetch_again(self, collection_id: int, server_id: str) -> None:
        """
        Have an item fetched that was deleted here and not at the server.
        """
        collection = self.collection(collection_id)
        at = self._now.isoformat()
        reason = "its deletion was given up; it is fetched again"
        self._transaction.rows("put_set_aside", collection.account_id, collection.id, server_id, reason, at, at)

    # -- writing

    def _queue(self, intent: Intent, client_id: str, collection_id: int, item_id: int) -> OutboxEntry:
        return self.queue(
            NewOutboxEntry(
                account_id=self._account_id,
                kind=kind_of(intent),
                client_id=client_id,
                collection_id=collection_id,
                item_id=item_id,
                payload=payload_of(intent),
            )
        )

    def queue(self, entry: NewOutboxEntry) -> OutboxEntry:
        """
        Keep something that the server has to be told.
        """
        values = (
            entry.account_id, str(entry.kind), entry.client_id, entry.collection_id, entry.item_id, entry.payload,
            self._now.isoformat(),
        )  # fmt: skip
        try:
            [row] = self._transaction.rows("queue", *values)
        except Conflict:
            raise AlreadyHeld(f"the outbox holds {entry.client_id} already") from None
        return outbox_entry_of(row)

    def _tell(self, kind: ChangeKind, collection_id: int | None, item_id: int | None, **values: Any) -> None:
        self.feed.add(kind, Origin.USER, collection_id=collection_id, item_id=item_id, **values)


_ANSWERED = {1: 3, 2: 2, 3: 4}
"""From what a person answers to the ResponseType that an event has then ([MS-ASCMD] UserResponse, [MS-ASCAL])."""
_BESIDE = (IntentKind.RESPOND, IntentKind.INVITE)
"""Kinds of entries about an item that say nothing of its properties."""


def _is_untold(entry: OutboxEntry) -> bool:
    return entry.state is OutboxState.QUEUED and not entry.may_be_done


def _is_open_change(entry: OutboxEntry) -> bool:
    return entry.kind is IntentKind.CHANGE and entry.state in (OutboxState.QUEUED, OutboxState.REFUSED)


def _title(data: ApplicationData) -> str:
    """
    Give what a person knows an item by, for the time when it is gone.
    """
    if isinstance(data, Contact):
        return " ".join(part for part in (data.first_name, data.last_name) if part) or data.file_as or ""
    return data.subject or ""
