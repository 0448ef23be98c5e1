"""
An account's contacts as an address book: a view on the store that holds nothing of its own.

What is in it, and how much of each contact, follows from the decision and the policy at this moment; where the decision
says no, the book is empty, and whoever keeps a copy of it removes the copy by itself. A card is named by its item's id
and by a seed that is made once for each account, so it is the same card after any interruption, any resynchronisation
with the server, and after the policy was off and on again; and a card of another store is never taken for it.

A card that a program wrote into the book keeps the name and the UID that the program gave it, and one that a device was
let change although it may not gets another tag there, so that the device reads it anew. What became different since a
program last looked is told by `carrierpost.export.following`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import AsyncIterator, Iterable, Mapping

import msgspec

from carrierpost.export.decision import ExportDecision
from carrierpost.formats.vcard import VCardVersion
from carrierpost.formats.vcard_out import write_card
from carrierpost.model import Account, CardName, Collection, FolderType, Item, Secret
from carrierpost.policy import EffectivePolicy
from carrierpost.policy.fields import cut_contact
from carrierpost.protocol.classes import Body, BodyType, Contact, ContentClass
from carrierpost.store import NotHeld, Store

__all__ = [
    "AddressBook",
    "Card",
    "NotInBook",
    "card_uid",
    "exported_folders",
    "open_book",
    "whole_contact",
]

_FORM = "1"  # of what is written; another one makes every tag another
_SEED = "contacts-seed"
_NAME = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{16})\.vcf")
_PAGE = 500


class NotInBook(Exception):
    """
    There is no card of this name, or it may not leave.
    """


class Card(msgspec.Struct, frozen=True):
    """
    A card in the book.

    Attributes:
        name: its name in the book, safe in an address and in a file system.
        uid: the UID that is written into it.
        tag: changes whenever what is written changes (an ETag, without quotes).
        item_id: the item that it shows.
    """

    name: str
    uid: str
    tag: str
    item_id: int


@dataclasses.dataclass(frozen=True, slots=True)
class _View:
    """
    What is seen of an account's contacts.
    """

    folders: frozenset[int]
    fields: tuple[str, ...]
    photo_limit: int

    @property
    def print(self) -> str:
        """
        Differs for views through which something differs.
        """
        return _digest("view", _FORM, sorted(self.folders), sorted(self.fields), self.photo_limit)


def exported_folders(collections: Iterable[Collection], policy: EffectivePolicy) -> tuple[Collection, ...]:
    """
    Give the folders whose contacts are exported: the default one, and those that the policy names.
    """
    names = {name.casefold() for name in policy.values.contact_folders}
    return tuple(
        one
        for one in collections
        if one.content_class is ContentClass.CONTACTS
        and (one.type is FolderType.CONTACTS or one.display_name.casefold() in names)
    )


async def open_book(
    store: Store,
    account: Account,
    policy: EffectivePolicy,
    decision: ExportDecision,
    *,
    chance: bytes,
    every_folder: bool = False,
    put_back: Mapping[str, int] | None = None,
) -> AddressBook:
    """
    Open an account's address book as one device may see it.

    Args:
        store: where the contacts are.
        account: whose they are.
        policy: what holds for the device.
        decision: whether contacts may leave this way.
        chance: at least 16 bytes that nobody can guess; what cards are named by, when this account's are not yet.
        every_folder: show all folders of contacts, for what a person picks one by one.
        put_back: names of cards that the device has to read anew; see `CardStore.cards_put_back`.
    """
    seed = await store.secret(account.id, _SEED)
    if seed is None:
        if len(chance) < 16:
            raise ValueError(f"an address book needs 16 bytes of chance, not {len(chance)}")
        await store.put_secret(account.id, _SEED, Secret(chance.hex()))
        seed = await store.secret(account.id, _SEED)
        assert seed is not None
    folders: tuple[Collection, ...] = ()
    if decision.allowed:
        held = [one for one in await store.collections(account.id) if one.content_class is ContentClass.CONTACTS]
        folders = tuple(held) if every_folder else exported_folders(held, policy)
    view = _View(
        folders=frozenset(one.id for one in folders),
        fields=policy.values.contact_fields if folders else (),
        photo_limit=policy.values.contact_photo_limit if folders else 0,
    )
    names = await store.card_names(account.id)
    return AddressBook(store, account.id, view, decision, seed.reveal(), names=names, put_back=put_back or {})


class AddressBook:
    """
    An account's contacts, as one device may see them; made by `open_book` for one look.

    Attributes:
        store: where the contacts are.
        account_id: whose they are.
        decision: why it is as it is.
        put_back: what the device has to read anew, by name.
        life: differs for books of different stores.
    """

    def __init__(
        self,
        store: Store,
        account_id: int,
        view: _View,
        decision: ExportDecision,
        seed: str,
        *,
        names: Iterable[CardName] = (),
        put_back: Mapping[str, int],
    ) -> None:
        self.store = store
        self._view = view
        self._seed = seed
        self._given = {one.name: one for one in names}
        self._given_to = {one.item_id: one for one in self._given.values()}
        self._fields_print = _digest("fields", _FORM, sorted(view.fields), view.photo_limit)
        self.account_id = account_id
        self.decision = decision
        self.put_back = put_back
        self.life = _digest("life", seed)

    @property
    def view(self) -> str:
        """
        Differs for books in which something is seen differently.
        """
        return self._view.print

    @property
    def empty(self) -> bool:
        """
        Whether nothing may be in it.
        """
        return not self._view.folders

    async def cards(self) -> tuple[Card, ...]:
        """
        List all cards, by folder and name.
        """
        return tuple([self._card(item) async for item in self._items()])

    async def card(self, name: str) -> Card:
        """
        Give one card by its name.

        Raises:
            NotInBook: there is none, or it may not leave.
        """
        return self._card(await self._item(name))

    async def card_of(self, item_id: int) -> Card:
        """
        Give the card of an item.

        Raises:
            NotInBook: there is none, or it may not leave.
        """
        item = await self._visible(item_id)
        if item is None:
            raise NotInBook(f"there is no contact {item_id}")
        return self._card(item)

    def is_a_name(self, name: str) -> bool:
        """
        Tell whether this book gave a name or took it over, whether or not there is such a card at present.
        """
        return self._item_of(name) is not None

    async def text(self, name: str, *, version: VCardVersion = VCardVersion.V3) -> tuple[Card, str]:
        """
        Give a card and what is written in it.

        Raises:
            NotInBook: there is none, or it may not leave.
        """
        item, contact = await self.contact(name)
        card = self._card(item)
        return card, write_card(contact, uid=card.uid, version=version)

    async def contact(self, name: str) -> tuple[Item, Contact]:
        """
        Give the item of a card, and as much of its contact as may leave.

        Raises:
            NotInBook: there is none, or it may not leave.
        """
        item = await self._item(name)
        whole = await whole_contact(self.store, item)
        return item, cut_contact(whole, self._view.fields, photo_limit=self._view.photo_limit)

    async def look_up(self, name: str) -> Card | None:
        """
        Give a card by its name, or `None` where there is none that may leave.
        """
        item_id = self._item_of(name)
        item = await self._visible(item_id) if item_id is not None else None
        return self._card(item) if item is not None else None

    def name_of(self, item_id: int) -> str:
        """
        Give the name of an item's card, whether or not there is one at present.
        """
        given = self._given_to.get(item_id)
        return given.name if given is not None else f"{item_id}-{_digest('name', self._seed, item_id)}.vcf"

    async def others(self) -> AsyncIterator[int]:
        """
        Give the items of all contacts, also of those that may not leave.
        """
        async for item in self._pages(None):
            yield item.id

    async def _items(self) -> AsyncIterator[Item]:
        for folder in sorted(self._view.folders):
            async for item in self._pages(folder):
                yield item

    async def _pages(self, folder: int | None) -> AsyncIterator[Item]:
        last: Item | None = None
        while True:
            page = await self.store.items(
                self.account_id, collection_id=folder, content_class=ContentClass.CONTACTS, limit=_PAGE, after=last
            )
            for item in page:
                yield item
            if len(page) < _PAGE:
                return
            last = page[-1]

    async def _item(self, name: str) -> Item:
        item_id = self._item_of(name)
        item = await self._visible(item_id) if item_id is not None else None
        if item is not None:
            return item
        raise NotInBook(f"there is no card {name[:60]!r}")

    async def _visible(self, item_id: int) -> Item | None:
        try:
            item = await self.store.item(item_id)
        except NotHeld:
            return None
        there = item.account_id == self.account_id and item.collection_id in self._view.folders
        return item if there and isinstance(item.data, Contact) else None

    def _item_of(self, name: str) -> int | None:
        """
        Give the item whose card has a name, whether or not it is held.
        """
        if name in self._given:
            return self._given[name].item_id
        found = _NAME.fullmatch(name)
        return int(found[1]) if found is not None and name == self.name_of(int(found[1])) else None

    def _card(self, item: Item) -> Card:
        name, given = self.name_of(item.id), self._given_to.get(item.id)
        more = (self.put_back[name],) if name in self.put_back else ()
        return Card(
            name=name,
            uid=given.uid if given is not None else card_uid(self._seed, item.id),
            tag=_digest("tag", self._seed, item.id, item.revision, self._fields_print, *more),
            item_id=item.id,
        )


async def whole_contact(store: Store, item: Item) -> Contact:
    """
    Give a contact with its remarks, which the store keeps apart.
    """
    assert isinstance(item.data, Contact)
    body = await store.body(item.id)
    if body is None or not isinstance(body.data, str):
        return item.data
    return msgspec.structs.replace(item.data, body=Body(type=BodyType(body.type), data=body.data))


def card_uid(seed: str, item_id: int) -> str:
    """
    Give the UID of an item's card, in the form of a UUID ([RFC 9562] 5.8).
    """
    digits = hashlib.sha256(f"uid:{seed}:{item_id}".encode()).hexdigest()
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"


def _digest(*parts: object) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]
