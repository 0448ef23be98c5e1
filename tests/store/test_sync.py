"""
The contract: what a Sync brought, in one transaction with its key.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from carrierpost.model import ChangeKind, ItemUpdate, NewSetAside, Origin, Progress, Removal, SyncCommit
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.store import NotHeld, StaleCommit, Store
from tests.store.conftest import SteadyClock
from tests.store.values import NOW, Mailbox, mail


async def test_adds_are_kept_with_the_key_and_told_in_order(store: Store, box: Mailbox, clock: SteadyClock) -> None:
    """Items, key, progress and window are there together; the feed names each item with its time."""
    clock.time += dt.timedelta(seconds=60)
    before = (await store.account(box.id)).feed_position
    changes = await box.sync(
        adds=(mail(1, announce=True), mail(2)), progress=Progress.FILLING, window_applied=FilterType.ONE_MONTH
    )
    held = await box.held()
    assert [(one.kind, one.origin, one.announce, one.number) for one in changes] == [
        (ChangeKind.ITEM_ADDED, Origin.SERVER, True, before + 1),
        (ChangeKind.ITEM_ADDED, Origin.SERVER, False, before + 2),
    ]
    assert [one.item_id for one in changes] == [held["m1"].id, held["m2"].id]
    assert {one.at for one in changes} == {NOW + dt.timedelta(minutes=1)}
    assert await store.feed(box.id, before) == changes
    folder = await box.folder()
    assert (folder.sync_key, folder.progress, folder.window_applied) == ("s1", Progress.FILLING, FilterType.ONE_MONTH)
    await box.sync()
    assert (await box.folder()).window_applied is FilterType.ONE_MONTH


async def test_SK4_a_commit_from_another_key_is_refused_whole(store: Store, box: Mailbox) -> None:
    """The same answer a second time, or one decided on an older key, changes nothing at all."""
    commit = await box.commit(adds=(mail(1),))
    await store.commit_sync(commit)
    before = (await box.folder(), await box.held(), await store.feed(box.id))
    for stale in (commit, msgspec.structs.replace(commit, from_key="s7", adds=(mail(2),))):
        with pytest.raises(StaleCommit, match="Inbox"):
            await store.commit_sync(stale)
    assert (await box.folder(), await box.held(), await store.feed(box.id)) == before


async def test_a_commit_to_a_folder_that_is_gone(store: Store) -> None:
    """It was removed meanwhile: the commit says so."""
    with pytest.raises(NotHeld, match="no folder 7"):
        await store.commit_sync(SyncCommit(collection_id=7, from_key="0", to_key="1", progress=Progress.COMPLETE))


async def test_an_update_replaces_properties_and_names_them(store: Store, box: Mailbox) -> None:
    """The item keeps its id and takes a new revision; the feed says which properties differ."""
    await box.sync(adds=(mail(1, "linden"),))
    before = await box.item("m1")
    [told] = await box.sync(updates=(await box.update("m1", read=True, subject="Other"),))
    after = await box.item("m1")
    assert (told.kind, told.item_id, told.fields) == (ChangeKind.ITEM_CHANGED, before.id, ("read", "subject"))
    assert (after.id, after.revision) == (before.id, before.revision + 1)
    assert after.data == msgspec.structs.replace(before.data, read=True, subject="Other")
    body = await store.body(before.id)
    assert body is not None
    assert body.data == "linden"


async def test_an_update_from_an_older_revision_refuses_the_whole_commit(store: Store, box: Mailbox) -> None:
    """An item that changed in between is not overwritten, and nothing beside it is written either."""
    await box.sync(adds=(mail(1), mail(2)))
    stale = await box.update("m1", subject="Too late")
    await box.sync(updates=(await box.update("m1", subject="First"),))
    before = (await box.folder(), await box.held(), await store.feed(box.id))
    with pytest.raises(StaleCommit):
        await box.sync(adds=(mail(3),), removals=(await box.removal("m2"),), updates=(stale,))
    assert (await box.folder(), await box.held(), await store.feed(box.id)) == before


async def test_a_confirmation_is_silent(store: Store, box: Mailbox) -> None:
    """An item that came again unchanged takes a new key and perhaps a new server id, and nobody hears of it."""
    await box.sync(adds=(mail(1),))
    held = await box.item("m1")
    confirmed = ItemUpdate(item_id=held.id, revision=held.revision, data=held.data, server_id="m9")
    assert await box.sync(updates=(confirmed,)) == ()
    assert await box.item("m9") == msgspec.structs.replace(held, server_id="m9")
    assert (await box.folder()).sync_key == "s2"


async def test_removals_tell_gone_from_left(store: Store, box: Mailbox) -> None:
    """A deleted item and one that left the window are both not held any more; the feed knows the difference."""
    await box.sync(adds=(mail(1, "linden"), mail(2, "birch"), mail(3)))
    held = await box.held()
    changes = await box.sync(removals=(await box.removal("m1"), await box.removal("m2", left_window=True)))
    assert [(one.kind, one.item_id) for one in changes] == [
        (ChangeKind.ITEM_REMOVED, held["m1"].id),
        (ChangeKind.ITEM_LEFT, held["m2"].id),
    ]
    assert set(await box.held()) == {"m3"}
    assert await store.body(held["m1"].id) is None


async def test_removal_of_what_is_not_there_is_refused(store: Store, box: Mailbox) -> None:
    """Neither an item that is gone nor one of another folder can be removed; the other folder keeps it."""
    await box.sync(adds=(mail(1),))
    await box.sync("Sent", adds=(mail(2, "birch"),))
    other = await box.removal("m2", "Sent")
    for removal in (Removal(item_id=999), other):
        with pytest.raises(StaleCommit):
            await box.sync(removals=(removal,))
    assert len(await store.search(box.id, "birch")) == 1


@pytest.mark.parametrize("left_window", [False, True])
async def test_ids_are_never_given_twice(store: Store, box: Mailbox, left_window: bool) -> None:
    """Even when the last item is gone, and when it comes back, its id stays unused."""
    seen: set[int] = set()
    for _ in range(3):
        [told] = await box.sync(adds=(mail(1),))
        assert told.item_id is not None
        assert told.item_id not in seen
        seen.add(told.item_id)
        await box.sync(removals=(await box.removal("m1", left_window=left_window),))
    assert await box.held() == {}


async def test_a_refused_commit_uses_up_no_number(store: Store, box: Mailbox) -> None:
    """The feed has no gaps, whatever failed in between."""
    await box.sync(adds=(mail(1),))
    with pytest.raises(StaleCommit):
        await box.sync(adds=(mail(2), mail(1)))
    await box.sync(adds=(mail(2),))
    numbers = [one.number for one in await store.feed(box.id)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert (await store.account(box.id)).feed_position == numbers[-1]


@pytest.mark.parametrize("how", ["held", "twice", "renamed"])
async def test_a_server_id_is_held_once_in_a_folder(store: Store, box: Mailbox, how: str) -> None:
    """An add of what is held, one add twice, or an update to a taken id: the commit is refused whole."""
    await box.sync(adds=(mail(1), mail(2)))
    before = (await box.folder(), await box.held(), await store.feed(box.id))
    renamed = msgspec.structs.replace(await box.update("m1", read=True), server_id="m2")
    wrong: dict[str, dict[str, Any]] = {
        "held": {"adds": (mail(3), mail(1))},
        "twice": {"adds": (mail(3), mail(3))},
        "renamed": {"updates": (renamed,)},
    }
    with pytest.raises(StaleCommit, match="held already"):
        await box.sync(**wrong[how])
    assert (await box.folder(), await box.held(), await store.feed(box.id)) == before


async def test_one_server_id_in_two_folders(store: Store, box: Mailbox) -> None:
    """Some servers count per folder: ids of different folders do not meet."""
    await box.sync(adds=(mail(1),))
    await box.sync("Sent", adds=(mail(1),))
    assert (await box.item("m1")).id != (await box.item("m1", "Sent")).id


async def test_a_move_is_an_end_here_and_a_beginning_there(store: Store, box: Mailbox) -> None:
    """What another device moved is removed from one folder and added to the other, words and body included."""
    await box.sync(adds=(mail(1, "linden"),))
    await store.index()
    await box.sync("Sent", adds=(mail(1, "linden"),))
    await box.sync(removals=(await box.removal("m1"),))
    [hit] = await store.search(box.id, "linden")
    assert hit.item.collection_id == (await box.folder("Sent")).id
    assert await box.held() == {}


async def test_what_cannot_be_taken_over_is_set_aside(store: Store, box: Mailbox, clock: SteadyClock) -> None:
    """The folder goes on without it; further attempts are counted and told once only; at last it is taken back."""
    [told] = await box.sync(set_aside=(NewSetAside(server_id="m1", reason="its date is no date", next_at=NOW),))
    assert (told.kind, told.origin, told.detail) == (ChangeKind.ITEM_SET_ASIDE, Origin.HUB, "its date is no date")
    clock.time += dt.timedelta(seconds=60)
    later = NOW + dt.timedelta(hours=1)
    aside = (
        NewSetAside(server_id="m1", reason="its size is none", next_at=later),
        NewSetAside(server_id="m0", reason="x"),
    )
    assert [one.detail for one in await box.sync(set_aside=aside)] == ["x"]
    first, second = await store.set_aside(box.id)
    assert (first.server_id, first.reason, first.attempts, first.next_at) == ("m1", "its size is none", 2, later)
    assert (first.first_at, second.first_at) == (NOW, NOW + dt.timedelta(minutes=1))
    assert (second.server_id, second.next_at) == ("m0", None)
    await box.sync(recovered=("m1", "unknown"), adds=(mail(1),))
    assert [one.server_id for one in await store.set_aside(box.id)] == ["m0"]


async def test_SK1_a_resynchronisation_keeps_ids_and_says_little(store: Store, box: Mailbox) -> None:
    """After a lost key items are matched by server id or by content, the rest is removed, and nothing is news."""
    await box.sync(adds=(mail(1), mail(2), mail(3)))
    held = await box.held()
    [told] = await box.restart_sync()
    assert (told.kind, told.detail) == (ChangeKind.COLLECTION_RESYNC, "the key is lost")
    assert {one.unconfirmed for one in (await box.held()).values()} == {True}
    assert sum((await store.count(box.id, unconfirmed=True)).values()) == 3

    folder = await box.folder()
    doubted = await store.unconfirmed_by_identity(folder.id, ["<2@elm.example>", "<9@elm.example>"])
    assert {name: [one.id for one in items] for name, items in doubted.items()} == {"<2@elm.example>": [held["m2"].id]}

    # m1 comes again as it was; m2 comes under the server id that m3 had; m3 does not come.
    one, two = held["m1"], held["m2"]
    updates = (
        ItemUpdate(item_id=one.id, revision=one.revision, data=one.data),
        ItemUpdate(item_id=two.id, revision=two.revision, data=two.data, server_id="m3", identity="<2@elm.example>"),
    )
    assert await box.sync(from_key="0", to_key="r1", progress=Progress.MATCHING, updates=updates) == ()
    [gone] = await box.sync(to_key="r2", drop_unconfirmed=True)
    assert (gone.kind, gone.item_id) == (ChangeKind.ITEM_REMOVED, held["m3"].id)
    after = await box.held()
    assert {name: item.id for name, item in after.items()} == {"m1": held["m1"].id, "m3": held["m2"].id}
    assert not any(one.unconfirmed for one in after.values())


async def test_SK1_an_add_may_take_the_server_id_of_a_doubted_item(store: Store, box: Mailbox) -> None:
    """A server that numbers anew gives old ids to other mails: the held one waits without id to be matched."""
    await box.sync(adds=(mail(1),))
    held = await box.item("m1")
    await box.restart_sync()
    other = msgspec.structs.replace(mail(2), server_id="m1")
    await box.sync(from_key="0", to_key="r1", progress=Progress.MATCHING, adds=(other,))
    doubted = await store.unconfirmed_by_identity((await box.folder()).id, ["<1@elm.example>"])
    assert [one.id for one in doubted["<1@elm.example>"]] == [held.id]
    assert (await store.item(held.id)).server_id is None
    update = ItemUpdate(item_id=held.id, revision=held.revision, data=held.data, server_id="m7")
    await box.sync(to_key="r2", updates=(update,), drop_unconfirmed=True)
    assert (await box.item("m7")).id == held.id
    assert len(await box.held()) == 2


async def test_a_note_stays_until_it_is_replaced(store: Store, box: Mailbox) -> None:
    """`None` leaves a folder's note alone, an empty one takes it away; both changes are told."""
    [told] = await box.sync(note="strange")
    assert (told.kind, told.fields, told.detail) == (ChangeKind.COLLECTION_CHANGED, ("note",), "strange")
    assert await box.sync() == ()
    assert (await box.folder()).note == "strange"
    await box.sync(note="")
    assert (await box.folder()).note == ""
