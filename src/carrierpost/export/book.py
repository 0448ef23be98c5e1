"""
An account's contacts as an address book: a view on the store that holds nothing of its own.

What is in it, and how much of each contact, follows from the decision and the policy at this moment; where the decision
says no, the book is empty, and whoever keeps a copy of it removes the copy by itself. A card is named by its item's id
and by a seed that is made once for each account, so it is the same card after any interruption, any resynchronisation
with the server, and after the policy was off and on again; and a card of another store is never taken for it.

A token says up to where in the account's feed somebody knows the book, and through which view. Where the view has
changed since, everything in it counts as changed and everything that is no longer in it as removed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import AsyncIterator, Iterable

import msgspec

from carrierpost.export.decision import ExportDecision
from carrierpost.formats.vcard import VCardVersion
from carrierpost.formats.vcard_out import write_card
from carrierpost.model import Account, ChangeKind, Collection, FolderType, Item, Secret
from carrierpost.policy import EffectivePolicy
from carrierpost.policy.fields import cut_contact
from carrierpost.protocol.classes import Body, BodyType, Contact, ContentClass
from carrierpost.store import FeedForgotten, NotHeld, Store

__all__ = [
    "AddressBook",
    "BookChanges",
    "Card",
    "NotInBook",
    "TokenInvalid",
    "card_uid",
    "exported_folders",
    "open_book",
    "whole_contact",
]

_FORM = "1"  # of what is written; another one makes every tag another
_SEED = "contacts-seed"
_NAME = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{16})\.vcf")
_TOKEN = re.compile(r"([0-9]{1,18})-([0-9a-f]{16})-([0-9a-f]{16})")
_PAGE = 500
_ITEM_KINDS = frozenset(
    {
        ChangeKind.ITEM_ADDED, ChangeKind.ITEM_CHANGED, ChangeKind.ITEM_REMOVED, ChangeKind.ITEM_MOVED,
        ChangeKind.ITEM_LEFT,
    }
)  # fmt: skip


class NotInBook(Exception):
    """
    There is no card of this name, or it may not leave.
    """


class TokenInvalid(Exception):
    """
    The token is none of this book, or the feed no longer goes back that far: the whole book is to be read again.
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


class BookChanges(msgspec.Struct, frozen=True):
    """
    What became different in the book.

    Attributes:
        changed: cards that are new or changed.
        removed: names of cards that are no longer there.
        token: up to where this goes.
    """

    changed: tuple[Card, ...]
    removed: tuple[str, ...]
    token: str


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
    return AddressBook(store, account.id, view, decision, seed.reveal())


class AddressBook:
    """
    An account's contacts, as one device may see them; made by `open_book` for one look.

    Attributes:
        decision: why it is as it is.
    """

    def __init__(self, store: Store, account_id: int, view: _View, decision: ExportDecision, seed: str) -> None:
        self._store = store
        self._account_id = account_id
        self._view = view
        self._seed = seed
        self.decision = decision

    async def cards(self) -> tuple[Card, ...]:
        """
        List all cards, by folder and name.
        """
        return tuple([self._card(item) async for item in self._items()])

    async def token(self) -> str:
        """
        Give the token of the book as it is now. Ask for it before `cards`: what happens in between is then told twice,
        and not never.
        """
        account = await self._store.account(self._account_id)
        return f"{account.feed_position}-{self._view.print}-{self._life}"

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
        Tell whether this book gave a name, whether or not there is such a card at present.
        """
        found = _NAME.fullmatch(name)
        return found is not None and name == self._name(int(found[1]))

    async def text(self, name: str, *, version: VCardVersion = VCardVersion.V3) -> tuple[Card, str]:
        """
        Give a card and what is written in it.

        Raises:
            NotInBook: there is none, or it may not leave.
        """
        item = await self._item(name)
        card = self._card(item)
        return card, write_card(await self._contact(item), uid=card.uid, version=version)

    async def changes(self, token: str) -> BookChanges:
        """
        Tell what became different since a token was given.

        Raises:
            TokenInvalid: everything is to be read again.
        """
        found = _TOKEN.fullmatch(token)
        if found is None or found[3] != self._life:
            raise TokenInvalid("the token is none of this address book")
        since, view = int(found[1]), found[2]
        now = await self.token()
        if since > int(now.partition("-")[0]):
            raise TokenInvalid("the token is newer than the address book")
        touched = await self._touched(since)
        if view != self._view.print:
            return await self._all_anew(touched, now)
        items = [(item_id, await self._visible(item_id)) for item_id in touched]
        changed = tuple(self._card(item) for _, item in items if item is not None)
        return BookChanges(changed, tuple(self._name(item_id) for item_id, item in items if item is None), now)

    async def _all_anew(self, touched: list[int], token: str) -> BookChanges:
        """
        Tell everything, since the view is another one: what is in it, and what could have been in the one before.
        """
        cards = await self.cards()
        there = {card.item_id for card in cards}
        others = [item.id async for item in self._pages(None) if item.id not in there]
        gone = dict.fromkeys([*others, *(item_id for item_id in touched if item_id not in there)])
        return BookChanges(cards, tuple(map(self._name, gone)), token)

    async def _touched(self, since: int) -> list[int]:
        """
        Give the ids of items that changed since a number of the feed, each once, in order.
        """
        found: dict[int, None] = {}
        try:
            while changes := await self._store.feed(self._account_id, since, _PAGE):
                for change in changes:
                    if change.kind in _ITEM_KINDS and change.item_id is not None:
                        found[change.item_id] = None
                since = changes[-1].number
        except FeedForgotten as error:
            raise TokenInvalid(str(error)) from None
        return list(found)

    async def _items(self) -> AsyncIterator[Item]:
        for folder in sorted(self._view.folders):
            async for item in self._pages(folder):
                yield item

    async def _pages(self, folder: int | None) -> AsyncIterator[Item]:
        last: Item | None = None
        while True:
            page = await self._store.items(
                self._account_id, collection_id=folder, content_class=ContentClass.CONTACTS, limit=_PAGE, after=last
            )
            for item in page:
                yield item
            if len(page) < _PAGE:
                return
            last = page[-1]

    async def _item(self, name: str) -> Item:
        if self.is_a_name(name):
            item = await self._visible(int(name.partition("-")[0]))
            if item is not None:
                return item
        raise NotInBook(f"there is no card {name[:60]!r}")

    async def _visible(self, item_id: int) -> Item | None:
        try:
            item = await self._store.item(item_id)
        except NotHeld:
            return None
        there = item.account_id == self._account_id and item.collection_id in self._view.folders
        return item if there and isinstance(item.data, Contact) else None

    async def _contact(self, item: Item) -> Contact:
        return cut_contact(
            await whole_contact(self._store, item), self._view.fields, photo_limit=self._view.photo_limit
        )

    def _card(self, item: Item) -> Card:
        print_ = _digest("fields", _FORM, sorted(self._view.fields), self._view.photo_limit)
        return Card(
            name=self._name(item.id),
            uid=card_uid(self._seed, item.id),
            tag=_digest("tag", self._seed, item.id, item.revision, print_),
            item_id=item.id,
        )

    def _name(self, item_id: int) -> str:
        return f"{item_id}-{_digest('name', self._seed, item_id)}.vcf"

    @property
    def _life(self) -> str:
        return _digest("life", self._seed)


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
