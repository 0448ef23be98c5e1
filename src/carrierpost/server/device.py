"""
What the server remembers of a device: its policy key, its folder list, and how far it is in each folder.

A folder's state is kept once and moved forward; the last answer is kept beside it, so that a client that never got
it may ask again with the key before, once. A key older than that is refused. The answer goes as soon as the client
shows that it has it, so a device costs the server one answer for each folder at most.
"""

from __future__ import annotations

import enum
from collections import deque
from typing import Any

import msgspec

from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.folder_sync import FolderSyncResponse
from carrierpost.protocol.commands.provision import WipeKind
from carrierpost.protocol.commands.sync import CollectionResponse, FilterType, SyncOptions, SyncRequest
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version

__all__ = ["CollectionState", "Device", "WipeState"]

_REMEMBERED = 1000  # client ids kept, of Adds in a folder and of mail sent


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
        previous_key: the key before, which is accepted once more while `previous_answer` is there.
        previous_answer: what was answered to it.
        position: the folder's log has been told up to this number.
        known: items that the device holds, with the revision it has.
        backlog: items still to be told of a first synchronisation, newest first.
        options: the options in force.
        supported: tags that are not ghosted, or `None`.
        conversation_mode: whether whole conversations are wanted.
        filter_applied: filter and conversation mode that `known` and `backlog` were made by, and where only the most
            important items are shown the change up to which they were; `None` before the first.
        window_checked: when the time window was last looked at, monotonic seconds.
        added: answers to client ids, so that a repeated Add is not done twice.
        was_empty: nothing was in the folder when the device began with it.
        unsettled: the last answer had items, where that counts as a change.
    """

    __slots__ = (
        "added", "backlog", "conversation_mode", "filter_applied", "key", "known", "options", "position",
        "previous_answer", "previous_key", "supported", "unsettled", "was_empty", "window_checked",
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
        self.filter_applied: tuple[FilterType, bool, int] | None = None
        self.window_checked = 0.0
        self.added: dict[str, str] = {}
        self.was_empty = False
        self.unsettled = False

    def answered(self, answer: CollectionResponse) -> None:
        """
        Move on to an answer's key, and keep the answer in case it does not arrive.
        """
        self.previous_key, self.key = self.key, int(answer.sync_key)
        self.previous_answer = answer

    def acknowledged(self) -> None:
        """
        Take the last answer as arrived: its key is in use, and the one before is good no more.
        """
        self.previous_key = self.previous_answer = None

    def forget_answer(self) -> None:
        """
        Take the last answer as arrived: asking for it again gives an empty one, and what it told is never told again.
        """
        if self.previous_answer is not None:
            self.previous_answer = msgspec.structs.replace(
                self.previous_answer, commands=(), responses=(), more_available=False
            )

    def remember_added(self, client_id: str, server_id: str) -> None:
        """
        Note which item an Add made, for some time.
        """
        _remember(self.added, client_id, server_id)


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
        previous_hierarchy: the key before and what was answered to it, which is given once more.
        folders: folders as the device knows them: id to parent, name and type.
        hierarchy_position: the mailbox's folder log has been told up to this number.
        collections: state of each folder, by id.
        ping: the parameters of the last Ping: interval and folders.
        version: the version it last spoke.
        sync: the last Sync, for partial and empty requests; its keys are those that were sent.
        wipe: how far a wipe is.
        wipe_kind: what is to be wiped.
        sent: client ids of mail that was sent.
        recovery_password: unlocks the device when its user forgot how.
        told_to_begin_anew: the server was upgraded, and says so until the device asks for all folders.
        cookie: the cookie that it was given, where cookies are required.
        search: what it last searched for, and the items that were found.
        finding: the search whose pages it turns, by its id, and the items that were found.
    """

    def __init__(self, device_id: str, device_type: str) -> None:
        self.device_id = device_id
        self.device_type = device_type
        self.policy_key = "0"
        self.temporary_key = ""
        self.information: DeviceInformation | None = None
        self.provisioned = False
        self.hierarchy_key = 0
        self.previous_hierarchy: tuple[str, FolderSyncResponse] | None = None
        self.folders: dict[str, tuple[str, str, int]] = {}
        self.hierarchy_position = 0
        self.collections: dict[str, CollectionState] = {}
        self.ping: tuple[int | None, tuple[str, ...]] = (None, ())
        self.version: Version | None = None
        self.sync: SyncRequest | None = None
        self.wipe = WipeState.NONE
        self.wipe_kind = WipeKind.DEVICE
        self.sent: dict[str, str] = {}
        self.recovery_password: Secret | None = None
        self.told_to_begin_anew = False
        self.cookie = ""
        self.search: tuple[Any, tuple[str, ...]] | None = None
        self.finding: tuple[Any, tuple[str, ...]] | None = None

    def remember_sent(self, client_id: str) -> None:
        """
        Note that a message was sent, for some time.
        """
        _remember(self.sent, client_id, "")


def _remember(known: dict[str, str], key: str, value: str) -> None:
    known[key] = value
    if len(known) > _REMEMBERED:
        del known[next(iter(known))]
