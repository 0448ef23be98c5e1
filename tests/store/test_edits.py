"""
The contract: what a person does, and what the server has to be told of it, written together.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from carrierpost.model import (
    AddIntent,
    AddItem,
    Assigned,
    ChangeIntent,
    ChangeItem,
    ChangeKind,
    DeleteIntent,
    DeleteItem,
    DropEntry,
    Edited,
    EntryUpdate,
    IntentKind,
    Item,
    MoveIntent,
    MoveItem,
    Origin,
    OutboxEntry,
    OutboxState,
    RetryEntry,
)
from carrierpost.model.intent import intent_of, payload_of, values_of, with_values
from carrierpost.protocol.classes import Body, BodyType, Contact, Email
from carrierpost.store import BeingTold, NotHeld, StaleCommit, Store
from tests.store.conftest import Place, SteadyClock
from tests.store.values import Mailbox, contact, mail


class Person:
    """
    Somebody who edits a mailbox; every edit has a client id of its own.
    """

    def __init__(self, box: Mailbox) -> None:
        self.box = box
        self.store = box.store
        self.edits = 0

    def client_id(self) -> str:
        """Give the next name."""
        self.edits += 1
        return f"edit-{self.edits}"

    async def add(self, name: str = "Contacts", **values: Any) -> Edited:
        """Make a contact."""
        folder = await self.box.folder(name)
        return await self.store.edit(
            AddItem(collection_id=folder.id, data=Contact(**values), client_id=self.client_id())
        )

    async def change(self, item: Item, **values: Any) -> Edited:
        """Change properties."""
        data = msgspec.structs.replace(item.data, **values)
        edit = ChangeItem(
            item_id=item.id, revision=item.revision, data=data, fields=tuple(values), client_id=self.client_id()
        )
        return await self.store.edit(edit)

    async def delete(self, item: Item) -> Edited:
        """Delete an item."""
        return await self.store.edit(DeleteItem(item_id=item.id, client_id=self.client_id()))

    async def move(self, item: Item, name: str) -> Edited:
        """Move an item."""
        target = await self.box.folder(name)
        return await self.store.edit(MoveItem(item_id=item.id, target_id=target.id, client_id=self.client_id()))

    async def retry(self, entry: OutboxEntry) -> Edited:
        """Have an entry told again."""
        return await self.store.edit(RetryEntry(entry_id=entry.id, client_id=self.client_id()))

    async def drop(self, entry: OutboxEntry) -> Edited:
        """Give an entry up."""
        return await self.store.edit(DropEntry(entry_id=entry.id, client_id=self.client_id()))

    async def sending(self, entry: OutboxEntry) -> OutboxEntry:
        """Let an entry be on its way."""
        return await self.store.mark_outbox(entry.id, OutboxState.SENDING)

    async def outbox(self) -> list[OutboxEntry]:
        """List what waits."""
        return list(await self.store.outbox(self.box.id))


@pytest.fixture
async def person(box: Mailbox) -> Person:
    """Let somebody sit before a mailbox with one mail and one contact."""
    await box.sync(adds=(mail(1, "linden"),))
    await box.sync("Sent", adds=())
    await box.sync("Contacts", adds=(contact(1, "Bea", "Elm", categories=("friends",)),))
    return Person(box)


def sure(entry: OutboxEntry | None) -> OutboxEntry:
    assert entry is not None
    return entry


def held(item: Item | None) -> Item:
    assert item is not None
    return item


async def test_a_new_item_is_there_at_once_and_waits_to_be_told(person: Person, store: Store) -> None:
    """Item, entry and feed are one transaction; it is the person's own doing and no news."""
    made = await person.add(first_name="Cy", last_name="Birch", body=Body(type=BodyType.PLAIN, data="birch"))
    item, entry = held(made.item), sure(made.entry)
    assert (item.server_id, item.revision) == (None, 1)
    assert (entry.kind, entry.item_id, entry.collection_id) == (IntentKind.ADD, item.id, item.collection_id)
    assert (entry.client_id, intent_of(entry)) == ("edit-1", AddIntent())
    [told] = made.changes
    assert (told.kind, told.origin, told.announce) == (ChangeKind.ITEM_ADDED, Origin.USER, False)
    body = await store.body(item.id)
    assert body is not None
    assert body.data == "birch"
    assert [hit.item.id for hit in await store.search(person.box.id, "birch")] == [item.id]


async def test_an_edit_survives_the_end_of_the_program(person: Person, place: Place, clock: SteadyClock) -> None:
    """Item and entry are there when the store is opened again."""
    made = await person.add(first_name="Cy")
    async with await place.open(clock) as again:
        assert await again.item(held(made.item).id) == made.item
        assert list(await again.outbox(person.box.id)) == [made.entry]


async def test_a_change_remembers_what_was_before(person: Person) -> None:
    """The entry names the fields; their values before can be read again as what they were."""
    item = await person.box.item("c1", "Contacts")
    made = await person.change(item, mobile_phone_number="123", categories=())
    intent = intent_of(sure(made.entry))
    assert isinstance(intent, ChangeIntent)
    assert intent.fields == ("mobile_phone_number", "categories")
    assert with_values(held(made.item).data, intent.before) == item.data
    assert [(one.kind, one.fields) for one in made.changes] == [(ChangeKind.ITEM_CHANGED, intent.fields)]
    assert held(made.item).revision == item.revision + 1


async def test_edits_of_one_item_become_one_entry(person: Person) -> None:
    """Two changes are one, with the oldest values before; the value sent is the item's."""
    item = await person.box.item("c1", "Contacts")
    first = await person.change(item, mobile_phone_number="1")
    second = await person.change(held(first.item), mobile_phone_number="2", job_title="Gardener")
    assert sure(second.entry).id == sure(first.entry).id
    assert await person.outbox() == [second.entry]
    intent = intent_of(sure(second.entry))
    assert isinstance(intent, ChangeIntent)
    assert (intent.fields, intent.before) == (
        ("mobile_phone_number", "job_title"),
        {"mobile_phone_number": None, "job_title": None},
    )


async def test_a_change_beside_one_that_is_on_its_way_is_told_afterwards(person: Person) -> None:
    """What may have reached the server is not touched any more."""
    item = await person.box.item("c1", "Contacts")
    first = await person.change(item, mobile_phone_number="1")
    sent = await person.sending(sure(first.entry))
    second = await person.change(held(first.item), mobile_phone_number="2")
    assert await person.outbox() == [sent, second.entry]
    assert isinstance(intent := intent_of(sure(second.entry)), ChangeIntent)
    assert intent.before == {"mobile_phone_number": "1"}


async def test_an_edit_of_what_was_changed_in_between_is_refused(person: Person) -> None:
    """Whoever edits an outdated item has to look again; nothing is written."""
    item = await person.box.item("c1", "Contacts")
    await person.change(item, mobile_phone_number="1")
    before = (await person.outbox(), await person.store.feed(person.box.id))
    with pytest.raises(StaleCommit, match="changed in between"):
        await person.change(item, mobile_phone_number="2")
    assert (await person.outbox(), await person.store.feed(person.box.id)) == before


async def test_a_change_of_the_text_keeps_the_old_one(person: Person, store: Store) -> None:
    """The text is kept apart, and still the intent knows it."""
    item = await person.box.item("m1")
    made = await person.change(item, body=Body(type=BodyType.PLAIN, data="birch"))
    body = await store.body(item.id)
    assert body is not None
    assert body.data == "birch"
    assert isinstance(intent := intent_of(sure(made.entry)), ChangeIntent)
    assert intent.before["body"]["data"] == "linden"
    await person.drop(sure(made.entry))
    body = await store.body(item.id)
    assert body is not None
    assert body.data == "linden"


async def test_an_edit_of_what_waits_to_be_added_needs_no_entry(person: Person) -> None:
    """Its data is read when it is sent. Once it is on its way, a change is told afterwards."""
    made = await person.add(first_name="Cy")
    again = await person.change(held(made.item), last_name="Birch")
    assert [one.kind for one in await person.outbox()] == [IntentKind.ADD]
    await person.sending(sure(made.entry))
    await person.change(held(again.item), last_name="Alder")
    assert [one.kind for one in await person.outbox()] == [IntentKind.ADD, IntentKind.CHANGE]


async def test_a_deleted_item_is_gone_at_once(person: Person) -> None:
    """The entry knows under which id the server has it, and by what name a person knew it."""
    item = await person.box.item("c1", "Contacts")
    await person.change(item, mobile_phone_number="1")
    made = await person.delete(await person.box.item("c1", "Contacts"))
    assert made.item is None
    assert [one.kind for one in made.changes] == [ChangeKind.ITEM_REMOVED]
    assert await person.outbox() == [made.entry]  # the change is not told any more
    assert intent_of(sure(made.entry)) == DeleteIntent(server_id="c1", title="Bea Elm")


async def test_what_the_server_never_heard_of_is_not_deleted_there(person: Person) -> None:
    """The entry to add it goes with it."""
    made = await person.add(first_name="Cy")
    assert (await person.delete(held(made.item))).entry is None
    assert await person.outbox() == []


async def test_an_item_deleted_while_it_is_being_added(person: Person) -> None:
    """The add can still be repeated, and the deletion is told once the id is known."""
    made = await person.add(first_name="Cy", body=Body(type=BodyType.PLAIN, data="birch"))
    await person.sending(sure(made.entry))
    await person.delete(held(made.item))
    add, delete = await person.outbox()
    assert isinstance(intent := intent_of(add), AddIntent)
    assert intent.data is not None
    assert msgspec.convert(intent.data, Contact) == Contact(
        first_name="Cy", body=Body(type=BodyType.PLAIN, data="birch")
    )
    assert intent_of(delete) == DeleteIntent(server_id="", title="Cy")
    assigned = Assigned(item_id=held(made.item).id, server_id="c9")
    await person.box.sync("Contacts", settled=(add.id,), assigned=(assigned,))
    [left] = await person.outbox()
    assert intent_of(left) == DeleteIntent(server_id="c9", title="Cy")


async def test_an_answer_settles_and_names(person: Person) -> None:
    """Key, settled entries and the new ids are one transaction; a refused commit writes none of it."""
    made = await person.add(first_name="Cy")
    entry, item = sure(made.entry), held(made.item)
    values = {"settled": (entry.id,), "assigned": (Assigned(item_id=item.id, server_id="c9"),)}
    with pytest.raises(StaleCommit):
        await person.box.sync("Contacts", from_key="odd", to_key="s9", **values)
    assert await person.outbox() == [entry]
    assert await person.box.sync("Contacts", **values) == ()
    assert await person.outbox() == []
    assert (await person.store.item(item.id)).server_id == "c9"


async def test_a_refusal_is_told_and_can_be_tried_again(person: Person) -> None:
    """The entry stays with the server's reason; every face hears of it, and of the second attempt."""
    made = await person.add(first_name="Cy")
    entry = sure(made.entry)
    update = EntryUpdate(entry_id=entry.id, state=OutboxState.REFUSED, reason="it is too odd")
    [told] = await person.box.sync("Contacts", entries=(update,))
    assert (told.kind, told.detail, told.item_id) == (ChangeKind.OUTBOX_CHANGED, "it is too odd", entry.item_id)
    [refused] = await person.outbox()
    assert (refused.state, refused.reason) == (OutboxState.REFUSED, "it is too odd")
    again = await person.retry(refused)
    assert [one.kind for one in again.changes] == [ChangeKind.OUTBOX_CHANGED]
    assert [(one.state, one.reason) for one in await person.outbox()] == [(OutboxState.QUEUED, "")]


async def test_editing_what_was_refused_tries_it_again(person: Person) -> None:
    """Somebody mended it."""
    made = await person.add(first_name="Cy")
    await person.store.mark_outbox(sure(made.entry).id, OutboxState.REFUSED, "too odd")
    await person.change(held(made.item), last_name="Birch")
    assert [(one.kind, one.state) for one in await person.outbox()] == [(IntentKind.ADD, OutboxState.QUEUED)]


async def test_dropping_takes_the_effect_back(person: Person) -> None:
    """A new item goes, a changed one is as it was, a deleted one is fetched again, a moved one is where it was."""
    item = await person.box.item("c1", "Contacts")
    added = await person.add(first_name="Cy")
    changed = await person.change(item, mobile_phone_number="1")
    letter = await person.box.item("m1")
    moved = await person.move(letter, "Sent")
    await person.drop(sure(added.entry))
    await person.drop(sure(changed.entry))
    await person.drop(sure(moved.entry))
    assert await person.outbox() == []
    assert set(await person.box.held("Contacts")) == {"c1"}
    assert (await person.box.item("c1", "Contacts")).data == item.data
    assert set(await person.box.held()) == {"m1"}
    deleted = await person.delete(await person.box.item("m1"))
    await person.drop(sure(deleted.entry))
    [aside] = await person.store.set_aside(person.box.id)
    assert (aside.server_id, aside.next_at is not None) == ("m1", True)
    assert await person.outbox() == []


async def test_what_is_on_its_way_cannot_be_dropped(person: Person) -> None:
    """Its fate has to be known first."""
    item = await person.box.item("c1", "Contacts")
    made = await person.change(item, mobile_phone_number="1")
    await person.sending(sure(made.entry))
    with pytest.raises(BeingTold, match="just being told"):
        await person.drop(sure(made.entry))
    assert len(await person.outbox()) == 1


async def test_a_moved_item_keeps_its_id(person: Person) -> None:
    """It is in the other folder at once, without server id; moved back before that was told, nothing is to be told."""
    item = await person.box.item("m1")
    made = await person.move(item, "Sent")
    sent = await person.box.folder("Sent")
    assert (held(made.item).id, held(made.item).collection_id, held(made.item).server_id) == (item.id, sent.id, None)
    intent = MoveIntent(server_id="m1", source_id=item.collection_id, target_id=sent.id)
    assert intent_of(sure(made.entry)) == intent
    assert [(one.kind, one.collection_id) for one in made.changes] == [(ChangeKind.ITEM_MOVED, sent.id)]
    back = await person.move(held(made.item), "Inbox")
    assert (held(back.item).server_id, back.entry) == ("m1", None)
    assert await person.outbox() == []


async def test_a_moved_item_gets_its_new_id(person: Person) -> None:
    """What was to be told of it is told where it is now; settling the move names it."""
    letter = await person.box.item("m1")
    await person.change(letter, read=True)
    made = await person.move(await person.box.item("m1"), "Sent")
    sent = await person.box.folder("Sent")
    assert [one.collection_id for one in await person.outbox()] == [sent.id, letter.collection_id]
    await person.store.settle(sure(made.entry).id, assigned="s7")
    assert (await person.store.item(letter.id)).server_id == "s7"
    assert [one.kind for one in await person.outbox()] == [IntentKind.CHANGE]


async def test_an_id_that_the_folder_brought_first(person: Person) -> None:
    """When the folder shows a moved item before the move is answered, it stays one item, under the older id."""
    letter = await person.box.item("m1")
    made = await person.move(letter, "Sent")
    await person.box.sync("Sent", adds=(msgspec.structs.replace(mail(1), server_id="s7"),))
    changes = await person.store.settle(sure(made.entry).id, assigned="s7")
    assert [one.kind for one in changes] == [ChangeKind.ITEM_REMOVED]
    assert [one.id for one in (await person.box.held("Sent")).values()] == [letter.id]


async def test_a_refused_move_is_taken_back(person: Person) -> None:
    """The item is where the server has it; the entry says why, and can be tried again."""
    letter = await person.box.item("m1")
    made = await person.move(letter, "Sent")
    refused = await person.store.mark_outbox(sure(made.entry).id, OutboxState.REFUSED, "no such folder")
    assert (await person.box.item("m1")).id == letter.id
    kinds = [one.kind for one in await person.store.feed(person.box.id)][-2:]
    assert kinds == [ChangeKind.ITEM_MOVED, ChangeKind.OUTBOX_CHANGED]
    await person.retry(refused)
    sent = await person.box.folder("Sent")
    assert (await person.store.item(letter.id)).collection_id == sent.id
    assert [one.state for one in await person.outbox()] == [OutboxState.QUEUED]


async def test_moved_and_deleted_before_either_was_told(person: Person) -> None:
    """Only the deletion is told, where the server has the item."""
    letter = await person.box.item("m1")
    made = await person.move(letter, "Sent")
    gone = await person.delete(held(made.item))
    [entry] = await person.outbox()
    assert (entry, entry.collection_id) == (gone.entry, letter.collection_id)
    assert intent_of(entry) == DeleteIntent(server_id="m1", title="Mail 1")


async def test_moved_on_while_the_first_move_is_on_its_way(person: Person) -> None:
    """The second move waits for the id that the first one gives."""
    letter = await person.box.item("m1")
    first = await person.move(letter, "Sent")
    await person.sending(sure(first.entry))
    await person.move(held(first.item), "Inbox")
    await person.store.settle(sure(first.entry).id, assigned="s7")
    [left] = await person.outbox()
    sent = await person.box.folder("Sent")
    assert intent_of(left) == MoveIntent(server_id="s7", source_id=sent.id, target_id=letter.collection_id)
    assert (await person.store.item(letter.id)).server_id is None


async def test_only_where_it_fits(person: Person) -> None:
    """A mail does not go among contacts; what is gone is said to be gone."""
    letter = await person.box.item("m1")
    with pytest.raises(NotHeld, match="does not hold items of this class"):
        await person.move(letter, "Contacts")
    await person.delete(letter)
    with pytest.raises(NotHeld, match="no item"):
        await person.change(letter, read=True)


async def test_what_was_overtaken_can_be_wanted_again(person: Person) -> None:
    """The values that the server's overtook are kept; trying again makes them an edit of the item as it is now."""
    item = await person.box.item("c1", "Contacts")
    made = await person.change(item, mobile_phone_number="mine")
    lost = ChangeIntent(fields=(), overtaken=values_of(held(made.item).data, ("mobile_phone_number",)))
    theirs = await person.box.update("c1", "Contacts", mobile_phone_number="theirs")
    update = EntryUpdate(
        entry_id=sure(made.entry).id, state=OutboxState.REFUSED, reason="overtaken", payload=payload_of(lost)
    )
    await person.box.sync("Contacts", updates=(theirs,), entries=(update,))
    [entry] = await person.outbox()
    again = await person.retry(entry)
    assert isinstance(data := held(again.item).data, Contact)
    assert data.mobile_phone_number == "mine"
    assert isinstance(intent := intent_of(sure(again.entry)), ChangeIntent)
    assert (intent.fields, intent.before, intent.overtaken) == (
        ("mobile_phone_number",),
        {"mobile_phone_number": "theirs"},
        {},
    )
    assert len(await person.outbox()) == 1


def test_values_come_back_as_they_were() -> None:
    """Dates, bytes, tuples and records survive being kept as an intent's values; so does their absence."""
    data = Email(subject="a", conversation_id=b"\x00\xff", categories=("x", "y"), read=False, body=Body(data="t"))
    fields = ("conversation_id", "categories", "read", "body", "importance")
    kept = msgspec.json.decode(msgspec.json.encode(values_of(data, fields)))
    assert with_values(Email(subject="a", importance=None), kept) == data
