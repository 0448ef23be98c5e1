"""
What became different in an address book since somebody last looked ([RFC 6578] 3).

A token says up to where in the account's feed somebody knows the book, through which view, and up to which card that
was to be put back. Where the view has changed since, everything in it counts as changed and everything that is no
longer in it as removed. Whoever wants only so much at once is given a token that goes on from there; nothing is kept
here for it.
"""

from __future__ import annotations

import dataclasses
import re

import msgspec

from carrierpost.export.book import AddressBook, Card
from carrierpost.model import ChangeKind
from carrierpost.store import FeedForgotten
from carrierpost.store.card_contract import PUT_BACK_KEPT

__all__ = ["BookChanges", "TokenInvalid", "book_token", "changes_of"]

_TOKEN = re.compile(
    r"([0-9]{1,18})-([0-9a-f]{16})-([0-9a-f]{16})-([0-9]{1,18})(?:-([0-9]{1,18})-([0-9]{1,18}|n))?", re.ASCII
)
_PAGE = 500
_ITEM_KINDS = frozenset(
    {
        ChangeKind.ITEM_ADDED, ChangeKind.ITEM_CHANGED, ChangeKind.ITEM_REMOVED, ChangeKind.ITEM_MOVED,
        ChangeKind.ITEM_LEFT,
    }
)  # fmt: skip


class TokenInvalid(Exception):
    """
    The token is none of this book, or the feed no longer goes back that far: the whole book is to be read again.
    """


class BookChanges(msgspec.Struct, frozen=True):
    """
    What became different in the book.

    Attributes:
        changed: cards that are new or changed.
        removed: names of cards that are no longer there.
        token: up to where this goes.
        more: whether there is more; ask again with the token.
    """

    changed: tuple[Card, ...]
    removed: tuple[str, ...]
    token: str
    more: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class _Token:
    """
    Up to where somebody knows a book.

    Attributes:
        position: number of the feed.
        view: how the book was seen.
        life: of which store it is.
        put_back: number of the newest card that was put back.
        after: the item behind which the list of everything goes on; `None` when it was told to its end.
        since: number of the feed up to which the book was known before that list; `None` for not at all.
    """

    position: int
    view: str
    life: str
    put_back: int
    after: int | None = None
    since: int | None = None

    def __str__(self) -> str:
        known = f"{self.position}-{self.view}-{self.life}-{self.put_back}"
        return known if self.after is None else f"{known}-{self.after}-{'n' if self.since is None else self.since}"

    @classmethod
    def read(cls, text: str) -> _Token:
        found = _TOKEN.fullmatch(text)
        if found is None:
            raise TokenInvalid("the token is none of this address book")
        position, view, life, put_back, after, since = found.groups()
        return cls(
            int(position), view, life, int(put_back),
            int(after) if after is not None else None, int(since) if since not in (None, "n") else None,
        )  # fmt: skip


async def book_token(book: AddressBook) -> str:
    """
    Give the token of a book as it is now. Ask for it before the cards: what happens in between is then told twice, and
    not never.
    """
    return str(await _now(book))


async def changes_of(book: AddressBook, token: str, *, limit: int | None = None) -> BookChanges:
    """
    Tell what became different in a book.

    Args:
        book: the book.
        token: up to where it is known; empty for whoever knows nothing of it yet.
        limit: tell at most so many cards.

    Raises:
        TokenInvalid: everything is to be read again.
    """
    now = await _now(book)
    if not token:
        return await _everything(book, dataclasses.replace(now, after=0), limit)
    known = _Token.read(token)
    if known.life != now.life or known.position > now.position or known.put_back > now.put_back:
        raise TokenInvalid("the token is none of this address book, or newer than it")
    if len(book.put_back) >= PUT_BACK_KEPT and known.put_back < min(book.put_back.values()) - 1:
        raise TokenInvalid("too much was put back since")
    if known.view != now.view:
        since = known.position if known.after is None or known.since is None else known.since
        return await _everything(book, dataclasses.replace(now, put_back=known.put_back, after=0, since=since), limit)
    if known.after is not None:
        return await _everything(book, known, limit)
    return await _since(book, known, now, limit)


async def _now(book: AddressBook) -> _Token:
    account = await book.store.account(book.account_id)
    return _Token(account.feed_position, book.view, book.life, max(book.put_back.values(), default=0))


async def _everything(book: AddressBook, begun: _Token, limit: int | None) -> BookChanges:
    """
    Go on with the list of everything: what is in the book and, for who knew it before, what could have been in it.
    """
    cards = {card.item_id: card for card in await book.cards()}
    told = set(cards)
    if begun.since is not None:
        told.update(await _touched(book, begun.since))
        told.update([item_id async for item_id in book.others()])
    assert begun.after is not None
    left = sorted(item_id for item_id in told if item_id > begun.after)
    some = left if limit is None else left[:limit]
    more = len(some) < len(left)
    end = dataclasses.replace(begun, after=some[-1]) if more else dataclasses.replace(begun, after=None, since=None)
    gone = {book.name_of(item_id) for item_id in some if item_id not in cards}
    if not more and begun.since is not None:
        back = {name: number for name, number in book.put_back.items() if number > begun.put_back}
        if limit is None:
            gone.update(set(back) - {card.name for card in cards.values()})
            end = dataclasses.replace(end, put_back=max(back.values(), default=begun.put_back))
        more = bool(back) and limit is not None
    return BookChanges(tuple(cards[one] for one in some if one in cards), tuple(sorted(gone)), str(end), more)


async def _since(book: AddressBook, known: _Token, now: _Token, limit: int | None) -> BookChanges:
    """
    Tell what changed since a token, through the same view: first what is to be put back, then by the feed.
    """
    back = {name: number for name, number in book.put_back.items() if number > known.put_back}
    touched = await _touched(book, known.position)
    by_name = {book.name_of(item_id): (item_id, number) for item_id, number in touched.items()}
    left = [*back, *(name for name in by_name if name not in back)]
    some = left if limit is None else left[:limit]
    end = now
    if len(some) < len(left):
        put_back = max((back[name] for name in some if name in back), default=known.put_back)
        position = max((by_name[name][1] for name in some if name not in back), default=known.position)
        end = dataclasses.replace(known, position=position, put_back=put_back)
    found = {name: await book.look_up(name) for name in some}
    changed = tuple(card for card in found.values() if card is not None)
    gone = tuple(name for name, card in found.items() if card is None)
    return BookChanges(changed, gone, str(end), len(some) < len(left))


async def _touched(book: AddressBook, since: int) -> dict[int, int]:
    """
    Give the ids of items that changed since a number of the feed, each with the number of its last change, by that.
    """
    found: dict[int, int] = {}
    try:
        while changes := await book.store.feed(book.account_id, since, _PAGE):
            for change in changes:
                if change.kind in _ITEM_KINDS and change.item_id is not None:
                    found.pop(change.item_id, None)  # it goes to the end
                    found[change.item_id] = change.number
            since = changes[-1].number
    except FeedForgotten as error:
        raise TokenInvalid(str(error)) from None
    return found
