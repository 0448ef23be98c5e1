"""
What is read of an account together, at one moment: to decide its next step, and to take over what a server says.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from carrierpost.model.account import Account
from carrierpost.model.collection import Collection
from carrierpost.model.item import Item, SetAside
from carrierpost.model.outbox import OutboxEntry

__all__ = ["Concerned", "Standing"]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """
    How an account stands.

    Attributes:
        account: the account.
        collections: its collections, in order of their ids.
        asides: what could not be taken over, oldest first.
        outbox: what the server has still to be told, in order.
    """

    account: Account
    collections: tuple[Collection, ...]
    asides: tuple[SetAside, ...]
    outbox: tuple[OutboxEntry, ...]


class Concerned(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an answer of the server may concern.

    Attributes:
        items: the items that are held of those it names, by server id.
        asides: what could not be taken over of the account, oldest first.
        outbox: what the server has still to be told of the account, in order.
        outgoing: the items that the outbox is about, by id, as far as they are held.
    """

    items: Mapping[str, Item]
    asides: tuple[SetAside, ...]
    outbox: tuple[OutboxEntry, ...]
    outgoing: Mapping[int, Item]
