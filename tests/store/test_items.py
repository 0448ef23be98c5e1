"""
The contract: items, their bodies and attachments, lists and counts.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from carrierpost.model import BodyUpdate, CollectionEntry, HierarchyCommit, Item, ItemUpdate, NewItem
from carrierpost.protocol.classes import Body, BodyType, ContentClass, Email, Task
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.store import NotHeld, Store
from tests.store.values import NOW, Mailbox, attachment, contact, event, html, mail, note


async def test_an_item_comes_back_as_it_was_given(store: Store, box: Mailbox) -> None:
    """All properties return typed; the text of the body is kept apart, what is known of it stays."""
    given = mail(1, "linden", categories=("Ärger", "Ωmega"), importance=2, subject="Grüße 🌳 \0 end")
    await box.sync(adds=(given,))
    found = await box.item("m1")
    assert isinstance(given.data, Email)
    assert given.data.body is not None
    assert found.data == msgspec.structs.replace(given.data, body=msgspec.structs.replace(given.data.body, data=None))
    assert await store.item(found.id) == found
    assert found.account_id == box.id
    assert (found.revision, found.unconfirmed) == (1, False)


async def test_an_unknown_item_is_named(store: Store) -> None:
    """Neither it nor its body is there, and a body that comes later finds nothing to belong to."""
    with pytest.raises(NotHeld, match="no item 7"):
        await store.item(7)
    assert await store.body(7) is None
    with pytest.raises(NotHeld, match="no item 7"):
        await store.put_body(BodyUpdate(item_id=7, type=1, data="x"))


async def test_items_are_found_by_server_id(store: Store, box: Mailbox) -> None:
    """Only what is asked for and held in this folder is given, however odd the ids, and however many."""
    odd = ['a"b', "a,b", "[]", "ü:1", "' OR 1=1 --", "1%2"]
    await box.sync(adds=tuple(msgspec.structs.replace(mail(1), server_id=one) for one in odd))
    await box.sync("Sent", adds=(mail(5),))
    folder = await box.folder()
    found = await store.items_by_server_id(folder.id, [*odd[:5], "m5", *(f"x{n}" for n in range(5000))])
    assert set(found) == set(odd[:5])
    assert {name: one.server_id for name, one in found.items()} == {name: name for name in odd[:5]}
    assert await store.items_by_server_id(folder.id, []) == {}


async def test_a_truncated_body_becomes_whole_later(store: Store, box: Mailbox) -> None:
    """What was fetched later replaces the beginning, can be searched, and leaves the item as it was."""
    body = Body(type=BodyType.PLAIN, data="linden be", truncated=True, estimated_data_size=40)
    await box.sync(adds=(mail(1, body=body),))
    item = await box.item("m1")
    held = await store.body(item.id)
    assert held is not None
    assert (held.type, held.data, held.truncated, held.estimated_size) == (1, "linden be", True, 40)
    assert await store.search(box.id, "hornbeam") == ()

    await store.put_body(BodyUpdate(item_id=item.id, type=2, data="<p>linden beside hornbeam</p>", estimated_size=29))
    held = await store.body(item.id)
    assert held is not None
    assert (held.type, held.data, held.truncated) == (2, "<p>linden beside hornbeam</p>", False)
    assert len(await store.search(box.id, "hornbeam")) == 1
    assert await box.item("m1") == item


async def test_a_mime_body_stays_bytes(store: Store, box: Mailbox) -> None:
    """Bytes come back as bytes, from a Sync and when fetched later; text that replaces them is text."""
    raw = b"Subject: x\r\n\r\n\xff\xfe\0"
    await box.sync(adds=(mail(1, body=Body(type=BodyType.MIME, opaque=raw)),))
    item = await box.item("m1")
    for data in (raw, "text", raw * 2):
        if data != raw:
            await store.put_body(BodyUpdate(item_id=item.id, type=4, data=data))
        held = await store.body(item.id)
        assert held is not None
        assert held.data == data


@pytest.mark.parametrize("text", ["", "\0", "x" * 3_000_000, "ü" * 5000])
async def test_bodies_of_any_size_come_back(store: Store, box: Mailbox, text: str) -> None:
    """An empty body is a body; a large one is kept whole."""
    await box.sync(adds=(mail(1, text),))
    held = await store.body((await box.item("m1")).id)
    assert held is not None
    assert held.data == text


async def test_an_update_without_text_leaves_the_held_text(store: Store, box: Mailbox) -> None:
    """A body that is only described keeps what is held; an item without any body loses it."""
    await box.sync(adds=(mail(1, "linden"),))
    item = await box.item("m1")
    await box.sync(updates=(await box.update("m1", read=True),))
    assert await store.body(item.id) is not None
    await box.sync(updates=(await box.update("m1", body=None),))
    assert await store.body(item.id) is None
    assert await store.search(box.id, "linden") == ()


async def test_attachments_are_found_by_their_names_and_follow_their_item(store: Store, box: Mailbox) -> None:
    """What is known of attachments comes back in order, changes with the item, and can be searched."""
    two = (attachment("plan.pdf", "ref/1"), attachment("Bild.png", "ref/2", is_inline=True, content_id="c1"))
    await box.sync(adds=(mail(1, attachments=two),))
    item = await box.item("m1")
    assert isinstance(item.data, Email)
    assert item.data.attachments == two
    assert len(await store.search(box.id, "bild.png")) == 1
    await box.sync(updates=(await box.update("m1", attachments=two[:1]),))
    assert await store.search(box.id, "bild.png") == ()
    assert len(await store.search(box.id, "plan.pdf")) == 1
    await box.sync(removals=(await box.removal("m1"),))


async def test_lists_are_in_the_order_that_people_expect(store: Store, box: Mailbox) -> None:
    """Mail newest first, events by their start, contacts and notes by name; in pages, of a folder or of all."""
    await box.sync(adds=tuple(mail(number) for number in (2, 5, 1)))
    await box.sync("Sent", adds=tuple(mail(number) for number in (3, 4)))
    await box.sync("Calendar", adds=(event(2, "B"), event(1, "C"), event(3, "A")))
    await box.sync("Contacts", adds=(contact(1, "Bea", "elm"), contact(2, "Ada", "Larch"), contact(3, "Cai", "Alder")))
    await box.sync("Notes", adds=(note(1, "b"), note(2, "a")))

    async def names(**values: object) -> list[str | None]:
        return [one.server_id for one in await store.items(box.id, **values)]  # type: ignore[arg-type]

    assert await names(content_class=ContentClass.EMAIL) == ["m5", "m4", "m3", "m2", "m1"]
    assert await names(collection_id=(await box.folder()).id) == ["m5", "m2", "m1"]
    assert await names(content_class=ContentClass.CALENDAR) == ["e1", "e2", "e3"]
    assert await names(content_class=ContentClass.CONTACTS) == ["c3", "c1", "c2"]
    assert await names(content_class=ContentClass.NOTES) == ["n2", "n1"]
    assert await names(content_class=ContentClass.EMAIL, limit=2) == ["m5", "m4"]
    assert await names(content_class=ContentClass.EMAIL, collection_id=(await box.folder("Notes")).id) == []
    assert await names(content_class=ContentClass.EMAIL, limit=0) == []
    everything = await names()
    assert sorted(filter(None, everything)) == sorted(
        ["m1", "m2", "m3", "m4", "m5", "e1", "e2", "e3", "c1", "c2", "c3", "n1", "n2"]
    )


async def test_lists_are_read_page_by_page(store: Store, box: Mailbox) -> None:
    """
    A page begins behind the last item of the one before: each item comes once, in the order of the whole list, though
    many were received in the same second, and though the last item of a page is gone when the next is asked for.
    """
    same = [mail(number, subject=f"Mail {number % 3}", date_received=NOW) for number in range(10)]
    await box.sync(adds=(*same, *(mail(number) for number in range(10, 20)), mail(20, date_received=None)))
    await box.sync("Contacts", adds=(contact(1, "Bea", "elm"), contact(2, "Ada", "Larch"), contact(3, "Ada", "larch")))
    await box.sync("Calendar", adds=(event(2, "B"), event(1, "C")))
    inbox = (await box.folder()).id
    scopes: tuple[dict[str, Any], ...] = ({}, {"content_class": ContentClass.EMAIL}, {"collection_id": inbox})
    for scope in scopes:
        whole = await store.items(box.id, **scope)
        paged: list[Item] = []
        while page := await store.items(box.id, **scope, limit=4, after=paged[-1] if paged else None):
            assert len(page) <= 4
            paged += page
        assert tuple(paged) == whole
    first = await store.items(box.id, collection_id=inbox, limit=5)
    rest = await store.items(box.id, collection_id=inbox, after=first[-1])
    await box.sync(removals=(await box.removal(str(first[-1].server_id)),))
    assert await store.items(box.id, collection_id=inbox, after=first[-1]) == rest


async def test_only_unread_mail_can_be_listed(store: Store, box: Mailbox) -> None:
    """The limit counts what is given, not what was looked at."""
    await box.sync(adds=tuple(mail(number, read=number % 4 > 0) for number in range(20)))
    inbox = (await box.folder()).id
    found = await store.items(box.id, collection_id=inbox, unread=True, limit=3)
    assert [one.server_id for one in found] == ["m16", "m12", "m8"]
    found = await store.items(box.id, content_class=ContentClass.EMAIL, unread=True, after=found[-1])
    assert [one.server_id for one in found] == ["m4", "m0"]


async def test_mail_without_date_is_listed_too(store: Store, box: Mailbox) -> None:
    """An item that lacks what it is sorted by counts as of 1970, and what is older comes after it."""
    old = dt.datetime(1960, 1, 1, tzinfo=dt.UTC)
    await box.sync(adds=(mail(1, date_received=None), mail(2), mail(3, date_received=old)))
    assert [one.server_id for one in await store.items(box.id)] == ["m2", "m1", "m3"]


async def test_counts_follow_what_is_held(store: Store, box: Mailbox) -> None:
    """Items are counted by class, of a folder or of all; unread mail follows the change of its property."""
    await box.sync(adds=(mail(1), mail(2), mail(3, read=True)))
    await box.sync("Sent", adds=(mail(4, read=True),))
    await box.sync("Calendar", adds=(event(1, "A"),))
    inbox = (await box.folder()).id
    assert await store.count(box.id) == {ContentClass.EMAIL: 4, ContentClass.CALENDAR: 1}
    assert await store.count(box.id, unread=True) == {ContentClass.EMAIL: 2}
    assert await store.count(box.id, collection_id=inbox) == {ContentClass.EMAIL: 3}
    await box.sync(updates=(await box.update("m1", read=True),), removals=(await box.removal("m2"),))
    assert await store.count(box.id, unread=True) == {}
    assert await store.count(box.id, collection_id=inbox) == {ContentClass.EMAIL: 2}
    assert await store.count(box.id, unconfirmed=True) == {}


async def test_a_task_is_an_item_too(store: Store, box: Mailbox) -> None:
    """Each class that the protocol knows can be kept; here one whose folder the account does not have yet."""
    entry = CollectionEntry(server_id="6", parent_id="0", display_name="Tasks", type=FolderType.TASKS)
    await store.commit_hierarchy(HierarchyCommit(account_id=box.id, from_key="h1", to_key="h2", upserts=(entry,)))
    data = Task(subject="Water the trees", due_date=NOW, complete=False)
    await box.sync("Tasks", adds=(NewItem(server_id="t1", content_class=ContentClass.TASKS, data=data),))
    assert (await box.item("t1", "Tasks")).data == data
    assert len(await store.search(box.id, "water")) == 1


async def test_html_bodies_keep_their_markup(store: Store, box: Mailbox) -> None:
    """A body is kept as it came, whatever the index makes of it."""
    await box.sync(adds=(mail(1, body=html("<p>A<br>B &amp; C</p>")),))
    held = await store.body((await box.item("m1")).id)
    assert held is not None
    assert (held.type, held.data) == (2, "<p>A<br>B &amp; C</p>")


async def test_an_updates_identity_is_the_one_it_is_found_by(store: Store, box: Mailbox) -> None:
    """What an item is known by may change with it."""
    await box.sync(adds=(mail(1),))
    held = await box.item("m1")
    update = ItemUpdate(item_id=held.id, revision=1, data=held.data, fields=("subject",), identity="<new@elm.example>")
    await box.sync(updates=(update,))
    await box.restart_sync()
    folder = await box.folder()
    found = await store.unconfirmed_by_identity(folder.id, ["<new@elm.example>", "<1@elm.example>"])
    assert list(found) == ["<new@elm.example>"]


async def test_items_are_found_by_what_they_are_known_by(store: Store, box: Mailbox) -> None:
    """In their folder, and of several the one that came first."""
    await box.sync(adds=(mail(1), mail(2), msgspec.structs.replace(mail(3), identity="<1@elm.example>")))
    folder = await box.folder()
    found = await store.items_by_identity(folder.id, ["<1@elm.example>", "<9@elm.example>"])
    assert {name: item.server_id for name, item in found.items()} == {"<1@elm.example>": "m1"}
    assert await store.items_by_identity(folder.id + 1, ["<1@elm.example>"]) == {}
