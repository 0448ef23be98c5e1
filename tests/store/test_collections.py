"""
The contract: folders, and the list of them.
"""

from __future__ import annotations

from typing import Any

import pytest

from carrierpost.model import ChangeKind, CollectionEntry, HierarchyCommit, Origin, Progress
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.store import NotHeld, StaleCommit, Store
from tests.store.values import FOLDERS, Mailbox, account, mail


def commit(box: Mailbox, from_key: str, to_key: str, *upserts: CollectionEntry, **values: Any) -> HierarchyCommit:
    return HierarchyCommit(account_id=box.id, from_key=from_key, to_key=to_key, upserts=upserts, **values)


async def test_a_first_list_of_folders(store: Store) -> None:
    """Each folder is kept with the class that its type says, new and without key, and told once."""
    box = Mailbox(store, await store.add_account(account()))
    extra = CollectionEntry(server_id="9", parent_id="1", display_name="Lists", type=FolderType.UNKNOWN)
    changes = await store.commit_hierarchy(commit(box, "0", "h1", *FOLDERS, extra, whole=True))

    assert [(one.kind, one.origin, one.number) for one in changes] == [
        (ChangeKind.COLLECTION_ADDED, Origin.SERVER, number) for number in range(1, 7)
    ]
    held = await store.collections(box.id)
    assert [one.id for one in held] == [one.collection_id for one in changes]
    assert [(one.server_id, one.parent_id, one.display_name, one.type) for one in held] == [
        (one.server_id, one.parent_id, one.display_name, one.type) for one in (*FOLDERS, extra)
    ]
    assert [one.content_class for one in held] == [
        ContentClass.EMAIL,
        ContentClass.EMAIL,
        ContentClass.CALENDAR,
        ContentClass.CONTACTS,
        ContentClass.NOTES,
        None,
    ]
    assert {(one.sync_key, one.progress, one.window_applied, one.note) for one in held} == {
        ("0", Progress.NEW, None, "")
    }
    assert (await store.account(box.id)).hierarchy_key == "h1"


async def test_folders_are_renamed_moved_added_and_removed(store: Store, box: Mailbox) -> None:
    """A folder keeps its id and its items under a new name; one that is gone takes its items with it, and says so."""
    await box.sync("Inbox", adds=(mail(1), mail(2)))
    await box.sync("Sent", adds=(mail(3, "birch"),))
    before = {one.server_id: one for one in await store.collections(box.id)}
    gone = await box.item("m3", "Sent")

    changes = await store.commit_hierarchy(
        commit(
            box,
            "h1",
            "h2",
            CollectionEntry(server_id="1", parent_id="5", display_name="Eingang", type=FolderType.INBOX),
            CollectionEntry(server_id="9", parent_id="1", display_name="Lists", type=FolderType.USER_MAIL),
            removals=("2", "unknown"),
        )
    )
    assert [(one.kind, one.fields) for one in changes] == [
        (ChangeKind.COLLECTION_CHANGED, ("parent_id", "display_name")),
        (ChangeKind.COLLECTION_ADDED, ()),
        (ChangeKind.ITEM_REMOVED, ()),
        (ChangeKind.COLLECTION_REMOVED, ()),
    ]
    assert (changes[2].item_id, changes[3].detail) == (gone.id, "Sent")
    after = {one.server_id: one for one in await store.collections(box.id)}
    assert set(after) == {"1", "3", "4", "5", "9"}
    assert (after["1"].id, after["1"].sync_key) == (before["1"].id, "s1")
    assert len(await box.held("Eingang")) == 2
    with pytest.raises(NotHeld, match=r"no folder \d+"):
        await store.collection(before["2"].id)
    with pytest.raises(NotHeld):
        await store.item(gone.id)
    assert await store.search(box.id, "birch") == ()


async def test_SK9_a_reset_of_the_folder_list_keeps_keys_items_and_ids(store: Store, box: Mailbox) -> None:
    """When the server lists all folders anew, known ones go on where they were; nothing is told."""
    await box.sync(adds=(mail(1), mail(2)), window_applied=FilterType.ONE_MONTH)
    folders, items, position = await store.collections(box.id), await box.held(), (await store.feed(box.id))[-1].number

    assert await store.commit_hierarchy(commit(box, "h1", "0")) == ()
    assert await store.commit_hierarchy(commit(box, "0", "n1", *reversed(FOLDERS), whole=True)) == ()

    assert await store.collections(box.id) == folders
    assert await box.held() == items
    assert (await store.account(box.id)).feed_position == position
    await box.sync(adds=(mail(3),))
    assert set(await box.held()) == {"m1", "m2", "m3"}


async def test_a_whole_list_ends_what_is_not_in_it(store: Store, box: Mailbox) -> None:
    """With the complete list a folder is gone that is not named, without any word of its removal."""
    await box.sync("Sent", adds=(mail(1),))
    changes = await store.commit_hierarchy(commit(box, "h1", "h2", *FOLDERS[:1], whole=True))
    assert [one.display_name for one in await store.collections(box.id)] == ["Inbox"]
    assert [one.detail for one in changes if one.kind is ChangeKind.COLLECTION_REMOVED] == [
        "Sent",
        "Calendar",
        "Contacts",
        "Notes",
    ]


async def test_a_list_from_another_key_is_refused_whole(store: Store, box: Mailbox) -> None:
    """Somebody else was faster: neither key nor folders nor feed are touched."""
    before = (await store.account(box.id), await store.collections(box.id), await store.feed(box.id))
    with pytest.raises(StaleCommit):
        await store.commit_hierarchy(commit(box, "h0", "h2", removals=("1",)))
    assert (await store.account(box.id), await store.collections(box.id), await store.feed(box.id)) == before


async def test_a_folder_that_is_named_twice_is_kept_once(store: Store, box: Mailbox) -> None:
    """A server that repeats itself is not an error; its last word counts."""
    twice = [
        CollectionEntry(server_id="9", parent_id="0", display_name=name, type=FolderType.USER_MAIL)
        for name in ("Old", "New")
    ]
    await store.commit_hierarchy(commit(box, "h1", "h2", *twice))
    assert [one.display_name for one in await store.collections(box.id) if one.server_id == "9"] == ["New"]


async def test_a_folder_of_another_class_begins_anew(store: Store, box: Mailbox) -> None:
    """When a folder becomes one of another class, its items and its key are of no use any more."""
    await box.sync(adds=(mail(1),))
    entry = CollectionEntry(server_id="1", parent_id="0", display_name="Inbox", type=FolderType.CONTACTS)
    changes = await store.commit_hierarchy(commit(box, "h1", "h2", entry))
    assert [one.kind for one in changes] == [ChangeKind.ITEM_REMOVED, ChangeKind.COLLECTION_CHANGED]
    folder = await box.folder()
    assert (folder.content_class, folder.sync_key, folder.progress) == (ContentClass.CONTACTS, "0", Progress.NEW)
    assert await box.held() == {}


async def test_what_a_person_sets_is_kept_and_told(store: Store, box: Mailbox) -> None:
    """Window and frequency are set and told with their names; the same again is no news."""
    folder = await box.folder()
    changed = await store.update_collection(folder.id, window=FilterType.ONE_WEEK, minutes=15)
    assert await store.collection(folder.id) == changed
    assert (changed.window, changed.minutes) == (FilterType.ONE_WEEK, 15)
    last = (await store.feed(box.id))[-1]
    assert (last.kind, last.origin, last.fields) == (
        ChangeKind.COLLECTION_CHANGED,
        Origin.USER,
        ("window", "minutes"),
    )
    assert await store.update_collection(folder.id, minutes=15) == changed
    assert (await store.feed(box.id))[-1] == last


async def test_what_is_not_a_persons_to_set_is_refused(store: Store, box: Mailbox) -> None:
    """A key is set by a commit and by nothing else; an unknown folder is named."""
    folder = await box.folder()
    with pytest.raises(TypeError, match="sync_key"):
        await store.update_collection(folder.id, sync_key="s9")
    with pytest.raises(NotHeld, match="no folder 999"):
        await store.update_collection(999, minutes=1)


async def test_accounts_with_equal_folders_do_not_touch(store: Store, box: Mailbox) -> None:
    """Server ids mean something within an account only."""
    other = await Mailbox.begin(store, "bea@elm.example")
    await box.sync(adds=(mail(1),))
    assert await other.held() == {}
    await store.commit_hierarchy(commit(other, "h1", "h2", removals=("1",)))
    assert set(await box.held()) == {"m1"}
