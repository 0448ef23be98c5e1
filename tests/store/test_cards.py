"""
What programs write into an address book: the names of their cards, and what is to be put back.
"""

from __future__ import annotations

import pytest

from carrierpost.model import CardName, TokenPurpose
from carrierpost.store import NotHeld, Store
from tests.store.values import Mailbox, contact, phone


async def test_a_token_opens_what_it_is_for_and_nothing_else(store: Store, box: Mailbox) -> None:
    """The password of an address book is no token of the app, and the other way round."""
    device = await store.add_device(phone(box.id))
    made = await store.add_device_token(device.id, "a", name="book", purpose=TokenPurpose.CONTACTS)
    await store.add_device_token(device.id, "b", name="app")
    assert made.purpose is TokenPurpose.CONTACTS
    assert await store.device_token("a", TokenPurpose.CONTACTS) == made
    assert await store.device_token("a") is None
    assert await store.device_token("b", TokenPurpose.CONTACTS) is None
    assert [one.purpose for one in await store.device_tokens(device.id)] == [TokenPurpose.CONTACTS, TokenPurpose.APP]


async def test_names_of_cards_outlive_their_contacts_and_not_their_account(store: Store, box: Mailbox) -> None:
    """Whoever has the card can be told that it is gone; a new card of the name takes it over; a wipe leaves none."""
    await box.sync("Contacts", adds=(contact(1, "Zoë", "Elm"), contact(2, "Jan", "Oak")))
    first, second = await box.item("c1", "Contacts"), await box.item("c2", "Contacts")
    await store.put_card_name(box.id, CardName("zoe.vcf", "zoe", first.id))
    await box.sync("Contacts", removals=(await box.removal("c1", "Contacts"),))
    assert await store.card_names(box.id) == (CardName("zoe.vcf", "zoe", first.id),)
    await store.put_card_name(box.id, CardName("zoe.vcf", "jan", second.id))
    assert await store.card_names(box.id) == (CardName("zoe.vcf", "jan", second.id),)
    await store.wipe_account(box.id, "the server asked for it")
    assert await store.card_names(box.id) == ()
    with pytest.raises(NotHeld):
        await store.put_card_name(box.id + 1, CardName("x.vcf", "x", second.id))


async def test_what_is_to_be_put_back_is_numbered_and_does_not_grow_without_end(store: Store, box: Mailbox) -> None:
    """Each time a card is touched it gets a greater number than all before; only the newest are kept."""
    device, other = await store.add_device(phone(box.id)), await store.add_device(phone(box.id))
    for name in ("a.vcf", "b.vcf", "a.vcf"):
        await store.put_card_back(device.id, name)
    assert await store.cards_put_back(device.id) == {"b.vcf": 2, "a.vcf": 3}
    assert await store.cards_put_back(other.id) == {}
    for number in range(5):
        await store.put_card_back(device.id, f"{number}.vcf", keep=3)
    assert await store.cards_put_back(device.id) == {"2.vcf": 6, "3.vcf": 7, "4.vcf": 8}
    with pytest.raises(NotHeld):
        await store.put_card_back(other.id + 1, "x.vcf")
