"""
FolderUpdate: rename or move a folder ([MS-ASCMD] 2.2.1.6 FolderUpdate).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from carrierpost.protocol import record
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, text_in
from carrierpost.protocol.record import At, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import FolderHierarchy

__all__ = ["FolderUpdateRequest", "FolderUpdateResponse"]


class FolderUpdateResponse(Record, frozen=True):
    """
    The answer.

    Attributes:
        status: 1 for success; see `carrierpost.protocol.status`.
        sync_key: the folder list's new key, which takes the old one's place at once; empty when refused.
    """

    status: Annotated[int, At(FolderHierarchy.Status)] = 1
    sync_key: Annotated[str, At(FolderHierarchy.SyncKey)] = ""

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer; a refusal is only its status.
        """
        if self.status != 1:
            return body_of(FolderHierarchy.FolderUpdate, [FolderHierarchy.Status, str(self.status)])
        return body_of(FolderHierarchy.FolderUpdate, record.encode(self, version))


class FolderUpdateRequest(Request[FolderUpdateResponse], frozen=True, kw_only=True):
    """
    Rename a folder, move it, or both.

    Attributes:
        sync_key: key of the last answer about the folder list.
        server_id: the folder.
        parent_id: server id of the folder it goes into or stays in, `"0"` for the root.
        display_name: its name, new or old.
    """

    name: ClassVar[str] = "FolderUpdate"

    sync_key: str
    server_id: str
    parent_id: str
    display_name: str

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        children: list[Any] = [FolderHierarchy.SyncKey, self.sync_key]
        children += (FolderHierarchy.ServerId, self.server_id, FolderHierarchy.ParentId, self.parent_id)
        children += (FolderHierarchy.DisplayName, self.display_name)
        return body_of(FolderHierarchy.FolderUpdate, children)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> FolderUpdateRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no FolderUpdate.
            MalformedRequest: something is missing.
        """
        value = decode_body(cls.name, payload, FolderHierarchy.FolderUpdate, notes)
        needed = (
            FolderHierarchy.SyncKey,
            FolderHierarchy.ServerId,
            FolderHierarchy.ParentId,
            FolderHierarchy.DisplayName,
        )
        found = [text_in(value, tag, notes) for tag in needed]
        if not all(found):
            raise MalformedRequest(cls.name, 10, "SyncKey, ServerId, ParentId and DisplayName are needed")
        return cls(sync_key=found[0], server_id=found[1], parent_id=found[2], display_name=found[3])

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> FolderUpdateResponse:
        """
        Decode the answer.

        Raises:
            UnreadableAnswer: no FolderUpdate, or no body at all, for without a key nothing can go on.
        """
        value = decode_body(self.name, payload, FolderHierarchy.FolderUpdate, notes)
        return record.decode(FolderUpdateResponse, value, notes)
