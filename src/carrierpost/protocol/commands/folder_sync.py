"""
FolderSync: the folder list and its changes ([MS-ASCMD] 2.2.1.5 FolderSync).
"""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

import msgspec

from carrierpost.protocol import record
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.message import Payload, Request, body_of, decode_body
from carrierpost.protocol.record import At, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import FolderHierarchy

__all__ = [
    "Folder",
    "FolderChanges",
    "FolderDelete",
    "FolderSyncRequest",
    "FolderSyncResponse",
    "FolderType",
    "class_of_folder",
]


class FolderType(enum.IntEnum):
    """
    What a folder is; special folders are known by this, never by their name.
    """

    GENERIC = 1
    INBOX = 2
    DRAFTS = 3
    DELETED_ITEMS = 4
    SENT_ITEMS = 5
    OUTBOX = 6
    TASKS = 7
    CALENDAR = 8
    CONTACTS = 9
    NOTES = 10
    JOURNAL = 11
    USER_MAIL = 12
    USER_CALENDAR = 13
    USER_CONTACTS = 14
    USER_TASKS = 15
    USER_JOURNAL = 16
    USER_NOTES = 17
    UNKNOWN = 18
    RECIPIENT_CACHE = 19


_CLASSES = {
    **dict.fromkeys((1, 2, 3, 4, 5, 6, 12), ContentClass.EMAIL),
    **dict.fromkeys((8, 13), ContentClass.CALENDAR),
    **dict.fromkeys((9, 14, 19), ContentClass.CONTACTS),
    **dict.fromkeys((7, 15), ContentClass.TASKS),
    **dict.fromkeys((10, 17), ContentClass.NOTES),
}


def class_of_folder(folder_type: FolderType) -> ContentClass | None:
    """
    Give the class of a folder's items; `None` for journals and folders of unknown type.
    """
    return _CLASSES.get(folder_type)


class Folder(Record, frozen=True):
    """
    A folder in the list.

    Attributes:
        server_id: opaque.
        parent_id: the parent's server id, `"0"` for the root; a parent may come after its children.
        display_name: the name shown.
        type: what it is; a type that is not known reads as `UNKNOWN`.
    """

    server_id: Annotated[str, At(FolderHierarchy.ServerId)] = ""
    parent_id: Annotated[str, At(FolderHierarchy.ParentId)] = "0"
    display_name: Annotated[str, At(FolderHierarchy.DisplayName)] = ""
    type: Annotated[FolderType, At(FolderHierarchy.Type)] = FolderType.UNKNOWN


class FolderDelete(Record, frozen=True):
    """
    A folder that is gone.

    Attributes:
        server_id: its id.
    """

    server_id: Annotated[str, At(FolderHierarchy.ServerId)] = ""


class FolderChanges(Record, frozen=True):
    """
    The changes, in the order that the schema wants.

    Attributes:
        count: how many there are; some servers count wrongly.
        updates: renamed or moved folders.
        deletes: folders that are gone.
        adds: new folders.
    """

    count: Annotated[int | None, At(FolderHierarchy.Count)] = None
    updates: Annotated[tuple[Folder, ...], At(FolderHierarchy.Update)] = ()
    deletes: Annotated[tuple[FolderDelete, ...], At(FolderHierarchy.Delete)] = ()
    adds: Annotated[tuple[Folder, ...], At(FolderHierarchy.Add)] = ()


class FolderSyncResponse(Record, frozen=True):
    """
    The answer.

    Attributes:
        status: 1 for success; see `carrierpost.protocol.status`.
        sync_key: the key for the next request; empty when the request was refused.
        changes: what changed since the key that was sent.
    """

    status: Annotated[int, At(FolderHierarchy.Status)] = 1
    sync_key: Annotated[str, At(FolderHierarchy.SyncKey)] = ""
    changes: Annotated[FolderChanges, At(FolderHierarchy.Changes)] = FolderChanges()

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer; a refusal is only its status.
        """
        if self.status != 1:
            return body_of(FolderHierarchy.FolderSync, [FolderHierarchy.Status, str(self.status)])
        total = len(self.changes.updates) + len(self.changes.deletes) + len(self.changes.adds)
        answer = msgspec.structs.replace(self, changes=msgspec.structs.replace(self.changes, count=total))
        return body_of(FolderHierarchy.FolderSync, record.encode(answer, version))


class FolderSyncRequest(Request[FolderSyncResponse], frozen=True, kw_only=True):
    """
    Ask for the folders' changes since a key; `"0"` asks for all folders.

    Attributes:
        sync_key: the key of the last answer.
    """

    name: ClassVar[str] = "FolderSync"

    sync_key: str = "0"

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        return body_of(FolderHierarchy.FolderSync, [FolderHierarchy.SyncKey, self.sync_key])

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> FolderSyncRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no FolderSync.
            MalformedRequest: the sync key is missing.
        """
        from carrierpost.protocol.errors import MalformedRequest

        value = decode_body(cls.name, payload, FolderHierarchy.FolderSync, notes)
        children = value if isinstance(value, list) else []
        if len(children) != 2 or children[0] != FolderHierarchy.SyncKey or not isinstance(children[1], str):
            raise MalformedRequest(cls.name, 10, "exactly one SyncKey is required")
        return cls(sync_key=children[1])

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> FolderSyncResponse:
        """
        Decode the answer; an empty body means that nothing changed.

        Raises:
            UnreadableAnswer: no FolderSync.
        """
        if not payload.body:
            return FolderSyncResponse(sync_key=self.sync_key)
        value = decode_body(self.name, payload, FolderHierarchy.FolderSync, notes)
        return record.decode(FolderSyncResponse, value, notes)
