"""
What every store promises, whatever it is made of.

The engine and everything above know only this. Reads see a consistent state; each write is one transaction,
which also takes the account's next feed numbers. The contract's test suite runs against every implementation.
"""

from __future__ import annotations

import abc
from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Collection as Container
from typing import Any

from carrierpost.model import (
    Account,
    Aftermath,
    AuditEntry,
    BodyUpdate,
    Change,
    Collection,
    Concerned,
    Edit,
    Edited,
    HierarchyCommit,
    Item,
    ItemBody,
    NewAccount,
    NewAuditEntry,
    NewOutboxEntry,
    NewPolicyVersion,
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
from carrierpost.store.access_contract import AccessStore
from carrierpost.store.card_contract import CardStore
from carrierpost.store.device_contract import DeviceStore
from carrierpost.store.hub_contract import HubStore
from carrierpost.store.notice_contract import NoticeStore

__all__ = ["Store"]


class Store(DeviceStore, AccessStore, CardStore, HubStore, NoticeStore):
    """
    The store of one hub: accounts, collections, items, keys, the feed; devices, who may come in, what devices are told,
    and what is set for all of them.

    Use it as an asynchronous context manager, or call `close`.
    """

    # -- accounts

    @abc.abstractmethod
    async def add_account(self, account: NewAccount) -> Account:
        """
        Begin to hold an account.

        Raises:
            AlreadyHeld: the address is held already.

        """

    @abc.abstractmethod
    async def accounts(self) -> tuple[Account, ...]:
        """
        List all accounts, in order of their ids.
        """

    @abc.abstractmethod
    async def account(self, account_id: int) -> Account:
        """
        Give one account as it is now.

        Raises:
            NotHeld: there is none with this id.

        """

    @abc.abstractmethod
    async def standing(self, account_id: int) -> Standing:
        """
        Give what an account's next step depends on, all of it as it was at one moment.

        Raises:
            NotHeld: there is none with this id.
        """

    @abc.abstractmethod
    async def concerned(self, account_id: int, collection_id: int, server_ids: Container[str]) -> Concerned:
        """
        Give what an answer may concern that names items of a collection by their server ids, at one moment.
        """

    @abc.abstractmethod
    async def update_account(self, account_id: int, *, detail: str = "", **values: Any) -> Account:
        """
        Set fields of an account (`state`, `reason`, `version`, `policy_key`, `heartbeat`...).

        Setting `state` or `reason` to something else is a change in the feed.

        Raises:
            NotHeld: there is no such account.

        """

    @abc.abstractmethod
    async def remove_account(self, account_id: int) -> None:
        """
        Forget an account and everything of it, secrets first.

        Raises:
            NotHeld: there is no such account.

        """

    @abc.abstractmethod
    async def wipe_account(self, account_id: int, reason: str, *, owed: str = "") -> None:
        """
        Remove an account's items, bodies, collections, outbox and secrets, and keep it in state `wiped`.

        Args:
            account_id: the account.
            reason: why, in a sentence for a person.
            owed: what the server has still to be told to be wiped (`Account.wipe_owed`); the secrets stay for that,
                until this is called again without.
        """

    @abc.abstractmethod
    async def put_secret(self, account_id: int, name: str, secret: Secret) -> None:
        """
        Keep a secret of an account under a name, replacing an older one.
        """

    @abc.abstractmethod
    async def secret(self, account_id: int, name: str) -> Secret | None:
        """
        Give a secret, or `None` if there is none of that name.
        """

    # -- collections

    @abc.abstractmethod
    async def collections(self, account_id: int) -> tuple[Collection, ...]:
        """
        List an account's collections, in order of their ids.
        """

    @abc.abstractmethod
    async def collection(self, collection_id: int) -> Collection:
        """
        Give one collection as it is now.

        Raises:
            NotHeld: there is none with this id.

        """

    @abc.abstractmethod
    async def update_collection(self, collection_id: int, **values: Any) -> Collection:
        """
        Set what a person or the hub may set: `window`, `minutes`, `note`, `doubt`. A change in the feed.
        """

    @abc.abstractmethod
    async def commit_hierarchy(self, commit: HierarchyCommit) -> tuple[Change, ...]:
        """
        Write the folder list's changes and its new key.

        Raises:
            StaleCommit: another hierarchy key is held than the commit was made from.

        """

    @abc.abstractmethod
    async def commit_sync(self, commit: SyncCommit) -> tuple[Change, ...]:
        """
        Write what a Sync brought, and its new key, in one transaction.

        Returns:
            The changes as they stand in the feed, in order.

        Raises:
            StaleCommit: the key or an item's revision is not what the commit was decided on.
            NotHeld: the collection is gone.

        """

    # -- items

    @abc.abstractmethod
    async def item(self, item_id: int) -> Item:
        """
        Give one item.

        Raises:
            NotHeld: there is none with this id.

        """

    @abc.abstractmethod
    async def items_by_server_id(self, collection_id: int, server_ids: Container[str]) -> Mapping[str, Item]:
        """
        Give the held ones among these server ids of a collection.
        """

    @abc.abstractmethod
    async def items_by_identity(self, collection_id: int, identities: Container[str]) -> Mapping[str, Item]:
        """
        Give the held ones of a collection that have one of these identities; of several, the one that came first.
        """

    @abc.abstractmethod
    async def unconfirmed_by_identity(
        self, collection_id: int, identities: Container[str]
    ) -> Mapping[str, Sequence[Item]]:
        """
        Give, during a resynchronisation, the unconfirmed items that have one of these identities.
        """

    @abc.abstractmethod
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
        List items: mail newest first, events by start, contacts, tasks and notes by name.

        Args:
            account_id: the account.
            collection_id: only of this folder.
            content_class: only of this class.
            unread: only unread mail.
            limit: at most so many; what they cost does not depend on how many are held.
            after: begin behind this item, the last of the page before; it need not be held any more.
        """

    @abc.abstractmethod
    async def threads(
        self,
        account_id: int,
        *,
        collection_id: int | None = None,
        limit: int | None = None,
        after: Item | None = None,
    ) -> tuple[Thread, ...]:
        """
        List conversations, the one with the newest mail first.

        Args:
            account_id: the account.
            collection_id: only those with mail in this folder, in the order of that.
            limit: at most so many.
            after: begin behind the conversation whose `newest` this is.
        """

    @abc.abstractmethod
    async def thread(self, item_id: int) -> tuple[Item, ...]:
        """
        Give the conversation that a mail belongs to, from all folders, oldest first; the mail is one of it.

        Raises:
            NotHeld: there is no item with this id.
        """

    @abc.abstractmethod
    async def count(
        self,
        account_id: int,
        *,
        collection_id: int | None = None,
        unread: bool = False,
        unconfirmed: bool = False,
    ) -> Mapping[ContentClass, int]:
        """
        Count items by class; with `unread` only unread mail, with `unconfirmed` only unconfirmed items.
        """

    @abc.abstractmethod
    async def body(self, item_id: int) -> ItemBody | None:
        """
        Give an item's body, or `None` if none is held.
        """

    @abc.abstractmethod
    async def put_body(self, update: BodyUpdate) -> None:
        """
        Replace an item's body by one that was fetched later.
        """

    @abc.abstractmethod
    async def set_aside(self, account_id: int) -> tuple[SetAside, ...]:
        """
        List what could not be taken over, oldest first.
        """

    # -- search

    @abc.abstractmethod
    async def index(self, limit: int = 500) -> int:
        """
        Index up to `limit` items that wait for it; runs behind the synchronisation, never before it.

        Returns:
            How many were indexed; 0 when nothing waits.

        """

    @abc.abstractmethod
    async def search(self, account_id: int, text: str, *, limit: int = 50) -> tuple[SearchHit, ...]:
        """
        Find items by words in any of their texts, newest first; indexes what waits before it looks.

        Any text is allowed: words are all required, the last one may be a beginning, `"..."` is a phrase.
        """

    # -- what a person does

    @abc.abstractmethod
    async def edit(self, edit: Edit) -> Edited:
        """
        Carry out what a person does: local effect, what the server has to be told, and the feed, in one transaction.

        Edits of one item that the server has not been told become one entry; what it was never told is forgotten when
        it is taken back. What the server may have been told already stays in the outbox as it was told.

        Raises:
            StaleCommit: the item was changed since the edit was made.
            NotHeld: the item, folder or entry is gone, or the folder does not hold items of this class.
            AlreadyHeld: the client id was used before.
            BeingTold: an entry to be given up may have been told already.

        """

    # -- outbox

    @abc.abstractmethod
    async def queue(self, entry: NewOutboxEntry) -> OutboxEntry:
        """
        Keep something that the server has still to be told.
        """

    @abc.abstractmethod
    async def outbox(self, account_id: int) -> tuple[OutboxEntry, ...]:
        """
        List an account's outbox in order.
        """

    @abc.abstractmethod
    async def mark_outbox(self, entry_id: int, state: OutboxState, reason: str = "") -> OutboxEntry:
        """
        Note what is known of an entry's fate; `SENDING` counts an attempt.

        A refusal, and a fate that nobody knows, is a change in the feed; a move that was refused is taken back.

        Raises:
            NotHeld: there is no such entry.

        """

    @abc.abstractmethod
    async def mark_sending(self, entry_ids: Sequence[int]) -> tuple[OutboxEntry, ...]:
        """
        Note, before a request leaves, that these entries are on their way; from then on edits leave them alone.

        Returns:
            Those of them that are still there and neither refused nor unknown, in order, with one attempt more.

        """

    @abc.abstractmethod
    async def unmark_sending(self, entry_id: int) -> None:
        """
        Note that an entry never left after all: it is queued, and the attempt does not count.
        """

    @abc.abstractmethod
    async def told(self, account_id: int, uid: str) -> Told:
        """
        Give what the attendees of a person's own meeting were last told by mail; nothing of one that is not known.
        """

    @abc.abstractmethod
    async def settle(
        self, entry_id: int, *, assigned: str | None = None, after: Aftermath | None = None
    ) -> tuple[Change, ...]:
        """
        Forget an entry that the server has taken.

        Args:
            entry_id: the entry; one that is gone is none of our business any more.
            assigned: the server id that the entry's item has got.
            after: what follows from it, written in the same transaction.

        """

    # -- the feed

    @abc.abstractmethod
    async def feed(self, account_id: int, after: int = 0, limit: int = 1000) -> tuple[Change, ...]:
        """
        Give the changes with numbers above `after`, in order.

        Raises:
            FeedForgotten: some of them are forgotten already.

        """

    @abc.abstractmethod
    def follow(self, account_id: int | None = None, after: Mapping[int, int] | None = None) -> AsyncIterator[Change]:
        """
        Give changes as they are committed, for ever; of one account or of all. Those of other processes come within
        a second. A follower that is slow loses nothing.

        Args:
            account_id: the account, or `None` for all.
            after: per account the number after which to begin; an account that is not named begins with the
                next change.

        Raises:
            FeedForgotten: some of the changes are forgotten already. Following is over then; begin again with another
                number for that account.

        """

    @abc.abstractmethod
    async def forget_changes(self, *, days: float = 30.0, keep: int = 1000) -> int:
        """
        Forget what is old in the feeds; to be called from time to time until it gives 0, in small bites.

        Args:
            days: changes younger than that stay.
            keep: so many of each account's newest changes stay, however old they are.

        Returns:
            How many were forgotten.

        """

    # -- what administrators do

    @abc.abstractmethod
    async def policy_version(self, number: int | None = None) -> PolicyVersion:
        """
        Give a version of the policies; `None` gives the one that holds, which is number 0 before the first change.

        Raises:
            NotHeld: there is no version of this number.

        """

    @abc.abstractmethod
    async def policy_versions(self, limit: int = 100) -> tuple[PolicyVersion, ...]:
        """
        List versions of the policies, newest first.
        """

    @abc.abstractmethod
    async def commit_policies(self, new: NewPolicyVersion) -> PolicyVersion:
        """
        Write a version of the policies, a line of the audit log about it, and a change in the feed of every account
        that it concerns, in one transaction.

        Raises:
            StaleCommit: another version holds than the one that the change was made from.

        """

    @abc.abstractmethod
    async def audit(self, entry: NewAuditEntry) -> AuditEntry:
        """
        Add a line to the audit log; none can be changed or taken out again.
        """

    @abc.abstractmethod
    async def audit_log(self, after: int = 0, limit: int = 1000) -> tuple[AuditEntry, ...]:
        """
        Give lines of the audit log with numbers above `after`, in order.
        """

    # -- care

    @abc.abstractmethod
    async def check(self) -> tuple[str, ...]:
        """
        Look for contradictions in what is held.

        Returns:
            A sentence for each; none when all is well.

        """

    @abc.abstractmethod
    async def close(self) -> None:
        """
        Finish what is being written and close; calling it twice is harmless.
        """

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()
