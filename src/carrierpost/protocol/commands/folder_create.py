"""
FolderCreate: make a folder ([MS-ASCMD] 2.2.1.3 FolderCreate).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from carrierpost.protocol import record
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, text_in
from carrierpost.protocol.record import At, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import FolderHierarchy

__all__ = ["FolderCreateRequest", "FolderCreateResponse"]


class FolderCreateResponse(Record, frozen=True):
    """
    The answer.

    Attributes:
        status: 1 for success; see `carrierpost.protocol.status`.
        sync_key: the folder list's new key, which takes the old one's place at once; empty when refused.
        server_id: the new folder.
    """

    status: Annotated[int, At(FolderHierarchy.Status)] = 1
    sync_key: Annotated[str, At(FolderHierarchy.SyncKey)] = ""
    server_id: Annotated[str, At(FolderHierarchy.ServerId)] = ""

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer; a refusal is only its status.
        """
        if self.status != 1:
            return body_of(FolderHierarchy.FolderCreate, [FolderHierarchy.Status, str(self.status)])
        return body_of(FolderHierarchy.FolderCreate, record.encode(self, version))


class FolderCreateRequest(Request[FolderCreateResponse], frozen=True, kw_only=True):
    """
    Make a folder.

    Attributes:
        sync_key: key of the last answer about the folder list.
        parent_id: server id of the folder it goes into, `"0"` for the root.
        display_name: its name.
        type: what it holds: 1 or 12 to 17.
    """

    name: ClassVar[str] = "FolderCreate"

    sync_key: str
    parent_id: str = "0"
    display_name: str
    type: FolderType = FolderType.USER_MAIL

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        children: list[Any] = [FolderHierarchy.SyncKey, self.sync_key]
        children += (FolderHierarchy.ParentId, self.parent_id, FolderHierarchy.DisplayName, self.display_name)
        children += (FolderHierarchy.Type, str(int(self.type)))
        return body_of(FolderHierarchy.FolderCreate, children)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> FolderCreateRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no FolderCreate.
            MalformedRequest: something is missing, or the type is none that can be made.
        """
        value = decode_body(cls.name, payload, FolderHierarchy.FolderCreate, notes)
        needed = (FolderHierarchy.SyncKey, FolderHierarchy.ParentId, FolderHierarchy.DisplayName, FolderHierarchy.Type)
        found = [text_in(value, tag, notes) for tag in needed]
        if not all(found):
            raise MalformedRequest(cls.name, 10, "SyncKey, ParentId, DisplayName and Type are needed")
        made = {str(int(one)): one for one in FolderType if one == FolderType.GENERIC or 12 <= one <= 17}
        if found[3].strip() not in made:
            raise MalformedRequest(cls.name, 10, "Type is none that can be made")
        return cls(sync_key=found[0], parent_id=found[1], display_name=found[2], type=made[found[3].strip()])

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> FolderCreateResponse:
        """
        Decode the answer.

        Raises:
            UnreadableAnswer: no FolderCreate, or no body at all, for without a key nothing can go on.
        """
        value = decode_body(self.name, payload, FolderHierarchy.FolderCreate, notes)
        return record.decode(FolderCreateResponse, value, notes)
