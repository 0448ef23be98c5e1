"""
The address book that a device sees: a view, with nothing of its own that could drift.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrierpost.export.book import AddressBook, NotInBook, open_book
from carrierpost.export.decision import Way, decide_export
from carrierpost.export.following import TokenInvalid, book_token, changes_of
from carrierpost.formats.vcard import VCardVersion
from carrierpost.formats.vcard_in import read_cards
from carrierpost.model import BodyUpdate, CollectionEntry, FolderType, HierarchyCommit, ItemUpdate, Platform
from carrierpost.policy import Policies, effective_policy
from carrierpost.policy.changes import with_values
from carrierpost.protocol.classes import Contact
from carrierpost.store import open_store
from tests.store.conftest import SteadyClock
from tests.store.values import FOLDERS, Mailbox, contact, mail

CHANCE = bytes(range(16))
CLUB = CollectionEntry(server_id="6", parent_id="4", display_name="Club", type=FolderType.USER_CONTACTS)


async def fresh() -> Mailbox:
    """Open a store in memory with one account, and a folder of contacts beside the default one."""
    store = await open_store(None, None, clock=SteadyClock(), inline=True)
    box = await Mailbox.begin(store)
    await store.commit_hierarchy(
        HierarchyCommit(account_id=box.id, from_key="h1", to_key="h2", upserts=(*FOLDERS, CLUB))
    )
    return box


async def book_of(
    box: Mailbox, *, on: bool = True, export: bool = True, put_back: dict[str, int] | None = None, **values: object
) -> AddressBook:
    """Open the book as a phone sees it, the policy and the switch being as told."""
    policies = with_values(Policies(), "Phones", {"export_contacts": export, **values})
    policy = effective_policy(policies, address="ada@larch.example", platform=Platform.IOS)
    decision = decide_export(Way.SYNC, policy, platform=Platform.IOS, turned_on=on)
    account = await box.store.account(box.id)
    return await open_book(box.store, account, policy, decision, chance=CHANCE, put_back=put_back)


class Phone:
    """
    What a subscriber keeps: names, tags and a token, and nothing else.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.held: dict[str, str] = {}
        self.token = ""
        self.limit = limit

    async def look(self, book: AddressBook) -> bool:
        """Read a part of what changed; tell whether there is more."""
        told = await changes_of(book, self.token, limit=self.limit)
        if not self.token:
            self.held = {}
        assert self.limit is None or len(told.changed) + len(told.removed) <= self.limit
        for card in told.changed:
            self.held[card.name] = card.tag
        for name in told.removed:
            self.held.pop(name, None)
        self.token = told.token
        return told.more

    async def sync(self, book: AddressBook) -> tuple[set[str], set[str]]:
        """Read what changed, or everything where there is no token; give names that came and that went."""
        before = dict(self.held)
        while await self.look(book):
            pass
        came = {name for name, tag in self.held.items() if before.get(name) != tag}
        return came, set(before) - set(self.held)


async def names_of(book: AddressBook) -> dict[str, str]:
    """Read every card and give the first names by the cards' names."""
    found = {}
    for card in await book.cards():
        _, text = await book.text(card.name)
        [read], _ = read_cards(text)
        assert read.uid == card.uid
        found[card.name] = read.contact.first_name or ""
    return found


async def test_a_card_is_the_contact_with_its_remarks() -> None:
    """In both versions, under a UID in the form of a UUID."""
    box = await fresh()
    await box.sync("Contacts", adds=(contact(1, "Zoë", "Elm", mobile_phone_number="1"),))
    await box.store.put_body(BodyUpdate(item_id=(await box.item("c1", "Contacts")).id, type=1, data="two\nlines"))
    book = await book_of(box)
    [card] = await book.cards()
    for version in VCardVersion:
        again, text = await book.text(card.name, version=version)
        [read], _ = read_cards(text)
        assert again == card
        assert f"VERSION:{version}" in text
        assert read.contact.body is not None
        assert (read.contact.first_name, read.contact.body.data) == ("Zoë", "two\nlines")
    assert card.uid.startswith("urn:uuid:")
    assert await book.card(card.name) == card


async def test_CT1_reading_again_changes_nothing() -> None:
    """The same names, UIDs and tags after an interruption, and whatever chance is offered the next time."""
    box = await fresh()
    await box.sync("Contacts", adds=tuple(contact(number, f"N{number}", "Elm") for number in range(3)))
    first = await (await book_of(box)).cards()
    account = await box.store.account(box.id)
    policy = effective_policy(
        with_values(Policies(), "x", {"export_contacts": True}), address=account.address, platform=Platform.IOS
    )
    decision = decide_export(Way.SYNC, policy, platform=Platform.IOS, turned_on=True)
    again = await open_book(box.store, account, policy, decision, chance=b"y" * 16)
    assert await again.cards() == first
    phone = Phone()
    await phone.sync(again)
    assert await phone.sync(await book_of(box)) == (set(), set())


async def test_changes_since_a_token_are_told_and_no_others() -> None:
    """New, changed and removed cards; mail and other folders are none of them."""
    box = await fresh()
    await box.sync("Contacts", adds=(contact(1, "Ada", "Elm"), contact(2, "Bo", "Elm"), contact(3, "Cy", "Elm")))
    phone = Phone()
    came, gone = await phone.sync(await book_of(box))
    assert (len(came), gone) == (3, set())
    kept = {first: name for name, first in (await names_of(await book_of(box))).items()}
    await box.sync(adds=(mail(1),))
    assert await phone.sync(await book_of(box)) == (set(), set())
    bo = await box.item("c2", "Contacts")
    changed = msgspec.structs.replace(bo.data, job_title="Smith")
    await box.sync(
        "Contacts",
        adds=(contact(4, "Di", "Elm"),),
        updates=(ItemUpdate(item_id=bo.id, revision=bo.revision, data=changed, fields=("job_title",)),),
        removals=(await box.removal("c3", "Contacts"),),
    )
    book = await book_of(box)
    told = await changes_of(book, phone.token)
    assert {card.name for card in told.changed} == {kept["Bo"]} | (set(await names_of(book)) - set(kept.values()))
    assert told.removed == (kept["Cy"],)
    came, gone = await phone.sync(book)
    assert (len(came), gone) == (2, {kept["Cy"]})
    assert phone.held == {card.name: card.tag for card in await book.cards()}


@pytest.mark.parametrize("values", [{"export": False}, {"on": False}], ids=["policy", "switch"])
async def test_CT7_off_empties_the_copy_and_on_again_gives_the_same(values: dict[str, Any]) -> None:
    """One sync is enough, and the cards that come back are the ones that went, in name, UID and tag."""
    box = await fresh()
    await box.sync("Contacts", adds=(contact(1, "Ada", "Elm"), contact(2, "Bo", "Elm")))
    phone = Phone()
    await phone.sync(await book_of(box))
    before, cards = dict(phone.held), await (await book_of(box)).cards()
    off = await book_of(box, **values)
    assert await off.cards() == ()
    assert await phone.sync(off) == (set(), set(before))
    with pytest.raises(NotInBook):
        await off.text(cards[0].name)
    await phone.sync(await book_of(box))
    assert phone.held == before
    assert await (await book_of(box)).cards() == cards


async def test_what_goes_while_the_policy_is_off_does_not_come_back() -> None:
    """Also for a phone that slept through all of it."""
    box = await fresh()
    await box.sync("Contacts", adds=(contact(1, "Ada", "Elm"), contact(2, "Bo", "Elm")))
    awake, asleep = Phone(), Phone()
    for phone in (awake, asleep):
        await phone.sync(await book_of(box))
    await awake.sync(await book_of(box, export=False))
    await box.sync("Contacts", removals=(await box.removal("c1", "Contacts"),))
    await asleep.sync(await book_of(box, export=False))
    assert awake.held != {} or asleep.held == {}
    for phone in (awake, asleep):
        await phone.sync(await book_of(box))
        assert list((await names_of(await book_of(box))).values()) == ["Bo"]
        assert phone.held == {card.name: card.tag for card in await (await book_of(box)).cards()}


async def test_CT8_fields_that_the_policy_withholds_do_not_leave() -> None:
    """A change of that policy makes every tag another, and everything is told anew."""
    box = await fresh()
    await box.sync("Contacts", adds=(contact(1, "Ada", "Elm", mobile_phone_number="1", email1_address="a@x.example"),))
    phone = Phone()
    await phone.sync(await book_of(box))
    cut = await book_of(box, contact_fields="mail")
    came, gone = await phone.sync(cut)
    assert (len(came), gone) == (1, set())
    _, text = await cut.text(next(iter(came)))
    [read], _ = read_cards(text)
    assert read.contact == Contact(first_name="Ada", last_name="Elm", file_as="Elm, Ada", email1_address="a@x.example")
    assert (await cut.cards())[0].uid == (await (await book_of(box)).cards())[0].uid


async def test_CT9_subfolders_stay_here_unless_the_policy_names_them() -> None:
    """By name, in any letters; a contact that is moved out of what is exported leaves the copy."""
    box = await fresh()
    await box.sync("Contacts", adds=(contact(1, "Ada", "Elm"),))
    await box.sync("Club", adds=(contact(2, "Bo", "Elm"),))
    assert list((await names_of(await book_of(box))).values()) == ["Ada"]
    both = await book_of(box, contact_folders="CLUB")
    assert sorted((await names_of(both)).values()) == ["Ada", "Bo"]
    phone = Phone()
    await phone.sync(both)
    await phone.sync(await book_of(box))
    assert phone.held == {card.name: card.tag for card in await (await book_of(box)).cards()}
    assert len(phone.held) == 1


@pytest.mark.parametrize(
    "name",
    ["", "1.vcf", "../1.vcf", "1-0000000000000000.vcf", "0-x.vcf", "99999999999999999999-0.vcf", "1\x00", "ünïcode"],
)
async def test_names_that_are_no_cards_are_refused(name: str) -> None:
    """Nothing but a name that the book gave opens a card."""
    box = await fresh()
    await box.sync("Contacts", adds=(contact(1, "Ada", "Elm"),))
    with pytest.raises(NotInBook):
        await (await book_of(box)).card(name)


async def test_another_accounts_card_is_not_in_the_book() -> None:
    """Nor is a mail of one's own."""
    box = await fresh()
    other = await Mailbox.begin(box.store, "bea@elm.example")
    await other.sync("Contacts", adds=(contact(1, "Eve", "Elm"),))
    [hers] = await (await book_of(other)).cards()
    book = await book_of(box)
    for name in (hers.name, book.name_of(hers.item_id)):
        with pytest.raises(NotInBook):
            await book.card(name)


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "1",
        "1-2-3",
        "99999-{view}-{life}-0",
        "0-{view}-0000000000000000-0",
        "-1-{view}-{life}-0",
        "0-{view}-{life}-1",
    ],
)
async def test_tokens_that_are_none_are_refused(token: str) -> None:
    """And those of another book, and those of a future that this store has not had."""
    box = await fresh()
    book = await book_of(box)
    _, view, life, _ = (await book_token(book)).split("-")
    with pytest.raises(TokenInvalid):
        await changes_of(book, token.format(view=view, life=life))


async def test_a_token_older_than_the_feed_is_refused() -> None:
    """What changed since then cannot be told; the whole book can be read."""
    box = await fresh()
    await box.sync("Contacts", adds=(contact(1, "Ada", "Elm"),))
    old = await book_token(await book_of(box))
    for number in range(2, 8):
        await box.sync("Contacts", adds=(contact(number, "Bo", "Elm"),))
    while await box.store.forget_changes(days=-1, keep=2):
        pass
    book = await book_of(box)
    with pytest.raises(TokenInvalid, match="forgotten"):
        await changes_of(book, old)
    assert (await changes_of(book, await book_token(book))).changed == ()
    assert len(await book.cards()) == 7


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(["Contacts", "Club"])),
        st.tuples(st.sampled_from(["change", "remove"]), st.integers(0, 30)),
        st.tuples(st.sampled_from(["export", "on", "club", "fields"]), st.booleans()),
        st.tuples(st.just("sync"), st.integers(0, 1)),
        st.tuples(st.sampled_from(["look", "put back"]), st.integers(0, 30)),
    ),
    max_size=20,
)


@given(_STEPS)
@settings(max_examples=120)
async def test_a_copy_that_follows_tokens_is_the_book(steps: list[tuple[str, object]]) -> None:
    """
    Whatever happens to contacts and policy, whenever two phones ask, and however little one of them takes at once:
    copy and book are equal.
    """
    box = await fresh()
    view: dict[str, object] = {"export": True, "on": True, "club": False, "fields": False}
    phones = (Phone(), Phone(limit=2))
    back: dict[str, int] = {}

    async def book() -> AddressBook:
        return await book_of(
            box,
            export=bool(view["export"]),
            on=bool(view["on"]),
            contact_folders="Club" if view["club"] else "",
            contact_fields="mail" if view["fields"] else "all",
            put_back=dict(sorted(back.items(), key=lambda one: one[1])),
        )

    for number, (what, which) in enumerate([*steps, ("sync", 0), ("sync", 1)]):
        people = [(folder, item) for folder in ("Contacts", "Club") for item in (await box.held(folder)).values()]
        if what == "add":
            await box.sync(str(which), adds=(contact(number, f"N{number}", "Elm"),))
        elif what in view:
            view[what] = which
        elif what == "sync":
            assert isinstance(which, int)
            await phones[which].sync(await book())
            assert phones[which].held == {card.name: card.tag for card in await (await book()).cards()}
        elif what == "look":
            await phones[1].look(await book())
        elif what == "put back" and (not people or which == 30):
            back["made-there.vcf"] = number + 1
            phones[0].held["made-there.vcf"] = "what the phone wrote"
        elif people:
            assert isinstance(which, int)
            folder, item = people[which % len(people)]
            if what == "put back":
                back[(await book()).name_of(item.id)] = number + 1
            elif what == "remove":
                assert item.server_id is not None
                await box.sync(folder, removals=(await box.removal(item.server_id, folder),))
            else:
                data = msgspec.structs.replace(item.data, job_title=str(number))
                update = ItemUpdate(item_id=item.id, revision=item.revision, data=data, fields=("job_title",))
                await box.sync(folder, updates=(update,))
    await box.store.close()
