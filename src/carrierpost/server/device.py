"""
What the server remembers of a device: its policy key, its folder list, and how far it is in each folder.

A folder's state is kept once and moved forward; the last answer is kept beside it, so that a client that never got
it may ask again with the key before. A key older than that is refused.
"""

from __future__ import annotations

import enum
from collections import deque

from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.provision import WipeKind
from carrierpost.protocol.commands.sync import CollectionResponse, SyncCollection, SyncOptions

__all__ = ["CollectionState", "Device", "WipeState"]


class WipeState(enum.StrEnum):
    """
    How far a wipe is.
    """

    NONE = "none"
    ORDERED = "ordered"
    DONE = "done"
    """The device has wiped; it stays locked out until an administrator clears it."""


class CollectionState:
    """
    How far a device is in one folder.

    Attributes:
        key: the key of the last answer.
        previous_key: the key before, which is accepted once more.
        previous_answer: what was answered to it.
        position: the folder's log has been told up to this number.
        known: items that the device holds, with the revision it has.
        backlog: items still to be told of a first synchronisation, newest first.
        options: the options in force.
        supported: tags that are not ghosted, or `None`.
        conversation_mode: whether whole conversations are wanted.
        filter_applied: the filter that `known` and `backlog` were made by; `None` before the first.
        window_checked: when the time window was last looked at, monotonic seconds.
        added: answers to client ids, so that a repeated Add is not done twice.
    """

    __slots__ = (
        "added", "backlog", "conversation_mode", "filter_applied", "key", "known", "options", "position",
        "previous_answer", "previous_key", "supported", "window_checked",
    )  # fmt: skip

    def __init__(self) -> None:
        self.key = 0
        self.previous_key: int | None = None
        self.previous_answer: CollectionResponse | None = None
        self.position = 0
        self.known: dict[str, int] = {}
        self.backlog: deque[str] = deque()
        self.options: SyncOptions = SyncOptions()
        self.supported: tuple[int, ...] | None = None
        self.conversation_mode = False
        self.filter_applied: int | None = None
        self.window_checked = 0.0
        self.added: dict[str, str] = {}


class Device:
    """
    A partnership as the server sees it.

    Attributes:
        device_id: the device's id.
        device_type: its type.
        policy_key: the key agreed on, `"0"` before.
        temporary_key: the key of the first phase, while the second is awaited.
        information: what the device told about itself.
        provisioned: whether it has been through both phases since the policy last changed.
        hierarchy_key: the key of the last folder list.
        previous_hierarchy_key: the key before, which is accepted once more.
        folders: folders as the device knows them: id to parent, name and type.
        hierarchy_position: the mailbox's folder log has been told up to this number.
        collections: state of each folder, by id.
        ping: the parameters of the last Ping: interval and folders.
        sync: the collections of the last Sync, for partial and empty requests.
        wipe: how far a wipe is.
        wipe_kind: what is to be wiped.
        sent: client ids of mail that was sent.
    """

    def __init__(self, device_id: str, device_type: str) -> None:
        self.device_id = device_id
        self.device_type = device_type
        self.policy_key = "0"
        self.temporary_key = ""
        self.information: DeviceInformation | None = None
        self.provisioned = False
        self.hierarchy_key = 0
        self.previous_hierarchy_key: int | None = None
        self.previous_folders: dict[str, tuple[str, str, int]] = {}
        self.folders: dict[str, tuple[str, str, int]] = {}
        self.hierarchy_position = 0
        self.collections: dict[str, CollectionState] = {}
        self.ping: tuple[int, tuple[str, ...]] = (0, ())
        self.sync: dict[str, SyncCollection] = {}
        self.sync_wait: float = 0.0
        self.wipe = WipeState.NONE
        self.wipe_kind = WipeKind.DEVICE
        self.sent: set[str] = set()
        self.user_agents: list[str] = []
