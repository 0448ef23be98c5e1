"""
Values that everything above shares: accounts, collections, items, changes. They have no behaviour.
"""

from carrierpost.model.account import Account, AccountState, NewAccount
from carrierpost.model.change import Change, ChangeKind, Origin
from carrierpost.model.collection import Collection, CollectionEntry, Progress
from carrierpost.model.commit import (
    Assigned,
    BodyUpdate,
    HierarchyCommit,
    ItemUpdate,
    NewItem,
    NewSetAside,
    Removal,
    SyncCommit,
)
from carrierpost.model.edit import (
    AddItem,
    ChangeItem,
    DeleteItem,
    DropEntry,
    Edit,
    Edited,
    MoveItem,
    RetryEntry,
)
from carrierpost.model.intent import (
    AddIntent,
    ChangeIntent,
    DeleteIntent,
    Intent,
    MoveIntent,
    RespondIntent,
    SendIntent,
    SendMode,
)
from carrierpost.model.item import Item, ItemBody, SearchHit, SetAside
from carrierpost.model.outbox import EntryUpdate, IntentKind, NewOutboxEntry, OutboxEntry, OutboxState
from carrierpost.protocol.secret import Secret

__all__ = [
    "Account",
    "AccountState",
    "AddIntent",
    "AddItem",
    "Assigned",
    "BodyUpdate",
    "Change",
    "ChangeIntent",
    "ChangeItem",
    "ChangeKind",
    "Collection",
    "CollectionEntry",
    "DeleteIntent",
    "DeleteItem",
    "DropEntry",
    "Edit",
    "Edited",
    "EntryUpdate",
    "HierarchyCommit",
    "Intent",
    "IntentKind",
    "Item",
    "ItemBody",
    "ItemUpdate",
    "MoveIntent",
    "MoveItem",
    "NewAccount",
    "NewItem",
    "NewOutboxEntry",
    "NewSetAside",
    "Origin",
    "OutboxEntry",
    "OutboxState",
    "Progress",
    "Removal",
    "RespondIntent",
    "RetryEntry",
    "SearchHit",
    "Secret",
    "SendIntent",
    "SendMode",
    "SetAside",
    "SyncCommit",
]
