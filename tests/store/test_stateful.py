"""
The contract against a model: whatever is committed, refused, indexed and reopened, the store holds what plain
dictionaries would.
"""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from carrierpost.model import (
    Collection,
    CollectionEntry,
    HierarchyCommit,
    IntentKind,
    ItemUpdate,
    NewItem,
    NewOutboxEntry,
    NewSetAside,
    Progress,
    Removal,
    SyncCommit,
)
from carrierpost.protocol.classes import ApplicationData, Body, BodyType, ContentClass, Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.store import StaleCommit, Store
from tests.store.conftest import PLACES, SteadyClock
from tests.store.values import account

T = TypeVar("T")

WORDS = ("linden", "birch", "alder", "elm")


@dataclasses.dataclass
class Held:
    """
    What the model knows of an item.
    """

    folder: str
    server_id: str | None
    subject: str
    text: str
    read: bool
    revision: int = 1
    doubted: bool = False


@dataclasses.dataclass
class Folder:
    """
    What the model knows of a folder.
    """

    id: int
    name: str
    key: str = "0"
    matching: bool = False


def mail_of(subject: str, text: str, read: bool) -> Email:
    return Email(subject=subject, read=read, body=Body(type=BodyType.PLAIN, data=text, truncated=False))


class StoreMachine(RuleBasedStateMachine):
    """
    A store, and the dictionaries that it is held against.
    """

    implementation = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = SteadyClock()
        self.place = PLACES[self.implementation](Path(self.folder.name))
        self.store: Store = self.do(self.place.open(self.clock, inline=True))
        self.folders: dict[str, Folder] = {}
        self.items: dict[int, Held] = {}
        self.used: set[int] = set()
        self.hierarchy_key = "0"
        self.position = 0
        self.aside: dict[tuple[str, str], int] = {}
        self.queued: list[str] = []
        self.keys = 0

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.do(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    def next_key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def told(self, changes: tuple[Any, ...]) -> None:
        assert [one.number for one in changes] == list(range(self.position + 1, self.position + len(changes) + 1))
        self.position += len(changes)
        assert self.do(self.store.feed(self.account_id, self.position - len(changes))) == changes

    # -- rules

    @initialize()
    def begin(self) -> None:
        self.account_id = self.do(self.store.add_account(account())).id
        self.list_folders({"1", "2"}, whole=True)

    @rule(ids=st.sets(st.sampled_from("1234")), whole=st.booleans())
    def list_folders(self, ids: set[str], whole: bool) -> None:
        """Let the server list folders, by the same or another name."""
        upserts = tuple(
            CollectionEntry(server_id=one, parent_id="0", display_name=f"{one}-{self.keys}", type=FolderType.USER_MAIL)
            for one in sorted(ids)
        )
        key = self.next_key()
        commit = HierarchyCommit(
            account_id=self.account_id, from_key=self.hierarchy_key, to_key=key, upserts=upserts, whole=whole
        )
        self.told(self.do(self.store.commit_hierarchy(commit)))
        with pytest.raises(StaleCommit):
            self.do(self.store.commit_hierarchy(commit))
        self.hierarchy_key = key
        if whole:
            for gone in set(self.folders) - ids:
                self.forget(gone)
        for entry in upserts:
            known = self.folders.get(entry.server_id)
            if known is not None:
                known.name = entry.display_name
            else:
                made = {one.server_id: one.id for one in self.do(self.store.collections(self.account_id))}
                self.folders[entry.server_id] = Folder(made[entry.server_id], entry.display_name)

    def forget(self, name: str) -> None:
        del self.folders[name]
        self.items = {item_id: one for item_id, one in self.items.items() if one.folder != name}
        self.aside = {key: count for key, count in self.aside.items() if key[0] != name}

    @precondition(lambda self: self.folders)
    @rule(data=st.data())
    def sync(self, data: st.DataObject) -> None:
        """Let a Sync bring some adds, changes, confirmations and removals, or something that does not fit."""
        name = data.draw(st.sampled_from(sorted(self.folders)), "folder")
        folder = self.folders[name]
        here = {item_id: one for item_id, one in self.items.items() if one.folder == name}
        touched = data.draw(st.lists(st.sampled_from(sorted(here)), unique=True, max_size=4) if here else st.just([]))
        removed = data.draw(st.sets(st.sampled_from(touched)) if touched else st.just(set()), "removed")
        fates = {one: data.draw(st.sampled_from(["read", "text", "same"])) for one in touched if one not in removed}
        new_ids = data.draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=4), "adds")
        last = folder.matching and data.draw(st.booleans(), "last page")

        model = {item_id: dataclasses.replace(one) for item_id, one in self.items.items()}
        for item_id in removed:
            del model[item_id]
        updates = []
        for item_id, fate in fates.items():
            one = model[item_id]
            server_id = None
            if one.server_id is None or (folder.matching and data.draw(st.booleans(), "renamed")):
                server_id = data.draw(st.sampled_from("abcdefgh"), "as")
            self.change(one, fate, server_id)
            updates.append(self.update(item_id, one, self.items[item_id], fate, server_id))
        taken = {one.server_id for item_id, one in model.items() if item_id in fates}
        if folder.matching:
            for item_id, one in model.items():
                if one.folder == name and one.doubted and item_id not in fates and one.server_id in {*taken, *new_ids}:
                    one.server_id = None
        adds = tuple(
            NewItem(
                server_id=one,
                content_class=ContentClass.EMAIL,
                data=mail_of(f"S{one}", WORDS[ord(one) % 4], False),
                identity=f"<{one}>",
            )
            for one in new_ids
        )
        ids = [one.server_id for one in model.values() if one.folder == name and one.server_id is not None]
        fits = len({*ids, *new_ids}) == len(ids) + len(new_ids)
        commit = SyncCommit(
            collection_id=folder.id,
            from_key=folder.key,
            to_key=self.next_key(),
            progress=Progress.MATCHING if folder.matching and not last else Progress.COMPLETE,
            adds=adds,
            updates=tuple(updates),
            removals=tuple(Removal(item_id=one) for one in sorted(removed)),
            drop_unconfirmed=last,
        )
        if not fits:
            with pytest.raises(StaleCommit):
                self.do(self.store.commit_sync(commit))
            return
        changes = self.do(self.store.commit_sync(commit))
        with pytest.raises(StaleCommit):
            self.do(self.store.commit_sync(commit))
        self.told(changes)
        added = [one.item_id for one in changes if one.kind == "item-added" and one.item_id is not None]
        assert not set(added) & self.used
        self.used |= set(added)
        for item_id, server_id in zip(added, new_ids, strict=True):
            model[item_id] = Held(name, server_id, f"S{server_id}", WORDS[ord(server_id) % 4], read=False)
        if last:
            model = {item_id: one for item_id, one in model.items() if one.folder != name or not one.doubted}
            folder.matching = False
        self.items, folder.key = model, commit.to_key

    def change(self, one: Held, fate: str, server_id: str | None) -> None:
        one.doubted = False
        one.server_id = server_id or one.server_id
        if fate == "read":
            one.read = not one.read
        if fate == "text":
            one.text = WORDS[(WORDS.index(one.text) + 1) % 4]
        one.revision += fate != "same"

    def update(self, item_id: int, after: Held, before: Held, fate: str, server_id: str | None) -> ItemUpdate:
        data: ApplicationData = mail_of(after.subject, after.text, after.read)
        if fate != "text":
            data = msgspec.structs.replace(data, body=Body(type=BodyType.PLAIN, truncated=False))
        fields = {"read": ("read",), "text": ("body",), "same": ()}[fate]
        return ItemUpdate(
            item_id=item_id, revision=before.revision, data=data, fields=fields, server_id=server_id, identity="<x>"
        )

    @precondition(lambda self: self.folders)
    @rule(data=st.data())
    def lose_the_key(self, data: st.DataObject) -> None:
        """Let the server lose the key: everything in the folder is in doubt, and nothing is let go."""
        name = data.draw(st.sampled_from(sorted(self.folders)))
        folder = self.folders[name]
        commit = SyncCommit(
            collection_id=folder.id, from_key=folder.key, to_key="0", progress=Progress.MATCHING, unconfirm=True
        )
        self.told(self.do(self.store.commit_sync(commit)))
        folder.key, folder.matching = "0", True
        for one in self.items.values():
            if one.folder == name:
                one.doubted = True

    @precondition(lambda self: self.folders)
    @rule(data=st.data(), server_id=st.sampled_from("xyz"), recover=st.booleans())
    def set_aside(self, data: st.DataObject, server_id: str, recover: bool) -> None:
        """Set an item aside, or take it back at last."""
        name = data.draw(st.sampled_from(sorted(self.folders)))
        folder = self.folders[name]
        commit = SyncCommit(
            collection_id=folder.id,
            from_key=folder.key,
            to_key=self.next_key(),
            progress=Progress.MATCHING if folder.matching else Progress.COMPLETE,
            set_aside=() if recover else (NewSetAside(server_id=server_id, reason="odd"),),
            recovered=(server_id,) if recover else (),
        )
        self.told(self.do(self.store.commit_sync(commit)))
        folder.key = commit.to_key
        if recover:
            self.aside.pop((name, server_id), None)
        else:
            self.aside[name, server_id] = self.aside.get((name, server_id), 0) + 1

    @rule(settle=st.booleans())
    def outbox(self, settle: bool) -> None:
        """Let a person do something, or the server take it."""
        if settle and self.queued:
            self.do(self.store.settle(self.do(self.store.outbox(self.account_id))[0].id))
            self.queued.pop(0)
        else:
            client_id = self.next_key()
            entry = NewOutboxEntry(account_id=self.account_id, kind=IntentKind.SEND, client_id=client_id)
            self.do(self.store.queue(entry))
            self.position += 1
            self.queued.append(client_id)

    @rule(limit=st.integers(1, 5))
    def index(self, limit: int) -> None:
        """Index some of what waits."""
        self.do(self.store.index(limit))

    @rule()
    def reopen(self) -> None:
        """End the program, and begin again."""
        self.do(self.store.close())
        self.store = self.do(self.place.open(self.clock, inline=True))

    # -- what must hold

    @rule(word=st.sampled_from(WORDS))
    def search(self, word: str) -> None:
        """Find by a word the items that have it, and no others."""
        found = {hit.item.id for hit in self.do(self.store.search(self.account_id, word, limit=1000))}
        assert found == {item_id for item_id, one in self.items.items() if one.text == word}

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        if not self.folders and not hasattr(self, "account_id"):
            return
        collections = {one.server_id: one for one in self.do(self.store.collections(self.account_id))}
        assert {name: self.seen(one) for name, one in collections.items()} == {
            name: (one.id, one.name, one.key, one.matching) for name, one in self.folders.items()
        }
        names = {one.id: name for name, one in collections.items()}
        held = {}
        for item in self.do(self.store.items(self.account_id)):
            body = self.do(self.store.body(item.id))
            assert isinstance(item.data, Email)
            assert body is not None
            held[item.id] = Held(
                folder=names[item.collection_id],
                server_id=item.server_id,
                subject=item.data.subject or "",
                text=str(body.data),
                read=bool(item.data.read),
                revision=item.revision,
                doubted=item.unconfirmed,
            )
        assert held == self.items
        aside = self.do(self.store.set_aside(self.account_id))
        assert {(names[one.collection_id], one.server_id): one.attempts for one in aside} == self.aside
        assert [one.client_id for one in self.do(self.store.outbox(self.account_id))] == self.queued
        unread = self.do(self.store.count(self.account_id, unread=True)).get(ContentClass.EMAIL, 0)
        assert unread == sum(not one.read for one in self.items.values())
        assert self.do(self.store.check()) == ()

    @staticmethod
    def seen(one: Collection) -> tuple[int, str, str, bool]:
        return one.id, one.display_name, one.sync_key, one.progress is Progress.MATCHING


@pytest.mark.parametrize("implementation", list(PLACES))
@pytest.mark.fuzz
def test_a_store_is_what_dictionaries_would_be(implementation: str) -> None:
    """Thirty steps of anything, over and over: store and model agree after each of them."""
    machine = type("Machine", (StoreMachine,), {"implementation": implementation})
    chosen = settings(max_examples=max(settings().max_examples // 4, 10), stateful_step_count=30)
    run_state_machine_as_test(machine, settings=chosen)
