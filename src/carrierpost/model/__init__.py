"""
Values that everything above shares: accounts, collections, items, changes. They have no behaviour.
"""

from carrierpost.model.account import Account, AccountState, NewAccount
from carrierpost.model.change import Change, ChangeKind, Origin
from carrierpost.model.collection import Collection, CollectionEntry, Progress
from carrierpost.model.commit import (
    BodyUpdate,
    HierarchyCommit,
    ItemUpdate,
    NewItem,
    NewSetAside,
    Removal,
    SyncCommit,
)
from carrierpost.model.item import Item, ItemBody, SearchHit, SetAside
from carrierpost.model.outbox import NewOutboxEntry, OutboxEntry, OutboxState
from carrierpost.protocol.secret import Secret

__all__ = [
    "Account",
    "AccountState",
    "BodyUpdate",
    "Change",
    "ChangeKind",
    "Collection",
    "CollectionEntry",
    "HierarchyCommit",
    "Item",
    "ItemBody",
    "ItemUpdate",
    "NewAccount",
    "NewItem",
    "NewOutboxEntry",
    "NewSetAside",
    "Origin",
    "OutboxEntry",
    "OutboxState",
    "Progress",
    "Removal",
    "SearchHit",
    "Secret",
    "SetAside",
    "SyncCommit",
]
