"""
The contract: what a person did that the server has still to be told.
"""

from __future__ import annotations

import msgspec
import pytest

from carrierpost.model import IntentKind, NewOutboxEntry, OutboxState
from carrierpost.store import AlreadyHeld, NotHeld, Store
from tests.store.conftest import Place, SteadyClock
from tests.store.values import NOW, Mailbox, mail


def entry(box: Mailbox, client_id: str, **values: object) -> NewOutboxEntry:
    fields = {"account_id": box.id, "kind": IntentKind.SEND, "client_id": client_id, "payload": b"\0\xff mail"}
    return NewOutboxEntry(**{**fields, **values})  # type: ignore[arg-type]


async def test_entries_keep_their_order_and_their_client_ids(
    store: Store, box: Mailbox, place: Place, clock: SteadyClock
) -> None:
    """They are told in the order in which a person made them, also after the store was opened again."""
    made = [await store.queue(entry(box, name)) for name in ("c", "a", "b")]
    async with await place.open(clock) as again:
        assert list(await again.outbox(box.id)) == made
    assert [one.client_id for one in made] == ["c", "a", "b"]
    assert {(one.payload, one.state, one.attempts, one.queued_at) for one in made} == {
        (b"\0\xff mail", OutboxState.QUEUED, 0, NOW)
    }


async def test_a_client_id_is_used_once(store: Store, box: Mailbox) -> None:
    """A second entry of the same name is refused in one account and nothing special in another."""
    await store.queue(entry(box, "a"))
    with pytest.raises(AlreadyHeld, match="a"):
        await store.queue(entry(box, "a"))
    other = await Mailbox.begin(store, "bea@elm.example")
    await store.queue(entry(other, "a"))
    assert [len(await store.outbox(one.id)) for one in (box, other)] == [1, 1]


async def test_the_fate_of_an_entry(store: Store, box: Mailbox) -> None:
    """Each attempt is counted; a refusal carries its reason; what the server has taken is forgotten."""
    made = await store.queue(entry(box, "a"))
    sending = await store.mark_outbox(made.id, OutboxState.SENDING)
    assert sending == msgspec.structs.replace(made, state=OutboxState.SENDING, attempts=1)
    await store.mark_outbox(made.id, OutboxState.QUEUED, "no connection")
    await store.mark_outbox(made.id, OutboxState.SENDING)
    refused = await store.mark_outbox(made.id, OutboxState.REFUSED, "too large")
    assert (refused.attempts, refused.reason, refused.client_id) == (2, "too large", "a")
    assert await store.outbox(box.id) == (refused,)
    await store.settle(made.id)
    await store.settle(made.id)
    assert await store.outbox(box.id) == ()
    with pytest.raises(NotHeld, match="no outbox entry"):
        await store.mark_outbox(made.id, OutboxState.SENDING)


async def test_places_in_the_queue_are_not_given_again(store: Store, box: Mailbox) -> None:
    """A later entry never takes the number of a settled one, so that order is order."""
    first = await store.queue(entry(box, "a"))
    await store.settle(first.id)
    assert (await store.queue(entry(box, "b"))).id > first.id


async def test_SK3_a_resynchronisation_leaves_the_outbox_alone(store: Store, box: Mailbox) -> None:
    """Lost keys, emptied folders and even the end of the folder do not lose what a person did."""
    await box.sync(adds=(mail(1),))
    item = await box.item("m1")
    made = await store.queue(entry(box, "a", kind=IntentKind.CHANGE, collection_id=item.collection_id, item_id=item.id))
    await box.restart_sync()
    await box.sync(from_key="0", to_key="r1", drop_unconfirmed=True)
    assert await store.outbox(box.id) == (made,)


async def test_what_a_step_depends_on_is_read_at_once(store: Store, box: Mailbox) -> None:
    """Account, collections, what was set aside and the outbox are what each question alone gives."""
    other = await Mailbox.begin(store, "bea@elm.example")
    await store.queue(entry(other, "b"))
    await store.queue(entry(box, "a"))
    found = await store.standing(box.id)
    assert found.account == await store.account(box.id)
    assert found.collections == await store.collections(box.id) != ()
    assert (found.asides, found.outbox) == (await store.set_aside(box.id), await store.outbox(box.id))
    assert [one.client_id for one in found.outbox] == ["a"]
    with pytest.raises(NotHeld):
        await store.standing(box.id + 100)


async def test_what_an_answer_concerns_is_read_at_once(store: Store, box: Mailbox) -> None:
    """Of the items that it names those that are held, and those that the outbox is about, gone ones left out."""
    await box.sync(adds=(mail(1), mail(2), mail(3)))
    held = await box.held()
    names = sorted(filter(None, held))
    about = held[names[2]]
    await store.queue(entry(box, "a", kind=IntentKind.CHANGE, item_id=about.id, collection_id=about.collection_id))
    await store.queue(entry(box, "c", kind=IntentKind.CHANGE, item_id=10_000, collection_id=about.collection_id))
    found = await store.concerned(box.id, about.collection_id, [names[0], "unknown"])
    assert found.items == {names[0]: held[names[0]]}
    assert found.outgoing == {about.id: about}
    assert [one.client_id for one in found.outbox] == ["a", "c"]
    assert found.asides == ()
