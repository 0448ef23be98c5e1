"""
What programs write into an address book, in a SQL database; see `carrierpost.store.card_contract`.
"""

from __future__ import annotations

from collections.abc import Mapping

from carrierpost.model import CardName
from carrierpost.store.card_contract import PUT_BACK_KEPT, CardStore
from carrierpost.store.database import Transaction
from carrierpost.store.sql_base import SQLBase, active_account
from carrierpost.store.sql_devices import one_device

__all__ = ["SQLCards"]

_LOST = 1000  # names of cards that are gone


class SQLCards(SQLBase, CardStore):
    """
    What a SQL store holds of address books.
    """

    async def card_names(self, account_id: int) -> tuple[CardName, ...]:
        """
        Give the names of cards; see `CardStore.card_names`.
        """
        return await self._database.read(
            lambda transaction: tuple(CardName(*row) for row in transaction.rows("card_names", account_id))
        )

    async def put_card_name(self, account_id: int, card: CardName) -> None:
        """
        Keep a card's name; see `CardStore.put_card_name`.
        """

        def work(transaction: Transaction) -> None:
            active_account(transaction, account_id)
            transaction.rows("put_card_name", account_id, card.name, card.uid, card.item_id)
            transaction.rows("delete_lost_card_names", account_id, _LOST)

        await self._database.write(work, durable=True)

    async def cards_put_back(self, device_id: int) -> Mapping[str, int]:
        """
        Give what is to be put back on a device; see `CardStore.cards_put_back`.
        """
        return await self._database.read(lambda transaction: dict(transaction.rows("cards_put_back", device_id)))

    async def put_card_back(self, device_id: int, name: str, *, keep: int = PUT_BACK_KEPT) -> None:
        """
        Note what is to be put back on a device; see `CardStore.put_card_back`.
        """

        def work(transaction: Transaction) -> None:
            one_device(transaction, device_id)
            transaction.rows("put_card_back", device_id, name)
            transaction.rows("delete_old_cards_put_back", device_id, keep)

        await self._database.write(work, durable=True)
