"""
What must hold of a hub whose server has come to rest, however it got there.

The store equals the mailbox, down to the texts. What was held all the while has kept its number in the hub. Nothing was
told as news twice, and what arrived in a folder that was complete was told once, unless the server had lost the
folder's key or the person had chosen another window in between. What was there before the first synchronisation is no
news. The feed has no gaps, and replaying it gives what is held. Nothing was asked that must not be asked.
"""

from __future__ import annotations

import dataclasses

from carrierpost.engine.windows import allowed_window
from carrierpost.model import Change, ChangeKind, Collection, Item, Progress, SyncCommit
from carrierpost.protocol.classes import ApplicationData, ContentClass, differences, identity
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version
from carrierpost.server.mailbox import MailboxFolder, MailboxItem
from carrierpost.server.views import in_window
from tests.support.hub import Bench
from tests.support.listener import Listener
from tests.support.things import as_received
from tests.support.world import World

__all__ = ["Oracle"]

_NEVER_FIELDS = frozenset({"body"})
"""Compared apart."""


@dataclasses.dataclass(frozen=True)
class _Arrival:
    """
    The state of its folder when an item arrived: the feed's position, how far it was, whether the window that the
    person wants was in force.
    """

    position: int
    progress: Progress
    asked: bool


@dataclasses.dataclass(frozen=True)
class _Held:
    """
    How an item was held when the hub was last at rest.
    """

    item_id: int
    identity: str | None


class Oracle:
    """
    Watches a hub and its mailbox.

    Args:
        bench: the hub, before its first runner.
        world: what happens to the mailbox.
        wire: who listens between them.
    """

    def __init__(self, bench: Bench, world: World, wire: Listener) -> None:
        self._bench = bench
        self._world = world
        self._wire = wire
        self._arrivals: dict[MailboxItem, _Arrival] = {}
        self._seen: set[MailboxItem] = set()
        self._held: dict[MailboxItem, _Held] = {}
        self._told: dict[MailboxItem, int] = {}
        self._collections: dict[str, Collection] = {}
        self._commit = bench.store.commit_sync
        bench.store.commit_sync = self._listen  # type: ignore[method-assign]

    async def _listen(self, commit: SyncCommit) -> tuple[Change, ...]:
        """
        Hear what is committed, and count for each item of the mailbox how often it was told as new.
        """
        items = {one.server_id: one for _, one in self._bench.mailbox.all_items()}
        changes = await self._commit(commit)
        for add in commit.adds:
            if add.announce and (item := items.get(add.server_id)) is not None:
                self._told[item] = self._told.get(item, 0) + 1
        return changes

    # -- before and after something happens

    async def before(self) -> None:
        """
        Look at the folders' states, since something is about to happen to the mailbox.
        """
        self._seen.update(item for _, item in self._bench.mailbox.all_items())
        account = await self._bench.account()
        self._collections = {one.server_id: one for one in await self._bench.store.collections(account.id)}
        self._position = account.feed_position

    def after(self) -> None:
        """
        Note what has arrived.
        """
        for folder, item in self._bench.mailbox.all_items():
            if item not in self._seen:
                collection = self._collections.get(folder.server_id)
                progress = collection.progress if collection is not None else Progress.NEW
                asked = collection is not None and collection.window_applied == collection.window
                self._arrivals[item] = _Arrival(self._position, progress, asked)

    async def forget_what_left(self) -> None:
        """
        Expect no longer that an item keeps its number once it is out of the window, if only for a moment.
        """
        there = {item: folder for folder, item in self._bench.mailbox.all_items()}
        collections = {one.server_id: one for one in await self._bench.store.collections(self._bench.account_id)}
        self._held = {
            item: held
            for item, held in self._held.items()
            if item in there
            and (collection := collections.get(there[item].server_id)) is not None
            and self._is_wanted(item, collection)
        }

    def _is_wanted(self, item: MailboxItem, collection: Collection) -> bool:
        window = allowed_window(collection.content_class, collection.window)
        return in_window(item.data, window, self._bench.clock.now())

    # -- at rest

    async def contradictions(self) -> list[str]:
        """
        Look for what should not be, now that the hub is at rest.

        Returns:
            A sentence for each.
        """
        await self.forget_what_left()
        store, account = self._bench.store, await self._bench.account()
        version = account.version or Version.V14_1
        collections = {one.server_id: one for one in await store.collections(account.id)}
        found = [*await store.check(), *self._wire.wrongs, *self._folders(collections, version)]
        feed = await store.feed(account.id, limit=1_000_000)
        found += _replay(feed, {one.id for one in await store.items(account.id)})
        for folder in self._bench.mailbox.folders.values():
            collection = collections.get(folder.server_id)
            if collection is not None and _is_read(folder, version):
                found += await self._compare(folder, collection, version, feed)
        found += [f"{item.server_id} was told as new {times} times" for item, times in self._told.items() if times > 1]
        self._world.renumbered.clear()
        return found

    def _folders(self, collections: dict[str, Collection], version: Version) -> list[str]:
        there = {
            one.server_id: (one.parent_id, one.display_name, one.type)
            for one in self._bench.mailbox.folders.values()
            if version >= Version.V14_0 or one.content_class is not ContentClass.NOTES
        }
        here = {key: (one.parent_id, one.display_name, one.type) for key, one in collections.items()}
        return [
            f"folder {key} is held as {here.get(key)}, there it is {there.get(key)}"
            for key in {*there, *here}
            if here.get(key) != there.get(key)
        ]

    async def _compare(
        self, folder: MailboxFolder, collection: Collection, version: Version, feed: tuple[Change, ...]
    ) -> list[str]:
        """
        Compare one folder's items with what is held of it.
        """
        name = folder.display_name
        if collection.progress is not Progress.COMPLETE or collection.note:
            return [f"{name} is {collection.progress}: {collection.note}"]
        held = await self._bench.store.items(collection.account_id, collection_id=collection.id)
        by_id = {one.server_id: one for one in held}
        there = {key: one for key, one in folder.items.items() if self._is_wanted(one, collection)}
        found = [f"{name}: {key} is missing" for key in there.keys() - by_id.keys()]
        found += [f"{name}: {key} is too much" for key in by_id.keys() - there.keys()]
        assert folder.content_class is not None
        expected = {
            key: as_received(one, folder.content_class, version, self._bench.settings) for key, one in there.items()
        }
        names = [identity(one) for one in expected.values()]
        for key in there.keys() & by_id.keys():
            wrongs = await self._item(by_id[key], expected[key])
            item, identified = there[key], identity(expected[key])
            doubtful = names.count(identified) > 1  # after a resync nobody can tell equal twins apart
            wrongs += self._number(item, by_id[key], identified, doubtful=doubtful)
            if not doubtful:
                wrongs += self._news(item, by_id[key], feed)
            found += [f"{name}: {key} {wrong}" for wrong in wrongs]
        return found

    async def _item(self, held: Item, expected: ApplicationData) -> list[str]:
        found = [
            f"has {one} {getattr(held.data, one)!r}, there it is {getattr(expected, one)!r}"
            for one in differences(held.data, expected)
            if one not in _NEVER_FIELDS
        ]
        body = await self._bench.store.body(held.id)
        text = "" if body is None else body.data
        wanted = "" if expected.body is None else expected.body.data or ""
        if body is not None and body.truncated and isinstance(text, str) and wanted.startswith(text):
            return found  # taken without its text, after answers proved unreadable; it is fetched when it is opened
        if text != wanted:
            found.append(f"has the text {text!r}, there it is {wanted!r}")
        elif expected.body is not None and body is not None and body.truncated is not bool(expected.body.truncated):
            found.append(f"says truncated {body.truncated} of its text")
        return found

    def _number(self, item: MailboxItem, held: Item, identified: str | None, *, doubtful: bool) -> list[str]:
        before = self._held.get(item)
        self._held[item] = _Held(held.id, identified)
        if before is None or before.item_id == held.id or doubtful:
            return []
        folder_id = item.server_id.partition(":")[0]
        if folder_id in self._world.renumbered and before.identity != identified:
            return []  # new id and new content at once: nobody could know it again
        return [f"was item {before.item_id} and is now {held.id}"]

    def _news(self, item: MailboxItem, held: Item, feed: tuple[Change, ...]) -> list[str]:
        """
        Check what was told about an item.
        """
        arrival = self._arrivals.get(item)
        own = [one for one in feed if one.item_id == held.id]
        added = next(one for one in own if one.kind is ChangeKind.ITEM_ADDED)
        found = []
        if arrival is not None and added.number > arrival.position:
            disturbed = any(
                one.kind is ChangeKind.COLLECTION_RESYNC
                or (one.kind is ChangeKind.COLLECTION_CHANGED and "window" in one.fields)
                for one in feed[arrival.position : added.number]
                if one.collection_id == held.collection_id
            )
            if arrival.progress is Progress.COMPLETE and arrival.asked and not disturbed and not added.announce:
                found.append("arrived in a complete folder and was not told as new")
            if arrival.progress is Progress.NEW and not disturbed and added.announce:
                found.append("was there before the first synchronisation and was told as new")
        changed = sum(1 for one in own if one.kind is ChangeKind.ITEM_CHANGED and one.announce)
        if changed > self._world.changes.get(item, 0):
            fields = [one.fields for one in own if one.kind is ChangeKind.ITEM_CHANGED and one.announce]
            found.append(f"was told as changed in {fields}, and {self._world.changes.get(item, 0)} times it was")
        return found


def _is_read(folder: MailboxFolder, version: Version) -> bool:
    """
    Tell whether a folder's items are to be held.
    """
    if folder.type is FolderType.DRAFTS:
        return version >= Version.V16_0
    return folder.type is not FolderType.OUTBOX and folder.content_class is not None


def _replay(feed: tuple[Change, ...], held: set[int]) -> list[str]:
    """
    Read the feed from its beginning, as somebody does who was away all the time.
    """
    found = []
    if [one.number for one in feed] != list(range(1, len(feed) + 1)):
        found.append("the feed's numbers have gaps")
    known: set[int] = set()
    for one in feed:
        if one.item_id is None:
            continue
        if one.kind is ChangeKind.ITEM_ADDED:
            if one.item_id in known:
                found.append(f"item {one.item_id} was added twice")
            known.add(one.item_id)
        elif one.item_id not in known:
            found.append(f"{one.kind} of item {one.item_id}, which is not held then")
        elif one.kind in (ChangeKind.ITEM_REMOVED, ChangeKind.ITEM_LEFT):
            known.remove(one.item_id)
    if known != held:
        found.append(f"the feed gives {sorted(known - held)} too much and {sorted(held - known)} too few")
    return found
