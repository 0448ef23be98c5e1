"""
What a program with an address book wrote into it, as far as it is not the contact itself.
"""

from __future__ import annotations

import msgspec

__all__ = ["CardName"]


class CardName(msgspec.Struct, frozen=True):
    """
    What a program called a card that it made: it expects to find it there again.

    Attributes:
        name: its name in the address book.
        uid: its UID.
        item_id: the contact; it may be gone meanwhile.
    """

    name: str
    uid: str
    item_id: int
