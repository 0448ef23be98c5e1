"""
Values that everything above shares: accounts, devices, collections, items, changes. They have no behaviour.
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
from carrierpost.model.device import (
    AppState,
    Channel,
    Device,
    DeviceLife,
    DeviceSettings,
    Network,
    NewDevice,
    Platform,
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
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.secret import Secret

__all__ = [
    "Account",
    "AccountState",
    "AddIntent",
    "AddItem",
    "AppState",
    "Assigned",
    "BodyUpdate",
    "Change",
    "ChangeIntent",
    "ChangeItem",
    "ChangeKind",
    "Channel",
    "Collection",
    "CollectionEntry",
    "ContentClass",
    "DeleteIntent",
    "DeleteItem",
    "Device",
    "DeviceLife",
    "DeviceSettings",
    "DropEntry",
    "Edit",
    "Edited",
    "EntryUpdate",
    "FolderType",
    "HierarchyCommit",
    "Intent",
    "IntentKind",
    "Item",
    "ItemBody",
    "ItemUpdate",
    "MoveIntent",
    "MoveItem",
    "Network",
    "NewAccount",
    "NewDevice",
    "NewItem",
    "NewOutboxEntry",
    "NewSetAside",
    "Origin",
    "OutboxEntry",
    "OutboxState",
    "Platform",
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
