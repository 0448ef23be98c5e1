"""
FolderDelete: remove a folder with all that is in it ([MS-ASCMD] 2.2.1.4 FolderDelete).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from carrierpost.protocol import record
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, text_in
from carrierpost.protocol.record import At, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import FolderHierarchy

__all__ = ["FolderDeleteRequest", "FolderDeleteResponse"]


class FolderDeleteResponse(Record, frozen=True):
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
            return body_of(FolderHierarchy.FolderDelete, [FolderHierarchy.Status, str(self.status)])
        return body_of(FolderHierarchy.FolderDelete, record.encode(self, version))


class FolderDeleteRequest(Request[FolderDeleteResponse], frozen=True, kw_only=True):
    """
    Remove a folder.

    Attributes:
        sync_key: key of the last answer about the folder list.
        server_id: the folder.
    """

    name: ClassVar[str] = "FolderDelete"

    sync_key: str
    server_id: str

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        children: list[Any] = [FolderHierarchy.SyncKey, self.sync_key]
        children += (FolderHierarchy.ServerId, self.server_id)
        return body_of(FolderHierarchy.FolderDelete, children)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> FolderDeleteRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no FolderDelete.
            MalformedRequest: something is missing.
        """
        value = decode_body(cls.name, payload, FolderHierarchy.FolderDelete, notes)
        needed = (FolderHierarchy.SyncKey, FolderHierarchy.ServerId)
        found = [text_in(value, tag, notes) for tag in needed]
        if not all(found):
            raise MalformedRequest(cls.name, 10, "SyncKey and ServerId are needed")
        return cls(sync_key=found[0], server_id=found[1])

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> FolderDeleteResponse:
        """
        Decode the answer.

        Raises:
            UnreadableAnswer: no FolderDelete, or no body at all, for without a key nothing can go on.
        """
        value = decode_body(self.name, payload, FolderHierarchy.FolderDelete, notes)
        return record.decode(FolderDeleteResponse, value, notes)
