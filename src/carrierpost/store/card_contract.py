"""
What every store promises of what programs write into an address book, beside the contacts themselves.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping

from carrierpost.model import CardName

__all__ = ["PUT_BACK_KEPT", "CardStore"]

PUT_BACK_KEPT = 1000
"""So many names of cards that are to be put back are kept of a device."""


class CardStore(abc.ABC):
    """
    The part of a store that is about address books.
    """

    @abc.abstractmethod
    async def card_names(self, account_id: int) -> tuple[CardName, ...]:
        """
        Give the names that programs gave to an account's cards. That of a card that is gone is kept a good while, so
        that those who still have it can be told by its name.
        """

    @abc.abstractmethod
    async def put_card_name(self, account_id: int, card: CardName) -> None:
        """
        Keep the name that a program gave to a card; one of that name that is gone gives it up.

        Raises:
            NotHeld: there is no such account.
        """

    @abc.abstractmethod
    async def cards_put_back(self, device_id: int) -> Mapping[str, int]:
        """
        Give the names of cards that a device was let change although it may not, and that have to be put back there:
        by name a number that grows, the oldest first. Only the newest are kept.
        """

    @abc.abstractmethod
    async def put_card_back(self, device_id: int, name: str, *, keep: int = PUT_BACK_KEPT) -> None:
        """
        Note that a card has to be put back on a device.

        Args:
            device_id: the device.
            name: of the card, whether or not there is one.
            keep: how many to keep.

        Raises:
            NotHeld: there is no such device.
        """
