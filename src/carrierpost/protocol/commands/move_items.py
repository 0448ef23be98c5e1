"""
MoveItems: move items from folder to folder ([MS-ASCMD] 2.2.1.12 MoveItems).
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, status_in
from carrierpost.protocol.record import At, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Move as Page

__all__ = ["MOVED", "Move", "MoveItemsRequest", "MoveItemsResponse", "Moved"]

MOVED = 3
"""The status of success, which here is not 1."""


class Move(Record, frozen=True):
    """
    One item to move.

    Attributes:
        src_msg_id: the item.
        src_fld_id: the folder it is in.
        dst_fld_id: the folder it goes to.
    """

    src_msg_id: Annotated[str, At(Page.SrcMsgId)] = ""
    src_fld_id: Annotated[str, At(Page.SrcFldId)] = ""
    dst_fld_id: Annotated[str, At(Page.DstFldId)] = ""


class Moved(Record, frozen=True):
    """
    What became of one item. The next Sync shows it gone from one folder and new in the other.

    Attributes:
        src_msg_id: the item, as it was.
        status: 3 for success; see `carrierpost.protocol.status`.
        dst_msg_id: the item, as it is now.
    """

    src_msg_id: Annotated[str, At(Page.SrcMsgId)] = ""
    status: Annotated[int, At(Page.Status)] = 0
    dst_msg_id: Annotated[str | None, At(Page.DstMsgId)] = None


class MoveItemsResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole where it stands alone, else 1.
        moved: one for each item.
    """

    status: int = 1
    moved: tuple[Moved, ...] = ()

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        children: list[object] = [Page.Status, str(self.status)] if self.status != 1 else []
        children += [part for one in self.moved for part in (Page.Response, record.encode(one, version))]
        return body_of(Page.MoveItems, children)


class MoveItemsRequest(Request[MoveItemsResponse], frozen=True, kw_only=True):
    """
    Move items.

    Attributes:
        moves: the items, at most 1000.
    """

    name: ClassVar[str] = "MoveItems"

    moves: tuple[Move, ...]

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        listed = [part for one in self.moves for part in (Page.Move, record.encode(one, version))]
        return body_of(Page.MoveItems, listed)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> MoveItemsRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no MoveItems.
            MalformedRequest: nothing is moved, or an id is missing.
        """
        value = decode_body(cls.name, payload, Page.MoveItems, notes)
        moves = tuple(record.decode(Move, one, notes) for one in wbxml.find_all(value, Page.Move))
        if not moves or not all(one.src_msg_id and one.src_fld_id and one.dst_fld_id for one in moves):
            raise MalformedRequest(cls.name, 103, "each Move needs SrcMsgId, SrcFldId and DstFldId")
        return cls(moves=moves)

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> MoveItemsResponse:
        """
        Decode the answer. An item without a status has none of success.

        Raises:
            UnreadableAnswer: no MoveItems.
        """
        value = decode_body(self.name, payload, Page.MoveItems, notes)
        return MoveItemsResponse(
            status=status_in(value, Page.Status, notes),
            moved=tuple(record.decode(Moved, one, notes) for one in wbxml.find_all(value, Page.Response)),
        )
